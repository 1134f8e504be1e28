"""What a descriptor must say of its dataset, for tests of its tables."""

from __future__ import annotations

ABOUT = {
    "title": "A list",
    "description": "For tests.",
    "publisher": {"name": "Nobody"},
    "licence": "unstated",
}
