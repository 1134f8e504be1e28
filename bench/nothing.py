"""A Flask application that answers every request with two bytes: what is slower than that, we add.

gunicorn nothing:app
"""

from __future__ import annotations

from flask import Flask, Response

app = Flask(__name__)


@app.get("/query")
def nothing() -> Response:
    """Two bytes."""
    return Response("{}", content_type="application/sparql-results+json")
