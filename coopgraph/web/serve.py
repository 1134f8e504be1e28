"""Run the server: gunicorn with threads, in this process and its children, and the query broker.

In: settings. Out: nothing; it returns when the server was told to stop. Each web process gives
up the network before its first thread starts (``isolation``); the listening socket it inherited
keeps working, and so does the way to the broker, which is a file. For the open internet a proxy
stands in front (``deploy/``).
"""

from __future__ import annotations

import logging
import socket
import struct
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from coopgraph.errors import SettingError
from coopgraph.isolation import leave_network
from coopgraph.query.broker.process import BrokerProcess
from coopgraph.settings import Settings
from coopgraph.web.app import create_app

_GRACE_S = 30
_SEND_S = 30
_log = logging.getLogger("coopgraph.web")


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured from settings alone: no configuration file, no arguments."""

    def __init__(self, settings: Settings, broker: BrokerProcess) -> None:
        self._settings = settings
        self._broker = broker
        super().__init__()

    def load_config(self) -> None:
        """Hand the options to gunicorn."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)
        if "control_socket_disable" in self.cfg.settings:  # newer versions open one by default
            self.cfg.set("control_socket_disable", True)

    def load(self) -> Flask:
        """The application, made in each worker."""
        return create_app(self._settings, self._broker.path)

    def run(self) -> None:
        """Serve until told to stop; does not return."""
        _Arbiter(self, self._broker).run()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's master process, which looks after the broker as it does after its workers."""

    def __init__(self, server: _Server, broker: BrokerProcess) -> None:
        self._broker = broker
        super().__init__(server)

    def manage_workers(self) -> None:
        """Once a second: have as many web processes as there should be, and a broker."""
        self._broker.keep()
        super().manage_workers()

    def stop(self, graceful: bool = True) -> None:
        """Let the web processes finish, then end the broker."""
        super().stop(graceful)
        self._broker.stop()


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
    _Server(settings, BrokerProcess(settings)).run()


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


def _after_fork(server: object, worker: Any) -> None:
    """In a new worker, before it opens anything or starts a thread."""
    for listener in worker.sockets:
        limit_sending(listener.sock, _SEND_S)
    if not leave_network():
        _log.warning("This system does not let a process leave the network; /health says so.")


def limit_sending(listener: socket.socket, seconds: int) -> None:
    """Let no connection wait longer than this for a client that takes nothing of what is sent.

    Connections inherit it from the listening socket (socket(7), SO_SNDTIMEO, a ``timeval``).
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", seconds, 0))
