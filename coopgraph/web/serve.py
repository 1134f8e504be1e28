"""Run the server: gunicorn with threads, in this process and its children.

In: settings. Out: nothing; it returns when the server was told to stop. Each worker process gives
up the network before its first thread starts (``isolation``); the listening socket it inherited
keeps working. For the open internet a proxy stands in front (``deploy/``).
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from coopgraph.errors import SettingError
from coopgraph.settings import Settings
from coopgraph.web.app import create_app
from coopgraph.web.isolation import leave_network

# A query within the scan's limits needs a few MiB of stack at most; only what is used is taken.
_STACK_BYTES = 64 * 1024 * 1024
_GRACE_S = 30
_log = logging.getLogger("coopgraph.web")


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured from settings alone: no configuration file, no arguments."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Hand the options to gunicorn."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)
        if "control_socket_disable" in self.cfg.settings:  # newer versions open one by default
            self.cfg.set("control_socket_disable", True)

    def load(self) -> Flask:
        """The application, made in each worker."""
        return create_app(self._settings)


def check_address(settings: Settings) -> None:
    """Raise SettingError where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        raise SettingError(
            f"{settings.host} port {settings.port} cannot be listened on ({error.strerror}); "
            "choose others with COOPGRAPH_HOST and COOPGRAPH_PORT.",
            name="port",
        ) from error


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGTERM or SIGINT), then finish requests under way."""
    _Server(settings).run()


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's options. Limits keep a request line and its headers small."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": [f"{host}:{settings.port}"],
        "worker_class": "gthread",
        "workers": settings.processes,
        "threads": settings.threads,
        "worker_connections": 1000,
        "keepalive": 5,
        "timeout": 60,
        "graceful_timeout": _GRACE_S,
        "limit_request_line": 8190,
        "limit_request_fields": 64,
        "limit_request_field_size": 8190,
        "forwarded_allow_ips": "",
        "preload_app": False,
        "proc_name": "coopgraph",
        "loglevel": "warning",
        "post_fork": _after_fork,
    }


def _after_fork(server: object, worker: object) -> None:
    """In a new worker, before it opens anything or starts a thread."""
    threading.stack_size(_STACK_BYTES)
    if not leave_network():
        _log.warning("This system does not let a process leave the network; /health says so.")
