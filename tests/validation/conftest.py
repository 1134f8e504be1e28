"""Turtle for the tests of validation, and when the W3C suite is run.

The suite is not part of the repository; ``COOPGRAPH_SUITES`` names the folder it is in. Without
that name its tests are left out, with a line that says so. On CI they must run.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from coopgraph.namespaces import PREFIXES

_HEAD = "@prefix : <http://example.org/> .\n" + "".join(
    f"@prefix {prefix}: <{stem}> .\n" for prefix, stem in PREFIXES.items()
)
_NEEDS_SUITES = "test_w3c.py"


@pytest.fixture(scope="session")
def turtle() -> Callable[[str], list[Triple]]:
    """Triples of Turtle text in which every prefix is known, and ``:`` is an example's."""
    return lambda text: [q.triple for q in parse(_HEAD + text, format=RdfFormat.TURTLE)]


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
