"""Where the files that travel with coopgraph are: ontology, shapes, queries, bundled data.

In a checkout they lie beside the package; in an installed wheel inside it. This module only
says where; rooms read them.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "bundled"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

ONTOLOGY = _ROOT / "ontology"
SHAPES = _ROOT / "shapes"
QUERIES = _ROOT / "queries"
DATA = _ROOT / "data"
