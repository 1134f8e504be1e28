"""Differences of two states: which nodes are in each other's place, and that they lead from one
state to the next.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal

from coopgraph.history.differences import Difference, Node, difference
from coopgraph.iris import value_fragment
from coopgraph.namespaces import iri
from coopgraph.standard import Standard
from tests.history.conftest import inner, said

SELF = "<open:self>"
REGISTRATION = ("adms:identifier", "registration", "coop:Registration")

Told = list[tuple[str | None, str, list[str], list[str]]]


def flat(found: Difference) -> Told:
    """Each property that differs, with the name of the node's entity type."""
    own = [
        (found.node.entity.name if found.node.entity else None, leaf.path.value.rpartition("#")[2],
         [value.value for value in leaf.removed], [value.value for value in leaf.added])
        for leaf in found.leaves
    ]  # fmt: skip
    return [*own, *(item for within in found.inner for item in flat(within))]


def record(*nodes: list[str], name: str = "Aster") -> str:
    return "\n".join(sorted({*said(name).split("\n"), *(line for node in nodes for line in node)}))


def number(scheme: str, value: str) -> list[str]:
    values = {"coop:scheme": scheme, "skos:notation": value}
    return inner(*REGISTRATION, values, f"registration-a-{scheme}-{value}")


def address(street: str, town: str) -> list[str]:
    values = {"locn:thoroughfare": street, "locn:postName": town}
    return inner("locn:address", "address", "locn:Address", values)


def test_a_node_with_a_key_is_in_the_place_of_one_that_shares_something(standard: Standard) -> None:
    old, new = record(number("COH", "318")), record(number("COH", "0318"))
    assert flat(difference(old, new, standard)) == [("Registration", "notation", ["318"], ["0318"])]


def test_a_node_with_a_key_that_shares_nothing_is_another(standard: Standard) -> None:
    old, new = record(number("COH", "318")), record(number("FCA", "99R"))
    sides = [(n.before is None, n.after is None) for n in difference(old, new, standard).inner]
    assert sides == [(False, True), (True, False)]


def test_an_address_that_shares_nothing_is_still_the_address(standard: Standard) -> None:
    old, new = record(address("1 High St", "Leeds")), record(address("2 Low St", "York"))
    assert sorted(flat(difference(old, new, standard))) == [
        ("Address", "postName", ["Leeds"], ["York"]),
        ("Address", "thoroughfare", ["1 High St"], ["2 Low St"]),
    ]


def test_of_several_nodes_those_that_share_most_belong_together(standard: Standard) -> None:
    old = record(address("1 High St", "Leeds"), address("9 Quay", "Hull"))
    new = record(address("8 Quay", "Hull"), address("2 High St", "Leeds"))
    assert sorted(flat(difference(old, new, standard))) == [
        ("Address", "thoroughfare", ["1 High St"], ["2 High St"]),
        ("Address", "thoroughfare", ["9 Quay"], ["8 Quay"]),
    ]


def test_one_node_more_is_new_and_one_less_is_gone(standard: Standard) -> None:
    one, two = address("1 High St", "Leeds"), address("9 Quay", "Hull")
    [added] = difference(record(one), record(one, two), standard).inner
    [removed] = difference(record(one, two), record(one), standard).inner
    assert added.before is None
    assert removed.after is None


def test_the_order_of_lines_does_not_matter(standard: Standard) -> None:
    lines = record(address("1 High St", "Leeds"), number("COH", "318"))
    turned = "\n".join(reversed(lines.split("\n")))
    found = difference(lines, turned, standard)
    assert not found.is_telling
    assert found.inner == ()


