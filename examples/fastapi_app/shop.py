"""The application: uvicorn serves `app`."""

import logging

from fastapi import FastAPI

from middleware import RequestLog

log = logging.getLogger(__name__)
api = FastAPI()


@api.get("/orders/{order}")
def show(order: int) -> dict[str, int]:
    log.info("Order %d shown", order, extra={"order": order})
    return {"order": order}


@api.get("/fail")
async def fail() -> None:
    raise LookupError("No such\norder")


# Around all of FastAPI, not `add_middleware`: its answer to an exception passes no middleware of its own.
app = RequestLog(api)
