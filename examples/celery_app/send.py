"""Sends two tasks, as a web application would from inside a request: `python send.py`."""

from jsonlog import context
from tasks import pack, ship

if __name__ == "__main__":
    with context.bound({"trace.id": "0af7651916cd43dd8448eb211c80319c", "http.request.id": "demo-1"}):
        pack.delay(7)
        ship.delay(7)
