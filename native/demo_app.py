"""The service as `make demo` runs it: with a site to scan, and with the failures that the real one doesn't have."""

import logging
import time
from collections import deque

from flask import Flask, Response, request

from project import create_app as create_service

log = logging.getLogger("demo.orders")

SITE = """<!doctype html><html><head><meta name="generator" content="WordPress 6.1.9">
<script src="/wp-includes/js/jquery/jquery.min.js?ver=3.6.1"></script></head><body>A shop</body></html>"""


def create_app() -> Flask:
    app = create_service()
    recent: deque[int] = deque(maxlen=50)

    @app.get("/demo/site")
    def site() -> Response:
        return Response(SITE, headers={"Server": "nginx/1.27.1", "X-Powered-By": "PHP/8.3.4"})

    @app.get("/demo/orders/<int:number>")
    def order(number: int) -> dict[str, int]:
        log.info("Order %d opened", number, extra={"order": number, "customer": {"name": "Ann", "password": "hunter2"}})
        if number % 7 == 0:
            log.warning("Cache miss for order %d", number)
        recent.append(number)
        return {"order": number, "seen": recent.count(number)}

    @app.get("/demo/slow")
    def slow() -> dict[str, str]:
        time.sleep(float(request.args.get("seconds", "1")))
        return {"message": "at last"}

    @app.get("/demo/crash")
    def crash() -> dict[str, str]:
        return {"price": str(10 / int(request.args.get("pieces", "0")))}

    @app.get("/demo/flood")
    def flood() -> dict[str, str]:
        log.error("A message of 40 kB: %s", "long " * 8000)
        return {"message": "logged"}

    return app
