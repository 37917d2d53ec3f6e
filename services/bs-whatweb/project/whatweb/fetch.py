"""Fetch one web page: the URL comes from a caller we don't trust, the answer from a server we don't trust.

The caller must not reach our own networks: `target` and `connect` see to that, and each redirect starts over.
The server must not keep us busy: one deadline covers everything from name look-up to the last byte
(`gevent.Timeout`, because socket timeouts count for one read each), and the bytes read from the wire
(`exchange`) and the bytes of the decoded page (`page`) are both limited.
"""

import logging
from collections.abc import Sequence

import gevent

from project.whatweb.addresses import Network
from project.whatweb.connect import Endpoint, connected, look_up
from project.whatweb.errors import FetchError
from project.whatweb.exchange import answered
from project.whatweb.page import Page, read_page
from project.whatweb.target import Target, parse_url

__all__ = ["FetchError", "Page", "fetch"]

log = logging.getLogger(__name__)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5


def fetch(
    url: str,
    *,
    user_agent: str,
    allow_networks: Sequence[Network] = (),
    deadline: float = 10.0,
    max_bytes: int = 2 * 1024 * 1024,
) -> Page:
    """The HTML page at `url`, after redirects; FetchError for everything that can go wrong.

    deadline: seconds for all of it. max_bytes: where a page is cut; what a technology leaves is near the
    beginning, so the beginning of a long page is worth more than a refusal. allow_networks: non-public
    networks that may be fetched from, at any port.
    """
    target = parse_url(url)
    try:
        with gevent.Timeout(deadline) as clock:
            return _follow(target, user_agent, allow_networks, max_bytes)
    except gevent.Timeout as expired:
        if expired is not clock:  # a caller's own
            raise
        raise FetchError(
            "timeout", f"{target.host} did not deliver the page within {deadline:g} seconds; try again later."
        ) from None


def _follow(target: Target, user_agent: str, allow_networks: Sequence[Network], max_bytes: int) -> Page:
    passed: list[Target] = []
    endpoints = look_up(target, allow_networks)
    while True:
        with (
            connected(target, endpoints, allow_networks) as sock,
            answered(sock, target, user_agent, max_wire_bytes=max_bytes + 256 * 1024) as answer,
        ):
            location = answer.headers.get("Location") if answer.status in REDIRECTS else None
            if not location:
                return read_page(answer, target, passed, max_bytes)
        passed.append(target)
        if len(passed) > MAX_REDIRECTS:
            raise FetchError(
                "too-many-redirects",
                f"{passed[0].host} redirects more than {MAX_REDIRECTS} times; scan the page it leads to.",
            )
        target, endpoints = _redirected(target, location, allow_networks)


def _redirected(target: Target, location: str, allow_networks: Sequence[Network]) -> tuple[Target, list[Endpoint]]:
    """Where a redirect goes, checked as if the caller had asked for it, but told as the site's doing."""
    try:
        # http.client reads headers as Latin-1; what servers send there beyond ASCII is UTF-8.
        following = parse_url(location.encode("latin-1").decode("utf-8", "replace"), base=target.url)
        endpoints = look_up(following, allow_networks)
    except FetchError as error:
        if error.kind in ("invalid-url", "blocked-address", "blocked-port"):
            raise FetchError(
                "blocked-redirect", f"{target.host} redirects to a place we don't go to: {error.detail}"
            ) from error
        raise
    log.info("Following a redirect from %s to %s", target.authority, following.authority)
    return following, endpoints
