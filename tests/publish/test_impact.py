"""Two versions of the standard and published records → the records that would not conform."""

from __future__ import annotations

import json
import shutil
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from coopgraph import resources
from coopgraph.cli import main
from coopgraph.journal import Journal
from coopgraph.publish.impact import Broken, Impact, impact
from coopgraph.publish.pipeline import no_progress
from coopgraph.standard import Standard, read_standard
from coopgraph.standard.diff import diff
from coopgraph.store import Layout

ORGANISATIONS = {"flipside": 12, "northlight": 6}
Edit = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the standard's folders."""
    for source in (resources.ONTOLOGY, resources.SHAPES):
        shutil.copytree(source, tmp_path / "mine" / source.name)
    return tmp_path / "mine"


@pytest.fixture
def edit(folder: Path) -> Edit:
    """``edit(file, old, new)`` changes a file of that copy."""

    def change(name: str, old: str, new: str) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.fixture
def journal(published_sample: Path) -> Iterator[Journal]:
    """The journal of the two sample datasets, as loaded."""
    opened = Journal.open(Layout(published_sample).journal)
    yield opened
    opened.close()


@pytest.fixture
def judged(journal: Journal, standard: Standard, folder: Path) -> Callable[[], Impact]:
    """``judged()`` → what the changed copy would mean for the published records."""

    def judge() -> Impact:
        new = read_standard(folder / "ontology", folder / "shapes")
        return impact(journal, standard, new, diff(standard, new), no_progress)

    return judge


def only(found: Impact) -> Broken:
    (reason,) = found.reasons
    return reason


def block(name: str, start: str) -> str:
    """The statement that begins so in a file of the standard."""
    text = (resources.ONTOLOGY.parent / name).read_text("utf-8")
    begin = text.index(start)
    return text[begin : text.index(" .\n", begin) + 3]


def test_the_same_standard_breaks_nothing(judged: Callable[[], Impact], journal: Journal) -> None:
    found = judged()
    expected = {slug: sum(journal.counts(slug).values()) for slug in journal.datasets()}
    assert dict(found.records) == expected
    assert expected["northlight"] == ORGANISATIONS["northlight"]
    assert expected["flipside"] > ORGANISATIONS["flipside"]
    assert (found.broken, found.faulty, found.reasons) == ({}, {}, [])
    assert list(found.lines()) == [
        f"Published data: 0 of {sum(expected.values()):,} records would no longer conform."
    ]


def test_a_tightened_pattern_breaks_the_records_that_it_refuses(
    judged: Callable[[], Impact], edit: Edit
) -> None:
    old = block("shapes/address.ttl", "coopsh:postalCode a")
    pattern = next(line for line in old.splitlines() if "sh:pattern" in line)
    edit("shapes/address.ttl", pattern, '    sh:pattern "^[1-9]" ;')
    reason = only(found := judged())
    assert reason.shape.endswith("#postalCode")
    assert reason.component.endswith("#PatternConstraintComponent")
    assert reason.change is not None
    assert reason.change.kind == "pattern changed"
    # Codes with a leading zero: of six organisations and two shops, and of all of northlight.
    assert dict(reason.records) == {"flipside": 8, "northlight": 6}
    assert found.broken == reason.records
    assert len(reason.examples) == 3
    example = reason.examples[0]
    assert example.value.startswith("0")
    assert "postal code" in example.message
    assert any(example.key in line for line in found.lines())


def test_a_removed_code_breaks_the_records_that_use_it(
    judged: Callable[[], Impact], edit: Edit
) -> None:
    old = block("ontology/codes/organisation-kind.ttl", "kind:social-cooperative a")
    edit("ontology/codes/organisation-kind.ttl", old, "")
    for name in ("ontology/axioms.ttl", *crosswalks()):
        without(edit, name, "kind:social-cooperative")
    reason = only(judged())
    assert reason.change is not None
    assert reason.change.kind == "code removed"
    assert reason.change.subject.endswith("/social-cooperative")
    assert dict(reason.records) == {"flipside": 1}
    assert [(e.key, e.value) for e in reason.examples] == [("F10", reason.change.subject)]


def crosswalks() -> list[str]:
    names = [path.name for path in sorted((resources.ONTOLOGY / "crosswalks").glob("*.ttl"))]
    assert names
    return [f"ontology/crosswalks/{name}" for name in names]


