"""The address of an event's log lines, made a link: Bugsink shows what an event brings as text."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# An address as Bugsink's template escapes it: nothing in it ends the attribute or the element. Only the log search's
# form, so that no other text of an event, which anyone may have sent, becomes a link.
_ADDRESS = re.compile(
    rb"(?<![\"'=])\bhttps?://[\w.:\[\]-]{1,256}/\?q=[\w.:%-]{1,256}(?:&amp;(?:from|to)=[\w.:%-]{1,64})*"
)
_LINK = rb'<a class="underline" rel="noopener" href="\g<0>">\g<0></a>'


class LogLinks:
    """Django middleware for the pages under /issues/."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        html = response.get("Content-Type", "").startswith("text/html")
        if html and not response.streaming and request.path.startswith("/issues/"):
            response.content = _ADDRESS.sub(_LINK, response.content)
        return response
