"""A whole journal, read alone while others may publish: as of one state of its file.

For what takes long (a copy, every hash) and is not told to somebody who waits for a page; for that
see ``reading``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from coopgraph.errors import Locked
from coopgraph.journal.connecting import Answer, Unsettled, settled
from coopgraph.journal.journal import Journal, unreadable_now

_TRIES = 10
_PAUSE_S = 0.1  # for a writer that opens or closes it


def look(path: Path, read: Callable[[Journal], Answer]) -> Answer:
    """What ``read`` finds in the journal at ``path``; it is called again where that changed.

    Raises JournalError where the journal is damaged, missing or of another version, Locked where
    it is written all along, or cannot be read by this user now, and whatever ``read`` raises.
    """

    def once(is_logged: bool) -> Answer:
        with closing(Journal.open(path, to_read=True, is_logged=is_logged)) as journal:
            return read(journal)

    try:
        return settled(path, once, tries=_TRIES, pause_s=_PAUSE_S)
    except Unsettled as error:
        raise Locked(unreadable_now(path, error)) from error
