"""Why a page couldn't be fetched: a word for programs, a sentence for people, a status for our own answer."""

# 422 and 403: the caller must change the request. 502 and 504: the scanned site is at fault, or its network.
STATUS = {
    "invalid-url": 422,
    "not-html": 422,
    "blocked-address": 403,
    "blocked-port": 403,
    "blocked-redirect": 403,
    "unresolvable-host": 502,
    "connection-failed": 502,
    "tls-error": 502,
    "bad-response": 502,
    "too-many-redirects": 502,
    "unsupported-encoding": 502,
    "timeout": 504,
}


class FetchError(Exception):
    """`kind` is a key of STATUS and stays the same between releases; `detail` says what to do next.

    `detail` may quote the scanned host and what its server sent; it never tells an address that a name
    resolved to, or callers could read a private name server through us.
    """

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.status = STATUS[kind]
