"""What the graph says it holds, read for people."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Store

from coopgraph.catalogue.holdings import read_holdings
from coopgraph.namespaces import STANDARD, dataset_iri, iri
from coopgraph.selfdescription import merge
from coopgraph.store import Manifest, Snapshot, Snapshots


def test_holdings_are_read(served_sample: Path) -> None:
    snapshot = Snapshots(served_sample).current()
    found = read_holdings(snapshot)
    assert found is not None
    assert found.sequence == snapshot.sequence
    assert found.modified.tzinfo is not None
    assert found.merge.node == merge(STANDARD)
    assert {counted.node for counted in found.datasets} == {
        dataset_iri(STANDARD, slug) for slug in ("flipside", "northlight")
    }
    assert found.merge.triples == sum(count for _, count in found.merge.properties)
    assert dict(found.merge.classes)[iri("coop:Organization")] > 10
    for counts in (found.merge.classes, found.merge.properties):
        numbers = [count for _, count in counts]
        assert numbers == sorted(numbers, reverse=True)


def test_links_lead_to_datasets_and_outside(served_sample: Path) -> None:
    found = read_holdings(Snapshots(served_sample).current())
    assert found is not None
    spaces = {links.space for links in found.links}
    assert "https://rdf.gleif.org/EntityLegalForm/" in spaces
    assert dataset_iri(STANDARD, "flipside") in {links.target for links in found.links}
    assert all(links.triples > 0 for links in found.links)


def test_a_snapshot_without_a_description_has_none(tmp_path: Path) -> None:
    manifest = Manifest(1, "2026-11-20T06:00:00+00:00", STANDARD, "1.0.0", "0" * 16, {})
    assert read_holdings(Snapshot(manifest, Store(), tmp_path)) is None
