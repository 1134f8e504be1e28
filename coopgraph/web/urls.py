"""Where things are documented: from names (IRIs under the base) to addresses on this server.

Names hang off ``COOPGRAPH_BASE`` and outlive servers; addresses hang off ``COOPGRAPH_URL``. The
Host header of a request takes no part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from coopgraph.namespaces import CODE, CROSSWALK, STANDARD
from coopgraph.settings import Settings


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses of one service. ``root`` is where it is, without a closing slash."""

    root: str
    base: str

    @property
    def prefix(self) -> str:
        """The path that the service is mounted under, "" at the top of its host."""
        return urlsplit(self.root).path

    def absolute(self, path: str, /, **arguments: str | Sequence[str]) -> str:
        """The full address of a path of this service, with arguments that are not empty."""
        return f"{self.root}{path}{_query(arguments)}"

    def link(self, path: str, /, **arguments: str | Sequence[str]) -> str:
        """A path as pages link to it, with arguments that are not empty."""
        return f"{self.prefix}{path}{_query(arguments)}"

    def document(self, name: str) -> str | None:
        """The path of the document about a thing, or None where it is not one of ours.

        A name whose path has empty or dotted segments is none of ours: browsers would take it for
        an address elsewhere.

        >>> urls = Urls("https://coops.example", "https://w3id.org/coopgraph/")
        >>> urls.document("https://w3id.org/coopgraph/id/org/7k3m9qx2c4-h8#address-1f")
        '/org/7k3m9qx2c4-h8#address-1f'
        """
        path = self._document(name)
        return path if path is not None and _is_straight(path) else None

    def _document(self, name: str) -> str | None:
        if name.startswith(f"{self.base}id/"):
            path = name.removeprefix(f"{self.base}id")
            return "/catalog" if path == "/catalogue" else path
        if name.startswith(f"{self.base}graph/"):
            slug = name.removeprefix(f"{self.base}graph/")
            special = {"catalogue": "/catalog", "description": "/void"}
            return special.get(slug, f"/dataset/{slug}")
        for document in ("void", "queries"):
            stem = f"{self.base}{document}"
            if name == stem or name.startswith((f"{stem}#", f"{stem}/")):
                return f"/{document}{name.removeprefix(stem)}"
        if name.startswith(CODE):
            return f"/code/{name.removeprefix(CODE)}"
        if name.startswith(CROSSWALK):
            return f"/crosswalk/{name.removeprefix(CROSSWALK)}"
        for document in ("ns", "shapes"):
            stem = f"{STANDARD}{document}"
            if name == stem or name.startswith((f"{stem}#", f"{stem}/")):
                return f"/{document}{name.removeprefix(stem)}"
        return None

    def page(self, name: str) -> str | None:
        """The link to the document about a thing, for pages."""
        path = self.document(name)
        return None if path is None else self.link(path)


def _is_straight(path: str) -> bool:
    segments = path.partition("#")[0].partition("?")[0].replace("\\", "/").split("/")[1:]
    return all(segment not in ("", ".", "..") for segment in segments)


def _query(arguments: Mapping[str, str | Sequence[str]]) -> str:
    kept = {name: value for name, value in arguments.items() if value}
    return f"?{urlencode(kept, doseq=True)}" if kept else ""


def urls_of(settings: Settings) -> Urls:
    """Addresses that settings give."""
    return Urls(settings.public_url, settings.base)
