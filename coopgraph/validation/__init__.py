"""Triples and shapes in, violations out: SHACL Core over pyoxigraph terms.

``compile_shapes`` reads a shapes graph once and gives a ``Validator``; the validator is then
applied to one record's triples at a time. ``reference`` does the same job with pySHACL, for
small or unusual graphs and to hold this room to account in tests; it is imported on its own,
so that the fast path does not load pySHACL.

Specification: https://www.w3.org/TR/shacl/ sections 2 to 4.
"""

from __future__ import annotations

from coopgraph.validation.report import Violation
from coopgraph.validation.validator import Validator, compile_shapes

__all__ = ["Validator", "Violation", "compile_shapes"]
