"""A standard as publishing applies it: what to check by, what to infer, what to find by words."""

from __future__ import annotations

from functools import cached_property

from coopgraph.publish.inference import Inference
from coopgraph.search import Reader
from coopgraph.standard import Standard
from coopgraph.validation import Validator
from coopgraph.validation.checking import standard_validator


class Compiled:
    """Each part is compiled when it is first asked for, and serves as long as the standard."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard

    @cached_property
    def validator(self) -> Validator:
        """Its shapes."""
        return standard_validator(self.standard)

    @cached_property
    def inference(self) -> Inference:
        """Its rules, and how it places towns."""
        return Inference.of(self.standard)

    @cached_property
    def reader(self) -> Reader:
        """What is found by words."""
        return Reader(self.standard)
