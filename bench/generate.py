"""A seed in, a folder with ``organisations.csv`` and ``dataset.yaml`` out: synthetic organisations.

Every name says that it is synthetic, every web address ends in ``.example`` (RFC 2606), and no
telephone number is one that rings (555 01xx). The mess is that of real registers: stray
spaces, capitals, labels where codes are asked for, dates of three precisions, decomposed
accents, cells left blank. About one row in a hundred is at fault on purpose, and a few stand
twice. The same seed and number give the same bytes.

    python bench/generate.py FOLDER --organizations 10000 --seed 1
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

SLUG = "synthetic"
FILE = "organisations.csv"
COLUMNS = (
    "id", "name", "alternate_name", "legal_name", "description", "kind", "tier", "membership_type",
    "activity", "source_activity", "legal_form", "status", "source_status", "founded", "closed",
    "homepage", "telephone", "street", "po_box", "locality", "admin_area", "postal_code",
    "country", "region", "latitude", "longitude", "precision", "registration_scheme",
    "registration_number", "registered_on", "member_of", "identity_basis", "identity_evidence",
)  # fmt: skip

DESCRIPTOR = f"""\
# Made by bench/generate.py; describes nothing that exists.
name: {SLUG}
title: Synthetic organisations
description: Organisations made up by a program to measure loading. None of them exists.
publisher:
  name: coopgraph benchmarks
licence: https://creativecommons.org/publicdomain/zero/1.0/
language: en

tables:
  organisations:
    file: {FILE}
    key: id
"""


class _Trade(NamedTuple):
    """A line of business: a word for names, a kind as a source writes it, an activity."""

    word: str
    kinds: tuple[str, ...]  # notation first, then a label that the code list knows as well
    members: str
    activity: str


class _Place(NamedTuple):
    """A country as a source writes it, a region, its register, and a box of coordinates."""

    countries: tuple[str, ...]
    region: str
    scheme: str
    south: float
    west: float


_TRADES = (
    _Trade("Bakery", ("food-cooperative", "Food co-operative"), "worker", "10"),
    _Trade("Housing", ("housing-cooperative",), "consumer", "68"),
    _Trade("Credit", ("credit-union", "Credit union"), "consumer", "64"),
    _Trade("Dairy", ("agricultural-cooperative", "agricultural-cooperative;cooperative"),
           "producer", "10"),
    _Trade("Energy", ("energy-cooperative",), "consumer", "35"),
    _Trade("Grocery", ("retail-cooperative", "retail-cooperative;food-cooperative"),
           "consumer", "47"),
    _Trade("Care", ("social-cooperative",), "multi-stakeholder", "88"),
    _Trade("Printing", ("cooperative",), "worker", "18"),
    _Trade("Fishing", ("fishery-cooperative",), "producer", "03"),
    _Trade("Software", ("platform-cooperative", "cooperative;platform-cooperative"),
           "worker", "62"),
)  # fmt: skip
_PLACES = (
    _Place(("US", "USA", "us"), "US-MA", "US-MA_CR", 42.0, -72.5),
    _Place(("US", "US", "United States"), "US-CA", "US-CA_CR", 36.0, -120.0),
    _Place(("GB", "United Kingdom"), "GB-ENG", "GB-COH", 52.0, -2.0),
    _Place(("GB",), "GB-SCT", "GB-MPR", 56.0, -4.0),
    _Place(("FR", "France"), "", "FR-RCS", 46.0, 2.0),
    _Place(("DE", "Germany"), "DE-BY", "DE-CR", 48.5, 11.0),
    _Place(("CA", "Canada"), "CA-QC", "CA_QC-QBC", 46.0, -73.0),
)
_ADJECTIVES = (
    "Imaginary", "Invented", "Fictional", "Made-up", "Pretended", "Mock", "Sample", "Placeholder",
)  # fmt: skip
_SURNAMES = (
    "Nobody", "Noone", "Example", "Quidam", "Ficţiune", "Beispiel", "Fulano", "Rien", "Muster",
    "Tartempion",
)  # fmt: skip
_TOWNS = (
    "Exampleton", "Sampleford", "Mockbridge", "Nowhere", "Testbury", "Placeholder", "Dummyville",
)  # fmt: skip
_STREETS = (
    "Example Street", "Sample Road", "Mock Lane", "Test Avenue", "Placeholder Square",
)  # fmt: skip
_STATUSES = (("active", "Live"), ("active", ""), ("closed", "Dead"), ("dormant", "Dormant"))
_CLAIMS = ("statute", "register", "coop-domain", "own-declaration", "statute;register")

Row = dict[str, str]
_Item = TypeVar("_Item")


class _Dice:
    """Chance from one seed; ``random()`` alone is promised to give the same for ever."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        return int(self._random() * limit)

    def one(self, items: Sequence[_Item]) -> _Item:
        return items[self.below(len(items))]

    def happens(self, chance: float) -> bool:
        return self._random() < chance


