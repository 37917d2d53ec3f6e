"""The files of a new service: bs-whatweb's without what only it needs, and the example in its place."""

import re
import subprocess
from pathlib import Path

from native.new_service.lock import without_packages
from native.new_service.names import words
from native.services import ROOT, Service, all_services

SOURCE = next(service for service in all_services() if service.name == "bs-whatweb")
ITS_OWN = ("project/whatweb/", "project/api/whatweb.py")
EXAMPLE = Path(__file__).parent / "example"  # laid out as a service's folder


def copied(service: Service) -> dict[str, str]:
    """Path in the repository → text, of all that is the new service's alone."""
    source = ROOT / "services" / SOURCE.name
    files = {name: (source / name).read_text() for name in _known_to_git(source) if not name.startswith(ITS_OWN)}
    common, own = parted(files["requirements.in"], "\n\n")
    files["requirements.in"] = common
    files["requirements.txt"] = without_packages(files["requirements.txt"], set(re.findall(r"^[\w-]+", own, re.M)))
    files = {name: renamed(text, service) for name, text in files.items()}
    for file in EXAMPLE.rglob("*.py"):
        files[str(file.relative_to(EXAMPLE))] = file.read_text().replace("bs-example", service.name)
    settings, _ = parted((ROOT / staging_file(SOURCE)).read_text(), "\n\n")
    return {
        **{f"{folder(service)}/{name}": text for name, text in sorted(files.items())},
        staging_file(service): renamed(settings, service),
    }


def folder(service: Service) -> str:
    return f"services/{service.name}"


def staging_file(service: Service) -> str:
    return f"{service.name}-staging.env"


def renamed(text: str, service: Service) -> str:
    """`text` of bs-whatweb as text of `service`; in one pass, since a new name may look like an old word."""
    new = dict(zip(words(SOURCE), words(service), strict=True))
    return re.sub(rf"\b({'|'.join(map(re.escape, new))})\b", lambda match: new[match[0]], text)


def parted(text: str, between: str) -> tuple[str, str]:
    """What every service has of `text`, and what is bs-whatweb's own: the parts that speak of whatweb.

    `between` is what stands between two parts: a line's end, or an empty line.
    """
    kinds: tuple[list[str], list[str]] = [], []
    for part in text.rstrip("\n").split(between):
        kinds["whatweb" in re.sub("|".join(words(SOURCE)), "", part).lower()].append(part)
    common, own = (between.join(parts) + "\n" for parts in kinds)
    return common, own


def _known_to_git(place: Path) -> list[str]:
    """Every file that is no by-product, new ones included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.split("\0")  # noqa: S603
    return sorted(name for name in set(filter(None, names)) if (place / name).exists())
