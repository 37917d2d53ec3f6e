"""kent in a process of its own, because importing it sets up logging anew: `python kent_server.py`, prints its port."""

from flask import Response, json
from kent import app as kent
from werkzeug.serving import make_server

kent.EventManager.MAX_EVENTS = 1000  # of 100
app = kent.create_app({"DEV_MODE": False})
app.logger.setLevel("ERROR")


def everything() -> Response:
    """The body of every event."""
    return Response(json.dumps([event.body for event in kent.EVENTS.get_events()]), mimetype="application/json")


app.add_url_rule("/all", view_func=everything)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
