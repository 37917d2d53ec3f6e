"""Who may read the pages, and what the pages may do.

Log lines hold what strangers sent. Escaping (text.py) is the wall; the Content-Security-Policy is the second one:
no inline script or style, nothing from another origin, so that a missed escape still runs nothing.
"""

from __future__ import annotations

import hmac
import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, request

from ..settings import Settings
from .problems import problem

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OPEN_TO_ALL = ("/healthz",)


def is_loopback(address: str) -> bool:
    """Whether only this machine can connect to `address` (an address or "localhost")."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def refuse_open_address(settings: Settings) -> None:
    """Raises SystemExit where anybody on the network could read the logs."""
    if not settings.password and not is_loopback(settings.address):
        raise SystemExit(
            f"logdesk: listening on {settings.address} would show every log line to the network. "
            "Set LOGDESK_PASSWORD, or LOGDESK_ADDRESS=127.0.0.1."
        )


def protect(app: Flask, settings: Settings) -> None:
    """Check every request and mark every answer of `app`."""

    @app.before_request
    def check() -> Response | None:
        if request.path in OPEN_TO_ALL:
            return None
        if not host_is_ours(request.headers.get("Host", ""), settings.hosts):
            return problem(
                421,
                "This name is not one of logdesk's",
                "Open it by its IP address or as localhost, or add the name to LOGDESK_HOSTS and restart.",
            )
        if settings.password and not password_is_right(settings.password):
            answer = problem(401, "Password wanted", "Any user name, and the password in LOGDESK_PASSWORD.")
            answer.headers["WWW-Authenticate"] = 'Basic realm="logdesk", charset="UTF-8"'
            return answer
        return None

    @app.after_request
    def mark(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def host_is_ours(host: str, names: frozenset[str]) -> bool:
    """Against DNS rebinding: a foreign page can point its own *name* at 127.0.0.1 and read what has no password.
    It can't do so with an address, so an address is always right; a name must be localhost or in `names`."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost") or name in names
    return True


def password_is_right(password: str) -> bool:
    """HTTP Basic with any user name, compared in constant time."""
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    return hmac.compare_digest((given.password or "").encode(), password.encode())
