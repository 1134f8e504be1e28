"""A generated file in, tables out that an RML mapping can read.

RML names columns and makes terms of their cells. Cleaning them, looking up codes, telling how
exact a date is, splitting lists and leaving out the second row of a key is done before: each
table here has one value in a cell, a cell that says nothing is empty, and a column of codes or
web addresses has one beside it for the texts that are none, for the shapes to see. Parts of an
organisation have names below its own. ``mapping.yaml`` says what the columns mean.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal, InvalidOperation
from pathlib import Path

from generate import SLUG
from rdflib import SKOS, Graph

from coopgraph.iris import mint

CODE_LISTS = Path(__file__).resolve().parent.parent / "ontology" / "codes"
ORGANIZATIONS = "https://w3id.org/coopgraph/id/org/"
CODED = {
    "kind": "organisation-kind",
    "tier": "tier",
    "membership_type": "membership-type",
    "activity": "activity",
    "status": "status",
    "country": "country",
    "region": "subdivision",
}  # column, and table → code list
_DAY = ("year", "month", "day")  # how exact a date is

TABLES: dict[str, tuple[str, ...]] = {
    "organisations": (
        "organization", "name", "description", "source_status", "telephone",
        *(f"founded_{part}" for part in _DAY), *(f"closed_{part}" for part in _DAY),
    ),
    "alternate_name": ("organization", "name"),
    "homepage": ("organization", "link", "text"),
    "address": ("organization", "address", "street", "po_box", "locality", "postal_code"),
    "point": ("organization", "point", "latitude", "longitude", "precision"),
    "registration": (
        "organization", "registration", "scheme", "number", *(f"issued_{part}" for part in _DAY),
    ),
    "membership": ("organization", "membership", "federation"),
    "claim": ("organization", "claim", "basis", "link", "text"),
    **dict.fromkeys(CODED, ("organization", "code", "text")),
}  # fmt: skip

Row = Mapping[str, str]
Codes = dict[str, dict[str, str]]  # code list → notation or label → concept
Line = tuple[str, tuple[str, ...]]  # a table, and a row of it


def write_tables(source: Path, folder: Path) -> int:
    """Write the tables of a file into a folder. Returns how many rows the file has."""
    codes, number = code_lists(), 0
    rows: dict[str, Row] = {}
    with source.open(encoding="utf-8", newline="") as lines:
        for raw in csv.DictReader(lines):
            number += 1
            cleaned = {name: clean(text) for name, text in raw.items()}
            rows.setdefault(cleaned["id"], cleaned)
    with ExitStack() as stack:
        writers = {}
        for table, header in TABLES.items():
            path = folder / f"{table}.csv"
            output = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            writers[table] = csv.writer(output)
            writers[table].writerow(header)
        for row in rows.values():
            for table, cells in lines_of(row, codes):
                writers[table].writerow(cells)
    return number


def code_lists() -> Codes:
    """Concepts by notation, and by label or synonym in lower case."""
    found: Codes = {}
    for path in sorted(CODE_LISTS.glob("*.ttl")):
        graph, names = Graph().parse(path), found.setdefault(path.stem, {})
        for label in (SKOS.hiddenLabel, SKOS.altLabel, SKOS.prefLabel, SKOS.notation):
            for concept, _, name in graph.triples((None, label, None)):
                names[str(name).casefold()] = str(concept)
    return found


def clean(text: str) -> str:
    """Composed characters, no stray spaces.

    >>> clean(" Coope\u0301rative   synthe\u0301tique ")
    'Coopérative synthétique'
    """
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(line for line in lines if line)


def lines_of(row: Row, codes: Codes) -> Iterator[Line]:
    """What one row fills in all tables."""
    it = organization(row["id"])
    texts = (row[column] for column in ("name", "description", "source_status", "telephone"))
    yield "organisations", (it, *texts, *dated(row["founded"]), *dated(row["closed"]))
    for name in items(row["alternate_name"]):
        yield "alternate_name", (it, name)
    for text in items(row["homepage"]):
        yield "homepage", (it, *link(text))
    for column, scheme in CODED.items():
        for text in items(row[column]):
            code = codes[scheme].get(text.casefold(), "")
            yield column, (it, code, "" if code else text)
    yield from parts(it, row, codes)


def parts(it: str, row: Row, codes: Codes) -> Iterator[Line]:
    """The address, point, registration, memberships, and claims to be a co-operative."""
    address = [row[column] for column in ("street", "po_box", "locality", "postal_code")]
    if any(address):
        yield "address", (it, f"{it}#address", *address)
    point = [plain_number(row[column]) for column in ("latitude", "longitude")]
    if any(point):
        precision = row["precision"] and codes["precision"][row["precision"].casefold()]
        yield "point", (it, f"{it}#point", *point, precision)
    if row["registration_number"]:
        scheme = codes["registration-scheme"][row["registration_scheme"].casefold()]
        issued = dated(row["registered_on"])
        cells = (scheme, row["registration_number"], *issued)
        yield "registration", (it, f"{it}#registration", *cells)
    for number, key in enumerate(items(row["member_of"])):
        yield "membership", (it, f"{it}#membership-{number}", organization(key))
    for number, basis in enumerate(items(row["identity_basis"])):
        code = codes["identity-basis"][basis.casefold()]
        yield "claim", (it, f"{it}#claim-{number}", code, *link(row["identity_evidence"]))


def organization(key: str) -> str:
    """The name of an organisation: ours, so that results can be compared."""
    return ORGANIZATIONS + mint(SLUG, key)


def items(text: str) -> list[str]:
    """The items of a cell that holds a list.

    >>> items("SYN; S.Y.N. ;")
    ['SYN', 'S.Y.N.']
    """
    return [part.strip() for part in text.split(";") if part.strip()]


def plain_number(text: str) -> str:
    """A number without zeros that say nothing.

    >>> plain_number("42.5000"), plain_number("north")
    ('42.5', 'north')
    """
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def dated(text: str) -> tuple[str, str, str]:
    """A date as a year, a month or a day: in one of three cells, or none.

    >>> dated("1951"), dated("1951-07-02 00:00:00")
    (('1951', '', ''), ('', '', '1951-07-02'))
    """
    text = text.removesuffix(" 00:00:00")
    exact = {4: 0, 7: 1}.get(len(text), 2)
    year, month, day = (text if place == exact else "" for place in range(3))
    return year, month, day


def link(text: str) -> tuple[str, str]:
    """A web address, of a bare host too, and nothing; or nothing, and what else it is.

    >>> link("www.fed-1.example"), link("ask at the desk")
    (('http://www.fed-1.example', ''), ('', 'ask at the desk'))
    """
    if re.fullmatch(r"[\w.-]+\.\w+", text):
        text = f"http://{text}"
    return (text, "") if re.fullmatch(r"https?://\S+", text) else ("", text)
