"""What the documentation shows works as it stands there."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.service.lines import check_line
from tests.service.server import SERVICE, Gunicorn

DOCS = Path(__file__).parents[2] / "docs"


def examples(page: str, language: str, section: str) -> list[str]:
    text = (DOCS / page).read_text()
    part = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)


def test_the_file_example_writes_every_line_to_the_file_and_to_the_streams(tmp_path: Path) -> None:
    (config,) = examples("logging.md", "ini", "A file, instead of stdout or beside it")
    # A small limit, so that the workers rotate while they write.
    (tmp_path / "logging.conf").write_text(config.replace("50_000_000, 5", "40_000, 50"))
    file = tmp_path / "service.jsonl"
    with (
        Gunicorn(
            tmp_path, GUNICORN_LOGCONFIG=str(tmp_path / "logging.conf"), LOG_FILE=str(file), GUNICORN_WORKERS="4"
        ) as server,
        ThreadPoolExecutor(16) as pool,
    ):
        list(pool.map(lambda n: server.get(f"/ping?n={n}&{'x' * 500}"), range(300)))
    files = [path for path in tmp_path.glob("service.jsonl*") if path.suffix != ".lock"]
    assert len(files) > 3, "it didn't rotate"
    written = [check_line(line) for path in files for line in path.read_text().split("\n")[:-1]]
    assert sorted(line["event.id"] for line in written) == sorted(line["event.id"] for line in server.lines())
    assert len({line["process.entity_id"] for line in written}) == 5


def test_the_filter_and_static_field_examples_load() -> None:
    (handler,) = examples("logging.md", "ini", "Filters")
    (formatter,) = examples("logging.md", "ini", "Static fields")
    config = (
        "[loggers]\nkeys=root\n[handlers]\nkeys=access\n[formatters]\nkeys=json\n"
        f"[logger_root]\nhandlers=access\nlevel=INFO\n{handler}\n{formatter}"
    )
    code = f"import logging, logging.config, io; logging.config.fileConfig(io.StringIO({config!r})); logging.info('hi')"
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=SERVICE, check=True, capture_output=True, text=True
    ).stdout
    line = check_line(output.removesuffix("\n"))
    assert (line["service.node.name"], line["labels.team"]) == ("rack-7", "search")


def test_the_field_reference_is_what_the_code_says() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import make_fields; print(make_fields.render(), end='')"],
        cwd=DOCS, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert made == (DOCS / "fields.md").read_text(), "run `make docs`"
