"""The tables that stage 2 fills, which the SQL models and the rules start from: their columns, what they hold.

One declaration for the step that fills them and for the check of what is written about them. The columns of a
delivery's rows are the readers', those of the catalogue's tables the catalogue's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue.tables import SCHEMAS
from barometre_pipeline.readers.rows import ACTIONS, ENGAGEMENTS, EXPLICATIONS, OBJECTIFS, REJETS, VALEURS
from barometre_pipeline.resources.duckdb_files import create_empty_table


@dataclass(frozen=True)
class RawTable:
    """One table: its columns, and its description, whose second line is its grain."""

    columns: pa.Schema
    description: str


def _ranked(schema: pa.Schema) -> pa.Schema:
    return schema.append(pa.field("rang", pa.int64()))  # the order of reading, from 1


def _texts(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names]


_LIST, _FACTOR = pa.list_(pa.string()), ("multiplicateur", pa.float64())
_KEY = [*_texts("id_indicateur", "maille", "code"), ("date", pa.date32()), ("valeur", pa.float64())]

LIVRAISONS = pa.schema(
    [
        *_texts("livraison", "ministere", "contenu", "edition_origine"),
        ("fichiers", pa.list_(pa.string())),
        ("sha256", pa.list_(pa.string())),
        ("recus_le", pa.list_(pa.string())),  # the day in Paris on which each content was first received
        ("licences", pa.list_(pa.string())),  # as the portal that has each file says
        ("modifies_le", pa.list_(pa.string())),  # what each file's server said, as it said it
        ("adresse", pa.string()),  # as the catalogue writes it
        *[(c, pa.int64()) for c in ("octets", "lignes", "filtrees", "ignorees", "rejets", "tolerance_rejets")],
        ("cible_retenue", pa.string()),
        ("priorite", pa.string()),
        ("fichiers_lus", pa.list_(pa.string())),  # as rows name them, in the order of reading
    ]
)
FEUILLES = pa.schema(
    [
        *_texts("livraison", "fichier", "feuille"),
        ("entetes", pa.list_(pa.string())),
        *[(c, pa.int64()) for c in ("lignes", "filtrees", "ignorees", "lignes_masquees", "colonnes_masquees")],
        *[(c, pa.list_(pa.string())) for c in ("colonnes_ignorees", "colonnes_inutilisees")],
    ]
)
# `publication` is its tag, `commit` what this names; `motif` says what is not compared, and why.
PREVIOUS = pa.schema(_texts("edition", "publication", "commit", "motif"))
# `avant` is null for an addition, `apres` for a disappearance.
DERIVES = pa.schema(_texts("livraison", "nature", "avant", "apres"))

RAW_TABLES = {
    "raw.valeurs": RawTable(
        _ranked(VALEURS), "The delivered values as they were read.\nOne row per number of a delivery, with its place."
    ),
    "raw.objectifs": RawTable(
        _ranked(OBJECTIFS),
        "The delivered objectives as they were read.\nOne row per row of a delivery, with its place.",
    ),
    "raw.explications": RawTable(
        _ranked(EXPLICATIONS),
        "The delivered explanations of missed targets.\nOne row per row of a delivery, with its place.",
    ),
    "raw.engagements": RawTable(
        _ranked(ENGAGEMENTS), "The delivered commitments, as they were declared.\nOne row per row of a delivery."
    ),
    "raw.actions": RawTable(_ranked(ACTIONS), "The delivered actions of commitments.\nOne row per row of a delivery."),
    "raw.rejets": RawTable(
        _ranked(REJETS),
        "What the readers kept aside.\nOne row per cell or row that could not be read, with its reason.",
    ),
    "raw.livraisons": RawTable(LIVRAISONS, "What was received and read.\nOne row per delivery."),
    "raw.feuilles": RawTable(
        FEUILLES, "The sheets and headings that were seen.\nOne row per sheet or file of a delivery."
    ),
    "raw.derives": RawTable(DERIVES, "How deliveries differ from the previous edition's.\nOne row per change."),
    "precedente.edition": RawTable(
        PREVIOUS, "The publication that this edition is compared with, or why there is none.\nOne row."
    ),
    "precedente.publications": RawTable(
        pa.schema(_texts("edition", "publication")),
        "The earlier editions that the depot has, each by its last publication.\nOne row per edition.",
    ),
    "precedente.vues": RawTable(
        pa.schema(_texts("livraison", "nature", "nom")),
        "The sheets, headings, indicators and territories of the deliveries of that publication.\nOne row per name.",
    ),
    "precedente.detail": RawTable(pa.schema(_KEY), "The series of that publication.\nOne row per key."),
    "precedente.agregations": RawTable(
        pa.schema([*_KEY[:-1], *_texts("maille_source"), ("enfants", pa.int64())]),
        "The values of that publication that were computed from a level below.\nOne row per key.",
    ),
    "precedente.synthese": RawTable(
        pa.schema(
            [*_KEY[:-2], ("cible", pa.float64()), ("date_cible", pa.date32()), ("valeur_initiale", pa.float64())]
            + [("date_valeur_initiale", pa.date32()), ("pourcentage_cible", pa.float64())]
        ),
        "The targets of that publication.\nOne row per indicateur, maille and code.",
    ),
    "precedente.indicateurs": RawTable(
        pa.schema([*_texts("id_indicateur", "libelle_indicateur", "unite", "serie", "lecture"), _FACTOR]),
        "The indicators of that publication, and how their series are made.\nOne row per indicateur.",
    ),
    "precedente.livraisons": RawTable(
        pa.schema([*_texts("livraison", "contenu"), ("sha256", _LIST), ("indicateurs", _LIST)]),
        "The deliveries of that publication.\nOne row per livraison.",
    ),
    "precedente.engagements": RawTable(
        pa.schema(_texts("id_engagement", "statut", "calendrier")),
        "What was published of the commitments in that publication.\nOne row per engagement.",
    ),
    "catalogue.mailles": RawTable(
        SCHEMAS["mailles"], "The territorial levels.\nOne row per maille, from the whole to the parts."
    ),
    "catalogue.secteurs": RawTable(SCHEMAS["secteurs"], "The sectors.\nOne row per secteur."),
    "catalogue.territoires": RawTable(SCHEMAS["territoires"], "The territories.\nOne row per maille and code."),
    "catalogue.ancetres": RawTable(
        SCHEMAS["ancetres"], "What each territory is part of.\nOne row per territory and territory above it."
    ),
    "catalogue.indicateurs": RawTable(
        SCHEMAS["indicateurs"],
        "The indicators, with their policy.\nOne row per indicateur, in the order of publication.",
    ),
    "catalogue.poids_avancement": RawTable(
        SCHEMAS["poids_avancement"], "How much each indicator counts in rollups.\nOne row per indicateur and maille."
    ),
    "catalogue.territoires_non_concernes": RawTable(
        SCHEMAS["territoires_non_concernes"],
        "Where an indicator is not meant to exist.\nOne row per indicateur and territoire.",
    ),
    "catalogue.seuils": RawTable(SCHEMAS["seuils"], "The thresholds of the status of progress.\nOne row."),
    "catalogue.exceptions": RawTable(
        SCHEMAS["exceptions"], "The deviations that are accepted.\nOne row per exception."
    ),
    "catalogue.corrections": RawTable(
        SCHEMAS["corrections"], "The delivered values known to be wrong.\nOne row per correction."
    ),
    "catalogue.explications": RawTable(
        SCHEMAS["explications"], "The explanations of missed targets.\nOne row per explanation."
    ),
    "catalogue.engagements": RawTable(
        SCHEMAS["engagements"], "The commitments that the catalogue describes.\nOne row per engagement."
    ),
    "catalogue.actions": RawTable(
        SCHEMAS["actions"], "The actions of those commitments.\nOne row per action of an engagement, by rank."
    ),
    "catalogue.rejets_toleres": RawTable(
        SCHEMAS["rejets_toleres"], "The rejected rows that are allowed by reason.\nOne row per livraison and regle."
    ),
    "catalogue.edition": RawTable(SCHEMAS["edition"], "The edition that is computed.\nOne row."),
}


@contextmanager
def empty_warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse in memory with every table, each without a row: what SQL may name, and nothing of the disk."""
    with duckdb.connect(config={"enable_external_access": False, "threads": 1}) as connection:
        for name, table in RAW_TABLES.items():
            create_empty_table(connection, name, table.columns)
        yield connection
