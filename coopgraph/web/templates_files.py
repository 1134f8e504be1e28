"""Template files as the service offers them: which there are, and their bytes.

In: the standard. Out: files by name; a workbook, which takes a moment to make, is made once.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from coopgraph.standard import Standard
from coopgraph.standard.columns import Template, templates
from coopgraph.standard.csvw import csvw_group
from coopgraph.standard.derived import GROUP_NAME, PACKAGE_NAME, json_text, template_json
from coopgraph.standard.table_schema import data_package
from coopgraph.standard.templates import csv_template
from coopgraph.standard.wording import LANGUAGES
from coopgraph.standard.workbook import workbook
from coopgraph.web.negotiation import PlainFormat

WORKBOOK_NAME = "coopgraph.xlsx"  # all templates in one

CSV = PlainFormat("CSV", "text/csv", "csv")
XLSX = PlainFormat(
    "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"
)
TABLE_SCHEMA = PlainFormat("Table Schema", "application/json", "schema.json")
CSVW = PlainFormat("CSVW", "application/csvm+json", "csv-metadata.json")
PACKAGE = PlainFormat("Data Package", "application/vnd.datapackage+json", "json")
FORMS = (XLSX, CSV, TABLE_SCHEMA, CSVW)


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One file to offer."""

    form: PlainFormat
    body: bytes


class TemplateFiles:
    """The template files of one standard."""

    def __init__(self, standard: Standard) -> None:
        self._standard = standard
        self.known: tuple[Template, ...] = templates(standard)
        self._made: dict[tuple[str, str, bool], TemplateFile | None] = {}
        self._lock = Lock()

    def file(self, name: str, language: str = "en", *, hxl: bool = False) -> TemplateFile | None:
        """The file of that name, or None where there is none.

        A language that templates are not written in is English.
        """
        spoken = language if language in LANGUAGES else "en"
        wanted = (name, spoken, hxl)
        if wanted not in self._made and not self._is_known(name):
            return None
        with self._lock:
            if wanted not in self._made:
                self._made[wanted] = self._make(*wanted)
            return self._made[wanted]

    def _is_known(self, name: str) -> bool:
        names = {WORKBOOK_NAME, GROUP_NAME, PACKAGE_NAME}
        names.update(f"{item.slug}.{form.extension}" for item in self.known for form in FORMS)
        return name in names

    def _make(self, name: str, language: str, hxl: bool) -> TemplateFile:
        if name == WORKBOOK_NAME:
            made = workbook(self._standard, self.known, language=language, hxl=hxl)
            return TemplateFile(XLSX, made)
        if name == GROUP_NAME:
            return TemplateFile(CSVW, json_text(csvw_group(self._standard, language)).encode())
        if name == PACKAGE_NAME:
            return TemplateFile(PACKAGE, json_text(data_package(self._standard, language)).encode())
        slug, _, extension = name.partition(".")
        item = next(item for item in self.known if item.slug == slug)
        if extension == XLSX.extension:
            return TemplateFile(XLSX, workbook(self._standard, [item], language=language, hxl=hxl))
        if extension == CSV.extension:
            return TemplateFile(CSV, csv_template(item, hxl=hxl).encode())
        form = next(form for form in FORMS if form.extension == extension)
        text = template_json(self._standard, item, extension, language)
        return TemplateFile(form, text.encode())
