"""The query log: who asked what, what became of it, and what it cost.

Out: a file of JSON lines that an operator can read, grep and count; it is turned over when it is
large. It holds addresses of clients, so it is the operator's to keep or to switch off.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

import orjson

from coopgraph.query.job import Reply
from coopgraph.settings import Settings

MOST_LOGGED_BYTES = 1 << 18
_FILE_BYTES = 10 << 20
_OLD_FILES = 4
_NONE = "-"
_log = logging.getLogger("coopgraph.query")


class QueryLog:
    """Writes one line for each query; none where the settings want no log."""

    def __init__(self, settings: Settings) -> None:
        self._lines: list[bytes] = []
        self._handler: RotatingFileHandler | None = None
        if settings.query_log == _NONE:
            return
        path = Path(settings.home, settings.query_log)
        try:
            self._handler = RotatingFileHandler(
                path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
            )
        except OSError as error:
            _log.warning("There is no query log: %s", error)

    def write(self, client: str, job: bytes, reply: Reply, seconds: float) -> None:
        """Note one query, for the next :meth:`flush`. ``seconds`` is what a worker spent on it."""
        if self._handler is None:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": client,
            "outcome": reply.outcome,
            "seconds": round(seconds, 4),
            "bytes": reply.size_bytes,
            "message": reply.message,
            "query": _text(job),
        }
        self._lines.append(orjson.dumps(line))

    def flush(self) -> None:
        """Put what was noted into the file."""
        if self._handler is not None and self._lines:
            text = b"\n".join(self._lines).decode()
            self._lines.clear()
            self._handler.emit(logging.makeLogRecord({"msg": text, "levelno": logging.INFO}))


def _text(job: bytes) -> str:
    """The query of a job; of one too long to note, how it begins."""
    try:
        return str(orjson.loads(job)["query"]["text"])
    except (ValueError, KeyError, TypeError):
        return job[:1_000].decode(errors="replace")
