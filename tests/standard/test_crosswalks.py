"""Crosswalks: whole mapping sets, what each code of another scheme means here, and what is broken.

In: the crosswalks of the standard, and small ones made up here. Out: translations, the triples
that mappings amount to, ShapeError; and the same in the published merge.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Triple, parse

from coopgraph import resources
from coopgraph.errors import ShapeError
from coopgraph.namespaces import CODE, CROSSWALK, iri
from coopgraph.rdf import TripleIndex
from coopgraph.standard import Crosswalk, Standard, read_standard
from coopgraph.standard.crosswalks import SSSOM, direct_triples, read_crosswalk
from coopgraph.store import Snapshots

NACE = "http://data.europa.eu/ux2/nace2/"
SIC = "http://business.data.gov.uk/companies/def/sic-2007/"
ICA = "http://purl.org/essglobal/standard/activities-ica/"

# How many codes of the other scheme, and how many mappings of each property.
SIZES = {
    "coops-uk-ownership": (9, {"closeMatch": 3, "broadMatch": 6, "relatedMatch": 1}),
    "essglobal-bmt": (6, {"closeMatch": 5, "broadMatch": 1}),
    "essglobal-structure": (15, {"closeMatch": 9, "broadMatch": 9, "relatedMatch": 4}),
    "ica": (
        29,
        {"closeMatch": 14, "broadMatch": 3, "narrowMatch": 35, "relatedMatch": 9},
    ),
    "nace-2": (109, {"exactMatch": 109}),
    "naics-2022": (
        67,
        {"closeMatch": 29, "broadMatch": 34, "narrowMatch": 5, "relatedMatch": 4},
    ),
    "uk-sic-2007": (109, {"exactMatch": 109}),
}
NAICS_SECTORS = "11 21 22 23 31-33 42 44-45 48-49 51 52 53 54 55 56 61 62 71 72 81 92".split()

TRANSLATIONS = [
    # The same divisions and sections; longer codes nest.
    ("uk-sic-2007", "activity", "47", "47"),
    ("uk-sic-2007", "activity", "4711", "47"),
    ("uk-sic-2007", "activity", "01110", "01"),
    ("uk-sic-2007", "activity", "G", "G"),
    ("uk-sic-2007", "activity", "99999", "99"),
    ("nace-2", "activity", "47.11", "47"),
    ("nace-2", "activity", "6419", "64"),
    ("nace-2", "activity", "retail trade, except of motor vehicles and motorcycles", "47"),
    # No division has these numbers, and a word nests in nothing.
    ("uk-sic-2007", "activity", "34", None),
    ("uk-sic-2007", "activity", "4", None),
    ("uk-sic-2007", "activity", "Apples", None),
    ("uk-sic-2007", "activity", "", None),
    # Sectors over several numbers; finer codes go first; a narrower match never translates.
    ("naics-2022", "activity", "31-33", "C"),
    ("naics-2022", "activity", "311811", "C"),
    ("naics-2022", "activity", "45", "G"),
    ("naics-2022", "activity", "445110", "47"),
    ("naics-2022", "activity", "441110", "45"),
    ("naics-2022", "activity", "522130", "64"),
    ("naics-2022", "activity", "541511", "62"),
    ("naics-2022", "activity", "541990", "M"),
    ("naics-2022", "activity", "22", None),
    ("naics-2022", "activity", "221122", "35"),
    ("naics-2022", "activity", "53", None),
    ("naics-2022", "activity", "531110", "68"),
    ("naics-2022", "activity", "55", None),
    # Flat lists: a number within a number is another thing.
    ("ica", "activity", "ICA10", "01"),
    ("ica", "activity", "ICA100", "B"),
    ("ica", "activity", "ICA300", None),
    ("ica", "activity", "Fishing", "03"),
    ("ica", "activity", "ICA20", None),
    ("ica", "activity", "ICA290", None),
    ("essglobal-bmt", "membership-type", "BMT10", "consumer"),
    ("essglobal-bmt", "membership-type", "BMT20", "producer"),
    ("essglobal-bmt", "membership-type", "BMT30", "worker"),
    ("essglobal-bmt", "membership-type", "BMT40", "multi-stakeholder"),
    ("essglobal-bmt", "membership-type", "BMT50", "consumer"),
    ("essglobal-bmt", "membership-type", "BMT60", "other"),
    ("coops-uk-ownership", "membership-type", "Consumers", "consumer"),
    ("coops-uk-ownership", "membership-type", "workers", "worker"),
    ("coops-uk-ownership", "membership-type", "Tenants", "consumer"),
    ("coops-uk-ownership", "membership-type", "Self-employed", "producer"),
    ("coops-uk-ownership", "membership-type", "Enterprises", "producer"),
    ("coops-uk-ownership", "membership-type", "Multi-stakeholder", "multi-stakeholder"),
    ("coops-uk-ownership", "membership-type", "Community of Interest", "other"),
    ("coops-uk-ownership", "membership-type", "Employee Trust", "other"),
    ("coops-uk-ownership", "membership-type", "Co-operatives", "other"),
    # One word there says two things here.
    ("essglobal-structure", "organisation-kind", "OS60", "cooperative"),
    ("essglobal-structure", "membership-type", "OS60", "worker"),
    ("essglobal-structure", "tier", "OS60", None),
    ("essglobal-structure", "tier", "OS240", "secondary"),
    ("essglobal-structure", "organisation-kind", "OS170", "mutual"),
]

SMALL = """
    @prefix code: <https://w3id.org/coopgraph/code/> .
    @prefix ex: <https://example.org/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix sssom: <https://w3id.org/sssom/> .
    <https://w3id.org/coopgraph/crosswalk/small>
        sssom:object_source code:tier ; sssom:mappings ex:one, ex:two, ex:three .
    ex:one owl:annotatedSource ex:a ; owl:annotatedProperty skos:broadMatch ;
        owl:annotatedTarget <https://w3id.org/coopgraph/code/tier/apex> ; sssom:subject_label "A" .
    ex:two owl:annotatedSource ex:a ; owl:annotatedProperty skos:closeMatch ;
        owl:annotatedTarget <https://w3id.org/coopgraph/code/tier/primary> .
    ex:three owl:annotatedSource ex:b ; owl:annotatedProperty skos:narrowMatch ;
        owl:annotatedTarget <https://w3id.org/coopgraph/code/tier/apex> ; sssom:subject_label "A" .
    ex:a skos:notation "1" . ex:b skos:notation "2", "3" .
