"""The code lists hold what their sources hold: counts, and codes picked out of them.

In: the code lists of the standard. Out: agreement with ISIC Revision 4, ISO 3166, ISO 20275, the
guidelines of the International Labour Organization (2018) and org-id.guide, stated here.
"""

from __future__ import annotations

from collections import Counter

import pytest

from coopgraph.namespaces import CODE
from coopgraph.standard import Code, Standard

ISIC_DIVISIONS = {
    "A": "01 02 03", "B": "05 06 07 08 09",
    "C": "10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33",
    "D": "35", "E": "36 37 38 39", "F": "41 42 43", "G": "45 46 47", "H": "49 50 51 52 53",
    "I": "55 56", "J": "58 59 60 61 62 63", "K": "64 65 66", "L": "68",
    "M": "69 70 71 72 73 74 75", "N": "77 78 79 80 81 82", "O": "84", "P": "85", "Q": "86 87 88",
    "R": "90 91 92 93", "S": "94 95 96", "T": "97 98", "U": "99",
}  # fmt: skip

US_STATES = (
    "AK AL AR AZ CA CO CT DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ "
    "NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY"
).split()
US_DISTRICT_AND_TERRITORIES = "AS DC GU MP PR UM VI".split()

NOTATIONS = {
    "membership-type": "worker consumer producer multi-stakeholder other",
    "status": "active closed dormant forming",
    "tier": "primary secondary apex",
    "identity-basis": "statute register coop-domain federation-membership own-declaration",
    "precision": "address street postcode locality region country",
    "measure": "turnover surplus member-funds members employees assets",
}

LABELS = {
    "activity/47": (
        "Retail trade, except of motor vehicles and motorcycles",
        "Comercio al por menor, excepto el de vehículos automotores y motocicletas",
        "Commerce de détail, à l'exception des véhicules automobiles et des motocycles",
    ),
    "membership-type/worker": ("Worker", "De trabajo asociado", "De travail"),
    "country/DE": ("Germany", "Alemania", "Allemagne"),
    "country/US": ("United States", "Estados Unidos", "États-Unis"),
    "country/ZA": ("South Africa", "Sudáfrica", "Afrique du Sud"),
    "subdivision/US-NC": ("North Carolina", "Carolina del Norte", "Caroline du Nord"),
}

SCHEMES_OF_OUR_OWN = {"COOP-DOMAIN", "GB-COOPSUK", "GB-DETINI", "US-NCUA", "US-RSSD", "WIKIDATA"}


def codes(standard: Standard, slug: str) -> dict[str, Code]:
    """The codes of a list by their notations."""
    return {code.notation: code for code in standard.code_lists[slug].codes}


@pytest.mark.parametrize("slug", NOTATIONS)
def test_a_small_list_holds_these_and_no_others(standard: Standard, slug: str) -> None:
    assert set(codes(standard, slug)) == set(NOTATIONS[slug].split())


def test_activity_holds_the_21_sections_and_88_divisions_of_isic(standard: Standard) -> None:
    found = codes(standard, "activity")
    assert sum(len(text.split()) for text in ISIC_DIVISIONS.values()) == 88
    assert len(found) == 21 + 88
    for section, text in ISIC_DIVISIONS.items():
        assert found[section].broader is None
        for division in text.split():
            broader = found[division].broader
            assert broader is not None, division
            assert broader.value == f"{CODE}activity/{section}"


def test_countries_are_those_of_iso_3166_and_kosovo(standard: Standard) -> None:
    found = codes(standard, "country")
    assert len(found) == 249 + 1
    assert {"AX", "BQ", "CD", "CW", "GB", "GG", "IM", "JE", "MK", "PS", "SS", "SZ", "XK"} <= set(
        found
    )
    assert not {"AN", "EU", "UK", "SU", "YU"} & set(found)


def test_the_united_states_have_50_states_a_district_and_6_territories(standard: Standard) -> None:
    found = [code.removeprefix("US-") for code in codes(standard, "subdivision") if "US-" in code]
    assert len(US_STATES) == 50
    assert sorted(found) == sorted([*US_STATES, *US_DISTRICT_AND_TERRITORIES])


def test_subdivisions_are_whole_for_each_country_that_has_them(standard: Standard) -> None:
    counts = Counter(code.partition("-")[0] for code in codes(standard, "subdivision"))
    assert counts == {
        "US": 57, "GB": 4, "CA": 13, "AU": 8, "BR": 27, "DE": 16, "ES": 69, "FR": 13, "IN": 36,
        "IT": 126, "MX": 32,
    }  # fmt: skip


def test_legal_forms_are_the_active_co_operative_forms_of_iso_20275(standard: Standard) -> None:
    found = codes(standard, "legal-form")
    assert len(found) == 354
    assert all(len(code) == 4 and code.isalnum() for code in found)
    assert found["AZFE"].labels == {"de": "Eingetragene Genossenschaft"}
    assert {"ZZGG", "28FE", "HZ6C", "6W6X", "8XDW", "ZE81"} <= set(found)
    assert not {"O5HQ", "64XG", "UL6C"} & set(found), "these are no longer in force"


def test_registration_schemes_are_those_of_org_id_guide_and_ours(standard: Standard) -> None:
    found = codes(standard, "registration-scheme")
    assert len(found) == 105 + len(SCHEMES_OF_OUR_OWN)
    assert set(found) >= SCHEMES_OF_OUR_OWN
    assert {"GB-COH", "GB-MPR", "US-EIN", "XI-LEI", "XI-ROR", "DE-CR", "FR-RCS"} <= set(found)
    state_registers = [code for code in found if code.startswith("US-") and code.endswith("_CR")]
    assert len(state_registers) == 51


def test_kinds_of_organisation_stand_below_three_roots(standard: Standard) -> None:
    found = codes(standard, "organisation-kind")
    roots = Counter(
        code.broader.value.rpartition("/")[2] for code in found.values() if code.broader
    )
    assert {name for name, code in found.items() if code.broader is None} == {
        "cooperative", "support-organization", "mutual",
    }  # fmt: skip
    assert roots == {"cooperative": 16, "support-organization": 6}


@pytest.mark.parametrize(("code", "labels"), LABELS.items(), ids=LABELS)
def test_a_code_is_called_so_in_english_spanish_and_french(
    standard: Standard, code: str, labels: tuple[str, str, str]
) -> None:
    slug, _, notation = code.partition("/")
    found = codes(standard, slug)[notation].labels
    assert (found["en"], found["es"], found["fr"]) == labels
