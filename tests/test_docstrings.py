"""The examples in docstrings do what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import coopgraph

MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(coopgraph.__path__, "coopgraph.")
    if not info.name.endswith("__main__")
)


def test_modules_are_found() -> None:
    assert len(MODULES) > 60
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = map(importlib.import_module, MODULES)
    examples = sum(len(t.examples) for module in modules for t in finder.find(module))
    assert examples > 10


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_hold(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} does not say what it is"
    assert doctest.testmod(module).failed == 0
