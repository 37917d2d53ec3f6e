"""What would be lost with a service: what neither git has nor new-service would write again."""

import subprocess

from native.new_service import copying, wiring
from native.services import ROOT, Service


def unsaved(service: Service) -> list[str]:
    """Paths in the repository, changed since new-service wrote them and not committed since."""
    made = copying.copied(service)
    places = (copying.folder(service), copying.staging_file(service))
    status = _git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *places)
    changed = [entry[3:] for entry in filter(None, status.split("\0"))]
    lost = [name for name in changed if (ROOT / name).exists() and (ROOT / name).read_text() != made.get(name)]
    return lost + [name for name in wiring.COMPOSE if _block_is_unsaved(name, service)]


def _block_is_unsaved(file: str, service: Service) -> bool:
    block = wiring.block((ROOT / file).read_text(), service.name)
    return block not in ("", wiring.new_block(file, service), wiring.block(_git("show", f"HEAD:{file}"), service.name))


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603, S607
