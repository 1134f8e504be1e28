"""Parameters of stored queries: what a value may be, and the term that it becomes.

In: a ``#+`` line that declares a parameter, and the text that somebody gives as its value. Out:
:class:`Parameter`, and for each value one RDF term or an error that says what was wrong. Points
and areas become WKT with longitude before latitude (GeoSPARQL 1.1, section 8.5.1).

=================  ==================================================  ======================
kind               written                                             bound as
=================  ==================================================  ======================
``text``           anything                                            string
``integer``        ``12``, ``1e3``                                     ``xsd:integer``
``decimal``        ``2.5``, ``.5``, ``1e2``                            ``xsd:decimal``
``year``           ``1998``                                            ``xsd:gYear``
``date``           ``2026-11-22``                                      ``xsd:date``
``boolean``        ``true``, ``false``, ``yes``, ``no``                ``xsd:boolean``
``point``          ``latitude,longitude``, in brackets or not          ``geo:wktLiteral``
``area``           ``west,south,east,north``, or a ``POLYGON`` in WKT  ``geo:wktLiteral``
``code LIST``      a notation of that code list, or an IRI             IRI
``organization``   an id, or an IRI                                    IRI
``dataset``        a short name, or an IRI                             IRI
=================  ==================================================  ======================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from coopgraph.errors import UsageError
from coopgraph.iris import is_organization_id
from coopgraph.namespaces import CODE, STANDARD, dataset_iri, iri, organization_iri

Term = NamedNode | Literal
_LINE = re.compile(r"#\+ {2,}(\w+) \(([^()]*)\): (.+)")
_RANGE = re.compile(r"from (-?[0-9.]+) to (-?[0-9.]+)")
# What a browser's field for numbers takes (HTML, “valid floating-point number”), or a plus before.
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})(?:[eE][+-]?[0-9]{1,2})?"
)
_YEAR = re.compile("[0-9]{4}")
# Of what the engine's decimals hold, with room to spare.
_MOST_DIGITS, _MOST_PLACES = 15, 15
_ID_FORM = re.compile("[0-9a-z]{10}-[0-9a-z]{2}")
_NOTATION = re.compile(r"[\w.-]{1,40}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_POLYGON = re.compile(r"polygon\s*\(\s*\((.*)\)\s*\)", re.IGNORECASE | re.DOTALL)
_TRUTH = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
_MOST_POSITIONS = 1_000
_MOST_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a stored query takes; the module says which kinds there are.

    ``default`` is the value where none is given, "" where there is none. Numbers lie between
    ``least`` and ``most``.
    """

    name: str
    kind: str
    is_required: bool
    example: str
    description: str
    default: str = ""
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def code_list(self) -> str:
        """The slug of the code list that its values come from, or ""."""
        kind, _, slug = self.kind.partition(" ")
        return slug if kind == "code" else ""

    def term(self, text: str, base: str) -> Term:
        """The value as a term. Raises UsageError where it cannot be one."""
        wanted, make = _KINDS[self.kind.partition(" ")[0]]
        try:
            return make(self, text, base)
        except ValueError as error:
            fault = "out of range" if isinstance(error, _OutOfRange) else f"not {wanted}"
            shown = text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"
            reason = f": {error}" if str(error) else ""
            like = f" Write it like {self.example}." if self.example else ""
            raise UsageError(f"{self.name}: “{shown}” is {fault}{reason}.{like}") from None


class _OutOfRange(ValueError):
    """A number that is one, and too small or too large."""


