"""The W3C suite is not part of the repository; ``COOPGRAPH_SUITES`` names the folder it is in.

Without that name its tests are left out, with a line that says so. On CI they must run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_NEEDS_SUITES = "test_w3c_core.py"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the W3C cases out where their folder is not named."""
    return True if collection_path.name == _NEEDS_SUITES and _is_left_out() else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that they were left out."""
    if _is_left_out():
        terminalreporter.write_line(
            f"{_NEEDS_SUITES} was left out: set COOPGRAPH_SUITES to the folder that holds shacl/"
        )


def _is_left_out() -> bool:
    return "COOPGRAPH_SUITES" not in os.environ and os.environ.get("CI") != "true"
