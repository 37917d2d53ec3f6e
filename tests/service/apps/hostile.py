"""The service with routes that log what no formatter should meet."""

import logging
import time
from typing import Any

import gevent
from flask import Flask, request

from project import create_app as create_service

log = logging.getLogger("hostile")


def recursive() -> dict[str, Any]:
    value: dict[str, Any] = {"branches": []}
    value["branches"] += [value] * 10
    return value


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


VALUES = {
    "unserialisable": object(),
    "recursive": recursive(),
    "nan": float("nan"),
    "bytes": b"\xff\x00\n",
    "surrogate": "lone \udc80 surrogate",
    "huge": 10**5000,
    "broken": Broken(),
    "keys": {1: "a", ("b",): "c", None: "d"},
}


def create_app() -> Flask:
    app = create_service()

    @app.get("/log")
    def write() -> str:
        for name, value in VALUES.items():
            log.info("value %s", name, extra={"value": value, "event.id": "forged", "password": "hunter2"})
            log.info("text %s", value)
        log.info('\n{"forged": true}\n\x00\x1b[31m\t"quoted" \\ back')
        log.info("x" * 100_000)
        log.info("wrong %d", "argument")
        return "logged"

    @app.get("/boom")
    def boom() -> str:
        raise ValueError("y" * 1_000_000)

    @app.get("/echo")
    def echo() -> str:
        """Logs its request's number before and after other requests had their turn."""
        log.info("before %s", request.args["n"])
        gevent.sleep(0.2)
        log.info("after %s", request.args["n"])
        return request.args["n"]

    @app.get("/greenlet")
    def greenlet() -> str:
        gevent.spawn(lambda: 1 / 0)
        gevent.sleep(0)
        return "spawned"

    @app.get("/debug")
    def debug() -> str:
        log.debug("a debug line")
        return "logged"

    @app.get("/busy")
    def busy() -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pass
        return "never"

    return app