def organizations(number: int, seed: int) -> Iterator[Row]:
    """``number`` rows: a few federations, then organisations that mostly belong to one."""
    dice = _Dice(seed)
    federations = min(number, 3 + number // 2_000)
    for place in range(number):
        is_federation = place < federations
        row = _federation(place, dice) if is_federation else _member(place, federations, dice)
        if not is_federation and dice.happens(0.01):
            dice.one(_FAULTS)(row, dice)
        elif dice.happens(0.3):
            dice.one(_MESS)(row, dice)
        yield row


def write_dataset(folder: Path, number: int, seed: int) -> None:
    """Write a dataset of ``number`` rows into ``folder``, ready for ``coopgraph load``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.yaml").write_text(DESCRIPTOR, encoding="utf-8")
    with (folder / FILE).open("w", encoding="utf-8", newline="") as output:
        writer = csv.DictWriter(output, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(organizations(number, seed))


def _federation(place: int, dice: _Dice) -> Row:
    apex = "fed-0"
    return _common(f"fed-{place}", f"Synthetic Federation No {place}", dice) | {
        "kind": "federation",
        "tier": "secondary" if place else "apex",
        "activity": "94",
        "member_of": apex if place else "",
    }


def _member(place: int, federations: int, dice: _Dice) -> Row:
    trade = dice.one(_TRADES)
    name = f"Synthetic {dice.one(_ADJECTIVES)} {dice.one(_SURNAMES)} {trade.word} No {place}"
    row = _common(f"syn-{place:07d}", name, dice) | {
        "alternate_name": f"SYN {trade.word} {place}" if dice.happens(0.5) else "",
        "kind": dice.one(trade.kinds),
        "tier": "primary",
        "membership_type": trade.members,
        "activity": trade.activity,
        "member_of": f"fed-{dice.below(federations)}" if dice.happens(0.8) else "",
    }
    if dice.happens(0.1):
        word = trade.word.lower()
        row["description"] = f"A made-up {word}.\nIt serves to measure, “nothing” else."
    return row


def _common(key: str, name: str, dice: _Dice) -> Row:
    """What federations and members have alike."""
    host = f"{key}.example"
    status, source_status = dice.one(_STATUSES)
    row = {
        "id": key,
        "name": name,
        "status": status,
        "source_status": source_status,
        "founded": _date(dice),
        "homepage": f"https://{host}/",
        "telephone": f"+1 555 555 01{dice.below(100):02d}" if dice.happens(0.7) else "",
        "identity_basis": dice.one(_CLAIMS),
        "identity_evidence": f"https://{host}/statutes",
    }
    if status == "closed":
        row["closed"] = str(2001 + dice.below(25))
    return row | _whereabouts(key, dice)


def _whereabouts(key: str, dice: _Dice) -> Row:
    place = dice.one(_PLACES)
    return {
        "street": f"{1 + dice.below(300)} {dice.one(_STREETS)}",
        "locality": dice.one(_TOWNS),
        "postal_code": f"{dice.below(100_000):05d}",
        "country": dice.one(place.countries),
        "region": place.region,
        "latitude": f"{place.south + dice.below(20_000) / 10_000:.4f}",
        "longitude": f"{place.west + dice.below(20_000) / 10_000:.5f}",
        "precision": dice.one(("address", "street", "locality")),
        "registration_scheme": place.scheme,
        "registration_number": key.upper(),
        "registered_on": _day(1950 + dice.below(75), dice),
    }


def _date(dice: _Dice) -> str:
    """A date as exact as its source happened to be."""
    day = _day(1850 + dice.below(170), dice)
    return day[: dice.one((4, 4, 7, 10))]


def _day(year: int, dice: _Dice) -> str:
    return f"{year}-{1 + dice.below(12):02d}-{1 + dice.below(28):02d}"


# Mess that a careful reader mends -----------------------------------------------------------


def _capitals(row: Row, dice: _Dice) -> None:
    row["name"] = row["name"].upper()


def _spaces(row: Row, dice: _Dice) -> None:
    row["name"] = f"  {row['name'].replace(' ', '  ', 1)}\u00a0"
    row["locality"] += " "


def _bare_homepage(row: Row, dice: _Dice) -> None:
    row["homepage"] = f"www.{row['id']}.example"


def _decomposed(row: Row, dice: _Dice) -> None:
    row["alternate_name"] = "Coope\u0301rative synthe\u0301tique"


def _no_point(row: Row, dice: _Dice) -> None:
    row["latitude"] = row["longitude"] = row["precision"] = ""


def _no_address(row: Row, dice: _Dice) -> None:
    row["street"] = row["locality"] = row["postal_code"] = ""


def _post_box(row: Row, dice: _Dice) -> None:
    row["street"], row["po_box"] = "", str(1 + dice.below(900))


def _several_names(row: Row, dice: _Dice) -> None:
    row["alternate_name"] = f"SYN, “the mock” {row['id']}; S.Y.N. {row['id']} ;"


def _midnight(row: Row, dice: _Dice) -> None:
    row["registered_on"] += " 00:00:00"


# Faults that keep a row from being published ------------------------------------------------


def _unknown_kind(row: Row, dice: _Dice) -> None:
    row["kind"] = "co-opp"


def _no_name(row: Row, dice: _Dice) -> None:
    row["name"] = " "


def _off_the_globe(row: Row, dice: _Dice) -> None:
    row["latitude"] = "95.0000"


def _half_a_point(row: Row, dice: _Dice) -> None:
    row["longitude"] = ""


def _no_such_day(row: Row, dice: _Dice) -> None:
    row["registered_on"] = "2011-02-30"


def _no_address_of_the_web(row: Row, dice: _Dice) -> None:
    row["homepage"] = "ask at the desk"


def _words_for_a_number(row: Row, dice: _Dice) -> None:
    row["telephone"] = "see website"


def _nobody_to_belong_to(row: Row, dice: _Dice) -> None:
    row["member_of"] = "fed-unknown"


def _taken_key(row: Row, dice: _Dice) -> None:
    row["id"] = "fed-0"


_Change = Callable[[Row, _Dice], None]
_MESS: tuple[_Change, ...] = (
    _capitals, _spaces, _bare_homepage, _decomposed, _no_point, _no_address, _post_box,
    _several_names, _midnight,
)  # fmt: skip
_FAULTS: tuple[_Change, ...] = (
    _unknown_kind, _no_name, _off_the_globe, _half_a_point, _no_such_day,
    _no_address_of_the_web, _words_for_a_number, _nobody_to_belong_to, _taken_key,
)  # fmt: skip


def main() -> None:
    """Read the command line and write the dataset."""
    parser = argparse.ArgumentParser(description="Write a dataset of synthetic organisations.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--organizations", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    write_dataset(chosen.folder, chosen.organizations, chosen.seed)
    print(f"{chosen.organizations:,} rows in {chosen.folder / FILE}")


if __name__ == "__main__":
    main()
