"""The rows that every reader makes of a delivery, as Arrow schemas: what stage 2 puts into DuckDB.

`ligne` is the row's number in the source file or sheet, from 1, as a spreadsheet shows it; for JSON and
Parquet, the record's number from 1. `colonne` is the heading as it is in the file.
"""

import pyarrow as pa

_PLACE = [
    ("livraison", pa.string()),
    ("fichier", pa.string()),  # the file's name, or the member of a zip
    ("feuille", pa.string()),  # null where the format has no sheets
    ("ligne", pa.int64()),
]
_KEY = [("indicateur", pa.string()), ("maille", pa.string()), ("territoire", pa.string())]

# One row per delivered number; `date` is the last day of its month.
VALEURS = pa.schema([*_PLACE, ("colonne", pa.string()), *_KEY, ("date", pa.date32()), ("valeur", pa.float64())])

# One row per delivered row of objectives that has at least one filled cell.
OBJECTIFS = pa.schema(
    [
        *_PLACE,
        *_KEY,
        ("valeur_initiale", pa.float64()),
        ("date_valeur_initiale", pa.date32()),
        ("cible", pa.float64()),
        ("date_cible", pa.date32()),
        ("date_arret", pa.date32()),
        ("date_reference", pa.date32()),
    ]
)

# One row per cell or row kept aside. `regle` names the quality rule, `contenu` is what the file has there,
# `motif` a French sentence for the ministry; the key columns hold what could be understood, else null.
REJETS = pa.schema(
    [
        *_PLACE,
        ("colonne", pa.string()),
        ("regle", pa.string()),
        ("contenu", pa.string()),
        ("motif", pa.string()),
        *_KEY,
        ("date", pa.date32()),
    ]
)
