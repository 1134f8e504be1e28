"""What follows from what the sources of an organisation say, as it is published."""

from __future__ import annotations

from pyoxigraph import NamedNode

from coopgraph.gazetteer import Places
from coopgraph.reasoning import Rules, compile_rules
from coopgraph.standard import Standard


class Inference:
    """Rules, and a point in the middle of its town where no source gives one."""

    def __init__(self, rules: Rules, places: Places) -> None:
        self.rules = rules
        self._places = places

    @classmethod
    def of(cls, standard: Standard) -> Inference:
        """As a standard has it; compiling takes a while, and serves as long as the standard."""
        return cls(compile_rules(standard.ontology), Places(standard))

    def __call__(self, organization: NamedNode, facts: set[str]) -> set[str]:
        """Lines that follow from an organisation's own."""
        placed = self._places.points(organization, facts)
        return self.rules.infer([*facts, *placed]).union(placed)
