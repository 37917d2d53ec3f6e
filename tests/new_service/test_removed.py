"""remove-service undoes new-service, and loses nothing that can't be had again."""

import pytest

from tests.new_service.checkout import Checkout


@pytest.fixture
def foo(checkout: Checkout) -> Checkout:
    assert checkout.make("new-service", "NAME=bs-foo", "PORT=5010").returncode == 0
    return checkout


def test_it_undoes_new_service_byte_for_byte(foo: Checkout) -> None:
    by_product = foo.folder / "services/bs-foo/project/__pycache__/config.cpython-311.pyc"
    by_product.parent.mkdir()
    by_product.touch()
    assert foo.make("remove-service", "NAME=bs-foo").returncode == 0
    assert foo.changes() == ""
    assert not (foo.folder / "services" / "bs-foo").exists()


def test_one_of_two_is_undone_and_the_other_stays(foo: Checkout) -> None:
    foo.commit("bs-foo")
    assert foo.make("new-service", "NAME=bs-bar", "PORT=5011").returncode == 0
    assert foo.make("remove-service", "NAME=bs-bar").returncode == 0
    assert foo.changes() == ""


def test_a_committed_service_is_removed_whatever_was_changed_in_it(foo: Checkout) -> None:
    foo.append("services/bs-foo/project/service.py", "# changed\n")
    foo.commit("bs-foo, changed")
    assert foo.make("remove-service", "NAME=bs-foo").returncode == 0
    foo.commit("bs-foo is gone")
    assert foo.git("diff", "HEAD~2", "--stat") == ""


@pytest.mark.parametrize("name", ["services/bs-foo/project/service.py", "services/bs-foo/new.py", "bs-foo-staging.env"])
@pytest.mark.parametrize("committed", [False, True])
def test_a_change_that_is_in_no_commit_is_not_lost(foo: Checkout, name: str, committed: bool) -> None:
    if committed:
        foo.commit("bs-foo")
    (foo.folder / name).touch()
    foo.append(name, "# my work\n")
    before = foo.changes()
    done = foo.make("remove-service", "NAME=bs-foo")
    assert done.returncode
    assert name in done.stderr
    assert "FORCE=1" in done.stderr
    assert foo.changes() == before
    assert "my work" in foo.text(name)
    assert foo.make("remove-service", "NAME=bs-foo", "FORCE=1").returncode == 0
    assert not (foo.folder / name).exists()


def test_a_change_in_its_lines_of_a_compose_file_is_not_lost(foo: Checkout) -> None:
    compose = foo.folder / "docker-compose.yml"
    compose.write_text(
        compose.read_text().replace("    image: bs-foo:dev\n", "    image: bs-foo:dev\n\n    mem_limit: 1g\n")
    )
    assert "docker-compose.yml" in foo.make("remove-service", "NAME=bs-foo").stderr
    assert foo.make("remove-service", "NAME=bs-foo", "FORCE=1").returncode == 0
    assert foo.changes() == ""


def test_what_else_was_changed_in_a_compose_file_stays(foo: Checkout) -> None:
    foo.append("docker-compose.yml", "  mine:\n")
    assert foo.make("remove-service", "NAME=bs-foo").returncode == 0
    assert foo.git("diff", "--unified=0").endswith("\n+  mine:\n")


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "NAME=bs-foo"), ("bs-whatweb", "it stays"), ("bs-none", "no service 'bs-none'"), ("syslog", "no service")],
)
def test_what_cannot_be_removed_is_refused(made: Checkout, name: str, why: str) -> None:
    before = made.changes()
    done = made.make("remove-service", f"NAME={name}", "FORCE=1")
    assert done.returncode
    assert why in done.stderr
    assert made.changes() == before
