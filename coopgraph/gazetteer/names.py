"""Names of towns, as they are compared: without case, accents and marks."""

from __future__ import annotations

import re

from coopgraph.folding import fold

_MARKS = re.compile(r"[\W_]+")


def plain_name(name: str) -> str:
    """A name as it is looked up.

    >>> plain_name("Bad Münder am Deister"), plain_name("L’Haÿ-les-Roses"), plain_name("ŁÓDŹ")
    ('bad munder am deister', 'l hay les roses', 'lodz')
    """
    return _MARKS.sub(" ", fold(name)).strip()
