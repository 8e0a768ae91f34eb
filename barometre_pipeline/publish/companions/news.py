"""NOUVEAUTES.md: what changed since the edition before, in French, a line per indicator; targets first.

The rows are those of the model `nouveautes`; every change by itself is in REVISIONS.csv.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.documents.markdown import in_markdown
from barometre_pipeline.french import counted, day, listed, number
from barometre_pipeline.publish.companions import commitments
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.tree.manifest import Provenance
from barometre_pipeline.publish.withdrawals import NEWS, TITLE
from barometre_pipeline.resources.duckdb_files import rows_of

SECTIONS = {
    1: ("Les cibles", "Aucune cible n'a changé."),
    2: ("Les chiffres retirés", "Aucun chiffre n'a été retiré."),
    3: ("Les chiffres révisés", "Aucun chiffre n'a été révisé."),
    4: ("Les chiffres ajoutés", "Aucun chiffre n'a été ajouté."),
}
# A noun and its plural, both feminine unless the last word says so, and what it is to add, remove or change one.
_NOUNS = {
    "cible": ("cible", "cibles", "fixée", "retirée", "déplacée"),
    "date_cible": ("échéance", "échéances", "fixée", "retirée", "déplacée"),
    "valeur": ("valeur", "valeurs", "ajoutée", "retirée", "révisée"),
    "valeur_initiale": ("valeur de départ", "valeurs de départ", "ajoutée", "retirée", "changée"),
    "date_valeur_initiale": ("date de départ", "dates de départ", "ajoutée", "retirée", "changée"),
    "libelle": ("nom", "noms", "donné", "retiré", "changé"),
    "unite": ("unité", "unités", "donnée", "retirée", "changée"),
}
_WORDS = ("libelle", "unite")
_MOVES = ("ajout", "retrait", "changement")
# What a nature is called: of one territory or date, and of several.
_ABOUT = {
    "serie_redefinie": ("série redéfinie",) * 2,
    "indicateur_nouveau": ("nouvel indicateur",) * 2,
    "indicateur_retire": ("indicateur retiré",) * 2,
    "territoire_nouveau": ("territoire nouveau", "territoires nouveaux"),
    "territoire_retire": ("territoire retiré", "territoires retirés"),
    "periode_nouvelle": ("nouvelle période", "nouvelles périodes"),
    "ajout_retroactif": ("ajout après coup",) * 2,
    "arrondi": ("au millionième près",) * 2,
}

Row = Mapping[str, Any]


def news(contents: Contents) -> Iterator[tuple[str, bytes]]:
    """Yield NOUVEAUTES.md, which begins as the withdrawals that may be told in it expect."""
    rows = rows_of(contents.connection, "from nouveautes")
    before = contents.provenance.comparee_a
    about = f"## {contents.edition}{f', comparée à {before}' if before else ''}\n\n"
    lines = [about, f"{compared_sentence(contents.provenance)}\n"]
    if before:
        lines += [f"\n{line}\n" for line in in_short(contents.connection)]
        lines += _sections(rows, contents.catalogue)
        lines += commitments.section(commitments.moved_commitments(contents.connection))
        lines.append("\nChaque changement, avec l'avant, l'après et la cause, est une ligne de `REVISIONS.csv`.\n")
    yield NEWS, "".join([TITLE, "\n", *lines]).encode()


def compared_sentence(provenance: Provenance) -> str:
    """Say with which publication the edition is compared, or why with none."""
    lacking = provenance.non_compare or ""
    if provenance.comparee_a:
        return f"Cette édition est comparée à la publication {provenance.comparee_a}. {lacking}".rstrip()
    return lacking or "Aucune édition publiée ne précède celle-ci : rien n'est comparé."


def in_short(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a line for each section, all indicators together: « Cibles : 201 fixées, 298 retirées »."""
    query = """
        select rang, champ, mouvement, sum(lignes)::bigint as lignes, count(distinct id_indicateur) as indicateurs
        from nouveautes
        group by all
        order by all
    """
    found = []
    for rang, rows in groupby(rows_of(connection, query), lambda row: row["rang"]):
        told = listed(f"{_counted(row)} ({counted(row['indicateurs'], 'indicateur')})" for row in rows)
        found.append(f"- {SECTIONS[rang][0]} : {told}.")
    found += commitments.in_short(commitments.moved_commitments(connection))
    return ["\n".join(found)] if found else ["Rien n'a changé."]


