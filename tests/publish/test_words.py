"""The words that the journal compresses states with: those of the standard, and of no record."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from coopgraph.journal import Journal, State, build_dictionary
from coopgraph.journal.states import pack
from coopgraph.namespaces import CODE
from coopgraph.publish.words import sample_lines
from coopgraph.standard import Standard
from coopgraph.store import Layout


def test_lines_are_as_records_have_them(standard: Standard) -> None:
    lines = sample_lines(standard)
    assert '<open:self#address-> <http://www.w3.org/ns/locn#postName> "" .\n' in lines
    assert '<open:self> <http://www.w3.org/2004/02/skos/core#prefLabel> ""@en .\n' in lines
    assert f"<open:self> <https://w3id.org/coopgraph/ns#status> <{CODE}status/" in lines
    organization = [line for line in lines if line.startswith("<open:self>")]
    assert lines[-len(organization) :] == organization
    assert len(organization) > 15


def test_states_of_records_are_packed_in_less_than_half(
    standard: Standard, sample_home: Path
) -> None:
    words = build_dictionary(sample_lines(standard))
    with closing(Journal.open(Layout(sample_home).journal)) as journal:
        records = list(journal.all_records())
    states = [State(r.dataset, r.key, r.table, "", (), (), r.lines) for r in records]
    assert len(states) > 20
    plain, packed = (
        sum(len(pack(state, dictionary).content or b"") for state in states)
        for dictionary in (b"", words)
    )
    assert packed < plain * 0.55
