"""The French words of the report: indicators and territories, dates, numbers, changes, where a row is.

What the report says is in `facts`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.french import NO_BREAK_SPACE, number

TIMEZONE = "Europe/Paris"

_QUOTED = re.compile(r"(«[^»]*»|“[^”]*”|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w))")
_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
# As DuckDB writes a double; neither a date (31.12.2021) nor a part of a name (v1.2, donnees-1.5.csv).
_NUMBER = re.compile(r"(?<![\w.,/-])-?\d+\.\d+(?!\w|[.,/-]\w)")

# A noun with its article, and the agreement of « apparu » and « disparu ».
_NOUNS = {
    "colonne": ("la colonne", "e"),
    "feuille": ("la feuille", "e"),
    "indicateur": ("l’indicateur", ""),
    "territoire": ("le territoire", ""),
}


def drift_sentence(livraison: str, nature: str, avant: str | None, apres: str | None) -> str:
    """Say in French how a delivery differs from the previous edition's."""
    noun, agreement = _NOUNS[nature]
    if avant is None:
        return f"{noun} {_quoted(apres)} est apparu{agreement} depuis l’édition précédente"
    if apres is None:
        return f"{noun} {_quoted(avant)} a disparu depuis l’édition précédente"
    return f"{noun} {_quoted(avant)} semble renommé{agreement} en {_quoted(apres)}"


def _quoted(name: str | None) -> str:
    return f"«{NO_BREAK_SPACE}{name}{NO_BREAK_SPACE}»"


def precision(text: str | None) -> str:
    """Write the numbers and dates of a rule's precision the French way, 1 234,5 and 31/03/2022; quoted names stay."""
    pieces = _QUOTED.split(text or "")  # what is quoted is every other one
    return "".join(piece if n % 2 else _in_french(piece) for n, piece in enumerate(pieces))


def _in_french(text: str) -> str:
    text = _DAY.sub(r"\3/\2/\1", text)
    text = _NUMBER.sub(lambda found: number(float(found[0])), text)
    return text.replace(" :", f"{NO_BREAK_SPACE}:")


def moment(value: str) -> str:
    """Write a time of a record (in UTC) as people in Paris read it: 31/03/2022 à 17 h 05."""
    there = dt.datetime.fromisoformat(value).astimezone(ZoneInfo(TIMEZONE))
    return f"{there:%d/%m/%Y} à {there.hour}{NO_BREAK_SPACE}h{NO_BREAK_SPACE}{there:%M}"


def source_place(row: dict[str, Any]) -> str:
    """Say where a row is in its file: travail-pilote, export.csv, ligne 12, colonne valeur."""
    parts = [row.get("livraison"), row.get("fichier")]
    words = (("feuille", "feuille"), ("ligne", "ligne"), ("colonne", "colonne"))
    parts += [f"{word} {row[key]}" for word, key in words if row.get(key) is not None]
    return ", ".join(p for p in parts if p) or "valeur calculée"


class Names:
    """Adds to a row the words of the catalogue for its indicator, its level and its territory."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._indicators: dict[str | None, str] = {i.id: i.libelle for i in catalogue.indicateurs.values()}
        self._levels: dict[str | None, str] = {m.id: m.libelle for m in catalogue.mailles}
        self._territories: dict[tuple[str | None, str | None], str] = {
            (t.maille, t.code): t.libelle for t in catalogue.territoires
        }
        self._whole = catalogue.territoire_racine

    def added_to(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the row with its labels, and `lieu`, the name of its territory in a sentence."""
        level, code = row.get("maille"), row.get("code")
        named = {
            "libelle_indicateur": self._indicators.get(row.get("id_indicateur")),
            "libelle_maille": self._levels.get(level),
            "libelle_territoire": self._territories.get((level, code)),
            "lieu": self._place(level, code),
        }
        return row | {key: words for key, words in named.items() if words}

    def _place(self, level: str | None, code: str | None) -> str | None:
        """Name a territory: Paris (département 75); the whole by its own name alone."""
        if level == self._whole.maille:
            return self._whole.libelle
        named = " ".join(p for p in (self._levels.get(level) or level, code) if p)
        label = self._territories.get((level, code))
        return f"{label} ({named})" if label else named or None
