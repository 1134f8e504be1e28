"""The web: ``create_app(settings)`` gives the WSGI application. ``docs/http.md`` has its routes."""

from coopgraph.web.app import create_app

__all__ = ["create_app"]
