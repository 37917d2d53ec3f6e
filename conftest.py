"""What every test begins with."""

from collections.abc import Iterator

import pytest

from project.api.utils import context


@pytest.fixture(autouse=True)
def outside_any_request() -> Iterator[None]:
    """A test client leaves its last answer open, and with it the request's ids bound; a server never does."""
    token = context._current.set(context.EMPTY)
    yield
    context._current.reset(token)
