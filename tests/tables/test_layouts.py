"""Where a table stands, as descriptors say it; and said again as they would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopgraph.errors import DescriptorError
from coopgraph.tables.layouts import parse_layout, write_layout
from coopgraph.tables.reading import Dialect, Layout
from coopgraph.tables.sections import Section


@given(
    st.builds(
        Layout,
        sheet=st.sampled_from(["", "Members"]),
        header=st.none() | st.integers(1, 1_000),
        dialect=st.builds(
            Dialect,
            encoding=st.sampled_from(["", "utf-8-sig", "cp1252", "utf-16"]),
            delimiter=st.sampled_from([",", ";", "\t", ""]),
            quote=st.sampled_from(['"', "'", ""]),
            escape=st.sampled_from(["", "\\"]),
            comment=st.sampled_from(["", "#", "//"]),
            is_spaced=st.booleans(),
        ),
    )
)
def test_what_is_written_is_read_again(layout: Layout) -> None:
    assert parse_layout(Section("m.yaml", write_layout(layout))) == layout


def test_what_is_usual_is_not_written() -> None:
    assert write_layout(Layout()) == {}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"dialect": {"delimiter": ";;"}}, "dialect.delimiter: this must be one character"),
        ({"dialect": {"delimiter": "\n"}}, "dialect.delimiter: this must be one character"),
        ({"dialect": {"quote": ",", "delimiter": ","}}, "dialect: delimiter, quotation mark and"),
        ({"dialect": {"encoding": "rot13"}}, "dialect.encoding: “rot13” is no encoding of texts"),
        ({"dialect": {"encoding": "a\0"}}, "dialect.encoding"),
        ({"dialect": {"comment": "#" * 21}}, "dialect.comment: this must be a few"),
        ({"dialect": {"spaced": "yes"}}, "dialect.spaced: this must be true or false"),
        ({"dialect": {"delimeter": ";"}}, "did you mean “delimiter”"),
        ({"names": ["a", "a"]}, "names: each column needs a name of its own"),
        ({"names": ["a"], "header": 1}, "names: either a row names the columns"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(said: dict[str, object], message: str) -> None:
    with pytest.raises(DescriptorError, match=message):
        parse_layout(Section("m.yaml", said))
