"""What a person chooses for a column holds; the rest of a proposal is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coopgraph.errors import UsageError
from coopgraph.standard import Standard
from coopgraph.tables.proposals import Entry, Proposal, open_source, propose

ROWS = """\
Nr;Firma;Ort;Gegründet;Art;Bemerkung
1;Teigwaren eG;Bern;31.12.1985;cooperative;Nudeln
2;Obstbau eG;Thun;01.02.1990;credit union;Äpfel
3;Flipside eG;Biel;13.03.1999;cooperative;Tische
"""
Choose = Callable[..., Proposal]


@pytest.fixture
def choose(tmp_path: Path, standard: Standard) -> Choose:
    """``choose(Firma="legal_name")`` → the proposal for the rows, so."""

    def run(rows: str = ROWS, **chosen: str) -> Proposal:
        path = tmp_path / "list.csv"
        path.write_text(rows, encoding="utf-8")
        proposal = propose(open_source(path), standard, "de", chosen)
        proposal.descriptor(tmp_path, standard)
        return proposal

    return run


def entry(proposal: Proposal, target: str) -> Entry:
    [found] = [e for table in proposal.tables for e in table.entries if e.target == target]
    return found


def targets(proposal: Proposal) -> set[str]:
    return {e.target for table in proposal.tables for e in table.entries}


def test_choices_that_are_those_of_the_proposal_change_nothing(choose: Choose) -> None:
    plain = choose()
    same = {name: found[0] for name, found in plain.addresses.items()}
    assert choose(**same) == plain
    assert choose(**same, Bemerkung="").tables == plain.tables


def test_a_column_feeds_what_is_chosen_and_the_rest_is_kept(choose: Choose) -> None:
    plain, found = choose(), choose(Bemerkung="description")
    assert entry(found, "description").sources == ("Bemerkung",)
    assert entry(found, "description").reason.startswith("chosen by hand")
    assert entry(found, "founded") == entry(plain, "founded")
    assert "Bemerkung" not in {item.name for item in found.unmapped}


def test_a_column_that_is_chosen_is_looked_at_anew(choose: Choose) -> None:
    found = choose(Gegründet="closed", Art="kind")
    assert entry(found, "closed").content["date"] == "%d.%m.%Y"
    assert "founded" not in targets(found)


def test_what_is_not_to_be_used_is_left_out(choose: Choose) -> None:
    found = choose(Ort="", Gegründet="")
    assert not targets(found) & {"locality", "founded"}
    assert {"Ort", "Gegründet"} <= {item.name for item in found.unmapped}


def test_a_choice_takes_the_place_of_what_was_only_proposed(choose: Choose) -> None:
    assert entry(choose(Bemerkung="name"), "name").sources == ("Bemerkung",)


def test_two_choices_for_one_column_fall_back_on_each_other(choose: Choose) -> None:
    found = choose(Firma="name", Bemerkung="name")
    assert entry(found, "name").content["column"] == ["Firma", "Bemerkung"]
    assert "where it is blank" in entry(found, "name").reason


def test_two_choices_for_a_list_are_two_of_its_values(choose: Choose) -> None:
    found = choose(Bemerkung="alternate_name")
    again = choose(Bemerkung="alternate_name", Ort="alternate_name")
    assert "alternate_name" in targets(found)
    assert {"alternate_name"} <= targets(again)


def test_a_text_may_be_chosen_in_a_language(choose: Choose) -> None:
    assert "description@fr" in targets(choose(Bemerkung="description@fr"))


def test_keys_are_chosen(choose: Choose) -> None:
    assert choose().tables[0].key == ("Nr",)
    assert choose(Nr="").tables[0].key == ()
    assert choose(Firma="id").tables[0].key == ("Firma",)
    assert choose(Nr="id", Firma="id").tables[0].key == ("Nr", "Firma")


def test_what_every_row_needs_is_assumed_again(choose: Choose) -> None:
    assert entry(choose(), "kind").sources == ("Art",)
    assert entry(choose(Art=""), "kind").content == {"value": "cooperative"}
    assert entry(choose(Art="", Bemerkung="kind"), "kind").sources == ("Bemerkung",)


def test_a_register_falls_with_its_number(choose: Choose) -> None:
    rows = "id,name,Companies House number\n1,A,IP012345\n2,B,IP023456\n"
    assert "registration_scheme" in targets(choose(rows))
    found = choose(rows, **{"Companies  House number": ""})
    assert not targets(found) & {"registration_scheme", "registration_number"}


def test_tables_of_one_file_are_told_apart(choose: Choose) -> None:
    rows = "Organisation number,Organisation name,Outlet name,Town\n" + "\n".join(
        f"{n // 3},Society {n // 3},Shop {n},Bath" for n in range(12)
    )
    plain = choose(rows)
    second = plain.tables[1].name
    assert plain.addresses["Outlet name"] == [f"{second}.site_name"]
    found = choose(rows, Town=f"{second}.street")
    assert "street" in {e.target for e in found.tables[1].entries}
    assert "description" in {e.target for e in choose(rows, Town="description").tables[0].entries}


@pytest.mark.parametrize("chosen", [{"Ort": "ship"}, {"Ort": "name@ a"}, {"Ort": "founded@fr"}])
def test_what_the_standard_does_not_have_is_refused(choose: Choose, chosen: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"standard has no column|cannot be"):
        choose(**chosen)


def test_a_column_that_the_file_does_not_have_is_refused(choose: Choose) -> None:
    with pytest.raises(UsageError, match="has no column “Straße”"):
        choose(Straße="street")
