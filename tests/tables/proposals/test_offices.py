"""Made-up tables as offices send them, in seven languages: what is proposed, and that it loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from coopgraph.standard import Standard
from coopgraph.tables.mapping import compile_table
from coopgraph.tables.proposals import Proposal, open_source, propose

OFFICES = Path(__file__).with_name("offices")

WANTED = {
    "spanish": {
        "Nº Registro": "id",
        "Razón social": "name legal_name",
        "CIF": "registration_number",
        "Domicilio": "street",
        "C.P.": "postal_code",
        "Municipio": "locality",
        "Provincia": "region",
        "Fecha de constitución": "founded",
        "Situación": "status source_status",
        "Página web": "homepage",
    },
    "french": {
        "SIREN": "id registration_number",
        "Dénomination sociale": "name legal_name",
        "Sigle": "alternate_name",
        "Adresse": "street",
        "Code postal": "postal_code",
        "Commune": "locality",
        "Département": "admin_area",
        "Pays": "country",
        "Date de création": "founded",
        "Code APE": "activity source_activity",
        "Site internet": "homepage",
        "Coordonnées": "latitude longitude",
    },
    "italian": {
        "Codice fiscale": "id registration_number",
        "Denominazione": "name legal_name",
        "Indirizzo sede legale": "street",
        "CAP": "postal_code",
        "Comune": "locality",
        "Provincia": "admin_area",
        "Regione": "region",
        "Data costituzione": "founded",
        "Stato attività": "status source_status",
        "Latitudine": "latitude",
        "Longitudine": "longitude",
        "Name in English": "name@en",
    },
    "german": {
        "Lfd. Nr.": "id",
        "Firma": "name legal_name",
        "Rechtsform": "source_legal_form",
        "Straße und Hausnummer": "street",
        "PLZ": "postal_code",
        "Ort": "locality",
        "Bundesland": "region",
        "Land": "country",
        "Gründungsjahr": "founded",
        "Internet": "homepage",
    },
    "portuguese": {
        "CNPJ": "id",
        "Razão social": "name legal_name",
        "Nome fantasia": "alternate_name",
        "Logradouro": "street",
        "CEP": "postal_code",
        "Município": "locality",
        "UF": "region",
        "Ramo": "kind",
        "Data de abertura": "founded",
        "Situação cadastral": "status source_status",
    },
    "dutch": {
        "KvK-nummer": "id",
        "Statutaire naam": "name legal_name",
        "Handelsnaam": "alternate_name",
        "Straat en huisnummer": "street",
        "Postcode": "postal_code",
        "Plaats": "locality",
        "Provincie": "admin_area",
        "Oprichtingsdatum": "founded",
        "Website": "homepage",
    },
    "sites": {
        "Society ID": "id organisation",
        "Society": "name",
        "Branch": "site_name",
        "Address": "street",
        "Town": "locality",
        "Postcode": "postal_code",
        "Opening hours": "opening_hours",
    },
}


def proposed(name: str, standard: Standard) -> Proposal:
    return propose(open_source(OFFICES / f"{name}.csv"), standard)


def test_every_table_is_told_of() -> None:
    assert {path.stem for path in OFFICES.glob("*.csv")} == set(WANTED)


@pytest.mark.parametrize("name", WANTED)
def test_columns_of_an_office_are_understood(name: str, standard: Standard) -> None:
    feeds = proposed(name, standard).feeds
    assert {column: set(targets) for column, targets in feeds.items()} == {
        column: set(targets.split()) for column, targets in WANTED[name].items()
    }


@pytest.mark.parametrize("name", WANTED)
def test_what_is_proposed_reads_every_row(name: str, standard: Standard) -> None:
    descriptor = proposed(name, standard).descriptor(OFFICES, standard)
    for spec in descriptor.tables:
        table = open_source(OFFICES / f"{name}.csv")
        mapper = compile_table(descriptor, spec, standard, table.header, table.source)
        records = [mapper.record(row) for row in table.rows]
        assert len(records) >= 2
        assert [record.findings for record in records if not record.is_sound] == []


def test_telephones_and_figures_without_a_year_are_left_to_a_person(standard: Standard) -> None:
    reasons = {item.name: item.reason for item in proposed("spanish", standard).unmapped}
    assert "private persons" in reasons["Teléfono"]
    assert "need a year" in reasons["Socios"]


def test_capitals_dates_and_blanks_are_mended(standard: Standard) -> None:
    table = proposed("spanish", standard).tables[0]
    lines = {entry.target: dict(entry.content) for entry in table.entries}
    assert lines["name"]["case"] == "title"
    assert "case" not in lines["legal_name"]
    assert lines["founded"]["date"] == "%d/%m/%Y"
    assert lines["homepage"]["blank"] == ["n.d."]
    assert lines["status"]["values"] == {"Alta": "active", "Baja": "closed"}
    assert lines["registration_scheme"] == {"value": "ES-NIF"}