def without(edit: Edit, name: str, term: str) -> None:
    """Take away the mappings to a code."""
    text = (resources.ONTOLOGY.parent / name).read_text("utf-8")
    for part in text.split(" .\n"):
        if f"owl:annotatedTarget {term} " in part:
            mapping = part.strip().split(" ")[0]
            edit(name, f"{part} .\n", "")
            listed = f"{mapping}, " if f"{mapping}, " in text else f", {mapping}"
            edit(name, listed, "")


def test_a_new_required_field_breaks_every_record_of_its_type(
    judged: Callable[[], Impact], edit: Edit
) -> None:
    edit("shapes/organization.ttl", "coopsh:name,", "coopsh:name, coopsh:motto,")
    path = (
        '\ncoopsh:motto a sh:PropertyShape ; sh:path schema:slogan ; sh:name "Motto"@en ;\n'
        "    sh:datatype <http://www.w3.org/2001/XMLSchema#string> ; sh:minCount 1 ;\n"
        '    sh:message "Give the motto."@en ; sh:order 99 ; coop:column "motto" .\n'
        "\ncoopsh:name a sh:PropertyShape ;"
    )
    edit("shapes/organization.ttl", "\ncoopsh:name a sh:PropertyShape ;", path)
    reason = only(judged())
    assert reason.change is not None
    assert reason.change.kind == "required field added"
    assert reason.component.endswith("#MinCountConstraintComponent")
    assert dict(reason.records) == ORGANISATIONS
    assert {example.message for example in reason.examples} == {"Give the motto."}


def test_a_record_that_breaks_two_rules_counts_once(
    judged: Callable[[], Impact], edit: Edit
) -> None:
    homepage, founded = (
        block("shapes/organization.ttl", f"coopsh:{name} a") for name in ("homepage", "founded")
    )
    edit("shapes/organization.ttl", homepage, homepage.replace(" .\n", " ; sh:maxCount 0 .\n"))
    edit("shapes/organization.ttl", founded, founded.replace("sh:maxCount 1", "sh:maxCount 0"))
    found = judged()
    assert [dict(reason.records) for reason in found.reasons] == [ORGANISATIONS, ORGANISATIONS]
    assert dict(found.broken) == ORGANISATIONS


def test_what_conformed_to_neither_is_counted_apart(
    journal: Journal, standard: Standard, folder: Path, edit: Edit
) -> None:
    old = block("shapes/organization.ttl", "coopsh:homepage a")
    edit("shapes/organization.ttl", old, old.replace(" .\n", " ; sh:maxCount 0 .\n"))
    strict = read_standard(folder / "ontology", folder / "shapes")
    found = impact(journal, strict, strict, [], no_progress)
    assert (dict(found.faulty), found.broken) == (ORGANISATIONS, {})
    assert impact(journal, strict, standard, [], no_progress).faulty == {}


def test_a_loosened_rule_breaks_nothing(judged: Callable[[], Impact], edit: Edit) -> None:
    edit("shapes/address.ttl", "sh:maxLength 120", "sh:maxLength 200")
    assert judged().broken == {}


def test_records_are_judged_one_after_another(
    journal: Journal, standard: Standard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with the number of records."""
    records = list(journal.all_records())
    peaks = []
    impact(journal, standard, standard, [], no_progress)
    for times in (1, 8):
        monkeypatch.setattr(
            journal, "all_records", lambda times=times: (r for _ in range(times) for r in records)
        )
        tracemalloc.start()
        found = impact(journal, standard, standard, [], no_progress)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found.records.total() == times * len(records)
    assert peaks[1] < peaks[0] * 1.1


def test_the_command_reports_by_dataset_with_examples(
    published_sample: Path, folder: Path, edit: Edit
) -> None:
    old = block("shapes/organization.ttl", "coopsh:homepage a")
    edit("shapes/organization.ttl", old, old.replace(" .\n", " ; sh:maxCount 0 .\n"))
    words = ["--home", str(published_sample), "standard", "diff", "working", str(folder), "--data"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert "data: 18 of " in result.stdout
    assert "coopsh:homepage: maxCount tightened" in result.stdout
    assert "flipside: 12 records" in result.stdout
    data = json.loads(CliRunner().invoke(main, [*words, "--json"]).stdout)["data"]
    assert data["nonConforming"] == ORGANISATIONS
    assert data["reasons"][0]["change"]["kind"] == "maxCount tightened"
    assert len(data["reasons"][0]["examples"]) == 3
