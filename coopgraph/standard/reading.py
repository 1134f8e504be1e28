"""Read ``ontology/`` and ``shapes/`` into a :class:`~coopgraph.standard.model.Standard`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.namespaces import CODE, ONTOLOGY_GRAPH, iri
from coopgraph.rdf import Subject, Term, TripleIndex, read_turtle
from coopgraph.standard.model import (
    Code,
    CodeList,
    EntityType,
    Field,
    Group,
    Kind,
    Labels,
    Standard,
)

_DATES = {iri("xsd:date"), iri("xsd:gYearMonth"), iri("xsd:gYear")}
_NUMBERS = {iri("xsd:decimal"), iri("xsd:integer")}


def read_standard(ontology: Path, shapes: Path) -> Standard:
    """The standard in two folders. Raises ShapeError where a shape contradicts itself."""
    term_files = [*sorted(ontology.glob("*.ttl")), *sorted(ontology.glob("alignments/*.ttl"))]
    code_files = sorted(ontology.glob("codes/*.ttl"))
    shape_files = sorted(shapes.glob("*.ttl"))
    if not (term_files and code_files and shape_files):
        raise ShapeError(f"no ontology or no shapes found in {ontology} and {shapes}")
    terms, shape_triples = read_turtle(term_files), read_turtle(shape_files)
    index = TripleIndex([*terms, *shape_triples])
    codes = dict(_read_scheme(path) for path in code_files)
    code_lists = {c.slug: c for c in (_code_list(s, triples) for s, triples in codes.items())}
    return Standard(
        version=_text(index, ONTOLOGY_GRAPH, "owl:versionInfo"),
        digest=_digest([*term_files, *code_files, *shape_files]),
        entity_types=_entity_types(index, code_lists),
        code_lists=code_lists,
        groups=_groups(index),
        ontology=tuple(terms),
        shapes=tuple(shape_triples),
        codes=codes,
        index=index,
    )


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _read_scheme(path: Path) -> tuple[NamedNode, tuple[Triple, ...]]:
    return NamedNode(f"{CODE}{path.stem}"), tuple(read_turtle([path]))


def _labels(index: TripleIndex, subject: Term, predicate: str) -> Labels:
    values = (v for v in index.objects(subject, iri(predicate)) if isinstance(v, Literal))
    return {value.language or "": value.value for value in values}


def _text(index: TripleIndex, subject: Term, predicate: str) -> str:
    value = index.value(subject, iri(predicate))
    return value.value if value is not None else ""


def _code_list(scheme: NamedNode, triples: Iterable[Triple]) -> CodeList:
    index = TripleIndex(triples)
    codes = []
    by_name: dict[str, Code] = {}
    synonyms: dict[str, Code] = {}
    ambiguous: set[str] = set()
    for concept in index.subjects(iri("skos:inScheme"), scheme):
        assert isinstance(concept, NamedNode)
        broader = index.value(concept, iri("skos:broader"))
        code = Code(
            concept,
            _text(index, concept, "skos:notation"),
            _labels(index, concept, "skos:prefLabel"),
            broader if isinstance(broader, NamedNode) else None,
        )
        codes.append(code)
        by_name[code.notation] = code
        for name in {name.casefold() for name in _names(index, concept)}:
            if name in synonyms:
                ambiguous.add(name)
            synonyms[name] = code
    for name in ambiguous:
        del synonyms[name]
    synonyms.update({code.notation.casefold(): code for code in codes})
    labels = _labels(index, scheme, "dcterms:title")
    slug = scheme.value.removeprefix(CODE)
    codes.sort(key=lambda code: code.notation)
    return CodeList(scheme, slug, labels, tuple(codes), {**synonyms, **by_name})


def _names(index: TripleIndex, concept: Subject) -> list[str]:
    predicates = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")
    return [v.value for p in predicates for v in index.objects(concept, iri(p))]


def _groups(index: TripleIndex) -> dict[NamedNode, Group]:
    found = {}
    for group in index.subjects(iri("rdf:type"), iri("sh:PropertyGroup")):
        assert isinstance(group, NamedNode)
        order = float(_text(index, group, "sh:order") or 0)
        found[group] = Group(group, _labels(index, group, "rdfs:label"), order)
    return found


def _entity_types(
    index: TripleIndex, code_lists: dict[str, CodeList]
) -> dict[NamedNode, EntityType]:
    found = {}
    for shape in index.subjects(iri("rdf:type"), iri("sh:NodeShape")):
        target = index.value(shape, iri("sh:targetClass"))
        if not isinstance(target, NamedNode) or not isinstance(shape, NamedNode):
            continue
        fields = [
            _field(index, code_lists, item)
            for item in index.objects(shape, iri("sh:property"))
            if not isinstance(item, Literal)
        ]
        found[shape] = EntityType(
            shape=shape,
            target_class=target,
            name=_local(target),
            labels=_labels(index, shape, "rdfs:label"),
            descriptions=_labels(index, shape, "rdfs:comment"),
            fragment=_text(index, shape, "coop:fragment"),
            fields=tuple(sorted(fields, key=lambda item: (item.order, item.shape.value))),
        )
    return found


def _field(index: TripleIndex, code_lists: dict[str, CodeList], shape: Subject) -> Field:
    path = index.value(shape, iri("sh:path"))
    if not isinstance(shape, NamedNode) or not isinstance(path, NamedNode):
        raise ShapeError("a field needs an IRI and a single property as its path", shape=str(shape))
    datatypes = _datatypes(index, shape)
    node = index.value(shape, iri("sh:node"))
    code_list = index.value(node, iri("coop:codeList")) if node is not None else None
    slug = code_list.value.removeprefix(CODE) if isinstance(code_list, NamedNode) else ""
    if slug and slug not in code_lists:
        raise ShapeError(f"there is no code list “{slug}”", shape=shape.value)
    maximum = _text(index, shape, "sh:maxCount")
    group = index.value(shape, iri("sh:group"))
    return Field(
        shape=shape,
        path=path,
        kind=_kind(index, shape, datatypes, bool(slug), node),
        key=_json_key(_text(index, shape, "coop:column") or _local(shape)),
        column=_text(index, shape, "coop:column"),
        labels=_labels(index, shape, "sh:name"),
        descriptions=_labels(index, shape, "sh:description"),
        messages=_labels(index, shape, "sh:message"),
        datatypes=datatypes,
        min_count=int(_text(index, shape, "sh:minCount") or 0),
        max_count=int(maximum) if maximum else None,
        order=float(_text(index, shape, "sh:order") or 0),
        group=group if isinstance(group, NamedNode) else None,
        code_list=slug,
        node=node if isinstance(node, NamedNode) and not slug else None,
        table=_text(index, shape, "coop:table"),
        template=_text(index, shape, "coop:template"),
        is_node_key=_text(index, shape, "coop:nodeKey") == "true",
        is_one_per_language=_text(index, shape, "sh:uniqueLang") == "true",
        hxl=_text(index, shape, "coop:hxl"),
        example=_text(index, shape, "skos:example"),
    )


def _datatypes(index: TripleIndex, shape: Subject) -> tuple[NamedNode, ...]:
    """The datatypes a property shape allows, directly or as alternatives of sh:or."""
    nodes: list[Term] = [shape]
    for alternatives in index.objects(shape, iri("sh:or")):
        nodes.extend(index.items(alternatives))
    found = [v for node in nodes for v in index.objects(node, iri("sh:datatype"))]
    return tuple(v for v in found if isinstance(v, NamedNode))


def _kind(
    index: TripleIndex,
    shape: Subject,
    datatypes: tuple[NamedNode, ...],
    is_code: bool,
    node: Term | None,
) -> Kind:
    kinds = set(datatypes)
    if is_code:
        return Kind.CODE
    if node is not None:
        return Kind.NODE
    if index.value(shape, iri("coop:refersTo")) is not None:
        return Kind.REFERENCE
    if index.value(shape, iri("sh:nodeKind")) == iri("sh:IRI"):
        return Kind.LINK
    if kinds == {iri("rdf:langString")}:
        return Kind.LANGUAGE_TEXT
    if kinds == {iri("xsd:string")}:
        return Kind.TEXT
    if kinds and kinds <= _NUMBERS:
        return Kind.NUMBER
    if kinds and kinds <= _DATES:
        return Kind.DATE
    if len(kinds) == 1:
        return Kind.OTHER
    raise ShapeError("its values have no single kind", shape=str(shape))


def _local(name: NamedNode) -> str:
    return re.split(r"[/#]", name.value)[-1]


def _json_key(column: str) -> str:
    """``postal_code`` → ``postalCode``."""
    first, *rest = column.split("_")
    return first + "".join(word.capitalize() for word in rest)
