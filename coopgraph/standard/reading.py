"""Read ``ontology/`` and ``shapes/`` into a :class:`~coopgraph.standard.model.Standard`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from coopgraph.errors import ShapeError
from coopgraph.namespaces import CODE, CROSSWALK, ONTOLOGY_GRAPH, iri
from coopgraph.rdf import Subject, Term, TripleIndex, read_turtle
from coopgraph.standard.crosswalks import Crosswalk, read_crosswalk
from coopgraph.standard.limits import count
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


class _Files(NamedTuple):
    """The files of a standard, each kind sorted by name."""

    terms: list[Path]
    codes: list[Path]
    crosswalks: list[Path]
    shapes: list[Path]


def read_standard(ontology: Path, shapes: Path) -> Standard:
    """The standard in two folders. Raises ShapeError where a shape contradicts itself."""
    files = _files(ontology, shapes)
    if not (files.terms and files.codes and files.shapes):
        raise ShapeError(f"no ontology or no shapes found in {ontology} and {shapes}")
    return make_standard(
        read_turtle(files.terms),
        read_turtle(files.shapes),
        dict(_read_graph(CODE, path) for path in files.codes),
        digest_of(ontology, shapes),
        dict(_read_graph(CROSSWALK, path) for path in files.crosswalks),
    )


def digest_of(ontology: Path, shapes: Path) -> str:
    """What changes with any byte of any file of the standard in two folders."""
    digest = hashlib.sha256()
    for path in (path for kind in _files(ontology, shapes) for path in kind):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(ontology: Path, shapes: Path) -> _Files:
    return _Files(
        terms=[*sorted(ontology.glob("*.ttl")), *sorted(ontology.glob("alignments/*.ttl"))],
        codes=sorted(ontology.glob("codes/*.ttl")),
        crosswalks=sorted(ontology.glob("crosswalks/*.ttl")),
        shapes=sorted(shapes.glob("*.ttl")),
    )


def make_standard(
    terms: Iterable[Triple],
    shapes: Iterable[Triple],
    codes: Mapping[NamedNode, tuple[Triple, ...]],
    digest: str,
    mappings: Mapping[NamedNode, tuple[Triple, ...]] | None = None,
) -> Standard:
    """The standard in triples, wherever they come from. Raises ShapeError like read_standard."""
    mappings = mappings or {}
    terms, shapes = tuple(terms), tuple(shapes)
    index = TripleIndex([*terms, *shapes])
    code_lists = {c.slug: c for c in (_code_list(s, triples) for s, triples in codes.items())}
    return Standard(
        version=_text(index, ONTOLOGY_GRAPH, "owl:versionInfo"),
        digest=digest,
        entity_types=_entity_types(index, code_lists),
        code_lists=code_lists,
        crosswalks=_crosswalks(mappings, code_lists),
        groups=_groups(index),
        ontology=terms,
        shapes=shapes,
        codes=codes,
        mappings=mappings,
        index=index,
    )


def _read_graph(stem: str, path: Path) -> tuple[NamedNode, tuple[Triple, ...]]:
    return NamedNode(f"{stem}{path.stem}"), tuple(read_turtle([path]))


def _crosswalks(
    mappings: Mapping[NamedNode, tuple[Triple, ...]], code_lists: Mapping[str, CodeList]
) -> dict[str, Crosswalk]:
    """Crosswalks by slug. Raises ShapeError for one that leads to what is no code of ours."""
    codes = {code.iri for code_list in code_lists.values() for code in code_list.codes}
    found = {}
    for name, triples in mappings.items():
        crosswalk = read_crosswalk(name.value.removeprefix(CROSSWALK), triples)
        for match in crosswalk.matches:
            if match.target not in codes:
                raise ShapeError(f"there is no code {match.target.value}", shape=name.value)
        found[crosswalk.slug] = crosswalk
    return found


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
        labels = _labels(index, group, "rdfs:label")
        found[group] = Group(group, labels, _order(index, group))
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
    for item in (item for entity in found.values() for item in entity.fields):
        if item.node is not None and item.node not in found:
            text = f"its sh:node {item.node.value} is no shape with a target class"
            raise ShapeError(text, shape=item.shape.value)
    return found


def _order(index: TripleIndex, shape: NamedNode) -> float:
    text = _text(index, shape, "sh:order") or "0"
    try:
        return float(text)
    except ValueError:
        raise ShapeError(f"sh:order must be a number, not “{text}”", shape=shape.value) from None


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
        min_count=count(index, shape, "sh:minCount") or 0,
        max_count=count(index, shape, "sh:maxCount"),
        order=_order(index, shape),
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
