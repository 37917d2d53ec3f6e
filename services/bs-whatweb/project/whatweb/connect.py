"""A connection to a target that can't lead into networks that only we can reach.

Every address that the name resolves to is checked, and the socket is connected to a checked address, not to
the name: a second look-up could answer otherwise (DNS rebinding).
"""

import contextlib
import functools
import http.client
import logging
import zlib
from collections.abc import Iterator, Sequence

from gevent import socket, ssl  # by name: they wait for the hub, so gevent.Timeout ends all of this

from project.whatweb.addresses import Network, is_public, is_within, parse_address
from project.whatweb.errors import FetchError
from project.whatweb.target import Target

log = logging.getLogger(__name__)

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})
CONNECT_SECONDS = 4.0  # for one address: a dead first one (often IPv6) must leave time for the next


def look_up(target: Target, allow_networks: Sequence[Network]) -> list[str]:
    """All addresses of the target's host, each checked. One that is refused refuses the whole name."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchError(
            "unresolvable-host", f"{target.host} has no address; check its spelling, or try again later."
        ) from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        _check(target, address, allow_networks)
    return addresses


def _check(target: Target, text: str, allow_networks: Sequence[Network]) -> None:
    address = parse_address(text)
    if is_within(address, allow_networks):
        return
    if not is_public(address):
        log.warning(
            "refused to connect to an address that is not public",
            extra={"destination.domain": target.host, "destination.ip": str(address)},
        )
        raise FetchError(
            "blocked-address",
            f"{target.host} is at an address that is not public; scan a public site, or ask the operator "
            "to add its network to WHATWEB_ALLOW_NETWORKS.",
        )
    if target.port not in PUBLIC_PORTS:
        ports = ", ".join(map(str, sorted(PUBLIC_PORTS)))
        raise FetchError(
            "blocked-port", f"Port {target.port} of {target.host} is not scanned, only {ports} are."
        )


@contextlib.contextmanager
def connected(
    target: Target, addresses: Sequence[str], allow_networks: Sequence[Network]
) -> Iterator[socket.socket]:
    """A socket to one of the `addresses`, with TLS if the target's scheme says so.

    What the network or the server does wrong inside the `with` block comes out as FetchError.
    """
    host = target.host
    try:
        with contextlib.ExitStack() as sockets:
            sock = sockets.enter_context(_dial(addresses, target.port))
            # The kernel may connect elsewhere than it was told: 0.0.0.0 is this machine.
            _check(target, sock.getpeername()[0], allow_networks)
            if target.scheme == "https":
                # The handshake waits until the new socket is sure to be closed, whatever comes.
                sock = sockets.enter_context(
                    _tls_context().wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
                )
                sock.do_handshake()
            yield sock
    except ssl.SSLCertVerificationError as error:
        detail = f"The certificate of {host} is not valid ({error.verify_message}); its owner must fix it."
        raise FetchError("tls-error", detail) from error
    except ssl.SSLError as error:
        raise FetchError(
            "tls-error", f"TLS with {host} failed ({error.reason}); try http:// instead."
        ) from error
    except (http.client.HTTPException, zlib.error) as error:
        detail = f"The answer of {host} can't be read ({type(error).__name__}: {str(error)[:100]!r})."
        raise FetchError("bad-response", detail + " Open it in a browser to see what serves it.") from error
    except OSError as error:
        kind = "timeout" if isinstance(error, TimeoutError) else "connection-failed"
        detail = f"The connection to {host} at port {target.port} failed ({error.strerror or error})."
        raise FetchError(kind, detail + " Check that the site is up.") from error


def _dial(addresses: Sequence[str], port: int) -> socket.socket:
    """A connection to the first address that accepts one; OSError of the last if none does."""
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        except OSError as error:
            failure = error
        else:
            sock.settimeout(None)  # from here on only the deadline of the whole fetch counts
            return sock
    raise failure


@functools.cache  # reading the system's certificates takes 20 ms
def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
