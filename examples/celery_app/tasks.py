"""The tasks, and a broker that needs no server: files in `broker/`. Any other broker's URL will do."""

import logging
import os
from pathlib import Path

from celery import Celery

import task_log  # noqa: F401 - connects itself to Celery's signals

log = logging.getLogger(__name__)

app = Celery("shop", broker=os.environ.get("BROKER_URL", "filesystem://"))
if app.conf.broker_url == "filesystem://":
    folder = Path(__file__).parent / "broker"
    folder.mkdir(exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": folder,
        "data_folder_out": folder,
        "control_folder": folder / "control",
    }


@app.task
def pack(order: int) -> None:
    log.info("Packed order %d", order, extra={"order": order})


@app.task
def ship(order: int) -> None:
    raise LookupError(f"No address\nfor order {order}")
