"""Names of properties, as metadata writes them, → IRIs.

In: ``schema:name``, or an IRI. Out: the IRI that the ontology has for it, as far as it has one.
The prefixes are those of our documents, and of RDFa's initial context
(https://www.w3.org/2011/rdfa-context/rdfa-1.1), which CSV on the Web takes over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from pyoxigraph import NamedNode

from coopgraph.iris import is_web_address
from coopgraph.namespaces import DOCUMENT_PREFIXES, curie, iri
from coopgraph.standard import Standard
from coopgraph.standard.columns import Column, Template

_FURTHER: Final = {
    "dc": DOCUMENT_PREFIXES["dcterms"],
    "dc11": "http://purl.org/dc/elements/1.1/",
    "sc": DOCUMENT_PREFIXES["schema"],
    "sdo": DOCUMENT_PREFIXES["schema"],
    "rov": "http://www.w3.org/ns/regorg#",
    "geo": DOCUMENT_PREFIXES["wgs"],
    "cc": "http://creativecommons.org/ns#",
}
_ALIGNED: Final = (
    iri("rdfs:subPropertyOf"),
    iri("owl:equivalentProperty"),
    iri("skos:exactMatch"),
    iri("skos:closeMatch"),
)
_SCHEMA: Final = DOCUMENT_PREFIXES["schema"]


def expand(name: str) -> str:
    """The IRI that a name stands for, “” where it stands for none.

    >>> expand("schema:name"), expand("https://schema.org/name"), expand("#name")
    ('http://schema.org/name', 'http://schema.org/name', '')
    """
    prefix, mark, local = name.partition(":")
    stem = _FURTHER.get(prefix) or DOCUMENT_PREFIXES.get(prefix)
    found = stem + local if mark and stem else name
    if "{" in found or not is_web_address(found):
        return ""
    secure = _SCHEMA.replace("http:", "https:")
    return found.replace(secure, _SCHEMA, 1) if found.startswith(secure) else found


def short(name: str) -> str:
    """A property as people read it: its compact name, where it has one.

    >>> short("http://schema.org/telephone"), short("#telephone")
    ('schema:telephone', '#telephone')
    """
    return curie(expand(name) or name)


class Properties:
    """Knows the columns that hold a property's values, by the ontology and its alignments."""

    def __init__(self, standard: Standard) -> None:
        self._above: dict[str, set[str]] = defaultdict(set)
        for (predicate, value), subjects in standard.index.subjects_of.items():
            if predicate in _ALIGNED and isinstance(value, NamedNode):
                for subject in subjects:
                    if isinstance(subject, NamedNode):
                        self._above[subject.value].add(value.value)

    def columns(self, property_iri: str, template: Template, name: str) -> list[Column]:
        """The columns of a template that hold values of a property: those of the property itself,
        else those of one that is aligned with it.

        What stands in a list of inner nodes means something beside others alone, as the date of a
        registration does: such a column is meant where it is called ``name`` too.
        """
        known = [
            column
            for column in template.columns
            if column.field is not None
            and (column.name == name or not any(step.is_list for step in column.path))
        ]
        above = self._aligned(property_iri)
        tests: tuple[Callable[[str], bool], ...] = (
            lambda path: path == property_iri,
            lambda path: path in above,
            lambda path: property_iri in self._aligned(path),
        )
        found = ([c for c in known if c.field and test(c.field.path.value)] for test in tests)
        return next(filter(None, found), [])

    def _aligned(self, property_iri: str) -> set[str]:
        """What a property is aligned with, step by step."""
        found: set[str] = set()
        pending = [property_iri]
        while pending:
            new = self._above.get(pending.pop(), set()) - found
            found |= new
            pending += new
        return found
