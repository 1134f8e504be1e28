"""``/check`` as an API: files go in, outcomes come out, nothing stays behind."""

from __future__ import annotations

import io
import json
import os
import socket
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from coopgraph.errors import CheckLimit
from coopgraph.handover import GIVEN, Task
from coopgraph.namespaces import iri
from coopgraph.query import ClientGone
from coopgraph.settings import Settings
from coopgraph.web import checks, create_app
from coopgraph.web.checks import Checks

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LIST = (
    "id,name,kind,country,founded\n"
    "1,Harbour Bakery,food-cooperative,CA,1985\n"
    "2,=cmd|' /C calc'!A0,cooperative,CA,31/12/1985\n"
)
FOREIGN = "Nr;Firma;Art;Land;Gegründet\n1;Teigwaren eG;cooperative;DE;31.12.1985\n"
Send = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where files are put while they are checked; after each test nothing may be there."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def send() -> Send:
    """``send("id,name\\n…")`` → the answer. ``limits`` are settings, ``options`` form fields."""

    def post(
        content: str | bytes,
        name: str = "list.csv",
        *,
        accept: str = "*/*",
        limits: dict[str, int] | None = None,
        **options: Any,
    ) -> TestResponse:
        data = content.encode() if isinstance(content, str) else content
        fields = {"file": FileStorage(io.BytesIO(data), name), **options}
        boundary, body = encode_multipart(MultiDict(fields))
        media_type = f'multipart/form-data; boundary="{boundary}"'
        headers = {"Accept": accept}
        client = client_of(**(limits or {}))
        return client.post("/check", data=body, content_type=media_type, headers=headers)

    return post


@lru_cache
def client_of(**limits: int) -> FlaskClient:
    """A client of a service that has published nothing."""
    settings = Settings(home=Path("/nowhere"), url="https://coops.example", **limits)  # type: ignore[arg-type]
    return create_app(settings).test_client()


