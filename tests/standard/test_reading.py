"""Ontology and shapes → entity types, fields and code lists; and what contradicts itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coopgraph import resources
from coopgraph.errors import ShapeError
from coopgraph.namespaces import CODE, SHAPES, iri
from coopgraph.standard import Kind, Standard, read_standard


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Copies of ``ontology/`` and ``shapes/`` that a test may change."""
    for source in (resources.ONTOLOGY, resources.SHAPES):
        shutil.copytree(source, tmp_path / source.name)
    return tmp_path / "ontology", tmp_path / "shapes"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_node_shape_with_a_target_is_an_entity_type(standard: Standard) -> None:
    assert {entity.name for entity in standard.entity_types.values()} >= {
        "Organization", "Address", "Geometry", "Registration", "Membership", "IdentityClaim",
        "Site", "Observation", "Offer",
    }  # fmt: skip
    assert standard.entity_type("Nothing") is None


def test_fields_stand_in_the_order_of_their_shapes(standard: Standard) -> None:
    for entity in standard.entity_types.values():
        assert entity.fields, entity.name
        assert [f.order for f in entity.fields] == sorted(f.order for f in entity.fields)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("name", Kind.LANGUAGE_TEXT),
        ("legal_name", Kind.TEXT),
        ("kind", Kind.CODE),
        ("homepage", Kind.LINK),
        ("founded", Kind.DATE),
        ("latitude", Kind.NUMBER),
        ("member_of", Kind.REFERENCE),
    ],
)
def test_a_shape_says_what_a_field_holds(column: str, kind: Kind, standard: Standard) -> None:
    organization = standard.entity_type("Organization")
    assert organization is not None
    fields = {field.column: field for _, field in standard.columns(organization)}
    assert fields[column].kind is kind


def test_a_field_says_all_that_its_shape_says(standard: Standard) -> None:
    organization = standard.entity_type("Organization")
    assert organization is not None
    founded = organization.field_at(iri("schema:foundingDate"))
    assert founded is not None
    assert founded.shape.value == f"{SHAPES}founded"
    assert (founded.key, founded.column, founded.hxl) == ("founded", "founded", "#date+start")
    assert {d.value.rpartition("#")[2] for d in founded.datatypes} == {
        "date",
        "gYearMonth",
        "gYear",
    }
    assert (founded.min_count, founded.max_count) == (0, 1)
    assert (founded.is_required, founded.is_list) == (False, False)
    assert founded.labels["en"]
    assert founded.descriptions["en"]
    assert founded.messages["en"]
    name = organization.field_at(iri("skos:prefLabel"))
    assert name is not None
    assert (name.is_required, name.is_list, name.is_one_per_language) == (True, False, True)


def test_columns_of_inner_nodes_come_with_the_way_to_them(standard: Standard) -> None:
    organization, site = standard.entity_type("Organization"), standard.entity_type("Site")
    assert organization is not None
    assert site is not None
    ways = {f.column: [step.path for step in way] for way, f in standard.columns(organization)}
    assert ways["street"] == [iri("locn:address")]
    assert ways["name"] == []
    assert "site_name" not in ways, "child tables have columns of their own"
    assert {f.column: [s.path for s in way] for way, f in standard.columns(site)}["street"] == [
        iri("org:siteAddress")
    ]


def test_no_entity_has_a_column_twice(standard: Standard) -> None:
    for entity in standard.entity_types.values():
        columns = [field.column for _, field in standard.columns(entity)]
        assert len(columns) == len(set(columns)), entity.name


def test_keyed_nodes_have_key_fields(standard: Standard) -> None:
    keyed = {e.name: [f.column for f in e.key_fields] for e in standard.entity_types.values()}
    assert keyed["Registration"] == ["registration_scheme", "registration_number"]
    assert keyed["Observation"] == ["year", "measure"]
    assert keyed["Membership"] == ["member_of", "member_since"]
    assert keyed["Address"] == keyed["Site"] == []


def test_inner_entities_have_fragments_of_their_own(standard: Standard) -> None:
    entities = standard.entity_types.values()
    inner = {field.node for entity in entities for field in entity.fields if field.node}
    fragments = [standard.entity_types[shape].fragment for shape in inner]
    assert fragments
    assert all(fragments)
    assert len(fragments) == len(set(fragments))


def test_code_lists_hold_their_codes(standard: Standard) -> None:
    kinds = standard.code_lists["organisation-kind"]
    assert kinds.iri.value == f"{CODE}organisation-kind"
    assert kinds.labels["en"]
    assert [code.notation for code in kinds.codes] == sorted(code.notation for code in kinds.codes)
    by_notation = {code.notation: code for code in kinds.codes}
    assert by_notation["credit-union"].labels["en"]
    division = standard.code_lists["activity"].by_name["47"]
    assert division.broader == standard.code_lists["activity"].by_name["G"].iri


def test_a_notation_wins_over_another_codes_label(standard: Standard) -> None:
    for code_list in standard.code_lists.values():
        for code in code_list.codes:
            assert code_list.by_name[code.notation] is code


def test_any_changed_byte_changes_the_digest(
    folders: tuple[Path, Path], standard: Standard
) -> None:
    same = read_standard(*folders)
    assert (same.digest, same.version) == (standard.digest, standard.version)
    with (folders[0] / "codes" / "tier.ttl").open("a") as output:
        output.write("\n")
    assert read_standard(*folders).digest != standard.digest


def test_a_folder_without_a_standard_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="no ontology"):
        read_standard(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("offer.ttl", "sh:path schema:name ;", "sh:path ( schema:name ) ;", "single property"),
        ("offer.ttl", "sh:datatype rdf:langString ;", "", "no single kind"),
        ("codes.ttl", "coop:codeList code:tier", "coop:codeList code:tears", "“tears”"),
    ],
)
def test_a_shape_that_cannot_be_a_field_is_refused(
    file: str, old: str, new: str, message: str, folders: tuple[Path, Path]
) -> None:
    change(folders[1] / file, old, new)
    with pytest.raises(ShapeError, match=message):
        read_standard(*folders)


def test_a_broken_turtle_file_is_named(folders: tuple[Path, Path]) -> None:
    (folders[1] / "offer.ttl").write_text("this is no turtle")
    with pytest.raises(ShapeError, match=r"offer\.ttl"):
        read_standard(*folders)
