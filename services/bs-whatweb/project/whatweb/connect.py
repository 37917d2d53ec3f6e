"""A connection to a target that can't lead into networks that only we can reach.

Every address that the name resolves to is checked, and the socket is connected to a checked address, not to
the name: a second look-up could answer otherwise (DNS rebinding).

gevent's own socket and ssl are named, so that gevent.Timeout can end all of this, monkey-patched or not.
"""

import contextlib
import functools
import http.client
import logging
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from gevent import socket, ssl

from project.whatweb.addresses import Network, is_public, is_within, parse_address
from project.whatweb.errors import FetchError
from project.whatweb.target import Target

log = logging.getLogger(__name__)

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})
CONNECT_SECONDS = 4.0  # for one address: a dead first one (often IPv6) must leave time for the next

Endpoint = tuple[int, Any]  # address family, and the socket address as it is for that family


def look_up(target: Target, allow_networks: Sequence[Network]) -> list[Endpoint]:
    """Where the target's host is, each address checked. One that is refused refuses the whole name."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchError(
            "unresolvable-host", f"{target.host} has no address; check its spelling, or try again later."
        ) from error
    endpoints: list[Endpoint] = [(family, address) for family, _, _, _, address in found]
    for _, address in endpoints:
        _check(target, address, allow_networks)
    return endpoints


def _check(target: Target, socket_address: Any, allow_networks: Sequence[Network]) -> None:
    address = parse_address(socket_address[0])
    if is_within(address, allow_networks):
        return
    if not is_public(address):
        log.warning(
            "Refused to connect to an address that is not public",
            extra={"destination.domain": target.host, "destination.ip": str(address)},
        )
        raise FetchError(
            "blocked-address",
            f"{target.host} is at an address that is not public; scan a public site, or ask the operator "
            "to add its network to WHATWEB_ALLOW_NETWORKS.",
        )
    if target.port not in PUBLIC_PORTS:
        ports = ", ".join(map(str, sorted(PUBLIC_PORTS)))
        raise FetchError("blocked-port", f"Port {target.port} of {target.host} is not scanned, only {ports} are.")


@contextlib.contextmanager
def connected(
    target: Target, endpoints: Sequence[Endpoint], allow_networks: Sequence[Network]
) -> Iterator[socket.socket]:
    """A socket to one of the `endpoints`, with TLS if the target's scheme says so.

    What the network or the server does wrong inside the `with` block comes out as FetchError.
    """
    host = target.host
    try:
        with contextlib.ExitStack() as sockets:
            sock = _dial(endpoints, sockets)
            # The kernel may connect elsewhere than it was told: 0.0.0.0 is this machine.
            _check(target, sock.getpeername(), allow_networks)
            if target.scheme == "https":
                # Handshake apart: cut off inside wrap_socket, it would leave a socket open that nobody has.
                sock = sockets.enter_context(
                    _tls_context().wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
                )
                sock.do_handshake()
            yield sock
    except ssl.SSLCertVerificationError as error:
        detail = f"The certificate of {host} is not valid ({error.verify_message}); its owner must fix it."
        raise FetchError("tls-error", detail) from error
    except ssl.SSLError as error:
        raise FetchError("tls-error", f"TLS with {host} failed ({error.reason}); try http:// instead.") from error
    except (http.client.HTTPException, zlib.error) as error:
        detail = f"The answer of {host} can't be read ({type(error).__name__}: {str(error)[:100]!r})."
        raise FetchError("bad-response", detail + " Open it in a browser to see what serves it.") from error
    except OSError as error:
        kind = "timeout" if isinstance(error, TimeoutError) else "connection-failed"
        detail = f"The connection to {host} at port {target.port} failed ({error.strerror or error})."
        raise FetchError(kind, detail + " Check that the site is up.") from error


def _dial(endpoints: Sequence[Endpoint], sockets: contextlib.ExitStack) -> socket.socket:
    """A connection to the first endpoint that accepts one; OSError of the last if none does."""
    for family, address in endpoints:
        sock = sockets.enter_context(socket.socket(family, socket.SOCK_STREAM))
        try:
            sock.settimeout(CONNECT_SECONDS)
            sock.connect(address)
            sock.settimeout(None)  # from here on only the deadline of the whole fetch counts
        except OSError as error:
            failure = error
        else:
            return sock
    raise failure


@functools.cache  # reading the system's certificates takes 16 ms
def _tls_context() -> ssl.SSLContext:
    # Not create_default_context: unless the process is monkey-patched it makes the standard library's
    # context, whose handshake blocks every other greenlet. This protocol verifies chain and name too.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.set_alpn_protocols(["http/1.1"])
    return context
