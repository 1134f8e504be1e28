"""How changes of SHACL constraints count (https://www.w3.org/TR/shacl/, section 4).

A constraint that lets through all that it let through before was loosened: compatible. One that
does not was tightened, or became another: data that conformed may not any more. A reader is
broken by less than was promised: a field that need not be there any longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Literal as OneOf

from pyoxigraph import NamedNode

from coopgraph.namespaces import iri
from coopgraph.standard.diff.change import Breaks, Level, Verdict
from coopgraph.standard.diff.slot import Rule, Side, Slot, constant, demand

_NODE_KINDS = {
    "sh:IRI": {"IRI"},
    "sh:BlankNode": {"blank"},
    "sh:Literal": {"literal"},
    "sh:BlankNodeOrIRI": {"blank", "IRI"},
    "sh:BlankNodeOrLiteral": {"blank", "literal"},
    "sh:IRIOrLiteral": {"IRI", "literal"},
}
_ALL_KINDS = {"IRI", "blank", "literal"}
_DATATYPE, _OR = iri("sh:datatype"), iri("sh:or")

Direction = OneOf["looser", "tighter", "same", "other"]


def _judged(slot: Slot, direction: Direction, what: str = "", kind: str = "") -> Verdict:
    kind = kind or slot.name.removeprefix("sh:")
    what = what or slot.told()
    if direction == "same":
        return Verdict(f"{kind} rewritten", f"{what}: it means the same", Level.EDITORIAL)
    if direction == "looser":
        return Verdict(f"{kind} loosened", what, Level.COMPATIBLE)
    done = "tightened" if direction == "tighter" else "replaced"
    return Verdict(f"{kind} {done}", what, Level.BREAKING, Breaks.PRODUCERS)


def _compared(old: frozenset[str] | set[str], new: frozenset[str] | set[str]) -> Direction:
    """By the sets of what is let through."""
    if old == new:
        return "same"
    if old < new:
        return "looser"
    return "tighter" if new < old else "other"


def bound(*, is_lower: bool, none: Decimal | None = None) -> Rule:
    """A limit from below or from above; ``none`` is the number that limits nothing."""

    def rule(slot: Slot) -> Iterator[Verdict]:
        try:
            old, new = slot.old.number(slot.predicate), slot.new.number(slot.predicate)
        except InvalidOperation:  # a date, or several limits: only coming or going can be judged
            yield from demand(slot.name.removeprefix("sh:"))(slot)
            return
        old, new = (None if value == none else value for value in (old, new))
        if old == new:
            yield _judged(slot, "same")
        elif old is None or new is None:
            yield _judged(slot, "tighter" if old is None else "looser")
        else:
            yield _judged(slot, "tighter" if (new > old) == is_lower else "looser")

    return rule


_AT_LEAST = bound(is_lower=True, none=Decimal(0))


def min_count(slot: Slot) -> Iterator[Verdict]:
    """sh:minCount: a field that need not be there any longer breaks those who read it."""
    for verdict in _AT_LEAST(slot):
        is_optional = slot.after.keys() <= {'"0"^^xsd:integer'}
        if verdict.level is Level.COMPATIBLE and is_optional:
            what = f"{verdict.what}: the field may be missing now"
            yield Verdict(verdict.kind, what, Level.BREAKING, Breaks.CONSUMERS)
        else:
            yield verdict


def datatype(slot: Slot) -> Iterator[Verdict]:
    """sh:datatype, and sh:or where it only lists datatypes."""
    old, new = _datatypes(slot.old), _datatypes(slot.new)
    if old is None or new is None:
        yield from (alternatives if slot.predicate == _OR else demand("datatype"))(slot)
        return
    what = f"datatypes {_names(old)} became {_names(new)}"
    yield _judged(slot, _compared(old, new), what, "datatype")


def _names(texts: frozenset[str]) -> str:
    return " or ".join(sorted(texts)) or "of any kind"


def _datatypes(side: Side) -> frozenset[str] | None:
    """The datatypes that a shape names; None where it says more, or nothing."""
    direct, listed = side.values(_DATATYPE), side.values(_OR)
    if direct and not listed:
        return frozenset(direct)
    if direct or len(listed) != 1:
        return None
    found: set[str] = set()
    for item in side.graph.items(next(iter(listed.values()))):
        said = side.graph.properties(item)
        if said.keys() != {_DATATYPE}:
            return None
        found |= said[_DATATYPE].keys()
    return frozenset(found)


def alternatives(slot: Slot) -> Iterator[Verdict]:
    """sh:or: one alternative more lets more through. sh:in, sh:languageIn: the same."""
    if not slot.before or not slot.after:
        yield _judged(slot, "looser" if slot.before else "tighter")
    elif len(slot.before) > 1 or len(slot.after) > 1:
        yield from demand(slot.name.removeprefix("sh:"))(slot)
    else:
        old, new = slot.old.members(slot.predicate), slot.new.members(slot.predicate)
        yield _judged(slot, _compared(old, new))


def requirements(slot: Slot) -> Iterator[Verdict]:
    """sh:and: one part more lets less through."""
    if len(slot.before) == len(slot.after) == 1:
        old, new = slot.old.members(slot.predicate), slot.new.members(slot.predicate)
        yield _judged(slot, _compared(new, old))
    else:
        yield from demand("and")(slot)


def ignored(slot: Slot) -> Iterator[Verdict]:
    """sh:ignoredProperties: one more lets more through, also where there was none."""
    old, new = slot.old.members(slot.predicate), slot.new.members(slot.predicate)
    yield _judged(slot, _compared(old, new))


def node_kind(slot: Slot) -> Iterator[Verdict]:
    """sh:nodeKind, by the kinds of node that each value stands for."""
    sets = []
    for values in (slot.before, slot.after):
        allowed = set(_ALL_KINDS)
        for text in values:
            allowed &= _NODE_KINDS.get(text, set())
        sets.append(allowed)
    yield _judged(slot, _compared(sets[0], sets[1]))


def instance_of(slot: Slot) -> Iterator[Verdict]:
    """sh:class, by the tree of classes of the new version."""
    if len(slot.before) == len(slot.after) == 1:
        (old,), (new,) = slot.before.values(), slot.after.values()
        direction: Direction = "other"
        if slot.new.is_below(old, new):
            direction = "looser"
        elif slot.new.is_below(new, old):
            direction = "tighter"
        yield _judged(slot, direction)
    else:
        yield from demand("class")(slot)


def switch(slot: Slot) -> Iterator[Verdict]:
    """sh:closed, sh:uniqueLang: on lets less through."""
    was, is_now = ('"true"^^xsd:boolean' in values for values in (slot.before, slot.after))
    if was == is_now:
        yield _judged(slot, "same")
    else:
        yield _judged(slot, "tighter" if is_now else "looser")


def deactivated(slot: Slot) -> Iterator[Verdict]:
    """sh:deactivated: on lets everything through."""
    was, is_now = ('"true"^^xsd:boolean' in values for values in (slot.before, slot.after))
    if was == is_now:
        yield _judged(slot, "same")
    else:
        yield _judged(slot, "looser" if is_now else "tighter")


def severity(slot: Slot) -> Iterator[Verdict]:
    """sh:severity: only what is a sh:Violation (the default) keeps data out."""
    was, is_now = (not values or "sh:Violation" in values for values in (slot.before, slot.after))
    if was and is_now:
        yield _judged(slot, "same")
    elif was == is_now:
        yield Verdict(f"severity {slot.happened}", slot.told(), Level.COMPATIBLE)
    elif is_now:
        yield Verdict("severity raised", slot.told(), Level.BREAKING, Breaks.PRODUCERS)
    else:
        yield Verdict("severity lowered", slot.told(), Level.COMPATIBLE)


_LOWER = bound(is_lower=True)
_UPPER = bound(is_lower=False)

RULES: dict[NamedNode, Rule] = {
    iri(f"sh:{name}"): rule
    for name, rule in {
        "class": instance_of,
        "datatype": datatype,
        "nodeKind": node_kind,
        "minCount": min_count,
        "maxCount": _UPPER,
        "minExclusive": _LOWER,
        "minInclusive": _LOWER,
        "maxExclusive": _UPPER,
        "maxInclusive": _UPPER,
        "minLength": _AT_LEAST,
        "maxLength": _UPPER,
        "pattern": demand("pattern"),
        "flags": constant("flags", Level.BREAKING, Breaks.PRODUCERS),
        "languageIn": alternatives,
        "uniqueLang": switch,
        "equals": demand("equals"),
        "disjoint": demand("disjoint"),
        "lessThan": demand("lessThan"),
        "lessThanOrEquals": demand("lessThanOrEquals"),
        "not": demand("not"),
        "and": requirements,
        "or": datatype,
        "xone": demand("xone"),
        "node": demand("node"),
        "qualifiedValueShape": demand("qualifiedValueShape"),
        "qualifiedMinCount": _AT_LEAST,
        "qualifiedMaxCount": _UPPER,
        "qualifiedValueShapesDisjoint": switch,
        "closed": switch,
        "ignoredProperties": ignored,
        "hasValue": demand("hasValue"),
        "in": alternatives,
        "severity": severity,
        "deactivated": deactivated,
    }.items()
}
