"""An organisation's town → a point, as the standard's shapes have points; in lines of N-Triples."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from coopgraph.gazetteer.names import plain_name
from coopgraph.gazetteer.towns import TownPoint, town_point
from coopgraph.iris import value_fragment
from coopgraph.namespaces import CODE, iri
from coopgraph.rdf import TripleIndex
from coopgraph.standard import EntityType, Field, Standard

_LOCATION, _ADDRESS, _TOWN = iri("geo:hasGeometry"), iri("locn:address"), iri("locn:postName")
_COUNTRY, _REGION = iri("coop:country"), iri("coop:region")
_LATITUDE, _LONGITUDE, _PRECISION = iri("wgs:lat"), iri("wgs:long"), iri("coop:precision")
_LOCATED = str(_LOCATION)
_READ = frozenset(map(str, (_ADDRESS, _TOWN, _COUNTRY, _REGION)))
_TYPE, _DECIMAL = iri("rdf:type"), iri("xsd:decimal")
_IN_TOWN = NamedNode(f"{CODE}precision/locality")


class Places:
    """Places organisations by their towns, in points as one standard has them."""

    def __init__(self, standard: Standard) -> None:
        organization = standard.entity_type("Organization")
        location = organization.field_at(_LOCATION) if organization else None
        self._point = standard.inner(location) if location else None

    def points(self, organization: NamedNode, lines: Iterable[str]) -> list[str]:
        """A point for an organisation whose lines name its town and no point; else nothing."""
        if self._point is None:
            return []
        name, wanted = str(organization), []
        for line in lines:
            subject, predicate, _ = line.split(" ", 2)
            if predicate == _LOCATED and subject == name:
                return []
            if predicate in _READ:
                wanted.append(line)
        quads = parse("\n".join(wanted).encode(), format=RdfFormat.N_TRIPLES)
        found = _town(organization, TripleIndex(quad.triple for quad in quads))
        return _described(organization, found, self._point) if found else []


def _town(organization: NamedNode, facts: TripleIndex) -> TownPoint | None:
    """The one town that all its addresses name, in the one country that it names."""
    towns = {
        plain_name(town.value)
        for address in facts.objects(organization, _ADDRESS)
        for town in facts.objects(address, _TOWN)
        if isinstance(town, Literal)
    }
    countries, regions = (_codes(organization, facts, path) for path in (_COUNTRY, _REGION))
    countries = countries or {region.partition("-")[0] for region in regions}
    if len(towns) != 1 or len(countries) != 1 or len(regions) > 1:
        return None
    return town_point(towns.pop(), countries.pop(), next(iter(regions), ""))


def _codes(organization: NamedNode, facts: TripleIndex, path: NamedNode) -> set[str]:
    found = facts.objects(organization, path)
    return {code.value.rpartition("/")[2] for code in found if isinstance(code, NamedNode)}


def _described(organization: NamedNode, point: TownPoint, entity: EntityType) -> list[str]:
    values: dict[NamedNode, NamedNode | Literal] = {
        _LATITUDE: Literal(_degrees(point.latitude), datatype=_DECIMAL),
        _LONGITUDE: Literal(_degrees(point.longitude), datatype=_DECIMAL),
        _PRECISION: _IN_TOWN,
    }
    fragment = value_fragment(entity.fragment, (f"{path} {term}" for path, term in values.items()))
    node = NamedNode(f"{organization.value}#{fragment}")
    texts = {field.column: values[field.path].value for field in entity.fields if field.column}
    computed = {field.path: _computed(field, texts) for field in entity.fields if field.template}
    return [
        f"{organization} {_LOCATION} {node} .",
        f"{node} {_TYPE} {entity.target_class} .",
        *(f"{node} {path} {term} ." for path, term in {**values, **computed}.items()),
    ]


def _computed(field: Field, texts: dict[str, str]) -> Literal:
    return Literal(field.template.format_map(texts), datatype=field.datatypes[0])


def _degrees(thousandths: int) -> str:
    """A decimal in canonical form.

    >>> _degrees(-71100), _degrees(50000), _degrees(-5)
    ('-71.1', '50', '-0.005')
    """
    whole, rest = divmod(abs(thousandths), 1_000)
    text = f"{whole}.{rest:03}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text
