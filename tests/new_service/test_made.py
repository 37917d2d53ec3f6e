"""What new-service makes: bs-whatweb under another name, without its domain, that passes what bs-whatweb passes."""

import json
import re
import subprocess
import sys
from importlib.metadata import distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.compose import config
from tests.new_service.checkout import Checkout
from tests.stack.running import Stack, get_json

# What isn't bs-whatweb's file under another name.
ITS_OWN = {
    "project/config.py", "project/service.py", "project/api/example.py", "tests/test_example.py",
    "requirements.in", "requirements.txt",
}  # fmt: skip


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def pins(file: Path) -> set[str]:
    return set(re.findall(r"^\S+==\S+", file.read_text(), re.MULTILINE))


def test_nothing_speaks_of_whatweb(made: Checkout) -> None:
    folder = made.folder / "services" / "bs-foo"
    written = {name: (folder / name).read_text() for name in files(folder)}
    written["bs-foo-staging.env"] = made.text("bs-foo-staging.env")
    written["shared files"] = "\n".join(
        line for line in made.git("diff", "--unified=0").splitlines() if re.match(r"\+(?!\+\+ )", line)
    )
    assert "bs-foo" in written["shared files"]
    assert [name for name, text in written.items() if "whatweb" in (name + text).lower()] == []


def test_every_other_file_is_bs_whatwebs_under_its_own_name(made: Checkout) -> None:
    services = made.folder / "services"
    common = files(services / "bs-foo") - ITS_OWN
    assert len(common) > 40
    words = [("bs-whatweb", "bs-foo"), ("API_PORT", "BS_FOO_PORT"), ("port = 5007", "port = 5010")]
    for name in common:
        text = (services / "bs-whatweb" / name).read_text()
        for old, new in words:
            text = text.replace(old, new)
        assert (services / "bs-foo" / name).read_text() == text, name


def test_its_lock_has_what_it_needs_at_bs_whatwebs_pins_and_not_its_domains(made: Checkout) -> None:
    services = made.folder / "services"
    mine, whatwebs = pins(services / "bs-foo/requirements.txt"), pins(services / "bs-whatweb/requirements.txt")
    assert {pin.partition("==")[0] for pin in whatwebs - mine} == {"google-re2", "lxml"}
    assert mine < whatwebs
    names = {re.split(r"[\[=]", pin)[0] for pin in mine}
    here = names & {str(one.metadata["Name"]).lower() for one in distributions()}  # some are for other platforms
    assert len(here) > 15
    for name in here:
        for needed in map(Requirement, requires(name) or []):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert needed.name.lower().replace("_", "-").replace(".", "-") in names, (name, str(needed))


def test_its_tests_pass(made: Checkout) -> None:
    done = made.make("test-bs-foo", "ARGS=-k 'example or api'")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "services/bs-foo/tests/test_example.py" in done.stdout
    assert "tests/service/test_api.py" in done.stdout


def test_its_tests_are_run_with_its_own_code(checkout: Checkout) -> None:
    assert checkout.make("new-service", "NAME=bs-foo", "PORT=5010").returncode == 0
    checkout.append("services/bs-foo/project/api/health.py", "\n\nraise RuntimeError('the copy')\n")
    done = checkout.make("test-bs-foo", "ARGS=-k 'api and health'")
    assert done.returncode != 0
    assert "RuntimeError: the copy" in done.stdout


@pytest.mark.parametrize("name", ["bs-foo", f"bs-{'x' * 30}"])
def test_it_is_written_as_the_style_checks_want_it(checkout: Checkout, name: str) -> None:
    assert checkout.make("new-service", f"NAME={name}", "PORT=5010").returncode == 0
    for check in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *check, f"services/{name}"],
            cwd=checkout.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_its_types_are_checked(made: Checkout) -> None:
    done = made.make("types-bs-foo")
    assert done.returncode == 0, done.stdout


def test_compose_takes_both_files(made: Checkout) -> None:
    variables = {
        "docker-compose.yml": {"LOGDESK_PASSWORD": "a", "BUGSINK_PASSWORD": "b", "SENTRY_KEY": "c"},
        "docker-compose-staging.yml": {"SYSLOG_ADDRESS": "tcp://192.0.2.1:514"},
    }
    for file, tag in {"docker-compose.yml": "bs-foo", "docker-compose-staging.yml": "foo-server-staging"}.items():
        done = config(str(made.folder / file), **variables[file])
        assert (done.returncode, done.stderr) == (0, "")
        service = json.loads(done.stdout)["services"]["bs-foo"]
        assert service["logging"]["options"]["tag"] == tag
        assert [port["published"] for port in service["ports"]] == ["5010"]


def test_it_runs_beside_bs_whatweb_and_its_request_is_found_by_id(made: Checkout, tmp_path: Path) -> None:
    with Stack(tmp_path, made.folder, ERRORS="off") as stack:
        port = stack.ports["BS_FOO_PORT"]
        assert f"http://127.0.0.1:{port} " in stack.output(), "the banner doesn't say where it is"
        address = f"http://127.0.0.1:{port}/api/v1/example?name=Ann"
        assert get_json(address, {"X-Request-ID": "foo-1"}) == {"message": "Hello, Ann"}
        get_json(f"{stack.api}/ping", {"X-Request-ID": "foo-2"})
        lines = stack.until(lambda: stack.search("request:foo-1")[1:], "the request isn't found")
        assert {line["fields"]["service.name"] for line in stack.search("request:foo-1")} == {"bs-foo"}, lines
        (other,) = stack.until(lambda: stack.search("request:foo-2"), "bs-whatweb's request isn't found")
        assert other["fields"]["service.name"] == "bs-whatweb"
        services = {process["service"] for process in stack.audit()}
        assert services >= {"bs-foo", "bs-whatweb"}