def content(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    found = json.loads(response.data)
    assert isinstance(found, dict)
    return found


def problem(response: TestResponse, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    found = json.loads(response.data)
    assert isinstance(found, dict)
    return found


# Outcomes ------------------------------------------------------------------------------------


def test_the_report_has_findings_columns_and_a_preview(send: Send) -> None:
    response = send(LIST)
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    report = content(response)
    assert report["name"] == "list.csv"
    assert report["conforms"] is False
    assert report["tables"]["organization"]["quarantined"] == 1
    [group] = report["groups"]
    assert group["listed"][0]["mend"] == "1985-12-31"
    assert [item["target"] for item in report["columns"]] == [
        "id", "name", "kind", "country", "founded",
    ]  # fmt: skip
    first, second = report["preview"]["rows"]
    assert first["findings"] == []
    assert second["findings"][0]["column"] == "founded"
    assert second["cells"][1] == "=cmd|' /C calc'!A0"


def test_a_report_is_as_the_openapi_document_says(send: Send, client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    assert document is not None
    schemas = document["components"]["schemas"]
    for file in (LIST, FOREIGN):
        fits(content(send(file)), schemas["CheckReport"], schemas)
    limits = client.get("/check", headers={"Accept": "application/json"})
    fits(content(limits), schemas["CheckLimits"], schemas)


def fits(value: object, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Whether a value has the types and keys that a schema names, and no other keys."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    kinds = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool,
        "null": type(None), "array": list, "object": dict,
    }  # fmt: skip
    names = schema.get("type", [])
    allowed = [names] if isinstance(names, str) else names
    assert not allowed or any(isinstance(value, kinds[name]) for name in allowed), (value, schema)
    assert value in schema.get("enum", [value])
    if isinstance(value, list):
        for item in value:
            fits(item, schema["items"], schemas)
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= value.keys()
        for key, item in value.items():
            if "properties" in schema:
                fits(item, schema["properties"][key], schemas)
            elif "additionalProperties" in schema:
                fits(item, schema["additionalProperties"], schemas)


def test_the_workbook_comes_back_coloured_and_holds_no_formula(send: Send) -> None:
    response = send(LIST, accept=XLSX)
    assert response.mimetype == XLSX
    assert "list-checked.xlsx" in response.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    assert book.sheetnames == ["Findings", "list"]
    sheet = book["list"]
    assert sheet["E3"].fill.fgColor.rgb == "00F8C9C4"
    assert "1985-12-31" in sheet["E3"].comment.text
    assert (sheet["B3"].data_type, sheet["B3"].value) == ("s", "=cmd|' /C calc'!A0")


def test_the_sound_rows_come_as_rdf_with_open_names(send: Send) -> None:
    response = send(LIST, accept="text/turtle")
    assert response.headers["Content-Disposition"].startswith("attachment")
    turtle = {q.triple for q in parse(response.data, format=RdfFormat.TURTLE)}
    assert {triple.subject for triple in turtle} == {NamedNode("https://check.invalid/file/1")}
    assert iri("skos:prefLabel") in {triple.predicate for triple in turtle}
    linked = json.loads(send(LIST, format="jsonld").data)
    assert linked["@context"] == "https://coops.example/context.jsonld"
    assert [item["id"] for item in linked["@graph"]] == ["https://check.invalid/file/1"]


def test_inline_json_ld_says_the_same_as_turtle(send: Send) -> None:
    body = {"data": LIST, "content_type": "text/csv"}
    response = client_of().post("/check?format=jsonld&context=inline", **body)  # type: ignore[arg-type]
    linked = {q.triple for q in parse(response.data, format=RdfFormat.JSON_LD)}
    turtle = {q.triple for q in parse(send(LIST, format="ttl").data, format=RdfFormat.TURTLE)}
    assert linked == turtle


def test_the_mapping_comes_as_yaml_and_goes_in_again(send: Send) -> None:
    response = send(FOREIGN, accept="application/yaml", language="de")
    assert "Firma" in response.text
    report = content(send(FOREIGN, mapping=response.text))
    assert report["columns"] is None
    assert report["tables"]["organisations"]["published"] == 1
    as_file = FileStorage(io.BytesIO(response.data), "mapping.yaml")
    assert content(send(FOREIGN, mapping=as_file)) == report


def test_metadata_goes_in_as_a_mapping(send: Send) -> None:
    fields = [{"name": "Firma", "rdfType": "schema:name"}, {"name": "Nr"}]
    schema = {"fields": fields, "primaryKey": "Nr"}
    as_file = FileStorage(io.BytesIO(json.dumps(schema).encode()), "list.schema.json")
    report = content(send(FOREIGN, mapping=as_file))
    assert report["columns"] is None
    assert report["mapping"]["metadata"] == "list.schema.json"
    assert any(note.startswith("list.schema.json was used") for note in report["notes"])
    given = send(FOREIGN, mapping=json.dumps(schema), format="yaml").text
    assert "# 100 %: mapping.yaml: rdfType schema:name" in given
    assert content(send(FOREIGN, mapping=given))["tables"] == report["tables"]
    broken = FileStorage(io.BytesIO(b'{"fields": ['), "../list.schema.json")
    detail = problem(send(FOREIGN, mapping=broken), 400)["detail"]
    assert detail.startswith("list.schema.json: this is no JSON")


def test_a_page_to_keep_holds_no_script(send: Send) -> None:
    response = send(LIST, format="report")
    assert response.mimetype == "text/html"
    assert "list-report.html" in response.headers["Content-Disposition"]
    assert "<script" not in response.text
    assert "Content-Security-Policy" in response.headers


def test_the_body_may_be_the_file_itself() -> None:
    client = client_of()
    plain = client.post("/check?name=../members.csv", data=LIST, content_type="text/csv")
    assert content(plain)["name"] == "members.csv"
    objects = json.dumps([{"id": "1", "name": "A", "kind": "cooperative"}])
    document = client.post("/check", data=objects, content_type="application/json")
    assert content(document)["conforms"] is True
    assert content(document)["name"] == "file.json"


def test_options_are_taken_from_the_address_and_the_form(send: Send) -> None:
    sites = "id,organisation,site_name\n1,7,Shop\n"
    assert "sites" in content(send(sites, entity="site"))["tables"]
    client = client_of()
    found = client.post("/check?entity=site", data=sites, content_type="text/csv")
    assert "sites" in content(found)["tables"]


def test_a_sheet_is_chosen_by_name(send: Send) -> None:
    book = openpyxl.Workbook()
    for title in ("One", "Two"):
        sheet = book.create_sheet(title)
        sheet.append(["id", "name", "kind"])
        sheet.append(["1", title, "cooperative"])
    data = io.BytesIO()
    book.save(data)
    told = problem(send(data.getvalue(), "book.xlsx"), 422)
    assert "several sheets, “Sheet”, “One”, “Two”" in told["detail"]
    report = content(send(data.getvalue(), "book.xlsx", sheet="two"))
    assert report["preview"]["rows"][0]["cells"][1] == "Two"


def test_names_from_outside_stay_in_headers_and_folders(send: Send) -> None:
    for name in ('a"; x=".csv', "..\\..\\é\r\nX-Evil: 1.csv", "x" * 300 + ".csv", "日本.csv"):
        response = send(LIST, name, format="ttl")
        assert response.status_code in (200, 400)  # of a form that a line break has broken
        assert "X-Evil" not in response.headers
        assert all("\n" not in value for _, value in response.headers)


# Refusals ------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A workbook whose sheet unpacks to 64 MB of nothing."""
    return packed(b" " * (64 << 20))


def packed(sheet: bytes) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    plain, found = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(found, "w", 8) as target:
        for item in source.namelist():
            is_sheet = item == "xl/worksheets/sheet1.xml"
            target.writestr(item, sheet if is_sheet else source.read(item))
    return found.getvalue()


def locked() -> bytes:
    name = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_024) + name + bytes(1_024)


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
FAR = b'<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"/></row></sheetData></worksheet>'


@pytest.mark.parametrize(
    ("name", "make", "why"),
    [
        ("bomb.xlsx", bomb, "packed more than 100 to 1"),
        ("entities.xlsx", lambda: packed(ENTITIES), ""),
        ("far.xlsx", lambda: packed(FAR), ""),
        ("locked.xlsx", locked, "locked with a password"),
        ("truncated.xlsx", lambda: packed(b"<worksheet/>")[:2_000], "damaged"),
        ("page.xls", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        ("nul.csv", lambda: b"id,name\n1,\0\0\0\n" * 99, ""),
        ("zeros.csv", lambda: bytes(1 << 20), ""),
        (
            "wide.csv",
            lambda: ",".join(f"c{n}" for n in range(100_000)).encode(),
            "at most 16,384 are read",
        ),
        ("empty.csv", lambda: b"\n", "empty"),
        ("file.pdf", lambda: b"%PDF-1.7\n", "a PDF"),
        ("deep.json", lambda: b"[" * 100_000, ""),
    ],
)
def test_a_hostile_file_is_refused_in_words(
    send: Send, name: str, make: Callable[[], bytes], why: str
) -> None:
    told = problem(send(make(), name), 422)
    assert told["detail"].startswith(name)
    assert why in told["detail"]
    assert "Traceback" not in told["detail"]


def test_a_refusal_says_where(send: Send) -> None:
    told = problem(send('id,name\n1,"open\n'), 422)
    assert told["row"] == 2


@pytest.mark.parametrize("length", [None, 3_000_000, 2 << 30])
def test_what_is_too_large_is_refused_before_it_is_read(length: int | None) -> None:
    response = client_of(check_file_mb=1).post(
        "/check",
        input_stream=io.BytesIO(b"id,name\n" * 400_000),
        content_type="text/csv",
        content_length=length,
        environ_overrides={"wsgi.input_terminated": True},
    )
    told = problem(response, 413)
    assert told["type"] == "https://coops.example/api#check-limit"
    assert told["limit"] == "file"
    assert "1 MB" in told["detail"]
    assert "coopgraph check" in told["detail"]


def test_a_file_a_little_over_the_limit_is_refused_as_well() -> None:
    client = client_of(check_file_mb=1)
    body = b"id,name\n" * (1 << 17) + b"1"
    assert problem(client.post("/check", data=body, content_type="text/csv"), 413)


def test_more_rows_than_are_checked_are_refused(send: Send) -> None:
    told = problem(send(LIST, limits={"check_rows": 1}), 413)
    assert told["limit"] == "rows"
    assert send(LIST, limits={"check_rows": 2}).status_code == 200


def many(rows: int) -> str:
    lines = (f"{n},Crumb Society {n},cooperative,CA,19{n % 90 + 10}" for n in range(rows))
    return "id,name,kind,country,founded\n" + "\n".join(lines)


def test_a_check_that_takes_too_long_is_stopped(send: Send) -> None:
    told = problem(send(many(49_000), limits={"check_seconds": 1}), 503)
    assert told["limit"] == "time"
    assert "1 seconds" in told["detail"]


def test_a_check_that_needs_too_much_memory_is_stopped(send: Send) -> None:
    told = problem(send(many(30_000), limits={"check_memory_mb": 32}, format="ttl"), 503)
    assert told["limit"] == "memory"


def test_an_outcome_that_is_too_large_is_not_sent(send: Send) -> None:
    told = problem(send(many(9_000), limits={"check_result_mb": 1}, format="ttl"), 503)
    assert told["limit"] == "size"


def test_rows_of_a_template_take_no_choices(send: Send) -> None:
    for options in ({"format": "yaml"}, {"column": "name", "target": "alternate_name"}):
        assert (
            "feed what they are called"
            in problem(send(LIST, entity="organization", **options), 400)["detail"]
        )
    assert content(send(LIST, entity="organization"))["columns"] is None


def test_a_descriptor_without_a_name_is_of_the_dataset_file(send: Send) -> None:
    mapping = (
        "title: A\ndescription: B\npublisher: {name: C}\nlicence: unstated\n"
        "tables:\n  organisations: {file: list.csv, key: id}\n"
        "  names: {file: list.csv, key: id, parent: id, entity: Organization, "
        "columns: {alternate_name: name}}\n"
    )
    turtle = send(LIST, mapping=mapping, format="ttl", limits={"check_rows": 2})
    assert turtle.status_code == 200, turtle.text
    assert "<https://check.invalid/file/1>" in turtle.text


def test_options_at_odds_are_refused(send: Send) -> None:
    assert "no BCP 47 tag" in problem(send(LIST, language="a tongue"), 400)["detail"]
    assert "leave out sheet" in problem(send(LIST, mapping="key: x", sheet="A"), 400)["detail"]
    assert problem(send(LIST, mapping="- [a"), 400)["detail"].startswith("mapping.yaml")
    assert "no format" in problem(send(LIST, format="pdf"), 400)["detail"]
    assert "1 times" in problem(send(LIST, column="name"), 400)["detail"]
    assert problem(send(LIST, entity="ship"), 400)
    assert problem(send(LIST, sheet="x" * 201), 400)
    assert problem(send(LIST, accept="image/png"), 406)["available"]
    client = client_of()
    empty = client.post("/check", data={"file": (io.BytesIO(), "")})
    assert "There is no file" in problem(empty, 400)["detail"]
    assert problem(client.post("/check", data="", content_type="text/csv"), 400)
    urlencoded = client.post("/check", data="a=b", content_type="application/x-www-form-urlencoded")
    assert problem(urlencoded, 415)
    assert problem(client_of(check_processes=0).post("/check"), 403)


# Places, clients, folders --------------------------------------------------------------------


def test_a_second_check_at_once_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_PATIENCE_S", 0.1)
    client = client_of()
    known = client.application.extensions["coopgraph"].checks
    assert known._places.acquire()
    body = {"data": LIST, "content_type": "text/csv"}
    response = client.post("/check", **body)  # type: ignore[arg-type]
    assert problem(response, 429)["title"] == "Too Many Requests"
    assert int(response.headers["Retry-After"]) > 0
    known._places.release()
    assert client.post("/check", **body).status_code == 200  # type: ignore[arg-type]


def test_two_real_checks_at_once_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_PATIENCE_S", 0.1)
    client = client_of()
    found: list[int] = []

    def post() -> None:
        response = client.application.test_client().post(
            "/check", data=many(5_000), content_type="text/csv"
        )
        found.append(response.status_code)

    threads = [threading.Thread(target=post) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 429, 429]


def test_a_check_ends_when_its_client_has_gone(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    known = Checks(Settings(home=tmp_path))
    with ours, known.folder() as folder:
        (folder / GIVEN / "list.csv").write_text(many(20_000), encoding="utf-8")
        theirs.close()
        with pytest.raises(ClientGone):
            known.run(folder, Task("list.csv", "json"), ours)
        assert processes_in(folder) == []


def test_a_check_over_its_time_leaves_no_process(tmp_path: Path) -> None:
    known = Checks(Settings(home=tmp_path, check_seconds=1))
    with known.folder() as folder:
        (folder / GIVEN / "list.csv").write_text(many(49_000), encoding="utf-8")
        with pytest.raises(CheckLimit):
            known.run(folder, Task("list.csv", "json"))
        assert processes_in(folder) == []


def processes_in(folder: Path) -> list[str]:
    """The processes whose command names a folder."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in command.read_bytes():
                found.append(command.parent.name)
        except OSError:
            continue
    return found


def test_the_folder_is_private_and_what_a_killed_server_left_is_removed(
    tmp_path: Path, temporary: Path
) -> None:
    known = Checks(Settings(home=tmp_path))
    left = temporary / "coopgraph-check-left"
    left.mkdir()
    (left / "list.csv").write_text(LIST, encoding="utf-8")
    os.utime(left, (time.time() - 3_600, time.time() - 3_600))
    with known.folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert not left.exists()
        os.utime(folder, (time.time() - 3_600, time.time() - 3_600))
        with known.folder():
            assert folder.exists()  # its server is alive


def test_the_form_needs_nothing_published_and_tells_its_limits() -> None:
    client = client_of(check_rows=1_234)
    page = client.get("/check", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "1,234 rows" in page.text
    limits = client.get("/check", headers={"Accept": "application/json"})
    assert content(limits)["rows"] == 1_234


# Over a real connection ----------------------------------------------------------------------


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of a short name: the address of a socket in it has room for 107 bytes."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    yield made
    made.rmdir()  # nothing is left in it


@pytest.fixture
def url(
    home: Path, folder: Path, start_server: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a real server that puts files into the folder."""
    monkeypatch.setenv("TMPDIR", str(folder))
    with start_server(home) as (address, _):
        yield address
        until(lambda: not list(folder.glob("coopgraph-check-*")))


def connected(url: str, length: int, body: bytes) -> socket.socket:
    """A connection over which the beginning of a request was sent."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    head = f"Content-Type: text/csv\r\nContent-Length: {length}\r\nConnection: close"
    connection.sendall(f"POST /check HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode() + body)
    return connection


def test_a_real_server_checks_and_keeps_nothing(url: str) -> None:
    body = LIST.encode()
    with connected(url, len(body), body) as connection, connection.makefile("rb") as answer:
        text = answer.read()
    assert text.startswith(b"HTTP/1.1 200 ")
    assert b'"quarantined": 1' in text


def test_a_real_server_refuses_two_gigabytes_at_their_first_byte(url: str) -> None:
    with connected(url, 2 << 30, b"id,name\n") as connection, connection.makefile("rb") as answer:
        assert answer.readline().startswith(b"HTTP/1.1 413 ")


def test_a_real_server_drops_the_check_of_a_client_that_hangs_up(url: str, folder: Path) -> None:
    body = many(20_000).encode()
    with connected(url, len(body), body):
        until(lambda: bool(processes_in(folder)))
    until(lambda: not processes_in(folder))


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
