"""The service with routes that the real one doesn't have; tests/docker/failing.yml puts it into the container."""

import logging
import time

from flask import Flask, request

from project import create_app as create_service

log = logging.getLogger("failing")


def create_app() -> Flask:
    app = create_service()

    @app.get("/failing/crash")
    def crash() -> str:
        return descend(int(request.args.get("depth", "0")))

    @app.get("/failing/long")
    def long() -> str:
        log.error("long %s", "x" * int(request.args["bytes"]))
        return "logged"

    @app.get("/failing/slow")
    def slow() -> str:
        log.info("slow begins")
        time.sleep(float(request.args["seconds"]))
        return "at last"

    return app


def descend(depth: int) -> str:
    # Two functions in turn: Python prints repeated frames of one function as "repeated 190 more times".
    return ascend(depth - 1) if depth else str(1 // 0)


def ascend(depth: int) -> str:
    return descend(depth - 1) if depth else str(1 // 0)
