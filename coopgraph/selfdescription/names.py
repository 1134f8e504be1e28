"""What the self-description calls its nodes: fragments of the address of one document, never
blank. Inner nodes are called by a hash of what they stand for, so that a new description replaces
the old one triple by triple.
"""

from __future__ import annotations

import hashlib

from pyoxigraph import NamedNode

from coopgraph.namespaces import VOID, VOID_EXTENSION


def document(base: str) -> NamedNode:
    """The description itself (``void:DatasetDescription``)."""
    return NamedNode(f"{base}void")


def merge(base: str) -> NamedNode:
    """The merge of all datasets, which is the default graph."""
    return NamedNode(f"{base}void#merge")


def inner(base: str, *parts: str) -> NamedNode:
    """The node that stands for some IRIs and words, in their order."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return NamedNode(f"{base}void#{digest}")


def void(name: str) -> NamedNode:
    """A term of VoID."""
    return NamedNode(VOID + name)


def void_extension(name: str) -> NamedNode:
    """A term of the extension that says of which datatypes the literals of a property are."""
    return NamedNode(VOID_EXTENSION + name)
