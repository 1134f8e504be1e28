"""Which tables can be filled in, and their columns: order, keys, what is required, what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coopgraph.errors import ShapeError, UsageError
from coopgraph.standard import EntityType, Field, Kind, Standard
from coopgraph.standard.columns import (
    KEY,
    PARENT,
    Column,
    Template,
    find_template,
    holds,
    remarks,
    templates,
)
from coopgraph.standard.limits import limits, whole_pattern
from coopgraph.standard.wording import LANGUAGES, say, words


@pytest.fixture(scope="module")
def known(standard: Standard) -> tuple[Template, ...]:
    return templates(standard)


def column(known: tuple[Template, ...], template: str, name: str) -> Column:
    return next(item for item in find_template(known, template).columns if item.name == name)


def changed(standard: Standard, name: str, **fields: object) -> Standard:
    """The standard with one entity type changed."""
    entity = standard.entity_type(name)
    assert entity is not None
    types = {**standard.entity_types, entity.shape: replace(entity, **fields)}  # type: ignore[arg-type]
    return replace(standard, entity_types=types)


def fields_of(standard: Standard, name: str) -> tuple[Field, ...]:
    entity = standard.entity_type(name)
    assert entity is not None
    return entity.fields


def test_organisations_come_first_then_their_child_tables(
    known: tuple[Template, ...], standard: Standard
) -> None:
    organization = standard.entity_type("Organization")
    assert isinstance(organization, EntityType)
    tables = [item for item in organization.fields if item.table]
    assert len(tables) >= 3
    assert [item.relation for item in known] == [None, *tables]
    assert known[0].entity is organization


def test_slugs_and_titles_tell_templates_apart(known: tuple[Template, ...]) -> None:
    assert len({item.slug for item in known}) == len(known)
    assert len({item.table for item in known}) == len(known)
    assert len({item.title("en") for item in known}) == len(known)


def test_columns_stand_in_the_order_of_the_shapes(
    known: tuple[Template, ...], standard: Standard
) -> None:
    for item in known:
        fields = [column.field for column in item.columns if column.field]
        assert fields == [field for _, field in standard.columns(item.entity)]


def test_a_row_is_named_by_a_key_or_by_the_fields_that_name_its_node(
    known: tuple[Template, ...],
) -> None:
    assert find_template(known, "organization").key == (KEY,)
    assert find_template(known, "site").key == (KEY,)
    observation = find_template(known, "Observation")
    assert observation.key == (PARENT, "year", "measure")
    assert KEY not in [item.name for item in observation.columns]
    for item in known:
        names = [column.name for column in item.columns]
        assert set(item.key) <= set(names)
        assert (PARENT in names) == (item.relation is not None)


def test_a_column_is_required_only_where_every_row_needs_it(known: tuple[Template, ...]) -> None:
    assert column(known, "organization", "name").is_required
    assert column(known, "organization", "id").is_required
    scheme = column(known, "organization", "registration_scheme")
    assert (scheme.is_required, scheme.is_needed) == (False, True)
    assert "registration_number" in scheme.beside
    assert not column(known, "organization", "homepage").is_required


def test_a_list_is_a_field_or_a_node_that_may_be_there_often(known: tuple[Template, ...]) -> None:
    assert column(known, "organization", "kind").is_list
    assert column(known, "organization", "registration_number").is_list
    assert not column(known, "organization", "name").is_list
    assert not column(known, "organization", "street").is_list


def test_only_numbers_are_no_text(known: tuple[Template, ...]) -> None:
    assert column(known, "organization", "postal_code").is_text
    assert column(known, "organization", "registration_number").is_text
    assert column(known, "organization", "founded").is_text
    assert not column(known, "organization", "latitude").is_text


def test_a_template_is_found_by_name_and_by_slug(known: tuple[Template, ...]) -> None:
    for name in ("Organization", "organization", "ORGANIZATION"):
        assert find_template(known, name) is known[0]
    with pytest.raises(UsageError, match="“shop”; there are organization, site"):
        find_template(known, "shop")


def test_a_column_that_is_there_twice_is_refused(standard: Standard) -> None:
    first, *rest = fields_of(standard, "Offer")
    twice = (first, replace(rest[0], column=first.column), *rest[1:])
    with pytest.raises(ShapeError, match=f"“{first.column}” is there twice"):
        templates(changed(standard, "Offer", fields=twice))


def test_a_field_may_not_take_the_name_of_a_key(standard: Standard) -> None:
    first, *rest = fields_of(standard, "Offer")
    with pytest.raises(ShapeError, match=f"“{PARENT}” is there twice"):
        templates(changed(standard, "Offer", fields=(replace(first, column=PARENT), *rest)))


def test_nodes_that_lead_back_to_themselves_are_refused(standard: Standard) -> None:
    address = standard.entity_type("Address")
    assert address is not None
    first, *rest = address.fields
    circle = (replace(first, kind=Kind.NODE, node=address.shape), *rest)
    with pytest.raises(ShapeError, match="lead back to itself"):
        templates(changed(standard, "Address", fields=circle))


# In words --------------------------------------------------------------------------------------


def test_every_column_can_be_explained_in_every_language(known: tuple[Template, ...]) -> None:
    for item in known:
        for one in item.columns:
            texts = {holds(one, language) for language in LANGUAGES}
            assert all(texts)
            assert all("{" not in text for text in texts)
            assert len({len(remarks(one, language)) for language in LANGUAGES}) == 1


def test_what_a_column_holds_is_said_as_its_shape_says_it(known: tuple[Template, ...]) -> None:
    said = {
        "founded": "a date as YYYY-MM-DD, YYYY-MM or YYYY",
        "homepage": "a web address, from https:// on",
        "latitude": "a number, with a point before decimals",
        "name": "text",
        "id": "text",
        "status": "a code of the list “Status”",
    }
    for name, text in said.items():
        assert holds(column(known, "organization", name), "en") == text
    assert holds(column(known, "organization", "latitude"), "fr").startswith("un nombre")
    assert "From -90.0 to 90.0." in remarks(column(known, "organization", "latitude"), "en")


def test_a_language_without_words_falls_back_to_english() -> None:
    assert say("required", "de") == "required"
    assert say("required", "es-MX") == "obligatorio"
    assert set(words("key")) == set(LANGUAGES)


# Limits ----------------------------------------------------------------------------------------


def test_limits_are_read_from_the_shape(standard: Standard) -> None:
    fields = {item.column: item for item in fields_of(standard, "Geometry")}
    bounds = limits(standard, fields["longitude"])
    assert (bounds.minimum, bounds.maximum, bounds.pattern) == ("-180.0", "180.0", "")


@pytest.mark.parametrize(
    ("pattern", "whole"),
    [
        ("^https?://", "https?://.*"),
        ("^[0-9|]{2}$", "[0-9|]{2}"),
        ("abc", ".*abc.*"),
        (r"cent\$", r".*cent\$.*"),
        (r"back\\$", r".*back\\"),
        ("^(a|b)$", "(a|b)"),
        ("^a|b$", ""),
        ("", ""),
    ],
)
def test_a_pattern_becomes_one_for_the_whole_value(pattern: str, whole: str) -> None:
    assert whole_pattern(pattern) == whole