def test_a_node_within_a_node_is_told_within_it(standard: Standard) -> None:
    def with_site(street: str) -> str:
        statements = [f"{iri('rdf:type')} {iri('locn:Address')}"]
        statements.append(f"{iri('locn:thoroughfare')} {Literal(street)}")
        node = f"<open:self#{value_fragment('address', statements)}>"
        site = inner("org:hasSite", "site", "org:Site", {}, "site-a-1")
        return record(
            [*site, f"<open:self#site-a-1> {iri('org:siteAddress')} {node} .",
             *(f"{node} {statement} ." for statement in statements)]
        )  # fmt: skip

    found = difference(with_site("1 High St"), with_site("2 High St"), standard)
    assert flat(found) == [("Address", "thoroughfare", ["1 High St"], ["2 High St"])]
    [site] = found.inner
    assert site.node.entity is not None
    assert site.node.entity.name == "Site"
    assert site.leaves == ()


def test_nodes_that_lead_to_each_other_come_to_an_end(standard: Standard) -> None:
    one, two = "<open:self#address-1>", "<open:self#address-2>"
    path = iri("locn:address")
    lines = [f"{SELF} {path} {one} .", f"{one} {path} {two} .", f"{two} {path} {one} ."]
    assert difference("", "\n".join(lines), standard).is_telling


def test_very_many_nodes_are_not_compared_with_each_other(standard: Standard) -> None:
    old = record(*(address(f"{n} High St", "Leeds") for n in range(101)))
    new = record(*(address(f"{n} Low St", "Leeds") for n in range(101)))
    sides = {(n.before is None, n.after is None) for n in difference(old, new, standard).inner}
    assert sides == {(False, True), (True, False)}


# Applied one after another, differences lead to the latest state ---------------------------------


class Built:
    """What differences have made of a node, so far."""

    def __init__(self) -> None:
        self.leaves: set[tuple[str, str]] = set()
        self.inner: dict[tuple[str, str], Built] = {}

    def apply(self, found: Difference) -> None:
        for leaf in found.leaves:
            gone = {(str(leaf.path), str(value)) for value in leaf.removed}
            new = {(str(leaf.path), str(value)) for value in leaf.added}
            assert gone <= self.leaves
            assert not new & self.leaves
            self.leaves = self.leaves - gone | new
        taken = {_key(n.before): self.inner.pop(_key(n.before)) for n in found.inner if n.before}
        for within in found.inner:
            node = taken[_key(within.before)] if within.before else Built()
            node.apply(within)
            if within.after:
                self.inner[_key(within.after)] = node
            else:
                assert (node.leaves, node.inner) == (set(), {})

    def lines(self, name: str = SELF) -> set[str]:
        found = {f"{name} {path} {value} ." for path, value in self.leaves}
        for (path, node), built in self.inner.items():
            found |= {f"{name} {path} {node} .", *built.lines(node)}
        return found


def _key(node: Node) -> tuple[str, str]:
    return str(node.path), str(node.name)


TEXTS = st.sampled_from(["a", "b", "c", 'q"\\\n', "é"])
PLAIN = st.lists(st.tuples(st.sampled_from(["skos:altLabel", "coop:sourceStatus"]), TEXTS))
ADDRESSES = st.lists(st.tuples(TEXTS, TEXTS), max_size=3)
NUMBERS = st.lists(st.tuples(st.sampled_from(["COH", "FCA"]), st.sampled_from("123")), max_size=3)


@st.composite
def states(draw: st.DrawFn) -> str:
    """The lines of a record, or "" where it is not listed."""
    if draw(st.integers(0, 5)) == 0:
        return ""
    plain = [f"{SELF} {iri(path)} {Literal(text)} ." for path, text in draw(PLAIN)]
    nodes = [*(address(*item) for item in draw(ADDRESSES)), *(number(*n) for n in draw(NUMBERS))]
    return record(plain, *nodes, name=draw(TEXTS))


@given(st.lists(states(), min_size=1, max_size=6))
def test_differences_applied_from_nothing_lead_to_the_latest_lines(
    standard: Standard, history: list[str]
) -> None:
    built = Built()
    for before, after in zip(["", *history], history, strict=False):
        if before != after:
            built.apply(difference(before, after, standard))
        assert built.lines() == set(filter(None, after.split("\n")))


@given(states(), states())
def test_only_states_that_say_the_same_have_nothing_to_tell(
    standard: Standard, before: str, after: str
) -> None:
    if before or after:
        assert difference(before, after, standard).is_telling is (before != after)
