"""Mapping proposals: for a file that does not follow the template, how it may be mapped.

In: an open table and the standard. Out: a :class:`Proposal`, which is a whole dataset descriptor
with a reason for each of its lines (``docs/proposals.md``)::

    table → sampling → a sample
            stated, by metadata → candidates
            wordbook, looks, codelists → candidates → filling, registrations, keys
                                         arranging → tables → choosing → writing → a descriptor
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from coopgraph.standard import Standard
from coopgraph.tables.metadata import Matched, Metadata
from coopgraph.tables.proposals.arranging import Arranger
from coopgraph.tables.proposals.candidates import Matcher
from coopgraph.tables.proposals.choosing import Choices
from coopgraph.tables.proposals.filling import LEAST
from coopgraph.tables.proposals.model import (
    Candidate,
    Entry,
    Line,
    Proposal,
    ProposedTable,
    Unmapped,
    percent,
)
from coopgraph.tables.proposals.sampling import Sample, SourceColumn, take_sample
from coopgraph.tables.proposals.stated import Stated
from coopgraph.tables.proposals.wordbook import synonyms
from coopgraph.tables.proposals.writing import write
from coopgraph.tables.reading import Layout, Table, open_table

__all__ = ["Entry", "Line", "Proposal", "ProposedTable", "Unmapped", "open_source", "propose"]

_MOST_RUNNERS_UP = 2


def open_source(
    path: Path, layout: Layout | None = None, metadata: Metadata | None = None
) -> Table:
    """The table in a file of which no mapping is known; names that stand twice are numbered,
    unless its ``metadata`` describes them.
    """
    return open_table(path, layout, metadata.uses if metadata else lambda name: False)


def propose(
    table: Table,
    standard: Standard,
    language: str = "und",
    chosen: Mapping[str, str] | None = None,
    matched: Matched | None = None,
    layout: Layout | None = None,
) -> Proposal:
    """How a table may be mapped; its rows are read for it.

    ``language`` is the BCP 47 tag of its texts. ``chosen`` says of columns what they feed, as
    ``Proposal.addresses`` writes it, "" for nothing; the others are proposed around them.
    ``matched`` is the metadata that it comes with, ``layout`` how it was opened. Raises InputError
    as reading does, and UsageError for a choice that cannot be.
    """
    sample = take_sample(table)
    matcher = Matcher(standard)
    arranger = Arranger(standard, matcher, sample, Stated(standard, matched, language))
    choices = Choices(sample, chosen or {}, matcher.looks)
    tables = tuple(choices.apply(arranger.tables(), arranger.templates))
    used = {name for item in tables for name in item.feeds}
    figures = {source.name: meaning.target for source, meaning in arranger.figures()}
    unmapped = tuple(
        Unmapped(source.name, "left out by hand")
        if choices.leave_out(source)
        else _unmapped(source, sample, arranger.candidates, figures)
        for source in sample.columns
        if source.name not in used
    )
    metadata = matched.metadata if matched else None
    text = write(sample, tables, unmapped, language, metadata, layout or Layout())
    return Proposal(tables, unmapped, text, metadata.source if metadata else "")


def _unmapped(
    source: SourceColumn, sample: Sample, candidates: list[Candidate], figures: dict[str, str]
) -> Unmapped:
    """A column that is left out, with the first reason that holds."""
    own = tuple(item for item in candidates if item.source is source)[:_MOST_RUNNERS_UP]
    withheld = synonyms()["withheld"]
    for item in own:
        if item.plain in withheld:
            return Unmapped(source.name, f"could be {item.target}, but {withheld[item.plain]}", own)
    if source.name in figures:
        measure = figures[source.name]
        return Unmapped(
            source.name, f"figures ({measure}) need a year, and no column has one for each row", own
        )
    if own and own[0].confidence >= LEAST:
        return Unmapped(source.name, f"could be {own[0].target}, which another column is", own)
    if own:
        sure = percent(own[0].confidence)
        return Unmapped(source.name, f"could be {own[0].target} ({sure}: {own[0].reason})", own)
    return Unmapped(source.name, "")