def declared(line: str) -> Parameter:
    """The parameter that a line declares:
    ``#+   name (kind, required, from A to B, default C, like D): What it is.``

    Raises UsageError for a line that declares none, or one that cannot be.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise UsageError(f"“{line}” declares no parameter.")
    name, words, description = found.groups()
    kind, *options = words.split(", ")
    if kind.partition(" ")[0] not in _KINDS or kind.startswith("code") == (" " not in kind):
        raise UsageError(f"{name}: there is no kind of value “{kind}”.")
    parameter = _with_options(Parameter(name, kind, False, "", description), options)
    if parameter.is_required and parameter.default:
        raise UsageError(f"{name}: what has a default is not required.")
    for text in filter(None, (parameter.default, parameter.example)):
        parameter.term(text, STANDARD)
    return parameter


def _with_options(parameter: Parameter, options: Iterable[str]) -> Parameter:
    changes: dict[str, object] = {}
    for option in options:
        word, _, value = option.partition(" ")
        if option == "required":
            changes["is_required"] = True
        elif word == "default" and value:
            changes["default"] = value
        elif word == "like" and value:
            changes["example"] = value
        elif limits := _RANGE.fullmatch(option):
            changes["least"], changes["most"] = map(_number, limits.groups())
        else:
            raise UsageError(f"{parameter.name}: “{option}” is no option of a parameter.")
    kept = {name: getattr(parameter, name) for name in Parameter.__slots__}
    return Parameter(**{**kept, **changes})


# Kinds: each function gives a value's term, or raises ValueError, with a reason where the kind
# alone does not say what was wrong. ----------------------------------------------------------


def _text(parameter: Parameter, text: str, base: str) -> Term:
    return Literal(text)


def _integer(parameter: Parameter, text: str, base: str) -> Term:
    value = _within(parameter, _value(text))
    if value != value.to_integral_value():
        raise ValueError
    return Literal(_written(value), datatype=iri("xsd:integer"))


def _decimal(parameter: Parameter, text: str, base: str) -> Term:
    value = _within(parameter, _value(text))
    return Literal(_written(value), datatype=iri("xsd:decimal"))


def _year(parameter: Parameter, text: str, base: str) -> Term:
    if not _YEAR.fullmatch(text):
        raise ValueError
    _within(parameter, Decimal(text))
    return Literal(text, datatype=iri("xsd:gYear"))


def _within(parameter: Parameter, value: Decimal) -> Decimal:
    """The value, where it lies in the parameter's range."""
    least, most = parameter.least, parameter.most
    if (least is not None and value < least) or (most is not None and value > most):
        raise _OutOfRange(f"it must be from {least} to {most}")
    return value


def _date(parameter: Parameter, text: str, base: str) -> Term:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("there is no such day") from None
    return Literal(text, datatype=iri("xsd:date"))


def _boolean(parameter: Parameter, text: str, base: str) -> Term:
    if text.lower() not in _TRUTH:
        raise ValueError
    return Literal(_TRUTH[text.lower()], datatype=iri("xsd:boolean"))


def _point(parameter: Parameter, text: str, base: str) -> Term:
    latitude, longitude = _numbers(text, 2)
    return _wkt(f"POINT{_ring([(longitude, latitude)])}")


def _area(parameter: Parameter, text: str, base: str) -> Term:
    if found := _POLYGON.fullmatch(text):
        return _wkt(f"POLYGON({_polygon(found[1])})")
    west, south, east, north = _numbers(text, 4)
    if south >= north or west == east:
        raise ValueError("it holds nothing: the south comes before the north")
    if west < east:
        return _wkt(f"POLYGON({_box(west, south, east, north)})")
    # A box over the meridian of 180 degrees is two for the engine, which takes the globe as flat.
    halves = _box(west, south, Decimal(180), north), _box(Decimal(-180), south, east, north)
    return _wkt(f"MULTIPOLYGON(({halves[0]}),({halves[1]}))")


def _code(parameter: Parameter, text: str, base: str) -> Term:
    if found := _address(text):
        return found
    if not _NOTATION.fullmatch(text):
        raise ValueError
    return NamedNode(f"{CODE}{parameter.code_list}/{text}")


def _organization(parameter: Parameter, text: str, base: str) -> Term:
    name = text.removeprefix(organization_iri(base, "").value)
    if name == text and (found := _address(text)):
        return found
    if not is_organization_id(name):
        raise ValueError("its check characters do not fit" if _ID_FORM.fullmatch(name) else "")
    return organization_iri(base, name)


