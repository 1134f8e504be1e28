"""The licences that open data comes under: which are open, and how people call them.

Specification: the Open Definition 2.1 (https://opendefinition.org/licenses/), whose conformant
licences for data these are, and the public domain.
"""

from __future__ import annotations

import re
from typing import Final

UNSTATED: Final = "unstated"  # what a descriptor says where nobody states a licence

# What people write → the licence's IRI. The first words are identifiers of SPDX.
LICENCES: Final = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "OGL-UK-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "US-public-domain": "https://www.usa.gov/publicdomain/label/1.0/",
    "public-domain": "https://creativecommons.org/publicdomain/mark/1.0/",
}
_BY_NAME = {name.casefold(): licence for name, licence in LICENCES.items()}

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
_OPEN_KINDS = {"by", "by-sa"}  # of Creative Commons; the others forbid trade or changes
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


def find_licence(text: str) -> str:
    """The IRI of a licence that is named as people do, or the text itself.

    >>> find_licence("cc by 4.0")
    'https://creativecommons.org/licenses/by/4.0/'
    """
    return _BY_NAME.get("-".join(text.casefold().split()), text)


def is_open(licence: str) -> bool:
    """Whether anyone may use, change and share what is under a licence, as far as we know it.

    >>> is_open("https://creativecommons.org/licenses/by/4.0/")
    True
    >>> is_open("https://creativecommons.org/licenses/by-nc/4.0/")
    False
    """
    if found := _CREATIVE_COMMONS.match(licence):
        return found[1] == "publicdomain" or found[2] in _OPEN_KINDS
    known = (_OPEN_GOVERNMENT, _OPEN_DATA_COMMONS, _US_GOVERNMENT)
    return any(shape.match(licence) for shape in known)
