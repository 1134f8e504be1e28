"""The constraint components, one module for each part of section 4, and one for section 5.

``CLAUSES`` says which function compiles which parameter. A function takes a ``Clause`` and
gives constraints; parameters that only qualify another one are its ``COMPANIONS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pyoxigraph import NamedNode

from coopgraph.validation.constraints import (
    cardinality,
    logical,
    other,
    property_pair,
    shape_based,
    sparql_based,
    string_based,
    value_range,
    value_type,
)
from coopgraph.validation.constraints.clause import Clause
from coopgraph.validation.shape import Constraint
from coopgraph.validation.vocabulary import sh

CLAUSES: dict[NamedNode, Callable[[Clause], Iterable[Constraint]]] = {
    sh("class"): value_type.instance_of,
    sh("datatype"): value_type.datatype,
    sh("nodeKind"): value_type.node_kind,
    sh("minCount"): cardinality.min_count,
    sh("maxCount"): cardinality.max_count,
    sh("minExclusive"): value_range.min_exclusive,
    sh("minInclusive"): value_range.min_inclusive,
    sh("maxExclusive"): value_range.max_exclusive,
    sh("maxInclusive"): value_range.max_inclusive,
    sh("minLength"): string_based.min_length,
    sh("maxLength"): string_based.max_length,
    sh("pattern"): string_based.pattern,
    sh("languageIn"): string_based.language_in,
    sh("uniqueLang"): string_based.unique_lang,
    sh("equals"): property_pair.equals,
    sh("disjoint"): property_pair.disjoint,
    sh("lessThan"): property_pair.less_than,
    sh("lessThanOrEquals"): property_pair.less_than_or_equals,
    sh("not"): logical.negation,
    sh("and"): logical.conjunction,
    sh("or"): logical.disjunction,
    sh("xone"): logical.exclusive_disjunction,
    sh("node"): shape_based.node,
    sh("property"): shape_based.property_shapes,
    sh("qualifiedValueShape"): shape_based.qualified_value_shape,
    sh("closed"): other.closed,
    sh("hasValue"): other.has_value,
    sh("in"): other.one_of,
    sh("sparql"): sparql_based.sparql,
}

COMPANIONS: frozenset[NamedNode] = frozenset(
    sh(name)
    for name in (
        "flags",
        "ignoredProperties",
        "prefixes",
        "select",
        "qualifiedMinCount",
        "qualifiedMaxCount",
        "qualifiedValueShapesDisjoint",
    )
)
