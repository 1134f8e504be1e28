"""``python -m coopgraph.query.broker FD PARENT``: the broker's process.

``FD`` is the number of a listening Unix socket that it inherits; settings are in the environment.
It ends with the process that started it, whose number is ``PARENT``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys

from coopgraph.isolation import die_with_parent, leave_network
from coopgraph.query.broker.broker import Broker
from coopgraph.query.broker.log import QueryLog
from coopgraph.query.broker.relay import start_relay
from coopgraph.query.writing import Language
from coopgraph.settings import Settings, from_environment
from coopgraph.standard.folders import standard_of


def main() -> None:
    """Answer until told to stop."""
    die_with_parent(int(sys.argv[2]), by=signal.SIGTERM)
    logging.basicConfig(format="%(name)s: %(message)s")
    settings = from_environment(os.environ)
    listener = socket.socket(fileno=int(sys.argv[1]))
    listener.setblocking(False)
    relay = start_relay(settings) if settings.services else None
    leave_network()
    asyncio.run(_serve(listener, relay, settings))


async def _serve(listener: socket.socket, relay: socket.socket | None, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    language = Language.of(standard_of(settings))
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if relay is not None:  # without it half of what is promised fails: begin again
        loop.add_reader(relay, over.set)
    broker = Broker(listener, settings, language, relay, loop, QueryLog(settings))
    await over.wait()
    broker.close()


if __name__ == "__main__":
    main()
