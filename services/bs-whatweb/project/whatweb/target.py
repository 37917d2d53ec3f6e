"""Where a URL points: taken apart once, so that what is checked is what is requested."""

import re
from ipaddress import IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from project.whatweb.errors import FetchError

MAX_URL = 2048  # characters a caller may send
MAX_REDIRECT_URL = 8192  # sign-on services redirect with whole documents in the query
DEFAULT_PORTS = {"http": 80, "https": 443}

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_KEEP = "/%:@!$&'()*+,;=~"  # what `quote` must leave in a path: sub-delims of RFC 3986, and "%" of escapes


class Target(NamedTuple):
    scheme: str  # "http" or "https"
    host: str  # lower case, ASCII (IDNA), without brackets or a final dot
    port: int
    path: str  # percent-encoded path and query, as the request line wants it

    @property
    def authority(self) -> str:
        """Host and, unless it is the scheme's own, port: the value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_url(url: str, base: str = "") -> Target:
    """The target of a caller's URL, or of a redirect from `base`. FetchError `invalid-url` if it has none."""
    longest = MAX_REDIRECT_URL if base else MAX_URL
    if len(url) > longest:
        raise _invalid(f"The URL is longer than {longest} characters; shorten it.")
    url = url.strip()
    if _CONTROL.search(url):  # urlsplit would drop tabs and line ends silently
        raise _invalid("The URL contains control characters; remove them or percent-encode them.")
    try:
        parts = urlsplit(urljoin(base, url))
        if parts.scheme not in DEFAULT_PORTS:
            raise _invalid("The URL must start with http:// or https://.")
        if "@" in parts.netloc:
            raise _invalid("The URL contains a user name or password; remove them, they are never sent.")
        path = quote(parts.path, safe=_KEEP) or "/"
        query = "?" + quote(parts.query, safe=_KEEP + "?[]") if parts.query else ""
        return Target(parts.scheme, _host(parts), _port(parts), path + query)
    except ValueError as error:
        raise _invalid("The URL can't be read; check its host name, port and brackets.") from error


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host:
        raise _invalid("The URL has no host name; write it as https://example.com/.")
    if len(host) > 253:  # RFC 1035; checked first because IDNA takes quadratic time
        raise _invalid("The URL's host name is longer than 253 characters; check it.")
    if "%" not in host and ":" in host:  # "%" would start a zone, which means something on one machine only
        return str(IPv6Address(host))
    name = host.encode("idna").decode("ascii").removesuffix(".")
    if not _HOST_NAME.fullmatch(name):
        raise _invalid("The URL's host name contains characters that no host name has; check it.")
    return name


def _port(parts: SplitResult) -> int:
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    if port == 0:
        raise _invalid("The URL's port is 0; use 1 to 65535.")
    return port


def _invalid(detail: str) -> FetchError:
    return FetchError("invalid-url", detail)
