"""The commands that the documentation shows."""

import re
import subprocess
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
LANGUAGES = {"": False, "sh": True, "ini": False, "json": False, "python": False, "yaml": False}  # commands?
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r'[A-Z_]+=(?:[^\s"]+|"[^"]*")')
_INLINE = re.compile(r"`([^`]+)`")
_PROGRAM = re.compile(
    r"(?:[A-Z_]+=\S+ )*(?:bash|celery|curl|docker|git|gunicorn|journalctl|make|pip|python|scp|ssh|systemctl|uvicorn) \S"
)


def pages() -> list[Path]:
    """The Markdown files of the repository."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in names if not name.startswith("tests/")]


def commands(page: Path) -> list[str]:
    """Indented lines but for comments and settings (`NAME=value`), `sh` blocks, and what stands between backticks and
    begins with a program's name. A command with `…` in it is a shape, not a command."""
    text = page.read_text()
    blocks = "\n".join(code for language, code in _FENCED.findall(text) if LANGUAGES[language])
    prose = _FENCED.sub("", text)
    lines = blocks.replace("\\\n", "").split("\n") + re.findall(r"^    (.*)$", prose.replace("\\\n", ""), re.MULTILINE)
    inline = (" ".join(code.split()) for part in prose.split("\n\n") for code in _INLINE.findall(part))
    found = [
        *(re.sub(r"\s+# .*", "", line) for line in lines if line[:1] not in ("", "#") and not _SETTING.fullmatch(line)),
        *(code for code in inline if _PROGRAM.match(code)),
    ]
    return [" ".join(command.split()) for command in found if "…" not in command]


def shown() -> dict[str, set[str]]:
    """Each command with the pages that show it."""
    found = defaultdict(set)
    for page in pages():
        for command in commands(page):
            found[command].add(str(page.relative_to(ROOT)))
    return dict(found)
