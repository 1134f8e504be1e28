"""A generated dataset in, a store out, the plain way: what the fast road is measured against.

csv → an rdflib graph → pySHACL → owlrl → a store: the libraries one reaches for first, used as
their manuals show, on all rows at once. It reads the columns that ``generate.py`` fills, checks
them by the same shapes, reasons with the same ontology and writes the same two graphs: what
the source says in a graph of its own, and that with all that follows in the default graph. It
keeps no journal, makes no snapshot, and leaves out ``coop:Record`` nodes.

    python bench/plain.py FOLDER STORE
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import owlrl
import pyoxigraph
import pyshacl
import rdflib
from rdflib import RDF, SH, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef

from coopgraph.iris import mint

ROOT = Path(__file__).resolve().parent.parent
BASE = "https://w3id.org/coopgraph/"
ORGANIZATIONS = f"{BASE}id/org/"
CODES = f"{BASE}code/"
GRAPH = f"{BASE}graph/synthetic"
SLUG = "synthetic"

COOP = Namespace(f"{BASE}ns#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
GEO = Namespace("http://www.opengis.net/ont/geosparql#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
ORG = Namespace("http://www.w3.org/ns/org#")
SCHEMA = Namespace("http://schema.org/")
WGS = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")

_CODED = (
    ("kind", COOP.kind, "organisation-kind"),
    ("tier", COOP.tier, "tier"),
    ("membership_type", COOP.membershipType, "membership-type"),
    ("activity", COOP.activity, "activity"),
    ("status", COOP.status, "status"),
    ("country", COOP.country, "country"),
    ("region", COOP.region, "subdivision"),
)
_ADDRESS = (
    ("street", LOCN.thoroughfare),
    ("po_box", LOCN.poBox),
    ("locality", LOCN.postName),
    ("postal_code", LOCN.postCode),
)
_DATES = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}

Row = dict[str, str]
Codes = dict[str, dict[str, URIRef]]  # code list → notation or label → concept


def main() -> None:
    """Do the work; print what came of it as JSON."""
    parser = argparse.ArgumentParser(description="Load a generated dataset the plain way.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("store", type=Path)
    chosen = parser.parse_args()
    rows, facts = read_rows(chosen.folder / "organisations.csv")
    rejected = remove_faulty(facts)
    published = len(set(facts.subjects(RDF.type, COOP.Organization)))
    closure = facts + standard("ontology/*.ttl", "ontology/alignments/*.ttl")
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    # A reasoner may conclude about literals, which RDF 1.1 and the store cannot hold.
    for triple in [triple for triple in closure if isinstance(triple[0], Literal)]:
        closure.remove(triple)
    write(facts, closure, chosen.store)
    print(json.dumps({"read": rows, "published": published, "rejected": rejected}))


def read_rows(path: Path) -> tuple[int, Graph]:
    """The number of rows, and a graph of what they say; the first row of a key counts."""
    codes, graph = code_lists(), Graph()
    rows: dict[str, Row] = {}
    number = 0
    with path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            number += 1
            cleaned = {name: clean(text) for name, text in row.items()}
            rows.setdefault(cleaned["id"], cleaned)
    for row in rows.values():
        for triple in describe(row, codes):
            graph.add(triple)
    return number, graph


def standard(*patterns: str) -> Graph:
    """The files of the standard that match, in one graph."""
    graph = Graph()
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            graph.parse(path)
    return graph


def code_lists() -> Codes:
    """Concepts by notation, and by label or synonym in lower case."""
    found: Codes = {}
    for path in sorted(ROOT.glob("ontology/codes/*.ttl")):
        graph, names = Graph().parse(path), found.setdefault(path.stem, {})
        for label in (SKOS.hiddenLabel, SKOS.altLabel, SKOS.prefLabel, SKOS.notation):
            for concept, _, name in graph.triples((None, label, None)):
                names[str(name).casefold()] = URIRef(str(concept))
    return found


def clean(text: str) -> str:
    """Composed characters, no stray spaces."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(line for line in lines if line)


Triple = tuple[URIRef | BNode, URIRef, URIRef | BNode | Literal]


def describe(row: Row, codes: Codes) -> Iterator[Triple]:
    """What one row says. A value that cannot be read becomes a literal, for the shapes to see."""
    it = organization(row["id"])
    yield it, RDF.type, COOP.Organization
    if row["name"]:
        yield it, SKOS.prefLabel, Literal(row["name"], lang="en")
    for name in items(row["alternate_name"]):
        yield it, SKOS.altLabel, Literal(name, lang="en")
    if row["description"]:
        yield it, DCTERMS.description, Literal(row["description"], lang="en")
    for column, predicate, scheme in _CODED:
        for text in items(row[column]):
            yield it, predicate, codes[scheme].get(text.casefold(), Literal(text))
    if row["source_status"]:
        yield it, COOP.sourceStatus, Literal(row["source_status"], datatype=XSD.string)
    yield from dated(it, SCHEMA.foundingDate, row["founded"])
    yield from dated(it, SCHEMA.dissolutionDate, row["closed"])
    for text in items(row["homepage"]):
        yield it, FOAF.homepage, link(text)
    if row["telephone"]:
        yield it, SCHEMA.telephone, Literal(row["telephone"], datatype=XSD.string)
    yield from address(it, row)
    yield from point(it, row, codes)
    yield from relations(it, row, codes)


