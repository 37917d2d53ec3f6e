import logging

from django.http import HttpRequest, JsonResponse

log = logging.getLogger(__name__)


def show(request: HttpRequest, order: int) -> JsonResponse:
    log.info("Order %d shown", order, extra={"order": order})
    return JsonResponse({"order": order})


def fail(request: HttpRequest) -> JsonResponse:
    raise LookupError("No such\norder")
