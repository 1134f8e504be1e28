"""The page of ``/check`` without scripts: form, drop-downs, findings, and no word of a file raw."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from coopgraph.settings import Settings
from coopgraph.web import create_app

ROWS = "Nr;Firma;Ort;Gegründet;Bemerkung\n1;Teigwaren eG;Bern;1985;x\n2;Obst eG;Thun;13.13.1999;\n"
EVIL = '"><script>alert(1)</script>'
QUOTED = EVIL.replace('"', '""')  # as CSV has it
Parse = Callable[[str], Any]
Post = Callable[..., str]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(home=Path("/nowhere"), url="https://coops.example")).test_client()


@pytest.fixture
def post(client: FlaskClient) -> Post:
    """``post("id,name\\n…")`` → the page of the outcome; its status is looked at."""

    def run(rows: str, name: str = "list.csv", status: int = 200, **fields: Any) -> str:
        data = {"file": (io.BytesIO(rows.encode()), name), **fields}
        response = client.post("/check", data=data, headers={"Accept": "text/html"})
        assert response.status_code == status, response.text
        assert response.mimetype == "text/html"
        assert response.headers["Cache-Control"] == "no-store"
        return response.text

    return run


def chosen(page: Any) -> dict[str, str]:
    """What each drop-down of a page has chosen, by the name of its column."""
    names = [
        a["value"] for tag, a in page.attributes if tag == "input" and a.get("name") == "column"
    ]
    selects: list[list[dict[str, str]]] = []
    is_inside = False
    for tag, attributes in page.attributes:
        if tag == "select":
            is_inside = attributes.get("name") == "target"
            if is_inside:
                selects.append([])
        elif tag == "option" and is_inside:
            selects[-1].append(attributes)
    picked = [[a["value"] for a in options if "selected" in a] for options in selects]
    return dict(zip(names, [values[0] if values else "" for values in picked], strict=True))


def test_the_form_says_what_is_taken(client: FlaskClient, parse_page: Parse) -> None:
    response = client.get("/check", headers={"Accept": "text/html"})
    assert response.headers["ETag"]
    page = parse_page(response.text)
    assert "up to 10 MB and 50,000 rows" in response.text
    forms = [attributes for tag, attributes in page.attributes if tag == "form"]
    assert forms[0]["enctype"] == "multipart/form-data"
    assert forms[0]["action"] == "/check#result"
    labelled = {attributes["for"] for tag, attributes in page.attributes if tag == "label"}
    assert {"file", "sheet", "language", "entity", "mapping", "format"} <= labelled & page.ids


def test_each_column_has_a_drop_down_with_what_was_guessed(post: Post, parse_page: Parse) -> None:
    page = parse_page(post(ROWS, language="de"))
    assert chosen(page) == {
        "Nr": "", "Firma": "name", "Ort": "locality", "Gegründet": "founded", "Bemerkung": "",
    } | {"Nr": chosen(page)["Nr"]}  # fmt: skip
    assert "1 of 2 rows would not be published" in page.texts["h2"][0]
    assert "13.13.1999" in " ".join(page.texts["td"])
    languages = [a["value"] for tag, a in page.attributes if a.get("id") == "language"]
    assert languages == ["de"]


def test_what_is_chosen_is_shown_as_chosen(post: Post, parse_page: Parse) -> None:
    first = chosen(parse_page(post(ROWS)))
    picked = {**first, "Bemerkung": "description", "Ort": ""}
    page = parse_page(post(ROWS, column=list(picked), target=list(picked.values())))
    assert chosen(page) == picked
    assert "chosen by hand" in " ".join(page.texts["span"])


def test_options_beyond_the_template_are_kept(post: Post, parse_page: Parse) -> None:
    rows = "id,name,Name in French\n1,A,B\n2,C,D\n"
    page = parse_page(post(rows, column="Name in French", target="name@fr"))
    assert chosen(page)["Name in French"] == "name@fr"
    assert "Name (fr)" in page.texts["option"]


def test_a_file_that_follows_the_template_says_so(post: Post, parse_page: Parse) -> None:
    text = post("id,name,kind,shoe size\n1,A,cooperative,43\n")
    assert "They are called as in the" in text
    assert chosen(parse_page(text)) == {
        "id": "id", "name": "name", "kind": "kind", "shoe size": "",
    }  # fmt: skip


def test_a_file_of_unknown_columns_lets_them_be_chosen(post: Post, parse_page: Parse) -> None:
    rows = "zorp;blik\nHarbour;Bern\nFlipside;Thun\n"
    assert chosen(parse_page(post(rows))) == {"zorp": "", "blik": ""}
    page = parse_page(post(rows, column=["zorp", "blik"], target=["name", "locality"]))
    assert chosen(page) == {"zorp": "name", "blik": "locality"}
    assert "All 2 rows would be published" in page.texts["h2"]


def test_with_a_mapping_there_is_nothing_to_choose(post: Post, parse_page: Parse) -> None:
    page = parse_page(
        post(ROWS, mapping="key: Nr\ncolumns: {name: Firma, kind: {value: cooperative}}")
    )
    assert chosen(page) == {}
    assert "by the mapping that came with the file" in " ".join(page.texts["p"])


def test_no_word_of_a_file_is_markup(post: Post, parse_page: Parse) -> None:
    for rows, name in (
        (f'id,name,"{QUOTED}",kind\n1,"{QUOTED}",x,ship\n', "a.csv"),
        ("id,name,kind\n1,A,<img src=x onerror=alert(1)>\n", "<img src=x onerror=alert(1)>.csv"),
    ):
        page = parse_page(post(rows, name))
        assert not [a for tag, a in page.attributes if tag == "script" and "src" not in a]
        assert not [a for tag, a in page.attributes if "onerror" in a]


def test_a_refusal_keeps_the_form_and_its_options(post: Post, parse_page: Parse) -> None:
    text = post("<html><table></table></html>", "list.xls", 422, sheet="Members")
    page = parse_page(text)
    assert "The file cannot be read" in page.texts["h2"]
    assert "this is a web page" in text
    assert {"file", "result"} <= page.ids
    assert [a["value"] for tag, a in page.attributes if a.get("id") == "sheet"] == ["Members"]


def test_without_a_file_it_says_to_choose_one(client: FlaskClient, parse_page: Parse) -> None:
    data = {"file": (io.BytesIO(), ""), "format": ""}
    response = client.post("/check", data=data, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "There is no file: choose one" in parse_page(response.text).text("p") + response.text


def test_the_button_that_was_pressed_says_the_format(client: FlaskClient) -> None:
    data = {"file": (io.BytesIO(ROWS.encode()), "list.csv"), "format": ["", "yaml"]}
    response = client.post("/check", data=data, headers={"Accept": "text/html"})
    assert response.mimetype == "application/yaml"
    assert "filename=list-mapping.yaml" in response.headers["Content-Disposition"]


def test_where_nothing_is_checked_the_page_says_so() -> None:
    app = create_app(Settings(home=Path("/nowhere"), check_processes=0))
    page = app.test_client().get("/check", headers={"Accept": "text/html"})
    assert "This service checks no files" in page.text
    assert "<form" not in page.text
