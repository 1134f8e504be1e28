"""Short names of the licences that open data comes under, from their IRIs."""

from __future__ import annotations

import re

_CREATIVE_COMMONS = re.compile(
    r"^https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)(?:/([a-z]{2}))?/?"
)
_OPEN_GOVERNMENT = re.compile(
    r"^https?://(?:www\.)?nationalarchives\.gov\.uk/doc/open-government-licence/version/(\d)/?"
)
_OPEN_DATA_COMMONS = re.compile(
    r"^https?://(?:www\.)?opendatacommons\.org/licenses/(odbl|by|pddl)/(?:(\d)-(\d)/?)?"
)
_US_GOVERNMENT = re.compile(
    r"^https?://(?:www\.)?usa\.gov/(?:government-works|publicdomain/label/1\.0|government-copyright)/?$"
)
_PUBLIC_DOMAIN = {"zero": "CC0", "mark": "Public Domain Mark"}
_DATA_COMMONS = {"odbl": "ODbL", "by": "ODC-By", "pddl": "PDDL"}


def licence_name(licence: str) -> str:
    """What people call a licence; an unknown one is called by its address.

    >>> licence_name("https://creativecommons.org/licenses/by/4.0/")
    'CC BY 4.0'
    >>> licence_name("http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/")
    'Open Government Licence 3.0'
    """
    if found := _CREATIVE_COMMONS.match(licence):
        kind, name, version, country = found.groups()
        family = _PUBLIC_DOMAIN.get(name, name) if kind == "publicdomain" else f"CC {name.upper()}"
        return " ".join(filter(None, (family, version, (country or "").upper())))
    if found := _OPEN_GOVERNMENT.match(licence):
        return f"Open Government Licence {found[1]}.0"
    if found := _OPEN_DATA_COMMONS.match(licence):
        version = f" {found[2]}.{found[3]}" if found[2] else ""
        return f"{_DATA_COMMONS[found[1]]}{version}"
    if _US_GOVERNMENT.match(licence):
        return "U.S. Government work"
    return re.sub(r"^https?://(www\.)?", "", licence).rstrip("/")
