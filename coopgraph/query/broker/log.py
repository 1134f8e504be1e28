"""The query log: who asked what, what became of it, and what it cost.

Out: a file of JSON lines that an operator can read, grep and count; it is turned over when it is
large. It holds addresses of clients, so it is the operator's to keep or to switch off.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

import orjson

from coopgraph.query.job import Outcome, Reply
from coopgraph.settings import Settings

_LONGEST_TEXT = 4_000
_LINES_AT_ONCE = 256
_FILE_BYTES = 10 << 20
_OLD_FILES = 4
_NONE = "-"
_log = logging.getLogger("coopgraph.query")


class _PrivateFile(RotatingFileHandler):
    """A log file that others on the machine cannot read: it holds addresses."""

    def _open(self) -> TextIOWrapper:
        file = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(os.fdopen(file, "ab"), encoding=self.encoding)


class QueryLog:
    """Writes one line for each query, and one for all that a client was turned away with since
    the last flush; none where the settings want no log.
    """

    def __init__(self, settings: Settings) -> None:
        self._lines: list[bytes] = []
        self._turned_away: Counter[tuple[str, str]] = Counter()
        self._handler: RotatingFileHandler | None = None
        if settings.query_log == _NONE:
            return
        path = Path(settings.home, settings.query_log)
        try:
            self._handler = _PrivateFile(
                path, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
            )
        except OSError as error:
            _log.warning("There is no query log: %s", error)

    def write(self, client: str, text: str, reply: Reply, seconds: float) -> None:
        """Note one query, for the next :meth:`flush`. ``seconds`` is what a worker spent on it."""
        if self._handler is None:
            return
        if reply.outcome is Outcome.BUSY:  # which costs nothing, and so may come without end
            self._turned_away[client, reply.message] += 1
            return
        line = {
            "time": _now(),
            "client": client,
            "outcome": reply.outcome,
            "seconds": round(seconds, 4),
            "bytes": reply.size_bytes,
            "sequence": reply.sequence,
            "message": reply.message,
            "query": text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…",
        }
        self._lines.append(orjson.dumps(line))

    def flush(self) -> None:
        """Put what was noted into the file."""
        if self._handler is None:
            return
        self._lines += [
            orjson.dumps(
                {
                    "time": _now(),
                    "client": client,
                    "outcome": Outcome.BUSY,
                    "times": times,
                    "message": message,
                }
            )
            for (client, message), times in self._turned_away.items()
        ]
        self._turned_away.clear()
        lines, self._lines = self._lines, []
        for start in range(0, len(lines), _LINES_AT_ONCE):
            text = b"\n".join(lines[start : start + _LINES_AT_ONCE]).decode()
            self._handler.emit(logging.makeLogRecord({"msg": text, "levelno": logging.INFO}))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
