"""Lock files of uv's, cut to fewer packages."""

import re


def without_packages(lock: str, packages: set[str]) -> str:
    """A lock file of uv's without these packages, and without what only they needed.

    The others keep their pins and hashes: those that bs-whatweb is tested with. No package index is asked.
    """
    head, *entries = re.split(r"^(?=\w)", lock, flags=re.M)
    by_name = {re.split(r"[\[=]", entry, maxsplit=1)[0]: entry for entry in entries}
    gone = set(packages)
    needed_by = {name: _needed_by(entry) for name, entry in by_name.items()}
    while more := {name for name, by in needed_by.items() if by and by <= gone} - gone:
        gone |= more
    kept = "".join(entry for name, entry in by_name.items() if name not in gone)
    return head + re.sub(rf"^    #   ({'|'.join(gone)})\n", "", kept, flags=re.M)


def _needed_by(entry: str) -> set[str]:
    """The packages and files that a lock's entry names under `# via`; not the constraints."""
    return set(re.findall(r"^    # (?:via |  )((?:-r )?[\w./-]+)$", entry, re.M))
