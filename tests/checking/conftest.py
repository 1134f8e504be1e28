"""Files to check, and checks of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coopgraph.checking import check, subject
from coopgraph.checking.check import CheckReport, run_check
from coopgraph.checking.subject import of_dataset, of_file, of_mapped_file, of_plain_file
from coopgraph.standard import Standard
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.validation import Validator

Check = Callable[..., CheckReport]


@pytest.fixture
def checked(
    tmp_path: Path, standard: Standard, validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> Check:
    """``checked("id,name\\n1,A\\n")`` → the report of a file, or of what stands at a path.

    ``mapping`` is the text of one, ``entity`` what a row is.
    """
    monkeypatch.setattr(check, "standard_validator", lambda standard: validator)

    def run(
        what: str | Path, *, mapping: str = "", entity: str = "", marked_rows: int = 0
    ) -> CheckReport:
        path = what if isinstance(what, Path) else tmp_path / "list.csv"
        if isinstance(what, str):
            path.write_text(what, encoding="utf-8")
        if path.is_dir():
            found = of_dataset(read_descriptor(path, standard), path)
        elif mapping:
            (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
            found = of_mapped_file(path, tmp_path / "mapping.yaml", standard)
        elif entity:
            found = of_plain_file(path, entity, standard)
        else:
            found = of_file(path, standard)
        assert isinstance(found, subject.Subject)
        return run_check(found, standard, marked_rows=marked_rows)

    return run
