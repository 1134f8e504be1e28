"""Lay the facts about a thing out for reading.

In: a description and the standard. Out: rows of labelled values in the order of the shapes, each
with the numbers of the sources that assert it, ready for a template. Which fields there are
comes from the standard; only the templates know how an address is best shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.entity import Description, best_text
from coopgraph.iris import is_web_address
from coopgraph.namespaces import iri
from coopgraph.rdf import Subject, Term
from coopgraph.standard import EntityType, Field, Kind, Standard

_NAME = iri("skos:prefLabel")
_NO_GROUP = "More"
_MONTHS = (
    "January February March April May June July August September October November December"
).split(" ")


@dataclass(frozen=True)
class Value:
    """One value: its text, where it leads, its language, and who says so.

    ``sources`` are numbers of sources; none means that it was inferred. ``title`` is the whole of
    what the text says in short, "" where it says all.
    """

    text: str
    href: str = ""
    language: str = ""
    sources: tuple[int, ...] = ()
    node: Node | None = None
    title: str = ""


@dataclass(frozen=True)
class Row:
    """A field with its values."""

    key: str
    label: str
    values: tuple[Value, ...]

    @property
    def text(self) -> str:
        """Its first value as text."""
        return self.values[0].text if self.values else ""


@dataclass(frozen=True)
class Node:
    """An inner node: an address, a registration … ``rows`` are by key."""

    kind: str
    iri: str
    rows: dict[str, Row] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """Rows under one heading."""

    title: str
    rows: tuple[Row, ...]


def is_placed_by_town(sections: Iterable[Section]) -> bool:
    """Whether a location is shown that no source gives: the gazetteer does (``graph/merge``)."""
    rows = (row for section in sections for row in section.rows if row.key == "location")
    return any(not value.sources for row in rows for value in row.values)


class Facts:
    """Reads the facts of one description. ``source_numbers`` gives each graph its number."""

    def __init__(
        self,
        description: Description,
        standard: Standard,
        source_numbers: dict[NamedNode, int],
        page: Callable[[str], str | None],
    ) -> None:
        self._description = description
        self._standard = standard
        self._numbers = source_numbers
        self._page = page

    def sections(self, entity: EntityType, leave_out: Iterable[str] = ()) -> list[Section]:
        """Rows of the thing itself, under the groups of its shape; those in no group come last.
        ``leave_out`` names the entity types of inner nodes that are shown elsewhere.
        """
        hidden = set(leave_out)
        shown = [item for item in entity.fields if self._kind_of(item) not in hidden]
        groups = sorted(self._standard.groups.values(), key=lambda group: group.order)
        titles = {group.iri: english(group.labels) for group in groups}
        found = []
        for group, title in (*titles.items(), (None, _NO_GROUP)):
            fields = [
                item
                for item in shown
                if item.group == group or (group is None and item.group not in titles)
            ]
            rows = tuple(self._rows(self._description.iri, fields))
            if rows:
                found.append(Section(title, rows))
        return found

    def nodes(self, entity: EntityType, kind: str) -> list[Value]:
        """Inner nodes of one entity type, such as ``Site`` or ``Observation``."""
        return [
            value
            for item in entity.fields
            if self._kind_of(item) == kind
            for row in self._rows(self._description.iri, [item])
            for value in row.values
        ]

    def sources_of(self, triple: Triple) -> tuple[int, ...]:
        """Numbers of the sources that assert a triple."""
        graphs = self._description.sources.get(triple, ())
        return tuple(sorted(self._numbers[graph] for graph in graphs if graph in self._numbers))

    def _kind_of(self, item: Field) -> str:
        return self._standard.inner(item).name if item.kind is Kind.NODE else ""

    def _rows(self, subject: Subject, fields: Iterable[Field]) -> Iterable[Row]:
        for item in fields:
            terms = self._description.index.objects(subject, item.path)
            if terms:
                values = [self._value(subject, item, term) for term in terms]
                values.sort(key=lambda value: (value.language not in ("", "en"), value.text))
                yield Row(item.key, english(item.labels), tuple(values))

    def _value(self, subject: Subject, item: Field, term: Term) -> Value:
        sources = self.sources_of(Triple(subject, item.path, term))
        if isinstance(term, Literal):
            text = date_text(term.value) if item.kind is Kind.DATE else term.value
            return Value(text, language=term.language or "", sources=sources)
        if item.kind is Kind.NODE:
            node = self._node(self._standard.inner(item), term)
            return Value(term.value, sources=sources, node=node)
        if item.kind is Kind.LINK:
            href = term.value if is_web_address(term.value) else ""
            return Value(short_address(term.value), href, sources=sources)
        name = self._name(term)
        return Value(name.value, self._page(term.value) or "", name.language or "", sources)

    def _node(self, entity: EntityType, term: Term) -> Node:
        assert not isinstance(term, Literal)
        rows = {row.key: row for row in self._rows(term, entity.fields)}
        return Node(entity.name, term.value, rows)

    def _name(self, term: Term) -> Literal:
        """The name of something referred to, in English if possible."""
        names = [v for v in self._description.index.objects(term, _NAME) if isinstance(v, Literal)]
        text = best_text(names)
        last = term.value.rstrip("/").rpartition("/")[2]
        return next((name for name in names if name.value == text), Literal(last))


@dataclass(frozen=True)
class Figures:
    """Observations as a table: years down, measures across."""

    columns: tuple[str, ...]
    years: tuple[tuple[str, tuple[tuple[Value, ...], ...]], ...]


def figures(observations: Iterable[Value]) -> Figures:
    """A table of observation nodes, the newest year first."""
    cells: dict[tuple[str, str], list[Value]] = {}
    columns: set[str] = set()
    for observation in observations:
        node = observation.node
        if node is None or not {"measure", "year", "value"} <= node.rows.keys():
            continue
        currency = f" ({node.rows['currency'].text})" if "currency" in node.rows else ""
        column = node.rows["measure"].text + currency
        columns.add(column)
        number = Value(number_text(node.rows["value"].text), sources=observation.sources)
        cells.setdefault((node.rows["year"].text, column), []).append(number)
    in_order = tuple(sorted(columns))
    years = sorted({year for year, _ in cells}, reverse=True)
    return Figures(
        in_order,
        tuple(
            (year, tuple(tuple(cells.get((year, column), ())) for column in in_order))
            for year in years
        ),
    )


def english(labels: object) -> str:
    """The English label, else any."""
    assert isinstance(labels, dict)
    return str(labels.get("en") or next(iter(labels.values()), ""))


def date_text(text: str) -> str:
    """A date in words, as precise as it is.

    >>> date_text("1987-05-14"), date_text("1987-05"), date_text("1987")
    ('14 May 1987', 'May 1987', '1987')
    """
    parts = text[:10].split("-")
    try:
        if len(parts) == 3:
            day = date.fromisoformat(text[:10])
            return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        if len(parts) == 2:
            return f"{_MONTHS[int(parts[1]) - 1]} {parts[0]}"
    except (ValueError, IndexError):
        pass
    return text


def number_text(text: str) -> str:
    """A number with thousands separated by thin spaces.

    >>> number_text("-1250400.5").replace("\\u202f", " ")
    '−1 250 400.5'
    """
    sign, digits = ("−", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = digits.partition(".")
    if not whole.isdigit():
        return text
    return f"{sign}{int(whole):,}".replace(",", "\u202f") + dot + rest


def short_address(address: str) -> str:
    """A web address as people read it.

    >>> short_address("https://tableflip.example/")
    'tableflip.example'
    """
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")
