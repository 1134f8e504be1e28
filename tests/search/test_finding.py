"""Looking for organisations: what is found, in which order, and what no text can do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from coopgraph import resources
from coopgraph.errors import StoreError
from coopgraph.journal import Journal
from coopgraph.publish import LoadOptions, Publisher, compiled
from coopgraph.search import Index, building, finding, open_index
from coopgraph.search.words import LONGEST
from coopgraph.settings import Settings
from coopgraph.standard import Standard
from coopgraph.store import Layout, Snapshots
from coopgraph.tables.descriptor import read_descriptor
from coopgraph.validation import Validator
from tests.search.conftest import STAMP, Indexed, entry, found

BAKERIES = (
    entry("dawn", "Dawn Bakery", "Boulangerie de l’Aube", places=["Northampton", "États-Unis"]),
    entry("co-op", "The Co-op", "Co-operative Town Ltd", places=["Coventry"]),
    entry("cooper", "Cooper Street Housing", places=["Bath"], about=["A house beside a bakery."]),
    entry("union", "First Credit Union", places=["Northampton"], about=["Savings and loans"]),
    entry("other", "Second First Credit Union of Somewhere", places=["Bath"]),
    entry("han", "全国農業協同組合連合会", "Zen-Noh", places=["東京"]),
    entry("sovkhoz", "Рассвет", "Rassvet", about=["Хлеб"]),
)


@pytest.fixture
def bakeries(indexed: Indexed) -> Index:
    return indexed(*BAKERIES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bakery", ["dawn", "cooper"]),  # a name before a description
        ("DAWN bakery", ["dawn"]),
        ("bak", ["dawn", "cooper"]),  # beginnings
        ("dawm bakery", ["dawn"]),  # one letter wrong
        ("dwan bakery", ["dawn"]),  # two swapped
        ("boulangrie aube", ["dawn"]),
        ("etats unis", ["dawn"]),
        ("coop", ["co-op", "cooper"]),  # as it is written before what it begins
        ("co-op", ["co-op", "cooper"]),
        ("cooperative", ["co-op"]),
        ("first credit union", ["union", "other"]),  # nothing else before more
        ("first union northampton", ["union"]),
        ("credit union bath", ["other"]),
        ("bakery northampton", ["dawn"]),
        ("northampton", ["dawn", "union"]),
        ("農業", ["han"]),
        ("zennoh", ["han"]),
        ("рассвет", ["sovkhoz"]),
        ("ХЛЕБ", ["sovkhoz"]),
        ("bakery zzzz", ["dawn", "cooper"]),  # any, where nothing has all
        ("zzzz", []),
        ("", []),
        ("*", []),
        ("sun", []),  # too short for slips
        ("b", []),  # a letter begins too much
    ],
)
def test_the_obvious_answer_is_first(text: str, expected: list[str], bakeries: Index) -> None:
    assert found(bakeries, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "names:bakery", "bakery AND NOT dawn", "-bakery", "+bakery", "bak*", "b?kery",
        '"bakery dawn"', "bakery^9", "bakery~2", "(bakery", "[a TO z]", "/bak.*/", "bakery\\", "*:*",
        "id:union", "bakery OR", "{bakery}", "bakery && dawn",
    ],
)  # fmt: skip
def test_no_sign_means_anything(text: str, bakeries: Index) -> None:
    """A text with signs finds what its words find."""
    words = "".join(sign if sign.isalnum() else " " for sign in text)
    assert found(bakeries, text) == found(bakeries, words)


def test_at_most_so_many_are_found(indexed: Indexed) -> None:
    index = indexed(*(entry(f"{number:04}", "Common Name") for number in range(1_200)))
    assert len(index.search("common", 1_000)) == 1_000
    assert len(index.search("common", 1)) == 1
    assert found(index, "common name", 3) == ["0000", "0001", "0002"]


HOSTILE = {
    "one long word": "a" * 65_536,
    "many words": "co op " * 11_000,
    "many different words": " ".join(f"w{number}x" for number in range(9_000)),
    "many beginnings": " ".join("abcdefghijklmnopqrstuvwxyz"[n % 26] * 2 for n in range(20_000)),
    "many parts": "co-" * 20_000,
    "dots": "a." * 30_000,
    "marks": "a" + "\u0301" * 60_000,
    "swelling": "\ufdfa" * 20_000,  # 18 letters each when it is normalised
    "nulls": "\x00" * 60_000,
    "lone surrogates": "\ud800" * 100 + " bakery",
    "wildcards": "*?" * 30_000,
    "brackets": "(" * 60_000,
    "spaces": " \n\t\u2003" * 15_000,
    "right to left": "\u202e" + "bakery" * 9_000,
    "emoji": "🥖" * 16_000,
    "signs": "会" * 20_000,
    "twelve common beginnings": "co no ba un fi se lo sa ho th ra de",
}


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that tantivy is asked for."""
    words: list[str] = []

    class Noting:
        """tantivy's queries, with a note of each word."""

        def __getattr__(self, name: str) -> object:
            make = getattr(tantivy.Query, name)

            def noted(*values: object, **named: object) -> object:
                if name.endswith("term_query"):
                    words.append(str(values[2]))
                return make(*values, **named)

            return noted

    monkeypatch.setattr(finding, "Query", Noting())
    return words


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_few_and_short_words_are_looked_for_however_long_a_text_is(
    text: str, bakeries: Index, looked_for: list[str]
) -> None:
    bakeries.search(text, 1_000)
    assert len(looked_for) <= 3 * 3 * 3 * 2 * finding._MOST_PARTS
    assert max(map(len, looked_for), default=0) <= LONGEST


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The same index for many examples."""
    folder = tmp_path_factory.mktemp("lasting") / "index"
    with building(folder, STAMP) as add:
        for item in BAKERIES:
            add(item)
    index = open_index(folder)
    assert index is not None
    return index


@given(text=st.text())
def test_any_text_is_answered(text: str, lasting: Index) -> None:
    hits = lasting.search(text, 10)
    assert len(hits) <= 10
    assert lasting.search(text, 10) == hits


# Opening --------------------------------------------------------------------------------------


def test_where_there_is_no_index_there_is_none(tmp_path: Path) -> None:
    assert open_index(tmp_path) is None
    assert open_index(tmp_path / "nowhere") is None


def test_an_index_of_another_form_is_none(indexed: Indexed, folder: Path) -> None:
    indexed(entry("a"))
    (folder / "stamp.json").write_text('{"sequence": 1, "standard": "digest", "form": 0}')
    assert open_index(folder) is None


def test_a_damaged_index_is_an_error(indexed: Indexed, folder: Path) -> None:
    indexed(entry("a"))
    for path in folder.glob("*.term"):
        path.unlink()
    with pytest.raises(StoreError):
        open_index(folder)


def test_opening_writes_nothing_and_needs_no_file_afterwards(
    indexed: Indexed, folder: Path, tmp_path: Path
) -> None:
    indexed(entry("a"), entry("b"))
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
    before = sorted(copy.iterdir())
    index = open_index(copy)
    assert sorted(copy.iterdir()) == before
    shutil.rmtree(copy)
    assert index is not None
    assert found(index, "a") == ["a"]


# The bundled directories ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def directories(
    tmp_path_factory: pytest.TempPathFactory, light: Standard, validator: Validator
) -> tuple[Index, dict[str, str]]:
    """The index of the bundled data, and IRI → key of the record."""
    settings = Settings(home=tmp_path_factory.mktemp("directories") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "standard_validator", lambda standard: validator)
        for name in ("us-directory", "world-directory"):
            descriptor = read_descriptor(resources.DATA / name, light)
            Publisher(settings, light).load(descriptor, descriptor.folder, LoadOptions())
    journal = Journal.open(Layout(settings.home).journal)
    keys = {record.organization: record.key for record in journal.all_records()}
    journal.close()
    index = open_index(Snapshots(settings.home).current().search_folder)
    assert index is not None
    assert len(keys) > 500
    return index, keys


# What is looked for → the key of the record that is meant.
SEARCHES = {
    "ncba": "ncba-clusa",
    "N.C.B.A. CLUSA": "ncba-clusa",
    "cooperative league of the usa": "ncba-clusa",
    "national coop business asociation": "ncba-clusa",
    "us federation of worker co-ops": "usfwc",
    "usfwc": "usfwc",
    "federation worker cooperatives": "usfwc",
    "national rural electric": "nreca",
    "Internatonal Co-operative Aliance": "ica",
    "alliance coopérative internationale": "ica",
    "ALLIANCE COOPERATIVE INTERNATIONALE": "ica",
    "world council of credit unions": "woccu",
    "wocu": "woccu",
    "mondragon univ": "mondragon-unibertsitatea",
    "sun maid": "sun-maid",
    "sunmaid raisins growers": "sun-maid",
    "ocean spray cranbery": "ocean-spray",
    "park slope": "park-slope-food-coop",
    "astoria coop": "astoria-co-op",
    "pedal people": "pedal-people",
    "pedle people": "pedal-people",
    "the amalgamated sugar company": "snake-river-sugar",
    "paul bunyan rural telephone": "paul-bunyan-communications",
    "associated wholesale": "associated-wholesale-grocers",
    "awg": "associated-wholesale-grocers",
    "pentagon federal": "penfed",
    "S-Ryhma": "s-ryhma",
    "生活協同組合": "jccu",
    "日本生協": "jccu",
    "edeka germany": "edeka",
    "koperasi malaysia": "angkasa",
    "berkeley electric": "berkeley-electric",
}


@pytest.mark.parametrize("text", SEARCHES)
def test_the_obvious_co_operative_is_first(
    text: str, directories: tuple[Index, dict[str, str]]
) -> None:
    index, keys = directories
    hits = index.search(text, 10)
    assert [keys[hit.value.rpartition("/")[2]] for hit in hits][:1] == [SEARCHES[text]]
