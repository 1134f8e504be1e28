"""Names of countries and of their subdivisions in many languages → codes of ISO 3166.

In: a word, and the country it stands beside where that is known. Out: the codes that it may mean,
notations as the standard's code lists have them. The names are those that the project iso-codes
translates, as pycountry carries them; they are read when the first word is asked for, and a check
whose words are all in the standard's own lists never asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Final

import pycountry

Notations = tuple[str, ...]  # sorted; several where a word is ambiguous

_CATALOGUES: Final = Path(pycountry.LOCALES_DIR)
_SHORTEST = 3  # ASCII letters of a name; two are a code


def countries_named(text: str) -> Notations:
    """The countries that a word may mean.

    >>> countries_named("Allemagne"), countries_named("ESTADOS UNIDOS"), countries_named("Utopia")
    (('DE',), ('US',), ())
    """
    return _countries().get(text.casefold(), ())


def subdivisions_named(text: str, country: str = "") -> Notations:
    """The subdivisions that a word may mean, of one country or of all.

    >>> subdivisions_named("Kalifornien"), subdivisions_named("Limburg", "NL")
    (('US-CA',), ('NL-LI',))
    >>> subdivisions_named("Limburg")
    ('BE-VLI', 'NL-LI')
    """
    name = text.casefold()
    if country:
        return names_in(country).get(name, ())
    every = _subdivisions().values()
    return tuple(sorted(code for names in every for code in names.get(name, ())))


def names_in(country: str) -> Mapping[str, Notations]:
    """All names of the subdivisions of a country, in lower case."""
    return _subdivisions().get(country, {})


@lru_cache(1)
def _countries() -> Mapping[str, Notations]:
    names = (
        (getattr(item, kind, ""), item.alpha_2)
        for item in pycountry.countries
        for kind in ("name", "common_name", "official_name")
    )
    return _gathered(names, "iso3166-1")


@lru_cache(1)
def _subdivisions() -> Mapping[str, Mapping[str, Notations]]:
    """By country: a name is of one country far more often than of one subdivision."""
    gathered = _gathered(((item.name, item.code) for item in pycountry.subdivisions), "iso3166-2")
    found: dict[str, dict[str, Notations]] = {}
    for name, codes in gathered.items():
        for country in {code.partition("-")[0] for code in codes}:
            own = tuple(code for code in codes if code.startswith(f"{country}-"))
            found.setdefault(country, {})[name] = own
    return found


def _gathered(named: Iterable[tuple[str, str]], domain: str) -> dict[str, Notations]:
    """Names in every language, each with all the codes that it may mean."""
    codes: dict[str, set[str]] = {}
    for name, code in named:
        if name:
            codes.setdefault(name, set()).add(code)
    found: dict[str, Notations] = {}
    for own, translated in _translations(codes, domain):
        name = translated.casefold()
        if len(name) < _SHORTEST and name.isascii():
            continue
        earlier = found.get(name, ())
        if not codes[own].issubset(earlier):
            found[name] = tuple(sorted(codes[own].union(earlier)))
    return found


def _translations(names: Iterable[str], domain: str) -> Iterator[tuple[str, str]]:
    """Each name as it is, then as each language has it."""
    yield from ((name, name) for name in names)
    for path in sorted(_CATALOGUES.glob(f"*/LC_MESSAGES/{domain}.mo")):
        with path.open("rb") as source:
            catalogue = GNUTranslations(source)
        for name in names:
            translated = catalogue.gettext(name)
            if translated != name:
                yield name, translated
