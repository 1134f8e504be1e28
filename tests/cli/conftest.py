"""The command line over a state folder of one test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from coopgraph.cli import main, shared
from coopgraph.publish import compiled
from coopgraph.standard import Standard
from coopgraph.validation import Validator

Run = Callable[..., Result]


@pytest.fixture
def run(
    whole_run: Run, light: Standard, validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """The command line, publishing under the light standard, which is quicker."""
    monkeypatch.setattr(shared, "sound_standard", lambda settings: light)
    monkeypatch.setattr(compiled, "standard_validator", lambda standard: validator)
    return whole_run


@pytest.fixture
def whole_run(tmp_path: Path) -> Run:
    """The command line as it is."""

    def invoke(*arguments: object, stdin: str | None = None) -> Result:
        words = ["--home", str(tmp_path / "home"), *map(str, arguments)]
        return CliRunner().invoke(main, words, input=stdin)

    return invoke
