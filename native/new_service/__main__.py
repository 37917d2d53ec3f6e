"""`make new-service NAME=bs-foo PORT=5010`, `make remove-service NAME=bs-foo`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from native.new_service.changes import put
from native.new_service.copying import SOURCE, copied, folder, staging_file
from native.new_service.names import RefusedError, known_service, new_service
from native.new_service.unsaved import unsaved
from native.new_service.wiring import unwired, wired
from native.services import ROOT

MADE = """
  {folder} is there, and in the compose files, {staging}, requirements.in and make run.

    {test:19} its tests
    {run:19} the stack with it; then:
    curl -i -H 'X-Request-ID: first-1' 'http://127.0.0.1:{port}/api/v1/example?name=Ann'

  Its own code is in project/service.py, project/config.py, project/api/example.py and tests: docs/new-service.md.
"""
REMOVED = "{folder} is gone, and out of the compose files and make run. Lines that it wrote stay in the archive."


def main(command: str, *arguments: str) -> int:
    try:
        if not (ROOT / ".git").exists():
            raise RefusedError("what a service is made of, git must know: this folder is no git checkout")
        print({"new": make, "remove": remove}[command](*arguments))
    except RefusedError as refusal:
        print(f"{command}-service: {refusal}.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{command}-service: {error}. Nothing has changed.", file=sys.stderr)
        return 1
    return 0


def make(name: str, port: str) -> str:
    service = new_service(name, port)
    place = folder(service)
    files = copied(service)
    with workplace() as work:
        prepared = work / "service"
        for path in [path for path in files if path.startswith(f"{place}/")]:
            file = prepared / Path(path).relative_to(place)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(files.pop(path))
        put({**wired(service), **files}, (prepared, ROOT / place), work)
    return MADE.format(
        folder=place, staging=staging_file(service), port=port, test=f"make test-{name}", run="make run, make up"
    )


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder on the repository's disk, so that what is prepared there is in place by a rename."""
    with TemporaryDirectory(dir=ROOT, prefix=".new-service-") as made:
        yield Path(made)


def remove(name: str, force: str) -> str:
    service = known_service(name)
    if name == SOURCE.name:
        raise RefusedError(f"{name} is what new services are made from; it stays")
    if not force and (lost := unsaved(service)):
        raise RefusedError(f"what was changed in {', '.join(lost)} is in no commit: commit it, or lose it with FORCE=1")
    with workplace() as work:
        put({**unwired(service), staging_file(service): None}, (ROOT / folder(service), work / "service"), work)
    return REMOVED.format(folder=folder(service))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
