"""Which standard is used: the bundled one, or the operator's own.

In: settings. Out: the folders of ontology, shapes and hygiene rules, and the standard in them.
``COOPGRAPH_STANDARD`` names a folder with ``ontology/`` and ``shapes/`` like the bundled one's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coopgraph import resources
from coopgraph.errors import SettingError
from coopgraph.settings import Settings
from coopgraph.standard.model import Standard
from coopgraph.standard.reading import read_standard


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the files of a standard are."""

    ontology: Path
    shapes: Path

    @property
    def rules(self) -> Path:
        """The hygiene rules: the standard's own, else the bundled ones."""
        own = self.ontology / "hygiene"
        return own if own.is_dir() else resources.ONTOLOGY / "hygiene"


def folders_of(settings: Settings) -> Folders:
    """The folders that settings name. Raises SettingError where one is missing."""
    if not settings.standard:
        return Folders(resources.ONTOLOGY, resources.SHAPES)
    root = Path(settings.standard)
    found = Folders(root / "ontology", root / "shapes")
    for folder in (found.ontology, found.shapes):
        if not folder.is_dir():
            raise SettingError(f"COOPGRAPH_STANDARD: there is no folder {folder}.", name="standard")
    return found


def standard_of(settings: Settings) -> Standard:
    """The standard that settings name. Raises SettingError, ShapeError."""
    folders = folders_of(settings)
    return read_standard(folders.ontology, folders.shapes)
