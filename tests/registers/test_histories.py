"""Histories of the registers: what the 2017 edition of Co-operatives UK changed since 2016."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from coopgraph.history import Historian, History, Kind, dataset_history, last_listed
from coopgraph.history.differences import difference
from coopgraph.history.timelines import Owners, changes
from coopgraph.journal import Lookups, ask
from coopgraph.namespaces import STANDARD
from coopgraph.standard import Standard
from coopgraph.store import Layout
from tests.registers.conftest import Loaded

pytestmark = pytest.mark.registers

Answer = TypeVar("Answer")
ALL = 1_000


def look(registers: Loaded, question: Callable[[Lookups], Answer]) -> Answer:
    return ask(Layout(registers.home).journal, question, STANDARD)


def history(registers: Loaded, standard: Standard, key: str) -> History:
    organization = registers.organization("coops-uk", key)
    return look(
        registers,
        lambda lookups: Historian(
            lookups, standard, STANDARD, ALL, lambda name: name.value.rpartition("/")[2]
        ).organization(organization),
    )


def told(found: History, edition: str) -> list[str]:
    """What an edition changed: ``node, which, field: old → new``."""
    return [
        ", ".join(filter(None, (node.node, node.which, field.label)))
        + f": {' '.join(s.text for s in field.removed)} → {' '.join(s.text for s in field.added)}"
        for entry in found.entries
        if entry.commit.edition == edition
        for record in entry.records
        if record.change.kind is Kind.CHANGED
        for node in record.nodes
        for field in node.fields
    ]


def test_a_renamed_organisation_and_its_mended_number(
    registers: Loaded, standard: Standard
) -> None:
    assert told(history(registers, standard, "R000510"), "2017") == [
        "Name: Hitchin Language Centre Ltd → Hitchin Language Centre",
        "Registration, GB-COH, Registration number: 3108871 → 03108871",
    ]


def test_an_address_that_changed_is_told_by_its_values(
    registers: Loaded, standard: Standard
) -> None:
    assert told(history(registers, standard, "R000998"), "2017") == [
        "Membership type: consumer → other",
        "Address, Street: 7 Fourth Row → c/o Linton Colliery Post Office\nFourth Row",
        "Address, Locality: Linton → Linton Colliery",
        "Address, Postal code: NE61 5SJ → NE61 5SF",
    ]


def test_every_record_that_an_edition_changed_has_something_to_tell(
    registers: Loaded, standard: Standard
) -> None:
    sequence = registers.reports["coops-uk 2017"].sequence
    assert sequence is not None
    keys = sorted(registers.ids_2016)

    def untold(lookups: Lookups) -> tuple[int, list[str]]:
        owners = Owners(lookups, ALL)
        states = (state for key in keys for state in lookups.states("coops-uk", key, ALL, 99))
        found = [
            change
            for change in changes(states, owners, "")
            if change.kind is Kind.CHANGED and change.sequence == sequence
        ]
        silent = [
            change.key
            for change in found
            if not difference(
                lookups.lines(change.before or 0), lookups.lines(change.after or 0), standard
            ).is_telling
        ]
        return len(found), silent

    changed = registers.reports["coops-uk 2017"].tables["organisations"].changed
    assert look(registers, untold) == (changed, [])


def test_what_the_newer_edition_left_out_was_last_listed_in_the_older(registers: Loaded) -> None:
    organization = registers.organization("coops-uk", "R000291")
    found = look(registers, lambda lookups: last_listed(lookups, organization, ALL))
    assert found is not None
    assert found.name == "Arnold Working Men's Club Limited"
    [departure] = found.departures
    assert (departure.listed.edition, departure.gone.edition) == ("2016", "2017")


def test_the_commits_of_a_dataset_tell_what_their_loads_did(registers: Loaded) -> None:
    found = look(registers, lambda lookups: dataset_history(lookups, "coops-uk", ALL))
    steps = ("coops-uk 2017", "coops-uk 2016")
    assert [item.commit.edition for item in found.commits] == ["2017", "2016"]
    for item, step in zip(found.commits, steps, strict=True):
        report = registers.reports[step]
        assert item.commit.sequence == report.sequence
        for name in ("added", "changed", "gone", "unchanged"):
            assert item.total(name) == report.total(name)
    newest = found.commits[0]
    assert (newest.tables["organisations"]["added"], newest.total("gone")) == (470, 118)