"""


def small(old: str = "", new: str = "") -> Crosswalk:
    assert old in SMALL
    triples = (quad.triple for quad in parse(SMALL.replace(old, new), format=RdfFormat.TURTLE))
    return read_crosswalk("small", triples)


def test_the_crosswalks_are_found(standard: Standard) -> None:
    assert set(standard.crosswalks) == set(SIZES)
    assert set(standard.mappings) == {NamedNode(f"{CROSSWALK}{slug}") for slug in SIZES}


@pytest.mark.parametrize("slug", SIZES)
def test_a_crosswalk_maps_each_code_of_its_scheme(standard: Standard, slug: str) -> None:
    matches = standard.crosswalks[slug].matches
    relations = Counter(match.relation.value.rpartition("#")[2] for match in matches)
    assert (len({match.source for match in matches}), dict(relations)) == SIZES[slug]


@pytest.mark.parametrize("slug", SIZES)
def test_a_crosswalk_says_what_it_is_and_on_what_each_mapping_rests(
    standard: Standard, slug: str
) -> None:
    name = NamedNode(f"{CROSSWALK}{slug}")
    index = TripleIndex(standard.mappings[name])
    told = index.by_subject[name]
    for predicate in ("dcterms:title", "dcterms:description", "dcterms:license", "dcterms:source"):
        assert told[iri(predicate)], predicate
    for slot in ("subject_source", "subject_source_version", "object_source", "mappings"):
        assert told[NamedNode(SSSOM + slot)], slot
    assert told[NamedNode("http://purl.org/pav/authoredOn")]
    for mapping in told[NamedNode(SSSOM + "mappings")]:
        justification = index.value(mapping, NamedNode(SSSOM + "mapping_justification"))
        assert justification == NamedNode("https://w3id.org/semapv/vocab/ManualMappingCuration")
        assert isinstance(index.value(mapping, NamedNode(SSSOM + "subject_label")), Literal)


@pytest.mark.parametrize(("slug", "scheme"), [("nace-2", NACE), ("uk-sic-2007", SIC)])
def test_nace_and_uk_sic_share_every_section_and_division(
    standard: Standard, slug: str, scheme: str
) -> None:
    found = {match.source.value: match.target.value for match in standard.crosswalks[slug].matches}
    notations = {code.notation for code in standard.code_lists["activity"].codes}
    assert found == {f"{scheme}{n}": f"{CODE}activity/{n}" for n in notations}


def test_naics_is_there_with_each_of_its_sectors(standard: Standard) -> None:
    crosswalk = standard.crosswalks["naics-2022"]
    assert len(NAICS_SECTORS) == 20
    assert set(NAICS_SECTORS) <= set(crosswalk.by_notation)


@pytest.mark.parametrize(("slug", "code_list", "text", "expected"), TRANSLATIONS)
def test_a_code_of_another_scheme_becomes_ours_or_nothing(
    standard: Standard, slug: str, code_list: str, text: str, expected: str | None
) -> None:
    found = standard.crosswalks[slug].translate(text, code_list)
    assert (found and found.value) == (expected and f"{CODE}{code_list}/{expected}")


def test_what_does_not_translate_may_be_known_all_the_same(standard: Standard) -> None:
    naics = standard.crosswalks["naics-2022"]
    assert naics.knows("22")
    assert naics.knows("2219")
    assert not naics.knows("99")


def test_a_close_match_goes_before_a_broader_one() -> None:
    found = small().translate("1", "tier")
    assert found == NamedNode(f"{CODE}tier/primary")


def test_a_label_of_two_codes_names_neither() -> None:
    assert not small().knows("A")
    assert small(
        'sssom:subject_label "A" .\n    ex:two', 'sssom:subject_label "Z" .\n    ex:two'
    ).knows("z")


def test_a_mapping_reads_the_same_from_either_end() -> None:
    a, b = NamedNode("https://example.org/a"), NamedNode("https://example.org/b")
    apex, primary = NamedNode(f"{CODE}tier/apex"), NamedNode(f"{CODE}tier/primary")
    assert set(direct_triples([small()])) == {
        Triple(a, iri("skos:broadMatch"), apex),
        Triple(apex, iri("skos:narrowMatch"), a),
        Triple(a, iri("skos:closeMatch"), primary),
        Triple(primary, iri("skos:closeMatch"), a),
        Triple(b, iri("skos:narrowMatch"), apex),
        Triple(apex, iri("skos:broadMatch"), b),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sssom:mappings ex:one, ex:two, ex:three", "sssom:note 1", "has mappings"),
        ("owl:annotatedSource ex:b", "owl:annotatedSource 'b'", "from one code to another"),
        ("skos:narrowMatch", "skos:related", "mapping property of SKOS"),
        ('ex:a skos:notation "1" .', "", "has a skos:notation"),
    ],
)
def test_a_mapping_that_is_not_whole_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        small(old, new)


def test_crosswalks_count_in_the_digest_and_must_lead_to_codes(tmp_path: Path) -> None:
    folders = tmp_path / "ontology", tmp_path / "shapes"
    shutil.copytree(resources.ONTOLOGY, folders[0])
    shutil.copytree(resources.SHAPES, folders[1])
    path = folders[0] / "crosswalks" / "essglobal-bmt.ttl"
    text = path.read_text(encoding="utf-8")
    before = read_standard(*folders).digest
    path.write_text(f"{text}\n", encoding="utf-8")
    assert read_standard(*folders).digest != before
    path.write_text(text.replace("membership:worker", "membership:wrker"), encoding="utf-8")
    with pytest.raises(ShapeError, match=r"crosswalk/essglobal-bmt: there is no code .*wrker"):
        read_standard(*folders)


def test_organisations_answer_to_the_codes_of_other_schemes(served_sample: Path) -> None:
    store = Snapshots(served_sample).current().store

    def count(pattern: str) -> int:
        text = f"""
            PREFIX coop: <https://w3id.org/coopgraph/ns#>
            PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
            SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE {{ ?o a coop:Organization . {pattern} }}
        """
        found = store.query(text)
        assert isinstance(found, QuerySolutions)
        [solution] = found
        return int(solution["n"].value)  # type: ignore[union-attr]

    assert count(f"<{NACE}47> skos:exactMatch ?a . ?o coop:activity ?a") == 2
    assert count(f"?o coop:activity/skos:exactMatch <{SIC}62>") == 1
    assert count(f"?o coop:activity/skos:closeMatch <{ICA}ICA240>") == 2


def test_mappings_are_asserted_in_their_graph_and_their_triples_in_the_merge_alone(
    served_sample: Path, standard: Standard
) -> None:
    store = Snapshots(served_sample).current().store
    for name, triples in standard.mappings.items():
        held = {quad.triple for quad in store.quads_for_pattern(None, None, None, name)}
        assert held == set(triples)
    [quad] = store.quads_for_pattern(
        NamedNode(f"{NACE}47"), iri("skos:exactMatch"), NamedNode(f"{CODE}activity/47"), None
    )
    assert not isinstance(quad.graph_name, NamedNode)