def address(it: URIRef, row: Row) -> Iterator[Triple]:
    """The address, if it has any part."""
    parts = [(predicate, row[column]) for column, predicate in _ADDRESS if row[column]]
    if parts:
        node = BNode()
        yield it, LOCN.address, node
        yield node, RDF.type, LOCN.Address
        for predicate, text in parts:
            yield node, predicate, Literal(text, datatype=XSD.string)


def point(it: URIRef, row: Row, codes: Codes) -> Iterator[Triple]:
    """The point, with its text in WKT."""
    if not (row["latitude"] or row["longitude"]):
        return
    node = BNode()
    yield it, GEO.hasGeometry, node
    yield node, RDF.type, GEO.Geometry
    for column, predicate in (("latitude", WGS.lat), ("longitude", WGS.long)):
        if row[column]:
            yield node, predicate, Literal(plain_number(row[column]), datatype=XSD.decimal)
    if row["precision"]:
        yield node, COOP.precision, codes["precision"][row["precision"].casefold()]
    if row["latitude"] and row["longitude"]:
        text = f"POINT({plain_number(row['longitude'])} {plain_number(row['latitude'])})"
        yield node, GEO.asWKT, Literal(text, datatype=GEO.wktLiteral)


def relations(it: URIRef, row: Row, codes: Codes) -> Iterator[Triple]:
    """Registration, memberships, and claims to be a co-operative."""
    if row["registration_number"]:
        node = BNode()
        yield it, ADMS.identifier, node
        yield node, RDF.type, COOP.Registration
        yield node, COOP.scheme, codes["registration-scheme"][row["registration_scheme"].casefold()]
        yield node, SKOS.notation, Literal(row["registration_number"], datatype=XSD.string)
        yield from dated(node, DCTERMS.issued, row["registered_on"])
    for key in items(row["member_of"]):
        node = BNode()
        yield it, ORG.hasMembership, node
        yield node, RDF.type, ORG.Membership
        yield node, ORG.organization, organization(key)
    for basis in items(row["identity_basis"]):
        node = BNode()
        yield it, COOP.identityClaim, node
        yield node, RDF.type, COOP.IdentityClaim
        yield node, COOP.basis, codes["identity-basis"][basis.casefold()]
        yield node, COOP.evidence, link(row["identity_evidence"])


def organization(key: str) -> URIRef:
    """The name of an organisation: ours, so that results can be compared."""
    return URIRef(ORGANIZATIONS + mint(SLUG, key))


def items(text: str) -> list[str]:
    """The items of a cell that holds a list."""
    return [part.strip() for part in text.split(";") if part.strip()]


def plain_number(text: str) -> str:
    """A number without zeros that say nothing."""
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def dated(subject: URIRef | BNode, predicate: URIRef, text: str) -> Iterator[Triple]:
    """A date as exact as it is written."""
    text = text.removesuffix(" 00:00:00")
    if text:
        yield subject, predicate, Literal(text, datatype=_DATES.get(len(text), XSD.date))


def link(text: str) -> URIRef | Literal:
    """A web address; of a bare host, too."""
    if re.fullmatch(r"[\w.-]+\.\w+", text):
        text = f"http://{text}"
    return URIRef(text) if re.fullmatch(r"https?://\S+", text) else Literal(text)


def remove_faulty(facts: Graph) -> int:
    """Take out organisations that break a shape or belong to none that is kept; how many."""
    # The shapes look codes up, and pySHACL takes class axioms only from `ont_graph`.
    _, report, _ = pyshacl.validate(
        facts + standard("ontology/codes/*.ttl"),
        shacl_graph=standard("shapes/*.ttl"),
        ont_graph=standard("ontology/*.ttl", "ontology/alignments/*.ttl"),
        inference="none",
        do_owl_imports=False,
    )
    assert isinstance(report, Graph)
    nodes = set(report.objects(None, SH.focusNode))
    faulty = {owner(facts, node) for node in nodes}
    gone = 0
    while faulty:
        gone += len(faulty)
        for subject in faulty:
            remove(facts, subject)
        kept = set(facts.subjects(RDF.type, COOP.Organization))
        faulty = {
            owner(facts, node)
            for node, body in facts.subject_objects(ORG.organization)
            if body not in kept
        }
    return gone


def owner(facts: Graph, node: rdflib.term.Node) -> rdflib.term.Node:
    """The organisation that an inner node belongs to."""
    return next(facts.subjects(None, node)) if isinstance(node, BNode) else node


def remove(facts: Graph, subject: rdflib.term.Node) -> None:
    """Take out an organisation with its inner nodes."""
    for value in list(facts.objects(subject)):
        if isinstance(value, BNode):
            facts.remove((value, None, None))
    facts.remove((subject, None, None))


def write(facts: Graph, closure: Graph, path: Path) -> None:
    """Load both graphs into a store on disk."""
    asserted = facts.serialize(format="nt").replace(" .\n", f" <{GRAPH}> .\n")
    quads = asserted + closure.serialize(format="nt")
    store = pyoxigraph.Store(str(path))
    store.bulk_load(quads.encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    store.flush()


if __name__ == "__main__":
    main()
