"""What validation gives: one ``Violation`` for each broken constraint (section 3.6)."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from coopgraph.rdf import Term


@dataclass(frozen=True, slots=True)
class Violation:
    """One validation result (section 3.6.2).

    ``focus`` is the node that was judged; ``path`` the IRI of a property, or a longer path as
    SPARQL text, or None when the node itself is at fault; ``value`` the value that broke the
    rule, where one value did; ``component`` the constraint component; ``shape`` the shape that
    declares the constraint; ``messages`` what that shape's ``sh:message`` says, if anything;
    ``constraint`` the node of a SPARQL-based constraint.
    """

    focus: Term
    path: str | None
    value: Term | None
    component: NamedNode
    shape: Term
    severity: NamedNode
    messages: tuple[Literal, ...]
    constraint: Term | None = None

    @property
    def message(self) -> str:
        """What it says in English, else in the language that it says first; "" if nothing."""
        english = [said for said in self.messages if said.language == "en"]
        return next((said.value for said in [*english, *self.messages]), "")
