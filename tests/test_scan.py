"""The scan sees through strings, comments and IRIs, and what it lets pass asks no other server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad, Store

from coopgraph.errors import QueryRefused
from coopgraph.scan import MOST_TOKENS, Scan, scan

# No request leaves: the engine itself refuses this port, which shows that it tried.
TARGET = "<http://127.0.0.1:9/>"


def read(text: str, depth: int = 64, size: int = 65_536) -> Scan:
    return scan(text, most_bytes=size, most_depth=depth)


def refused(text: str, **limits: int) -> QueryRefused:
    with pytest.raises(QueryRefused) as caught:
        read(text, **limits)
    return caught.value


# SERVICE --------------------------------------------------------------------------------------

REACHING_OUT = [
    f"SELECT * {{ SERVICE {TARGET} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ service silent {TARGET} {{ ?s ?p ?o }} }}",
    f"SELECT*{{SERVICE{TARGET}{{?s ?p ?o}}}}",
    f"SELECT * {{ ?s ?p 1SERVICE{TARGET}{{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p true SERVICE{TARGET}{{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p 'x'SERVICE{TARGET}{{ ?s ?p ?o }} }}",
    "PREFIX : <http://127.0.0.1:9/> SELECT * { SERVICE:x{ ?s ?p ?o } }",
    "PREFIX x: <http://127.0.0.1:9/> SELECT * { SERVICESILENTx:y{ ?s ?p ?o } }",
    f"SELECT * {{ FILTER(1<'>')SERVICE {TARGET} {{ ?s ?p ?o }} FILTER('a'='b') }}",
    f"SELECT * {{ FILTER(1<#>'''\n2) SERVICE {TARGET} {{ ?s ?p ?o }} FILTER(\"'''\"=\"\") }}",
    "PREFIX x: <urn:x:> SELECT * { ?s x:a\\'b ?o . "
    f"SERVICE {TARGET} {{ ?s ?p ?o }} ?s x:a\\'c ?o }}",
    f"SELECT * {{ # comment\n SERVICE {TARGET} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ # comment\r SERVICE {TARGET} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p '\\\\' SERVICE {TARGET} {{ ?s ?p ?o }} }}",
    f'SELECT * {{ ?s ?p """a"" """ SERVICE {TARGET} {{ ?s ?p ?o }} }}',
    f"SELECT * {{ FILTER EXISTS {{ SERVICE {TARGET} {{ ?s ?p ?o }} }} }}",
    f"ASK {{ {{ SELECT * {{ SERVICE {TARGET} {{ ?s ?p ?o }} }} }} }}",
    f"CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE {TARGET} {{ ?s ?p ?o }} }}",
    f"DESCRIBE ?s {{ SERVICE {TARGET} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH ?g {{ SERVICE {TARGET} {{ ?s ?p ?o }} }} }}",
    f"SELECT * {{ OPTIONAL {{ SERVICE {TARGET} {{ ?s ?p ?o }} }} }}",
    f"SELECT * {{ {{}} UNION {{ SERVICE {TARGET} {{ ?s ?p ?o }} }} }}",
    f"SELECT * {{ {{}} MINUS {{ SERVICE {TARGET} {{ ?s ?p ?o }} }} }}",
    "SELECT * { BIND(<http://127.0.0.1:9/> AS ?e) SERVICE ?e { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", REACHING_OUT)
def test_service_is_refused_wherever_it_stands(text: str) -> None:
    assert "SERVICE" in str(refused(text))


def test_an_escaped_keyword_is_refused() -> None:
    refused("SELECT * { \\u0053ERVICE <x> { ?s ?p ?o } }")
    refused("SELECT * { S\\U00000045RVICE <x> { ?s ?p ?o } }")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE' }",
        'SELECT * { ?s ?p "it\'s a SERVICE" }',
        "SELECT * { ?s ?p '''a 'SERVICE' ''' }",
        'SELECT * { ?s ?p """ " SERVICE "" """ }',
        'SELECT * { ?s ?p "\\" SERVICE" }',
        "SELECT * { ?s ?p ?o } # SERVICE",
        "SELECT * { ?s <http://x.example/SERVICE> ?service }",
        "SELECT * { ?s <http://x.example/o'b#SERVICE> 'SERVICE' }",
        "SELECT * { ?s x:service :service , _:service , $service , 'a'@en-service }",
        "SELECT * { ?s x:customer-service.desk ?o }",
        "SELECT * { ?s ?p '\\u0053ERVICE' }",
    ],
)
def test_the_word_in_data_is_no_service(text: str) -> None:
    assert read(text).form == "SELECT"


