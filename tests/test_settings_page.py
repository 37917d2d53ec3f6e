"""docs/settings.md names every variable that the code reads, and no other."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
PREFIXES = (
    "API|BUGSINK|ELASTIC|ELASTICSEARCH|EMAIL|ERROR|ERRORS|ES|FILEBEAT|KAFKA|KIBANA|LOG|LOGDESK|LOGS|LOGSTASH|REDIS|RUN"
    "|SENTRY|SERVICE|SYSLOG|WHATWEB"
)
NAME = re.compile(rf"\b(?:(?:{PREFIXES})_[A-Z_]*[A-Z]|ERRORS|BROKER)\b")
# What a `run` sets for its program's configuration, and keys of flask-smorest's.
INTERNAL = {"SYSLOG_MORE_INPUTS", "SYSLOG_TLS", "SYSLOG_CA", "SYSLOG_CERT", "SYSLOG_KEY", "API_TITLE", "API_VERSION"}
INTERNAL |= {"LOGSTASH_PIPELINES"}
# The Elastic chain's programs are not ours: their configuration names variables.
CONFIGURATION = ("services/filebeat/", "services/logstash/", "services/elasticsearch/", "docker-compose-elk.yml")


def test_every_variable_is_on_the_settings_page_and_no_other() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    documented = set(re.findall(r"`([A-Z][A-Z_]*[A-Z])`", page))
    files = subprocess.run(
        ["git", "ls-files", "native", "services", "docker-compose-elk.yml"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    endings = (".py", "run", "install", "bootstrap", "bs-whatweb/service.toml")
    programs = [name for name in files if name.endswith(endings)]
    programs += [name for name in files if name.startswith(CONFIGURATION) and name.endswith((".yml", ".conf"))]
    code = "\n".join((ROOT / name).read_text() for name in programs)
    read = set(NAME.findall(code)) - INTERNAL
    read = {name for name in read if re.search(rf"[\"'{{$]{name}\b|{name}=", code)}
    read |= {f"GUNICORN_{name}" for name in re.findall(r'\benv\(\s*"([A-Z_]+)"', code)}
    assert documented == read
