"""An official edition computed from its deliveries, without a run: what its readers give, then the models."""

import hashlib
from pathlib import Path

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.rows import ACTIONS, ENGAGEMENTS, EXPLICATIONS, OBJECTIFS, VALEURS
from barometre_pipeline.resources.duckdb_files import load_table
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage.loading import load_catalogue_tables, load_previous, ranked
from barometre_pipeline.stage.published import Published
from barometre_pipeline.stage.raw_tables import FEUILLES, LIVRAISONS
from barometre_pipeline.transform import run_models


def computed_from(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Fill a database with the tables of the edition of this folder (catalogue/, livraisons/)."""
    catalogue = load_catalogue(folder / "catalogue")
    read = [(d, read_delivery(d, [folder / "livraisons" / d.url], catalogue)) for d in catalogue.livraisons]
    kinds = {"valeurs": VALEURS, "objectifs": OBJECTIFS, "explications": EXPLICATIONS}
    for kind, schema in (kinds | {"engagements": ENGAGEMENTS, "actions": ACTIONS}).items():
        together = pa.concat_tables([schema.empty_table(), *(r.rows for d, r in read if d.contenu == kind)])
        load_table(con, f"raw.{kind}", ranked(together, after=0))
    load_table(con, "raw.rejets", ranked(pa.concat_tables([r.rejects for _, r in read]), after=0))
    received = [_received(d, r, folder / "livraisons" / d.url) for d, r in read]
    load_table(con, "raw.livraisons", pa.Table.from_pylist(received, schema=LIVRAISONS))
    load_table(con, "raw.feuilles", FEUILLES.empty_table())
    load_previous(con, Published())
    load_catalogue_tables(con, catalogue_tables(catalogue, Edition.parse(folder.name)))
    for _ in run_models(con, read_models()):
        pass


def _received(livraison, reading, file: Path) -> dict:
    about = {"livraison": livraison.id, "ministere": livraison.ministere, "contenu": livraison.contenu}
    files = {"fichiers": [file.name], "sha256": [hashlib.sha256(file.read_bytes()).hexdigest()]}
    return {**about, **files, "fichiers_lus": list(dict.fromkeys(s.file for s in reading.sheets))}
