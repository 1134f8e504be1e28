"""The few words of templates that no shape says, in English, Spanish and French.

What a field is called and means comes from its shape; what a key is, how several values stand in
one cell, and how to fill a sheet in is the same for all, and stands here. In: a key, a language
and what to put into the sentence. Out: text. A language that is not here falls back to English.
"""

from __future__ import annotations

from collections.abc import Mapping

from coopgraph.standard.model import Labels

LANGUAGES = ("en", "es", "fr")


def best(labels: Labels, language: str) -> str:
    """The text in that language, else in English, else in any ("" where there is none).

    >>> best({"en": "Street", "fr": "Rue"}, "fr"), best({"en": "Street"}, "es")
    ('Rue', 'Street')
    """
    for tag in (language, language.partition("-")[0], "en"):
        if tag in labels:
            return labels[tag]
    return next(iter(labels.values()), "")


def words(key: str) -> Labels:
    """A sentence in every language it is written in."""
    return dict(zip(LANGUAGES, _WORDS[key], strict=True))


def say(key: str, language: str, **values: object) -> str:
    """A sentence with its values.

    >>> say("at_most", "en", count=30)
    'At most 30 characters.'
    """
    return best(words(key), language).format_map(values)


_WORDS: Mapping[str, tuple[str, str, str]] = {
    "key": ("Key", "Clave", "Clé"),
    "key_description": (
        "A short text of your own that names this row and stays the same from year to year.",
        "Un texto corto, suyo, que identifica esta fila y no cambia de un año a otro.",
        "Un texte court, le vôtre, qui désigne cette ligne et ne change pas d'une année à l'autre.",
    ),
    "parent": ("Organisation", "Organización", "Organisation"),
    "parent_description": (
        "The key of the organisation that this row belongs to.",
        "La clave de la organización a la que pertenece esta fila.",
        "La clé de l'organisation à laquelle cette ligne appartient.",
    ),
    "required": ("required", "obligatorio", "obligatoire"),
    "holds": ("Holds: {what}.", "Contiene: {what}.", "Contient : {what}."),
    "text": ("text", "texto", "texte"),
    "number": (
        "a number, with a point before decimals",
        "un número, con punto antes de los decimales",
        "un nombre, avec un point avant les décimales",
    ),
    "integer": ("a whole number", "un número entero", "un nombre entier"),
    "date": ("a date as {forms}", "una fecha como {forms}", "une date comme {forms}"),
    "or": ("or", "o", "ou"),
    "link": (
        "a web address, from https:// on",
        "una dirección web, desde https://",
        "une adresse web, à partir de https://",
    ),
    "code": (
        "a code of the list “{list}”",
        "un código de la lista «{list}»",
        "un code de la liste « {list} »",
    ),
    "reference": (
        "the key of another organisation's row, or dataset/key",
        "la clave de la fila de otra organización, o conjunto/clave",
        "la clé de la ligne d'une autre organisation, ou jeu/clé",
    ),
    "several": (
        "Separate several values with a semicolon.",
        "Separe varios valores con punto y coma.",
        "Séparez plusieurs valeurs par un point-virgule.",
    ),
    "side_by_side": (
        "With several, keep the same order in {columns}.",
        "Si hay varios, mantenga el mismo orden en {columns}.",
        "S'il y en a plusieurs, gardez le même ordre dans {columns}.",
    ),
    "together": (
        "Needed wherever another of {columns} is given.",
        "Necesario si se da otro de {columns}.",
        "Nécessaire dès qu'un autre de {columns} est donné.",
    ),
    "translated": (
        "For another language add a column like {column}@fr.",
        "Para otro idioma añada una columna como {column}@fr.",
        "Pour une autre langue, ajoutez une colonne comme {column}@es.",
    ),
    "at_most": (
        "At most {count} characters.",
        "{count} caracteres como máximo.",
        "{count} caractères au plus.",
    ),
    "from_to": ("From {least} to {most}.", "De {least} a {most}.", "De {least} à {most}."),
    "example": ("Example: {example}", "Ejemplo: {example}", "Exemple : {example}"),
    "examples": ("Examples", "Ejemplos", "Exemples"),
    "codes": ("Codes", "Códigos", "Codes"),
    "readme": ("Read me", "Léame", "Lisez-moi"),
    "not_in_list": (
        "Take a code from the list; the sheet “{sheet}” says what each means.",
        "Elija un código de la lista; la hoja «{sheet}» explica cada uno.",
        "Prenez un code de la liste ; la feuille « {sheet} » explique chacun.",
    ),
    "sheet": ("Sheet", "Hoja", "Feuille"),
    "file": ("File", "Archivo", "Fichier"),
    "about": ("What a row is", "Qué es una fila", "Ce qu'est une ligne"),
    "needed": ("Required columns", "Columnas obligatorias", "Colonnes obligatoires"),
    "how": ("How to fill it in", "Cómo rellenarla", "Comment la remplir"),
    "how_rows": (
        "Each row is one thing. The first row names the columns: leave those names as they are. "
        "Columns that you do not need may be deleted, and their order may be changed.",
        "Cada fila es una cosa. La primera fila nombra las columnas: deje esos nombres como están. "
        "Las columnas que no necesite pueden borrarse, y su orden puede cambiarse.",
        "Chaque ligne est une chose. La première ligne nomme les colonnes : laissez ces noms tels "
        "quels. Les colonnes inutiles peuvent être supprimées, et leur ordre changé.",
    ),
    "how_notes": (
        "Dark headings are required. Rest the pointer on a heading to read what the column holds.",
        "Los encabezados oscuros son obligatorios. Ponga el puntero sobre uno para leer más.",
        "Les en-têtes foncés sont obligatoires. Posez le pointeur dessus pour en lire plus.",
    ),
    "how_blank": (
        "Leave a cell blank rather than guess.",
        "Deje una celda en blanco antes que suponer.",
        "Laissez une cellule vide plutôt que de deviner.",
    ),
    "how_codes": (
        "Columns with a list offer its codes. What each code means stands on the sheet “{sheet}”.",
        "Las columnas con lista ofrecen sus códigos. La hoja «{sheet}» los explica.",
        "Les colonnes à liste proposent des codes. La feuille « {sheet} » les explique.",
    ),
    "how_text": (
        "Cells are text, so that leading zeros and dates stay as you write them.",
        "Las celdas son texto, para que los ceros iniciales y las fechas queden como las escribe.",
        "Les cellules sont du texte : zéros initiaux et dates restent comme vous les écrivez.",
    ),
    "how_save": (
        "Save each sheet that you filled in as “CSV UTF-8” under the file name given below, "
        "beside a dataset.yaml with these lines:",
        "Guarde cada hoja rellenada como «CSV UTF-8» con el nombre de archivo indicado abajo, "
        "junto a un dataset.yaml con estas líneas:",
        "Enregistrez chaque feuille remplie au format « CSV UTF-8 » sous le nom indiqué "
        "plus bas, à côté d'un dataset.yaml avec ces lignes :",
    ),
}