def _dataset(parameter: Parameter, text: str, base: str) -> Term:
    if found := _address(text):
        return found
    if not _SLUG.fullmatch(text):
        raise ValueError
    return dataset_iri(base, text)


def _address(text: str) -> NamedNode | None:
    """The IRI that a text is, None where it is none of the web."""
    if not text.startswith(("http://", "https://")):
        return None
    try:
        return NamedNode(text)
    except ValueError:
        raise ValueError("it is no IRI") from None


_KINDS: Mapping[str, tuple[str, Callable[[Parameter, str, str], Term]]] = {
    "text": ("a text", _text),
    "integer": ("a whole number", _integer),
    "decimal": ("a number", _decimal),
    "year": ("a year of four digits", _year),
    "date": ("a day, YYYY-MM-DD", _date),
    "boolean": ("true or false", _boolean),
    "point": ("a point, latitude,longitude in degrees", _point),
    "area": ("an area, west,south,east,north in degrees or a POLYGON in WKT", _area),
    "code": ("a code or an IRI", _code),
    "organization": ("an id or an IRI", _organization),
    "dataset": ("a dataset's short name or an IRI", _dataset),
}


# Numbers --------------------------------------------------------------------------------------


def _number(text: str) -> Decimal:
    """One of several numbers."""
    try:
        return _value(text.strip())
    except _OutOfRange:
        raise
    except ValueError:
        raise ValueError(f"“{text.strip()[:_MOST_QUOTED]}” is no number") from None


def _value(text: str) -> Decimal:
    """The number that a text writes. Raises ValueError where it writes none."""
    if not _NUMBER.fullmatch(text):
        raise ValueError
    value = Decimal(text)
    if value and value.adjusted() >= _MOST_DIGITS:
        raise _OutOfRange(f"it must have at most {_MOST_DIGITS} digits before the point")
    return value


def _written(value: Decimal) -> str:
    """A number in the canonical form of ``xsd:decimal``, without a point where it is whole.

    https://www.w3.org/TR/xmlschema11-2/#f-decimalCanmap
    """
    text = f"{value:.{_MOST_PLACES}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


# Geometry -------------------------------------------------------------------------------------

Position = tuple[Decimal, Decimal]  # longitude, latitude


def _numbers(text: str, count: int) -> list[Decimal]:
    """So many numbers, with commas or semicolons between them, in brackets or not."""
    inner = text.strip()
    if inner[:1] + inner[-1:] in ("()", "[]"):
        inner = inner[1:-1]
    parts = re.split("[,;]", inner)
    if len(parts) != count:
        raise ValueError(f"there must be {count} numbers with commas between them")
    return [_number(part) for part in parts]


def _polygon(text: str) -> str:
    """The ring of a polygon, closed. Holes are no use to a question and are refused."""
    ring: list[Position] = []
    for part in text.split(","):
        pair = part.split()
        if len(pair) != 2:
            raise ValueError("each corner must be a longitude and a latitude")
        ring.append((_number(pair[0]), _number(pair[1])))
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    if not 4 <= len(ring) <= _MOST_POSITIONS:
        raise ValueError(f"there must be 3 to {_MOST_POSITIONS - 1} corners")
    return _ring(ring)


def _box(west: Decimal, south: Decimal, east: Decimal, north: Decimal) -> str:
    return _ring([(west, south), (east, south), (east, north), (west, north), (west, south)])


def _ring(positions: Iterable[Position]) -> str:
    """Positions as WKT has them. Raises ValueError for one that is not on the globe."""
    written = []
    for longitude, latitude in positions:
        if not -180 <= longitude <= 180:
            raise ValueError(f"the longitude {longitude} is not from -180 to 180")
        if not -90 <= latitude <= 90:
            raise ValueError(f"the latitude {latitude} is not from -90 to 90")
        written.append(f"{_written(longitude)} {_written(latitude)}")
    return f"({','.join(written)})"


def _wkt(text: str) -> Literal:
    return Literal(text, datatype=iri("geo:wktLiteral"))
