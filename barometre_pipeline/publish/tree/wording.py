"""French sentences about the territorial levels, right for any list of them: for the notices, the schema, the portal.

A level's own words (`libelle`, `adjectif`, `descriptions`) come from the catalogue; no level is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from barometre_pipeline.catalogue.levels import Maille
from barometre_pipeline.french import listed


def capitalized(text: str) -> str:
    """Begin a sentence with this text, whose other letters stay as they are."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """End a text as a sentence ends, where it does not."""
    return text if text.rstrip().endswith((".", "!", "?", "…")) else f"{text.rstrip()}."


def named(maille: Maille, count: int) -> str:
    """Return what so many territories of a level are called: « département » for one."""
    return maille.libelle if count < 2 else maille.libelle_pluriel


def in_a_title(maille: Maille) -> str:
    """Return what a level is called where no territory of it is named: the whole is one, the parts are several."""
    return maille.libelle_pluriel if maille.parent else maille.libelle


def by_parts(mailles: Iterable[Maille]) -> list[str]:
    """Return « par région », « par département »: one for each level below the whole."""
    return [f"par {m.libelle}" for m in mailles if m.parent]


def whole_and_parts(mailles: Sequence[Maille]) -> str:
    """Return « au niveau national, par région et par département »."""
    (whole,) = (m for m in mailles if not m.parent)
    return listed([f"au niveau {whole.adjectif or f'« {whole.libelle} »'}", *by_parts(mailles)])


def files_by_territory(mailles: Iterable[Maille]) -> str:
    """Return « Un fichier par département (et, dans le dossier d'un secteur, par région) »; "" where there is none."""
    named = [m for m in mailles if m.territoires]
    everywhere = [f"par {m.libelle}" for m in named if m.a_la_racine]
    in_sectors = [f"par {m.libelle}" for m in named if not m.a_la_racine]
    if everywhere and in_sectors:
        return f"Un fichier {listed(everywhere)} (et, dans le dossier d'un secteur, {listed(in_sectors)})"
    if everywhere:
        return f"Un fichier {listed(everywhere)}"
    return f"Dans le dossier d'un secteur, un fichier {listed(in_sectors)}" if in_sectors else ""


def heading_description(maille: Maille, heading: str) -> str:
    """Return what a heading of a level means: the catalogue's words, else plain ones."""
    if heading in maille.descriptions:
        return maille.descriptions[heading]
    level = f"(maille « {maille.libelle} »)"
    if maille.colonnes.constante:
        return f"Toujours « {maille.colonnes.constante[heading]} » {level}."
    return f"{'Code' if heading == maille.colonnes.code else 'Nom'} du territoire {level}."
