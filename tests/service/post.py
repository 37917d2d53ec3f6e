"""The original post's files, as they stand in fixtures/post."""

import runpy
from pathlib import Path

FILES = Path(__file__).parent / "fixtures" / "post"
TEMPLATE: str = runpy.run_path(str(FILES / "gunicorn_config.txt"))["access_log_format"]
