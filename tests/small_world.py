"""A small country for the SQL models: one nation, two regions, three départements, written by hand."""

from collections.abc import Callable, Iterator
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from barometre_pipeline.catalogue import Catalogue, Correction, Indicateur, Mesure, Territoire, default_levels
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.readers.rows import ACTIONS, ENGAGEMENTS, EXPLICATIONS, OBJECTIFS, REJETS, VALEURS
from barometre_pipeline.resources.duckdb_files import load_table
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage.loading import load_catalogue_tables, load_previous
from barometre_pipeline.stage.published import Published
from barometre_pipeline.stage.raw_tables import DERIVES, FEUILLES, LIVRAISONS
from barometre_pipeline.transform import run_models
from tests.small_deliveries import ESSAI, SECTEUR

TERRITOIRES = (
    Territoire(maille="nationale", code="FR", libelle="Pays"),
    Territoire(maille="regionale", code="01", libelle="Nord", parent="FR"),
    Territoire(maille="regionale", code="02", libelle="Sud", parent="FR"),
    Territoire(maille="departementale", code="01", libelle="Aval", parent="01"),
    Territoire(maille="departementale", code="02", libelle="Amont", parent="01"),
    Territoire(maille="departementale", code="03", libelle="Plaine", parent="02"),
)


def an_indicator(id_: str = "i", **given) -> Indicateur:
    required = {"libelle": f"Libellé de {id_}", "unite": "unités", "sens": "hausse", "lecture": "derniere_valeur"}
    return Indicateur(id=id_, **{**required, **given})


def a_catalogue(*indicateurs: Indicateur, corrections: tuple[Correction, ...] = (), **levels) -> Catalogue:
    """The small country with these indicators; `levels` may give other `mailles` and `territoires`."""
    return Catalogue(
        general=ESSAI,
        secteurs=(SECTEUR,),
        territoires=levels.get("territoires", TERRITOIRES),
        mailles=levels.get("mailles", default_levels()),
        mesures=(Mesure(id="m", libelle="Mesure", secteur="s", ordre=1, indicateurs=indicateurs),),
        livraisons=(),
        corrections=corrections,
    )


def month_end(text: str) -> date:
    """'2022-03' is the last day of March 2022."""
    year, month = map(int, text.split("-"))
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)


def _rows(schema: pa.Schema, rows: list[dict]) -> pa.Table:
    filled = [{"livraison": "l", "fichier": "f.csv", "ligne": n, **row} for n, row in enumerate(rows, 2)]
    table = pa.Table.from_pylist([{c: row.get(c) for c in schema.names} for row in filled], schema=schema)
    return table.append_column("rang", pa.array(range(1, len(rows) + 1), pa.int64()))


def a_value(where: str, when: str, valeur: float, indicateur: str = "i", **more) -> dict:
    """`where` is 'departementale 01', `when` '2022-03'."""
    maille, code = where.split()
    key = {"id_indicateur": indicateur, "maille": maille, "code": code}
    return {**key, "date": month_end(when), "valeur": float(valeur), **more}


def an_objective(where: str, indicateur: str = "i", **given) -> dict:
    maille, code = where.split()
    return {"id_indicateur": indicateur, "maille": maille, "code": code, **given}


MODELS = read_models()
Build = Callable[..., duckdb.DuckDBPyConnection]


def load_world(connection, catalogue: Catalogue, valeurs=(), objectifs=(), rejets=(), toleres: int = 0) -> None:
    """Fill the tables of an edition without a previous one, from one delivery, and run every model."""
    load_table(connection, "raw.valeurs", _rows(VALEURS, list(valeurs)))
    load_table(connection, "raw.objectifs", _rows(OBJECTIFS, list(objectifs)))
    for name, columns in (("explications", EXPLICATIONS), ("engagements", ENGAGEMENTS), ("actions", ACTIONS)):
        load_table(connection, f"raw.{name}", _rows(columns, []))
    load_table(connection, "raw.rejets", _rows(REJETS, list(rejets)))
    load_table(connection, "raw.livraisons", pa.Table.from_pylist([_delivery(toleres)], schema=LIVRAISONS))
    load_table(connection, "raw.feuilles", FEUILLES.empty_table())
    load_table(connection, "raw.derives", DERIVES.empty_table())
    load_previous(connection, Published())
    load_catalogue_tables(connection, catalogue_tables(catalogue, Edition(2022, 1)))
    for _ in run_models(connection, MODELS):
        pass


def _delivery(toleres: int) -> dict:
    about = {"livraison": "l", "ministere": "Ministère", "contenu": "valeurs", "edition_origine": "2022-T1"}
    return {**about, "fichiers": ["f.csv"], "lignes": 1, "rejets": 0, "tolerance_rejets": toleres}


@pytest.fixture
def build() -> Iterator[Build]:
    """Load raw rows beside a catalogue and run every model: build(catalogue, valeurs, objectifs)."""
    connection = duckdb.connect(config={"threads": 1})  # tiny tables: threads only cost

    def built(catalogue: Catalogue, valeurs=(), objectifs=()) -> duckdb.DuckDBPyConnection:
        load_world(connection, catalogue, valeurs, objectifs)
        return connection

    yield built
    connection.close()
