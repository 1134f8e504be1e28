"""Settings: read from the environment once, checked, frozen."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from coopgraph.errors import SettingError
from coopgraph.settings import PREFIX, Settings, checked, from_environment


def test_every_setting_has_a_default_that_is_accepted_and_a_sentence_of_help() -> None:
    assert checked(Settings()) == from_environment({}) == Settings()
    for item in fields(Settings):
        text = item.metadata["help"]
        assert text.endswith("."), item.name
        assert text[0].isupper(), item.name


def test_settings_come_from_the_environment() -> None:
    settings = from_environment(
        {
            "COOPGRAPH_HOME": "/srv/coopgraph",
            "COOPGRAPH_PORT": "8080",
            "COOPGRAPH_BASE": "https://coops.example/",
            "COOPGRAPH_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        }
    )
    assert settings.home == Path("/srv/coopgraph")
    assert settings.port == 8080
    assert settings.base == "https://coops.example/"
    assert settings.trusted_proxies == "10.0.0.0/8, ::1"


def test_an_empty_variable_counts_as_unset() -> None:
    assert from_environment({"COOPGRAPH_PORT": "", "COOPGRAPH_HOME": ""}) == Settings()


def test_variables_of_others_are_passed_over() -> None:
    assert from_environment({"PORT": "x", "COOPGRAPH_REGISTERS": "/data"}) == Settings()


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "many"),
        ("port", "8.5"),
        ("port", "65536"),
        ("port", "-1"),
        ("base", "coops.example/"),
        ("base", "https://coops.example"),
        ("base", "https://coops.example/#"),
        ("base", "https://coops.example/?a=/"),
        ("base", "urn:coops/"),
        ("base", "https://coops.example/ /"),
        ("query_allocator", "/nowhere/liballocator.so"),
        ("url", "coops.example"),
        ("url", "javascript://x/"),
        ("processes", "0"),
        ("threads", "0"),
        ("query_size_bytes", "0"),
        ("query_depth", "-3"),
        ("merge_triples", "-1"),
        ("trusted_proxies", "10.0.0.0/8, proxy"),
        ("trusted_proxies", "10.0.0.1/8"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(name: str, value: str) -> None:
    variable = PREFIX + name.upper()
    with pytest.raises(SettingError) as caught:
        from_environment({variable: value})
    assert variable in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), "http://127.0.0.1:8000"),
        (Settings(host="::1", port=80), "http://[::1]:80"),
        (Settings(url="https://coops.example/"), "https://coops.example"),
    ],
)
def test_documents_have_an_address(settings: Settings, expected: str) -> None:
    assert settings.public_url == expected
