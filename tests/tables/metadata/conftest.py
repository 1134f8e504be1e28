"""Files with metadata beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coopgraph.tables.metadata import Metadata, find_metadata

Reads = Callable[..., Metadata]


@pytest.fixture
def read(tmp_path: Path) -> Reads:
    """``read("datapackage.json", {…})`` → what it says of ``list.csv`` beside it."""

    def find(name: str, content: Any, header: str = "a,b,c") -> Metadata:
        (tmp_path / "list.csv").write_text(f"{header}\n1,2,3\n", encoding="utf-8")
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
        found = find_metadata(tmp_path / "list.csv").metadata
        assert found is not None
        return found

    return find
