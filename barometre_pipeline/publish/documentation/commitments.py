"""The commitments as a whole: how many have each word, which are late, which moved, which each institution bears."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from barometre_pipeline.french import counted
from barometre_pipeline.publish.documentation.words import CALENDRIERS, STATUTS, UNSAID
from barometre_pipeline.slugs import portable

Row = Mapping[str, Any]


def counts(rows: Sequence[Row], key: str, words: Mapping[str, str]) -> list[tuple[str | None, int]]:
    """Return how many have each closed word, in the order of the words, then those that have none."""
    found = Counter(row[key] for row in rows)
    return [(word, found[word]) for word in (*words, None) if found[word]]


def by_institution(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Return those of each institution that bears some, the institutions in alphabetical order."""
    found = defaultdict(list)
    for row in rows:
        for name in dict.fromkeys(part.strip() for part in (row["institutions"] or "").split(";") if part.strip()):
            found[name].append(row)
    return sorted(found.items(), key=lambda one: portable(one[0]).lower())


def lateness(row: Row) -> str:
    """Say how a commitment is late; "" where it is not."""
    calendar = ["calendrier retardé"] if row["calendrier"] == "retarde" else []
    late = row["actions_en_retard"]
    actions = [f"{counted(late, 'action échue et non complète', 'actions échues et non complètes')}"] if late else []
    return ", ".join(calendar + actions)


def movement(row: Row) -> str:
    """Say what moved since the edition before, « de « partiel » à « substantiel » »; "" where nothing did."""
    if not row["deja_suivi"]:
        return ""
    moved = []
    if row["statut_precedent"] != row["statut"]:
        moved.append(_from_to(STATUTS, row["statut_precedent"], row["statut"]))
    if row["calendrier_precedent"] != row["calendrier"]:
        moved.append(f"calendrier {_from_to(CALENDRIERS, row['calendrier_precedent'], row['calendrier'])}")
    return " ; ".join(moved)


def _from_to(words: Mapping[str, str], before: str | None, after: str | None) -> str:
    said = (words.get(one or "", UNSAID) for one in (before, after))
    return "de « {} » à « {} »".format(*said)