def _sections(rows: list[dict[str, Any]], catalogue: Catalogue) -> Iterator[str]:
    for rang, (title, nothing) in SECTIONS.items():
        yield f"\n### {title}\n\n"
        of_it = [row for row in rows if row["rang"] == rang]
        for id_, group in groupby(of_it, lambda row: row["id_indicateur"]):
            yield _line(id_, list(group), catalogue)
        if not of_it:
            yield f"{nothing}\n"


def _line(id_: str, rows: list[Row], catalogue: Catalogue) -> str:
    """Return what changed of an indicator: each kind of change with its territories, then the causes."""
    kinds = groupby(rows, lambda row: (row["champ"], row["mouvement"], row["nature"]))
    told = " ; ".join(_change(list(group), catalogue) for _, group in kinds)
    causes = sorted({cause for row in rows for cause in row["causes"] or ()})
    because = f" Cause : {listed(map(in_markdown, causes))}." if causes else ""
    return f"- **{in_markdown(rows[0]['libelle_indicateur'] or id_)}** (`{id_}`) : {told}.{because}\n"


def _change(rows: list[Row], catalogue: Catalogue) -> str:
    total = {**rows[0], "lignes": sum(row["lignes"] for row in rows)}
    dates = [row[c] for row in rows for c in ("premiere_date", "derniere_date") if row[c]]
    several = len(set(dates)) if total["nature"] == "periode_nouvelle" else sum(row["territoires"] for row in rows)
    said = nature_in_words(total["nature"], several)
    if total["lignes"] == 1:
        place = [in_markdown(total["libelle_territoire"])] if total["libelle_territoire"] else []
        sides = (total[side] for side in ("avant", "apres") if total[side] is not None)
        values = " → ".join(_held_in_markdown(total["champ"], text) for text in sides)
        said += [*place, values]
    else:
        said += [", ".join(_places(row, catalogue) for row in rows if row["maille"])]
    if dates:
        first, last = day(min(dates)), day(max(dates))
        said.append(f"au {first}" if first == last else f"du {first} au {last}")
    if weaker := sum(row["moins_ambitieuses"] for row in rows):
        said.append(f"dont {counted(weaker, 'moins ambitieuse', 'moins ambitieuses')}")
    return f"{_counted(total)} ({', '.join(filter(None, said))})"


def nature_in_words(nature: str, several: int) -> list[str]:
    """Return what is said of a change of this nature, of so many territories or dates; nothing where nothing is."""
    return [_ABOUT[nature][several > 1]] if nature in _ABOUT else []


def _counted(row: Row) -> str:
    """Return « 12 cibles retirées »."""
    singular, plural, *moved = _NOUNS[row["champ"]]
    participle = moved[_MOVES.index(row["mouvement"])]
    return f"{counted(row['lignes'], singular, plural)} {participle}{'s' if row['lignes'] > 1 else ''}"


def _places(row: Row, catalogue: Catalogue) -> str:
    level = catalogue.maille(row["maille"])
    if level.parent is None:
        return in_markdown(catalogue.territoire_racine.libelle)
    return counted(row["territoires"], in_markdown(level.libelle), in_markdown(level.libelle_pluriel))


def _held_in_markdown(field: str, text: str) -> str:
    return f"« {in_markdown(text)} »" if field in _WORDS else held(field, text)


def held(field: str, text: str | None) -> str:
    """Write what a field held: a number or a date as French readers do, words as they are; a dash for nothing."""
    if text is None or field in _WORDS:
        return text or "—"
    return day(text) if field.startswith("date_") else number(float(text))


def noun_of(field: str) -> str:
    """Return what a field is called: échéance for date_cible."""
    return _NOUNS[field][0]


def as_message(news: str) -> str:
    """Return the news as the body of a message: no title, no mark of Markdown."""
    lines = [_plain(line) for line in news.removeprefix(TITLE).strip().splitlines()]
    return "\n".join(lines).strip()


def _plain(line: str) -> str:
    for mark in ("**", "`", "\\"):
        line = line.replace(mark, "")
    return line.removeprefix("###").removeprefix("##").strip()
