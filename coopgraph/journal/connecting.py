"""How a journal is opened to be read alone: nothing of it or beside it is written.

SQLite keeps a write-ahead log and an index of it in shared memory beside the file, and whoever
reads makes both (https://www.sqlite.org/wal.html#read_only_databases). Where there is no log nobody
has the journal open, and it is read as a file that does not change. Whoever reads while others may
begin to write has to see afterwards whether the file is as it was.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, on a disk that may not be written, too."""
    has_log = path.with_name(f"{path.name}-wal").exists()
    return read_only(path, "mode=ro" if has_log else "immutable=1")


def read_only(path: Path, how: str, wait_s: float = 30.0) -> sqlite3.Connection:
    """A connection that cannot write. ``how``: parameters of SQLite's address of a file
    (https://www.sqlite.org/uri.html); ``wait_s``: for whoever has the file locked.
    """
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{how}", uri=True, timeout=wait_s)
