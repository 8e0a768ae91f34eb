"""The catalogue as Arrow tables: what the SQL models and the rules join to.

In DuckDB they are the schema `catalogue`: one table a kind, plus `edition`, one row about the edition.
"""

from __future__ import annotations

import pyarrow as pa

from barometre_pipeline.catalogue.model import Catalogue
from barometre_pipeline.editions import Edition

_TERRITOIRES = pa.schema([(c, pa.string()) for c in ("maille", "code", "libelle", "parent", "zone_id")])
_SECTEURS = pa.schema([(c, pa.string()) for c in ("id", "libelle", "dossier", "prefixe")])
_INDICATEURS = pa.schema(
    [
        ("id", pa.string()),
        ("libelle", pa.string()),
        ("mesure_id", pa.string()),
        ("mesure", pa.string()),
        ("secteur", pa.string()),
        ("ordre_mesure", pa.int64()),  # rank of the policy, ties broken by its id
        ("ordre_indicateur", pa.int64()),
        ("unite", pa.string()),
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
        ("borne_basse", pa.float64()),
        ("borne_haute", pa.float64()),
        ("tolerance_somme", pa.float64()),
        ("description", pa.string()),
        ("frequence", pa.string()),
    ]
)
_EXCEPTIONS = pa.schema(
    [(c, pa.string()) for c in ("regle", "indicateur", "maille", "territoire")]
    + [("date", pa.date32()), ("motif", pa.string()), ("jusqu_a", pa.string())]
)
_CORRECTIONS = pa.schema(
    [(c, pa.string()) for c in ("indicateur", "maille", "territoire")]
    + [("date", pa.date32()), ("attendu", pa.float64()), ("valeur", pa.float64())]
    + [("motif", pa.string()), ("reference", pa.string())]
)
_EDITION = pa.schema(
    [("edition", pa.string()), ("debut", pa.date32()), ("fin", pa.date32()), ("date_plancher", pa.date32())]
    + [("demonstration", pa.bool_())]
)


def catalogue_tables(catalogue: Catalogue, edition: Edition, demonstration: bool = False) -> dict[str, pa.Table]:
    """Return the tables by name: secteurs, territoires, indicateurs, exceptions, corrections, edition.

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
        "secteurs": _table(_SECTEURS, (s.model_dump() for s in catalogue.secteurs)),
        "territoires": _table(_TERRITOIRES, (t.model_dump() for t in catalogue.territoires)),
        "indicateurs": _table(_INDICATEURS, _indicator_rows(catalogue)),
        "exceptions": _table(_EXCEPTIONS, (e.model_dump() for e in catalogue.exceptions)),
        "corrections": _table(_CORRECTIONS, (c.model_dump() for c in catalogue.corrections)),
        "edition": _table(_EDITION, [about]),
    }


def _indicator_rows(catalogue: Catalogue):
    ordered = sorted(catalogue.mesures, key=lambda m: (m.ordre, m.id))
    for rank, mesure in enumerate(ordered, 1):
        for position, indicateur in enumerate(mesure.indicateurs, 1):
            low, high = indicateur.bornes or (None, None)
            yield {
                **indicateur.model_dump(),
                "mesure_id": mesure.id,
                "mesure": mesure.libelle,
                "secteur": mesure.secteur,
                "ordre_mesure": rank,
                "ordre_indicateur": position,
                "borne_basse": low,
                "borne_haute": high,
                "frequence": indicateur.metadonnees.frequence if indicateur.metadonnees else None,
            }


def _table(schema: pa.Schema, rows) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