@given(st.text(max_size=60))
def test_strings_never_hide_it(text: str) -> None:
    quoted = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    )
    refused(f'SELECT * {{ ?s ?p "{quoted}" . SERVICE {TARGET} {{ ?s ?p ?o }} }}')
    refused(f'SELECT * {{ SERVICE {TARGET} {{ ?s ?p "{quoted}" }} }}')


@given(st.text(alphabet="SERVICE'\"\\<>#{}()[] \n\r?:u0053@.-_$,x1a=", max_size=80))
def test_whatever_stands_before_it_is_seen_or_is_no_query(text: str) -> None:
    """Where the engine would ask another server, the scan has refused."""
    query = f"SELECT * {{ {text} SERVICE {TARGET} {{ ?s ?p ?o }} }}"
    if reaches_out(query):
        refused(query)


# Pieces that tokenise differently for a careless reader, between valid parts of a query.
TRICKS = st.sampled_from(
    [
        "?s ?p ?o .",
        "FILTER(1<2)",
        "FILTER(1<'>')",
        'FILTER(1<">")',
        "FILTER(1<#>'\n2)",
        "FILTER(1<#>'''\n2)",
        "FILTER('''' '''='')",
        'FILTER("""" """="")',
        "FILTER('\\''='')",
        "FILTER('#'='')",
        "FILTER('\\\\'='')",
        "?s x:a\\'b ?o .",
        "?s x:a\\#b ?o .",
        "?s x:a\\\\ ?o .",
        "?s x:a%27b ?o .",
        "?s <urn:x:'> ?o .",
        "?s <urn:x:#'> ?o .",
        "?s <http://x.example/'#> ?o .",
        "# ' \n",
        '# " \r',
        '?s ?p "a"@en .',
        "?s ?p 1 .",
        "?s ?p 1.5e3 .",
        "_:a ?p _:b.c .",
        "?s ?p '\\u0027' .",
        "FILTER(?a<?b&&?c>?d)",
    ]
)


@given(st.lists(TRICKS, max_size=4), st.lists(TRICKS, max_size=4))
def test_no_trick_hides_it_from_the_scan_and_shows_it_to_the_engine(
    before: list[str], after: list[str]
) -> None:
    text = (
        f"PREFIX x: <urn:x:> SELECT * {{ {' '.join(before)} "
        f"SERVICE {TARGET} {{ ?s ?p ?o }} {' '.join(after)} }}"
    )
    if reaches_out(text):
        refused(text)


def test_the_engine_does_reach_out_when_it_is_let() -> None:
    """Otherwise the tests above would show nothing."""
    reaching = [text for text in REACHING_OUT if reaches_out(text)]
    assert len(reaching) > len(REACHING_OUT) / 2


def reaches_out(text: str) -> bool:
    """Whether the engine, run on its own, tries to ask the other server."""
    store = Store()
    store.extend([Quad(NamedNode("urn:x:s"), NamedNode("urn:x:ab"), NamedNode("urn:x:o"))])
    try:
        answer = store.query(text)
        for _ in answer if hasattr(answer, "__iter__") else ():
            pass
    except OSError:
        return True
    except (SyntaxError, RuntimeError, ValueError):
        return False
    return False


# Depth, size, tokens --------------------------------------------------------------------------


@pytest.mark.parametrize("pair", ["{}", "()", "[]"])
def test_deep_nesting_is_refused(pair: str) -> None:
    deep = f"SELECT * {{\n{pair[0] * 70}{pair[1] * 70} }}"
    error = refused(deep)
    assert error.line == 2
    assert "64" in str(error)
    read(f"SELECT * {{ {pair[0] * 60}{pair[1] * 60} }}")


def test_depth_cannot_hide_in_what_looks_like_an_iri() -> None:
    refused("SELECT * { FILTER(?a<" + "(" * 70 + "?b>?c" + ")" * 70 + ") }")


