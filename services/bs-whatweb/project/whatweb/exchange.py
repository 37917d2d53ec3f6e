"""One HTTP request and the head of its answer, over a socket made elsewhere.

http.client, because it speaks HTTP on any socket; urllib3 and requests would look the name up themselves.
"""

import contextlib
import http.client
import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import gevent
from gevent import socket

from project.whatweb.target import Target

READ_BYTES = 16_384
MAX_INTERIM = 10


class WireLimitError(http.client.HTTPException):
    """The server sent more bytes than the page it may send can need."""


class _Wire(io.RawIOBase):
    """The socket as a stream that ends with an error after `limit` bytes.

    http.client bounds a header line and the number of headers, but not interim answers, trailers, or a
    chunk of size -1, which it takes for "read to the end".
    """

    def __init__(self, sock: socket.socket, limit: int) -> None:
        self._sock = sock
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # recv doesn't wait while there is data: let others run, and the deadline strike. Not sleep(0), of
        # which gevent runs 50 in a row before it looks at timers and sockets again.
        gevent.sleep(1e-9)
        received = self._sock.recv_into(buffer)
        self._left -= received
        if self._left < 0:
            raise WireLimitError("more bytes than a page needs")
        return received


@contextlib.contextmanager
def answered(
    sock: socket.socket, target: Target, user_agent: str, max_wire_bytes: int
) -> Iterator[http.client.HTTPResponse]:
    """Send a GET request; the answer with its status and headers read, its body not.

    Raises http.client.HTTPException for what isn't HTTP, OSError for what the network does.
    """
    lines = (
        f"GET {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        f"User-Agent: {user_agent}",
        "Accept: text/html, application/xhtml+xml",
        "Accept-Encoding: gzip",
        "Connection: close",
    )
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace"))
    # Closed here, answer before stream: left to the garbage collector, Python 3.13 complains of the order.
    with io.BufferedReader(_Wire(sock, max_wire_bytes), READ_BYTES) as stream:
        for _ in range(MAX_INTERIM + 1):
            like_socket = SimpleNamespace(makefile=lambda _mode: stream)
            with contextlib.closing(http.client.HTTPResponse(cast(Any, like_socket))) as answer:
                answer.begin()
                if answer.status >= 200:
                    yield answer
                    return
                # An interim answer (103 Early Hints, RFC 8297): http.client skips only 100 by itself. The
                # stream is taken from it, or it would close what the real answer is going to come on.
                answer.fp = cast(Any, None)
        raise http.client.HTTPException(f"more than {MAX_INTERIM} interim answers")
