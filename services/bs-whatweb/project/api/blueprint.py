"""Blueprint, for the API's endpoints: flask-smorest's, with a stricter eye on JSON."""

from typing import Any

import flask_smorest
from webargs.flaskparser import FlaskParser, abort


class _Parser(FlaskParser):
    """JSON that Python can't read (a thousand brackets, a number of 5 000 digits) is the caller's mistake too."""

    def load_json(self, req: Any, schema: Any) -> Any:
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError):
            abort(400, messages={"json": ["Invalid JSON body."]})


class Blueprint(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = _Parser()
