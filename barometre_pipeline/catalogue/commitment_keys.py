"""What a delivery of commitments or of their actions says of its words: which of ours each status and calendar is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from barometre_pipeline.catalogue.commitments import CALENDRIERS, STATUTS, STATUTS_D_ACTION, closed_word
from barometre_pipeline.catalogue.words import Word, compared
from barometre_pipeline.fields import Strict, Text

COLUMNS_OF_COMMITMENTS = {
    "engagements": ("id", "libelle", "statut", "calendrier", "institutions", "enjeux", "mis_a_jour_le"),
    "actions": ("engagement", "libelle", "resultats", "prochaines_etapes", "statut", "echeance"),
}
REQUIRED_COLUMNS = {"engagements": ("id", "libelle"), "actions": ("engagement", "libelle")}
# The closed words of each role, by what a delivery contains.
CLOSED_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "engagements": {"statut": STATUTS, "calendrier": CALENDRIERS},
    "actions": {"statut": STATUTS_D_ACTION},
}


class CommitmentKeys(Strict):
    """The file's own words for statuses and calendars, and ours."""

    valeurs_statut: dict[Word, Text] = Field(default_factory=dict)
    valeurs_calendrier: dict[Word, Text] = Field(default_factory=dict)


def commitment_problems(d: CommitmentKeys, contenu: str, colonnes: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong in these keys together, of a delivery with these contents and columns."""
    for role in REQUIRED_COLUMNS.get(contenu, ()):
        if role not in colonnes:
            yield f"colonnes: which one holds the {role}?"
    closed = CLOSED_WORDS.get(contenu, {})
    for role, words in (("statut", d.valeurs_statut), ("calendrier", d.valeurs_calendrier)):
        key = f"valeurs_{role}"
        if words and role not in closed:
            yield f"{key}: {contenu} have no {role}"
        elif words and role not in colonnes:
            yield f"{key}: no column says the {role}"
        else:
            yield from _word_problems(key, words, closed.get(role, ()))


def _word_problems(key: str, words: Mapping[str, str], ours: tuple[str, ...]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for word, meant in words.items():
        if closed_word(meant, ours) is None:
            yield f"{key}: {meant!r} must be {', '.join(ours)}"
        # A word that is written twice, but for case, may say the same twice.
        if seen.setdefault(compared(word), meant) != meant:
            yield f"{key}: {word!r} is there twice"
