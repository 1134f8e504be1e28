"""``/templates``, the files under it, and ``/frame.jsonld``."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.standard.derived import template_files
from coopgraph.standard.frame import frame
from coopgraph.web import create_app

FILES = [
    ("site.csv", "text/csv"),
    ("site.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("site.schema.json", "application/json"),
    ("site.csv-metadata.json", "application/csvm+json"),
    ("csv-metadata.json", "application/csvm+json"),
    ("datapackage.json", "application/vnd.datapackage+json"),
    ("coopgraph.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
]


@pytest.mark.parametrize(("name", "media_type"), FILES)
def test_each_file_has_its_type_tag_and_cache(
    client: FlaskClient, name: str, media_type: str
) -> None:
    response = client.get(f"/templates/{name}", headers={"Origin": "https://elsewhere.example"})
    assert response.status_code == 200
    assert response.mimetype == media_type
    assert "max-age=86400" in response.headers["Cache-Control"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(f"/templates/{name}", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert ("attachment" in response.headers.get("Content-Disposition", "")) == (
        name.endswith(".xlsx")
    )


def test_files_are_the_ones_that_a_build_writes(client: FlaskClient, standard: Standard) -> None:
    written = dict(template_files(standard))
    assert len(written) > 10
    for name, text in written.items():
        assert client.get(f"/templates/{name}").text == text, name


def test_hashtags_and_languages_are_asked_for_in_the_address(client: FlaskClient) -> None:
    plain, tagged = (client.get(f"/templates/site.csv{q}") for q in ("", "?hxl=1"))
    assert tagged.text.startswith(plain.text)
    assert tagged.text.count("\n") == 2
    assert tagged.headers["ETag"] != plain.headers["ETag"]
    french = client.get("/templates/site.schema.json?language=fr").json
    assert french is not None
    assert french["fields"][0]["title"] == "Clé"
    other = client.get("/templates/site.schema.json?language=tlh")
    assert other.data == client.get("/templates/site.schema.json").data


def test_the_workbook_has_every_sheet(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/templates/coopgraph.xlsx").data))
    assert {"Organisation", "Sites", "Figures", "Offers"} <= set(book.sheetnames)


@pytest.mark.parametrize("name", ["shop.csv", "site", "site.pdf", "context.jsonld", "site.csv.csv"])
def test_a_file_that_is_not_there_is_404(client: FlaskClient, name: str) -> None:
    response = client.get(f"/templates/{name}")
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_the_page_links_every_file(page: Callable[[str], Any], client: FlaskClient) -> None:
    found = page("/templates")
    for name, _ in FILES:
        assert f"/templates/{name}" in found.links
    assert "tables:" in found.text("pre")
    assert client.get("/templates").headers["ETag"]
    assert "/templates" in page("/code").links


def test_the_frame_is_the_derived_one(client: FlaskClient, standard: Standard) -> None:
    response = client.get("/frame.jsonld")
    assert response.mimetype == "application/ld+json"
    assert json.loads(response.data) == frame(standard)
    assert "max-age=86400" in response.headers["Cache-Control"]


def test_they_need_nothing_published(tmp_path: Path) -> None:
    client = create_app(Settings(home=tmp_path)).test_client()
    for path in ("/templates", "/templates/site.csv", "/frame.jsonld"):
        assert client.get(path, headers={"Accept": "text/html,*/*"}).status_code == 200
