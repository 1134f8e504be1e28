"""The hash chain over commits: each hash covers the one before it, the commit's row, and the salted
hashes of its states, but never their content (architecture, “Journal, store, snapshot”).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

GENESIS = hashlib.sha256(b"coopgraph journal").digest()


def chain(previous: bytes, row: tuple[Any, ...], hashes: bytes) -> bytes:
    """The hash of a commit, from that of the one before it."""
    return hashlib.sha256(previous + as_json(row).encode() + hashes).digest()


def as_json(value: Any) -> str:
    """JSON as the journal keeps and hashes it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=asdict)
