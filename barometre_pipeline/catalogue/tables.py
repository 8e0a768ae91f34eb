"""The catalogue as Arrow tables: what the SQL models and the rules join to.

In DuckDB they are the schema `catalogue`: one table a kind, plus `edition`, one row about the edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from barometre_pipeline.catalogue.commitments import CALENDRIERS, STATUTS, STATUTS_D_ACTION, closed_word
from barometre_pipeline.catalogue.deliveries import REJECT_RULES
from barometre_pipeline.catalogue.model import Catalogue, Correction, Exception_, Explication
from barometre_pipeline.editions import Edition

Row = dict[str, Any]

_MAILLES = pa.schema(
    [(c, pa.string()) for c in ("maille", "libelle_maille", "libelle_maille_pluriel", "parent_maille", "nom")]
    + [("rang", pa.int64())]  # from the whole to the parts, from 1
)
_TERRITOIRES = pa.schema(
    [(c, pa.string()) for c in ("maille", "code", "libelle_territoire", "parent_maille", "parent_code", "zone_id")]
    + [("population", pa.int64())]
)
# One row per territory and territory above it, as many levels up as `distance` says (1 for its parent).
_ANCETRES = pa.schema(
    [(c, pa.string()) for c in ("maille", "code", "maille_ancetre", "code_ancetre")] + [("distance", pa.int64())]
)
_SECTEURS = pa.schema([(c, pa.string()) for c in ("id_secteur", "libelle_secteur", "dossier", "prefixe")])
_INDICATEURS = pa.schema(
    [
        ("id_indicateur", pa.string()),
        ("libelle_indicateur", pa.string()),
        ("id_mesure", pa.string()),
        ("libelle_mesure", pa.string()),
        ("id_secteur", pa.string()),
        ("ordre_mesure", pa.int64()),  # rank of the policy, ties broken by its id
        ("ordre_indicateur", pa.int64()),
        ("unite", pa.string()),
        ("note_unite", pa.string()),
        ("sens", pa.string()),
        ("lecture", pa.string()),
        ("serie", pa.string()),
        ("multiplicateur", pa.float64()),
        ("premieres_valeurs_ecartees", pa.int64()),
        ("premiere_date", pa.date32()),
        ("mailles", pa.list_(pa.string())),
        ("agregation_territoriale", pa.string()),
        ("poids", pa.string()),
        ("recopie_maille_superieure", pa.bool_()),
        ("arrondi", pa.int32()),
        ("periode", pa.string()),
        ("date_initiale", pa.date32()),
        ("valeur_initiale_nulle", pa.bool_()),
        ("date_arret", pa.date32()),
        ("date_reference", pa.date32()),
        ("date_cible", pa.date32()),
        ("cible_retenue", pa.string()),
        ("borne_basse", pa.float64()),
        ("borne_haute", pa.float64()),
        ("tolerance_somme", pa.float64()),
        ("description", pa.string()),
        ("frequence", pa.string()),
        ("contact_nom", pa.string()),
        ("contact_courriel", pa.string()),
        ("origine", pa.string()),
    ]
)
# How much each indicator counts in the rollups of a level, and where it is not meant to exist.
_POIDS = pa.schema([("id_indicateur", pa.string()), ("maille", pa.string()), ("poids", pa.float64())])
_NON_CONCERNES = pa.schema([(c, pa.string()) for c in ("id_indicateur", "maille", "code")])
_SEUILS = pa.schema([("en_bonne_voie", pa.float64()), ("retard_modere", pa.float64())])
_EXCEPTIONS = pa.schema(
    [(c, pa.string()) for c in ("regle", "id_indicateur", "maille", "code")]
    + [("date", pa.date32()), ("motif", pa.string()), ("jusqu_a", pa.string()), ("en_vigueur", pa.bool_())]
)
_CORRECTIONS = pa.schema(
    [(c, pa.string()) for c in ("id_indicateur", "maille", "code")]
    + [("date", pa.date32()), ("attendu", pa.float64()), ("valeur", pa.float64())]
    + [("motif", pa.string()), ("reference", pa.string())]
)
# `code` is null where the whole level is explained.
_EXPLICATIONS = pa.schema(
    [(c, pa.string()) for c in ("id_indicateur", "maille", "code")]
    + [("date_cible", pa.date32()), ("texte", pa.string()), ("date", pa.date32()), ("lien", pa.string())]
)
# `ordre` is that of their files; a closed word, and beside it what was declared.
_ENGAGEMENTS = pa.schema(
    [("ordre", pa.int64())]
    + [(c, pa.string()) for c in ("id_engagement", "libelle", "axe", "institutions", "enjeux")]
    + [(c, pa.string()) for c in ("statut", "statut_declare", "calendrier", "calendrier_declare")]
    + [("mis_a_jour_le", pa.date32()), ("indicateurs", pa.list_(pa.string()))]
)
_ACTIONS = pa.schema(
    [("rang", pa.int64())]
    + [(c, pa.string()) for c in ("id_engagement", "libelle", "resultats", "prochaines_etapes")]
    + [("statut", pa.string()), ("statut_declare", pa.string()), ("echeance", pa.date32())]
)
# What `rejets_toleres` allows by reason; a delivery that says one number for all has no row.
_REJETS_TOLERES = pa.schema([("livraison", pa.string()), ("regle", pa.string()), ("toleres", pa.int64())])
_EDITION = pa.schema(
    [("edition", pa.string()), ("debut", pa.date32()), ("fin", pa.date32()), ("date_plancher", pa.date32())]
    + [("demonstration", pa.bool_())]
)

SCHEMAS = {
    "mailles": _MAILLES,
    "territoires": _TERRITOIRES,
    "ancetres": _ANCETRES,
    "secteurs": _SECTEURS,
    "indicateurs": _INDICATEURS,
    "poids_avancement": _POIDS,
    "territoires_non_concernes": _NON_CONCERNES,
    "seuils": _SEUILS,
    "exceptions": _EXCEPTIONS,
    "corrections": _CORRECTIONS,
    "explications": _EXPLICATIONS,
    "engagements": _ENGAGEMENTS,
    "actions": _ACTIONS,
    "rejets_toleres": _REJETS_TOLERES,
    "edition": _EDITION,
}


def catalogue_tables(catalogue: Catalogue, edition: Edition, demonstration: bool = False) -> dict[str, pa.Table]:
    """Return the tables by name, as they are in the schema `catalogue`.

    `demonstration` says that the edition is made of fictitious deliveries.
    """
    about = {
        "edition": str(edition),
        "debut": edition.start,
        "fin": edition.end,
        "date_plancher": catalogue.general.date_plancher,
        "demonstration": demonstration,
    }
    return {
        "mailles": _table(_MAILLES, _level_rows(catalogue)),
        "territoires": _table(_TERRITOIRES, _territory_rows(catalogue)),
        "ancetres": _ancestors(catalogue),
        "secteurs": _table(_SECTEURS, _sector_rows(catalogue)),
        "indicateurs": _table(_INDICATEURS, _indicator_rows(catalogue)),
        "poids_avancement": _table(_POIDS, _weight_rows(catalogue)),
        "territoires_non_concernes": _table(_NON_CONCERNES, _unconcerned_rows(catalogue)),
        "seuils": _table(_SEUILS, [catalogue.general.seuils.model_dump()]),
        "exceptions": _table(_EXCEPTIONS, _exception_rows(catalogue, edition)),
        "corrections": _table(_CORRECTIONS, map(_keyed, catalogue.corrections)),
        "explications": _table(_EXPLICATIONS, map(_keyed, catalogue.explications)),
        "engagements": _table(_ENGAGEMENTS, _commitment_rows(catalogue)),
        "actions": _table(_ACTIONS, _action_rows(catalogue)),
        "rejets_toleres": _table(_REJETS_TOLERES, _allowed_rows(catalogue)),
        "edition": _table(_EDITION, [about]),
    }


def _level_rows(catalogue: Catalogue) -> Iterator[Row]:
    for rank, m in enumerate(catalogue.mailles, 1):
        yield {
            "maille": m.id,
            "libelle_maille": m.libelle,
            "libelle_maille_pluriel": m.libelle_pluriel,
            "parent_maille": m.parent,
            "nom": m.nom,
            "rang": rank,
        }


def _territory_rows(catalogue: Catalogue) -> Iterator[Row]:
    parents = {m.id: m.parent for m in catalogue.mailles}
    for t in catalogue.territoires:
        above = {"parent_maille": parents[t.maille], "parent_code": t.parent}
        yield {**t.model_dump(), "libelle_territoire": t.libelle, **above}


def _ancestors(catalogue: Catalogue) -> pa.Table:
    """Return the table of ancestors, from which every sum, copy and check between two levels is made."""
    above = {m.id: catalogue.levels_above(m.id) for m in catalogue.mailles}
    parents: dict[tuple[str, str | None], str | None] = {(t.maille, t.code): t.parent for t in catalogue.territoires}
    rows = []
    for t in catalogue.territoires:
        maille: str = t.maille
        code: str | None = t.code
        for distance, upper in enumerate(above[t.maille], 1):
            maille, code = upper, parents[maille, code]
            rows.append((t.maille, t.code, maille, code, distance))
    columns = zip(*rows, strict=True) if rows else [[]] * len(_ANCETRES)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, _ANCETRES, strict=True)], schema=_ANCETRES)


def _sector_rows(catalogue: Catalogue) -> Iterator[Row]:
    for s in catalogue.secteurs:
        yield {"id_secteur": s.id, "libelle_secteur": s.libelle, "dossier": s.dossier, "prefixe": s.prefixe}


def _weight_rows(catalogue: Catalogue) -> Iterator[Row]:
    for i in catalogue.indicateurs.values():
        for m in catalogue.mailles:
            said = i.poids_avancement
            poids = said.get(m.id, 1.0) if isinstance(said, dict) else said
            yield {"id_indicateur": i.id, "maille": m.id, "poids": poids}


def _unconcerned_rows(catalogue: Catalogue) -> Iterator[Row]:
    for i in catalogue.indicateurs.values():
        for maille, _, code in (one.partition("/") for one in dict.fromkeys(i.territoires_non_concernes)):
            yield {"id_indicateur": i.id, "maille": maille, "code": code}


def _exception_rows(catalogue: Catalogue, edition: Edition) -> Iterator[Row]:
    for exception in catalogue.exceptions:
        yield {**_keyed(exception), "en_vigueur": exception.jusqu_a >= str(edition)}


def _commitment_rows(catalogue: Catalogue) -> Iterator[Row]:
    for rank, e in enumerate(catalogue.engagements, 1):
        yield {
            **e.model_dump(),
            "ordre": rank,
            "id_engagement": e.id,
            "institutions": " ; ".join(e.institutions) or None,
            "statut": e.statut and closed_word(e.statut, STATUTS),
            "statut_declare": e.statut,
            "calendrier": e.calendrier and closed_word(e.calendrier, CALENDRIERS),
            "calendrier_declare": e.calendrier,
        }


def _action_rows(catalogue: Catalogue) -> Iterator[Row]:
    for e in catalogue.engagements:
        for rank, action in enumerate(e.actions, 1):
            statut = action.statut and closed_word(action.statut, STATUTS_D_ACTION)
            declared = {"statut": statut, "statut_declare": action.statut}
            yield {**action.model_dump(), **declared, "id_engagement": e.id, "rang": rank}


def _allowed_rows(catalogue: Catalogue) -> Iterator[Row]:
    for d in catalogue.livraisons:
        if isinstance(d.rejets_toleres, dict):
            # Every reason, so that the one that is not listed allows none.
            for regle in REJECT_RULES:
                yield {"livraison": d.id, "regle": regle, "toleres": d.rejets_toleres.get(regle, 0)}


def _keyed(one: Exception_ | Correction | Explication) -> Row:
    """Return an exception, a correction or an explanation, with the keys of the tables for those of the files."""
    row = one.model_dump()
    return {"id_indicateur": row.pop("indicateur"), "code": row.pop("territoire"), **row}


def _indicator_rows(catalogue: Catalogue) -> Iterator[Row]:
    for rank, mesure in enumerate(catalogue.mesures_ordonnees, 1):
        for position, indicateur in enumerate(mesure.indicateurs, 1):
            low, high = indicateur.bornes or (None, None)
            contact = catalogue.contact_of(indicateur.id)
            yield {
                **indicateur.model_dump(),
                "note_unite": indicateur.note,
                "id_indicateur": indicateur.id,
                "libelle_indicateur": indicateur.libelle,
                "id_mesure": mesure.id,
                "libelle_mesure": mesure.libelle,
                "id_secteur": mesure.secteur,
                "ordre_mesure": rank,
                "ordre_indicateur": position,
                "borne_basse": low,
                "borne_haute": high,
                "frequence": indicateur.metadonnees.frequence if indicateur.metadonnees else None,
                "contact_nom": contact.nom,
                "contact_courriel": contact.courriel,
                "origine": indicateur.origine.type if indicateur.origine else None,
            }


def _table(schema: pa.Schema, rows: Iterable[Row]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
