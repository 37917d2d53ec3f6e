"""The service with routes that fail, each in a way of its own."""

import gc
import logging
import sys
import time
from typing import Any, NamedTuple, NoReturn

import gevent
from flask import Flask, request

from project import create_app as create_service
from project.api.utils.errors.delivery import Delivery

log = logging.getLogger("failing")

ARGUMENT = "s3cret-argument"  # far from where it is used: events show the lines around a frame


class Login(NamedTuple):
    user: str
    password: str


class OrderError(Exception):
    pass


def fail(what: str) -> NoReturn:
    raise OrderError(what)


def create_app() -> Flask:
    app = create_service()

    @app.get("/unhandled")
    def unhandled() -> str:
        fail("unhandled")

    @app.get("/exception")
    def exception() -> str:
        try:
            fail("logged")
        except OrderError:
            log.exception("It failed")
        return "ok"

    @app.get("/exception-and-raise")
    def exception_and_raise() -> str:
        try:
            fail("logged, then raised")
        except OrderError as error:
            log.exception("It failed")
            try:
                fail("while it is handled")
            except OrderError:
                log.debug("this one is nobody's business")
            raise error

    @app.get("/error")
    def error() -> str:
        log.error("An error of %s", "ours", extra={"order": 7})
        return "ok"

    @app.get("/critical")
    def critical() -> str:
        log.critical("A critical thing")
        return "ok"

    @app.get("/warning")
    def warning() -> str:
        log.warning("A warning")
        return "ok"

    @app.get("/greenlet")
    def greenlet() -> str:
        gevent.spawn(fail, "in a greenlet")
        gevent.sleep(0)
        return "ok"

    @app.get("/same-exception-again")
    def same_exception_again() -> str:
        raise ONE

    @app.get("/busy")
    def busy() -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            pass
        return "never"

    @app.route("/secrets", methods=["GET", "POST"])
    def secrets() -> str:
        password = "s3cret-local"
        nested: dict[str, Any] = {"user": "eve", "login": [{"api_key": "s3cret-nested"}]}
        login = Login("eve", ARGUMENT)
        log.info("breadcrumb with token=s3cret-breadcrumb")
        log.error("token=%s", ARGUMENT)
        raise OrderError(f"password={password}, {len(nested) + len(login)} and {request.args}")

    @app.get("/user/<number>")
    def user(number: str) -> str:
        """Fails after other requests had their turn; says who it was to the client in use."""
        tell(number)
        gevent.sleep(0.3)
        fail(f"user {number}")

    def tell(number: str) -> None:
        if "sentry" in app.extensions:
            app.extensions["sentry"].client.user_context({"id": number})
            app.extensions["sentry"].client.tags_context({"number": number})
            return
        import sentry_sdk

        sentry_sdk.set_user({"id": number})
        sentry_sdk.set_tag("number", number)

    return app


def cant_start() -> Flask:
    create_service()
    raise OrderError("no start")


ONE = OrderError("always the same object")


def modules() -> Flask:
    app = create_app()
    app.add_url_rule("/modules", view_func=lambda: " ".join(sys.modules))
    return app


def many() -> Flask:
    app = create_app()

    @app.get("/many/<int:count>")
    def many(count: int) -> str:
        """Fails so many times; answers how many events were dropped."""
        for number in range(count):
            log.error("number %d", number)
        (delivery,) = (found for found in gc.get_objects() if type(found) is Delivery)
        return str(delivery.dropped)

    return app
