"""The hostile queries' files say what they mean, and make what they say."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.hostile.cases import FOLDER, OUTCOMES, Case, read_case, read_cases

HEADER = "#+ tries: something\n#+ expect: answered"
NOWHERE = {"sink": "127.0.0.1:9", "self": "127.0.0.1:8"}
MOST_BYTES = 4_096


def case(*lines: str, text: str = "ASK {}") -> Case:
    return read_case("made-up", "\n".join((HEADER, *lines)) + f"\n\n{text}\n")


# The files ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    found = read_cases()
    assert len(found) >= 60
    return found


def test_every_file_is_read_and_short(cases: list[Case]) -> None:
    files = list(FOLDER.glob("*.rq"))
    assert {path.stem for path in files} == {case.name for case in cases}
    assert [path.name for path in files if path.stat().st_size > MOST_BYTES] == []


def test_no_two_send_the_same(cases: list[Case]) -> None:
    sent = {
        (case.request(NOWHERE).body, case.request(NOWHERE).query, case.accept) for case in cases
    }
    assert len(sent) == len(cases)


def test_each_outcome_is_tried_for(cases: list[Case]) -> None:
    certain = [case.expect for case in cases if len(case.expect) == 1]
    assert {name for expected in certain for name in expected} == OUTCOMES.keys()


def test_service_and_load_name_the_listener(cases: list[Case]) -> None:
    calling = [case for case in cases if case.name.startswith(("service-", "load"))]
    assert len(calling) >= 20
    assert sum(b"127.0.0.1:9" in case.content(NOWHERE) for case in calling) >= 20


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("groups-10000", b"{ " * 10_000),
        ("parentheses-10000", b"(" * 10_000),
        ("values-5000", b" 4999 5000 "),
        ("long-literal", b"a" * 1_000_000),
        ("bytes-invalid", b"\xc3\x28"),
        ("bytes-null", b"\x00"),
    ],
)
def test_the_classic_attacks_are_among_them(cases: list[Case], name: str, text: bytes) -> None:
    [found] = [case for case in cases if case.name == name]
    assert text in found.content(NOWHERE)


# Reading them ---------------------------------------------------------------------------------


def test_a_repeated_text_counts() -> None:
    found = case('#+ repeat: rows = 3 x "(§ \\"§\\")\\n"', text="VALUES { «rows»}")
    assert found.content({}) == b'VALUES { (1 "1")\n(2 "2")\n(3 "3")\n}'


def test_bytes_are_sent_as_they_are() -> None:
    assert case("#+ bytes: bad = ff 00 c3", text="a«bad»é").content({}) == b"a\xff\x00\xc3\xc3\xa9"


def test_places_are_filled_in() -> None:
    assert case(text="<http://«sink»/>").content(NOWHERE) == b"<http://127.0.0.1:9/>"


def test_a_mark_that_nothing_stands_for_is_an_error() -> None:
    with pytest.raises(KeyError):
        case(text="«nothing»").content({})


def test_lines_are_counted_in_what_is_sent() -> None:
    assert case(text="ASK\n{}\n\n").content({}) == b"ASK\n{}\n\n"


def test_a_query_is_a_body_by_default() -> None:
    sent = case().request({})
    assert (sent.method, sent.query, sent.body) == ("POST", "", b"ASK {}")
    assert sent.headers["Content-Type"] == "application/sparql-query"


def test_a_form_and_an_address_hold_the_same() -> None:
    lines = ("#+ with: default-graph-uri=urn:a&b", "#+ with: x=1")
    form = case(*lines, "#+ send: form").request({})
    address = case(*lines, "#+ send: address").request({})
    assert form.body is not None
    assert (address.method, address.body) == ("GET", None)
    assert address.query == form.body.decode()
    assert parse_qs(address.query)["query"] == ["ASK {}"]


def test_a_parameter_may_be_repeated_by_the_thousand() -> None:
    repeated = '#+ repeat: graphs = 3 x "named-graph-uri=urn:x:§&"'
    sent = case(repeated, "#+ with: «graphs»named-graph-uri=urn:y").request({})
    assert parse_qs(sent.query)["named-graph-uri"] == ["urn:x:1", "urn:x:2", "urn:x:3", "urn:y"]


def test_an_update_is_sent_as_one() -> None:
    body, form = (case(f"#+ send: {way}").request({}) for way in ("update-body", "update-form"))
    assert body.headers["Content-Type"] == "application/sparql-update"
    assert form.body == b"update=ASK%20%7B%7D"


@pytest.mark.parametrize(
    "line",
    [
        "#+ expect: answered",
        "#+ unknown: x",
        "#+ line: 3",
        "#+ send: by-pigeon",
        '#+ repeat: rows = many x "§"',
        "#+ bytes: bad = xy",
        "# a comment",
    ],
)
def test_a_line_that_means_nothing_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="made-up|is not"):
        case(line)


def test_an_unknown_outcome_is_an_error() -> None:
    with pytest.raises(ValueError, match="dies"):
        read_case("made-up", "#+ tries: x\n#+ expect: answered or dies\n\nASK {}")


def test_the_folder_holds_nothing_else() -> None:
    kinds = {path.suffix for path in Path(FOLDER).iterdir() if path.is_file()}
    assert kinds == {".rq", ".py"}
