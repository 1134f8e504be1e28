"""The standard: read ``ontology/`` and ``shapes/``, and derive what other rooms need."""

from coopgraph.standard.crosswalks import Crosswalk
from coopgraph.standard.model import Code, CodeList, EntityType, Field, Group, Kind, Standard
from coopgraph.standard.reading import read_standard

__all__ = [
    "Code",
    "CodeList",
    "Crosswalk",
    "EntityType",
    "Field",
    "Group",
    "Kind",
    "Standard",
    "read_standard",
]
