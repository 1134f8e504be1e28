"""Metadata and the header of its file: which column is which, and what is at odds."""

from __future__ import annotations

from typing import Any

import pytest

from coopgraph.errors import DescriptorError
from coopgraph.tables.metadata import Matched, Metadata, MetadataColumn, Reference


def metadata(*names: str, **said: Any) -> Metadata:
    columns = tuple(MetadataColumn(f"fields[{n}]", name) for n, name in enumerate(names))
    return Metadata("m.json", columns, **said)


def test_columns_are_matched_by_title_and_name_whatever_the_case() -> None:
    columns = (
        MetadataColumn("fields[0]", "nr", ("Reg.  Nr",)),
        MetadataColumn("fields[1]", "NAME"),
        MetadataColumn("fields[2]", "x", ("X", "Ort")),
    )
    found = Matched(
        Metadata("m.json", columns, key=("nr",)), ["Ort", "", "Reg. Nr", "name"], "f.csv"
    )
    assert {name: said.name for name, said in found.columns.items()} == {
        "Reg. Nr": "nr", "name": "NAME", "Ort": "x",
    }  # fmt: skip
    assert found.key == ("Reg. Nr",)
    assert found.notes == ()


def test_what_the_file_lacks_is_told_with_a_guess() -> None:
    [note] = Matched(metadata("name", "telefone"), ["name", "telephone"], "f.csv").notes
    assert note.startswith("m.json, at fields[1]: f.csv lacks “telefone” (there is “telephone”).")
    assert Matched(metadata("name", "x", may_lack=True), ["name"], "f.csv").notes == ()


def test_references_to_its_own_rows_are_told_from_others() -> None:
    said = metadata(
        "a", "b", references=(Reference(("a",), "", "fk[0]"), Reference(("b",), "other", "fk[1]"))
    )
    assert list(Matched(said, ["a", "b"], "f.csv").own_references()) == ["a"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            metadata("x", "y"),
            r"^m.json, at fields\[0\]: none of the columns .*“x”, “y”.*f.csv, which has “a”",
        ),
        (
            metadata("a", key=("b",)),
            "^m.json, at primaryKey: a key needs the column “b”, which f.csv",
        ),
        (
            metadata("a", references=(Reference(("b",), "x", "fk[0]"),)),
            r"^m.json, at fk\[0\]: a key needs the column “b”",
        ),
        (
            Metadata(
                "m.json",
                (MetadataColumn("f[0]", "a"), MetadataColumn("f[1]", "b", is_required=True)),
            ),
            r"^m.json, at f\[1\]: the column “b” is required, and f.csv lacks it",
        ),
    ],
)
def test_metadata_that_cannot_be_of_the_file_is_refused(said: Metadata, message: str) -> None:
    with pytest.raises(DescriptorError, match=message):
        Matched(said, ["a"], "f.csv").own_references()
