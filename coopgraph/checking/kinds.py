"""What kinds of findings there are beside broken shapes, and what to call many of one kind.

In: the ``kind`` of a finding. Out: what a heading says of all such findings. A shape says in its
``sh:message`` what its own are called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, str]] = {
    # of cells
    "address-without-scheme": "web addresses without their https://; they are read with http://",
    "ambiguous-date": "dates that may name the day or the month first; write YYYY-MM-DD",
    "calendar": "dates that are not in the calendar",
    "cell-error": "cells that hold an error of the spreadsheet, like #N/A; they are read as blank",
    "code": "values that are not in the code list",
    "control-character": "texts with a control character; remove it",
    "coordinates-exchanged": "latitude and longitude exchanged",
    "crosswalk": "codes that stand for none of our list",
    "date": "no date in the form YYYY-MM-DD, YYYY-MM or YYYY",
    "date-format": "dates in another form than the rest of the column",
    "date-precision": "dates that are not exact enough; give the day as YYYY-MM-DD",
    "exponent": "long numbers that a spreadsheet shortened, like 4.47E+11; digits are lost",
    "formula-without-value": "formulas without a value; save the workbook in a spreadsheet program",
    "geometry": "shapes on the map that are no point; they are left out",
    "language-tag": "no language tag; write one like en or pt-BR",
    "language-unknown": "tags of no language that is known",
    "list-gap": "lists with a gap; give a value for each place",
    "list-lengths": "lists that do not fit the one beside them",
    "misread-letters": "letters that came out wrong, like Ã© for é",
    "number": "no number; write digits, with a point before decimals",
    "number-length": "numbers with too many digits",
    "number-tail": "numbers that a spreadsheet gave a decimal, like 1050.0",
    "outside-country": "points that are not in their country; correct the point, or the country",
    "place-of-postal-code": "blank towns and states that the ZIP code beside them tells",
    "postal-code-elsewhere": "ZIP codes that lie in another state; correct one of them",
    "postal-code-short": "postal codes that are too short for their country",
    "postal-code-zero": "postal codes that lost their leading zero",
    "reference": "references to other datasets that cannot be read; write dataset/key",
    "reference-unpublished": "references to organisations that are not published",
    "spaces": "spaces around a text or too many within; they are left out",
    "telephone-impossible": "telephone numbers that their country cannot have",
    "telephone-national": "telephone numbers without the code of their country",
    "unmapped-value": "values that the mapping does not name; add them to “values”",
    "web-address": "no web address; write it in full, from https:// on",
    "web-ending": "web addresses with an ending that there is none of; look for a slip",
    "whole-number": "no whole number",
    # of rows
    "blank-row": "rows that say nothing: every cell that is used is blank",
    "key-blank": "rows without a key; give each row its own",
    "key-repeated": "keys that stand twice, with other values; give each row its own",
    "near-duplicate": "rows that look like one organisation; look whether they are",
    "no-organisation": "rows of an organisation that is not published",
    "surplus-cells": "rows with more cells than the header; look for a stray separator",
}