def test_brackets_in_strings_do_not_count() -> None:
    read(f"SELECT * {{ ?s ?p '{'(' * 200}' }}")


def test_depth_counts_what_is_open_and_not_what_was() -> None:
    read("SELECT * { " + "{} " * 500 + "}")


def test_a_long_query_is_refused() -> None:
    assert "at most 100" in str(refused("SELECT * {}" + " " * 200, size=100))
    read("SELECT * { ?s ?p 'é' }", size=23)
    refused("SELECT * { ?s ?p 'é' }", size=22)


def test_a_chain_that_would_overflow_the_engine_is_refused() -> None:
    assert f"{MOST_TOKENS:,}" in str(refused("SELECT * { BIND(1" + "+1" * 5_000 + " AS ?x) }"))


# FROM and forms -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <urn:a> FROM <urn:b> {}",
        "SELECT*FROM<urn:a>FROM<urn:b>{}",
        "PREFIX x: <urn:x:> SELECT * FROM x:a\nFROM x:b {}",
        "CONSTRUCT { ?s ?p ?o } FROM <urn:a> from <urn:b> { ?s ?p ?o }",
        "SELECT * FROM <urn:a> FROM NAMED <urn:c> FROM <urn:b> {}",
    ],
)
def test_graphs_of_several_from_are_found(text: str) -> None:
    found = read(text)
    assert found.default_graphs in (("<urn:a>", "<urn:b>"), ("x:a", "x:b"))
    assert found.named_graphs == (("<urn:c>",) if "NAMED" in text else ())
    assert text[found.prologue_end :].startswith(found.form)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <urn:a> FROM NAMED <urn:b> FROM NAMED <urn:c> {}",
        "PREFIX from: <urn:from:> SELECT * FROM from:a { from:a from:b from:c }",
        "SELECT ?from { ?from ?from ?from }",
    ],
)
def test_one_from_and_the_word_elsewhere_are_no_more_than_one(text: str) -> None:
    assert len(read(text).default_graphs) == ("FROM" in text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM <urn:a> F\\u0052OM <urn:b> {}",
        "SELECT (?a<?b AS ?x) (\"'\" AS ?y) ('>' AS ?z) FROM <urn:a> FROM <urn:b> {}",
        "DESCRIBE from:a from:b",
        "SELECT * FROM NAMED:a FROM NAMED named:b {}",
    ],
)
def test_doubtful_from_clauses_are_read_as_one_may_or_refused(text: str) -> None:
    try:
        found = read(text)
    except QueryRefused as error:
        assert "FROM" in str(error)
    else:
        assert len(found.default_graphs) + len(found.named_graphs) in (0, 2)


@pytest.mark.parametrize("form", ["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"])
def test_the_form_is_found(form: str) -> None:
    text = f"BASE <urn:b>\nPREFIX select: <urn:x:>\n# INSERT\n{form.lower()} * {{}}"
    assert read(text).form == form


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {}",
        "PREFIX x: <urn:x:>\ndelete where {}",
        "LOAD <urn:x>",
        "CLEAR ALL",
        "WITH <urn:x> DELETE {} WHERE {}",
    ],
)
def test_updates_are_refused(text: str) -> None:
    error = refused(text)
    assert "change" in str(error)
    assert error.line == text.count("\n") + 1


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except QueryRefused as error:
        assert error.line is None or error.line >= 1


def test_an_iri_full_of_escapes_without_an_end_is_read_quickly() -> None:
    """Each escape could once be read in several ways, so time grew exponentially."""
    text = "SELECT * { ?s ?p <" + "\\\\u00410041" * 2_000 + " }"
    assert read(text).form == "SELECT"


@pytest.mark.parametrize("prefix", ["a.ask:", "a-select:", "a-load:", "x.from:", ":"])
def test_a_prefix_is_no_keyword(prefix: str) -> None:
    found = read(f"PREFIX {prefix} <urn:x> PREFIX b: <urn:y> DESCRIBE <urn:x>")
    assert found.form == "DESCRIBE"


# SERVICE to allowed endpoints ------------------------------------------------------------------

HERE, THERE = "https://a.example/sparql", "https://b.example/sparql?x=1"


def read_with(text: str) -> Scan:
    return scan(text, most_bytes=65_536, most_depth=64, services=(HERE, THERE))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (f"SELECT * {{ SERVICE <{HERE}> {{}} }}", [0]),
        (f"SELECT*{{service SILENT<{THERE}>{{}}}}", [1]),
        (f"SELECT * {{ SERVICE #x\n <{THERE}> {{}} SERVICE\tSILENT #y\r <{HERE}> {{}} }}", [1, 0]),
        (f"SELECT * {{ ?s ?p 'SERVICE <{HERE}>' }} # SERVICE <{HERE}>", []),
    ],
)
def test_calls_of_allowed_endpoints_are_found_by_their_place(text: str, numbers: list[int]) -> None:
    found = read_with(text).services
    assert [call.number for call in found] == numbers
    for call in found:
        assert text[call.start : call.end] == f"<{(HERE, THERE)[call.number]}>"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {\nSERVICE ?e {} }",
        "SELECT * {\nSERVICE $e {} }",
        f"SELECT * {{\nSERVICE <{HERE}x> {{}} }}",
        "PREFIX a: <https://a.example/>\nSELECT * { SERVICE a:sparql {} }",
        "BASE <https://a.example/>\nSELECT * { SERVICE <sparql> {} }",
        f"SELECT * {{\nSERVICESILENT <{HERE}> {{}} }}",
        "SELECT * {\nSERVICE {} }",
    ],
)
def test_calls_of_others_are_refused_with_their_line(text: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        read_with(text)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ \\u0053ERVICE <{HERE}> {{}} }}",
        f"SELECT * {{ SERVICE <{HERE}> {{}} ?a ?b '\\u0027 \\u0053ERVICE <{HERE}> {{}} #' }}",
        f"SELECT * {{ FILTER(?a<'b'>?c) SERVICE <{HERE}> {{ ?s ?p '> SERVICE <{HERE}>' }} }}",
    ],
)
def test_calls_that_readings_disagree_about_are_refused(text: str) -> None:
    with pytest.raises(QueryRefused):
        read_with(text)


@pytest.mark.parametrize("word", ["FROM", "FROM NAMED", "SERVICE", "SERVICE SILENT"])
def test_comments_between_words_are_read_quickly(word: str) -> None:
    """Each sign of a comment could once be read in two ways, so time grew exponentially."""
    text = f"SELECT * {word} {'#' * 20_000}\n{{}}"
    try:
        read_with(text)
    except QueryRefused as error:
        assert "SERVICE" in str(error)


def test_an_iri_of_the_prologue_is_no_comparison() -> None:
    """Relative IRIs with a sign of a comment in them are common there."""
    for text in (
        "PREFIX : <#> SELECT * { ?s ?p 'customer service' }",
        "PREFIX : <#> PREFIX s: <http://example.org/service/> ASK {}",
        "PREFIX : <#>\n# at your service\nASK {}",
        "BASE <x(y> ASK { ?s ?p 'service' }",
    ):
        assert read(text).form in ("SELECT", "ASK")
    hidden = f"PREFIX prefix: <urn:x> ASK {{ ?s prefix:p ?a FILTER(?a<'>') SERVICE {TARGET} {{}} FILTER('a'='b') }}"
    assert "SERVICE" in str(refused(hidden))


def test_graphs_are_counted_also_behind_a_prefix() -> None:
    query = "SELECT (COUNT(*) AS ?n) (1<2&&'>'!='' AS ?z) FROM <g> FROM <h> { ?s ?p 'dup' }  #'"
    for text in (query, f"PREFIX ex: <http://e/>\n{query}"):
        assert "FROM" in str(refused(text))


def test_names_of_graphs_are_few_and_short() -> None:
    """What looks like a name and is none must not be kept, nor looked at, again and again."""
    assert "1,000 graphs" in str(refused("SELECT " + "FROMa:, " * 2_600 + "{}"))
    for part in ("FROMa:,", "FROM,", "FROM<x", "FROM a:"):
        found = read(f"SELECT {part * 900} \\u0041{'x' * 40_000}")
        names = (*found.default_graphs, *found.named_graphs)
        assert sum(map(len, names)) < 1_000_000
