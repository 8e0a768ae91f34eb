import duckdb
import pyarrow as pa
import pytest

from barometre_pipeline.resources.duckdb_files import load_table
from barometre_pipeline.stage.drift import changes, in_short, load_drift
from barometre_pipeline.stage.loading import load_previous
from barometre_pipeline.stage.published import Published
from barometre_pipeline.stage.raw_tables import FEUILLES


def test_a_name_that_is_like_a_lost_one_is_a_renaming():
    assert changes({"Valeur", "Date"}, {"Valeurs", "Date"}) == [("Valeur", "Valeurs")]


def test_names_that_look_nothing_alike_are_a_loss_and_an_addition():
    assert changes({"Valeur"}, {"Commentaire"}) == [("Valeur", None), (None, "Commentaire")]


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        load_previous(connection, Published())
        yield connection


def seen(connection, headings, values):
    sheets = [{"livraison": "l", "fichier": "f.csv", "feuille": None, "entetes": headings}]
    load_table(connection, "raw.feuilles", pa.Table.from_pylist(sheets, schema=FEUILLES))
    rows = [{"livraison": "l", "id_indicateur": i, "maille": "regionale", "code": t} for i, t in values]
    load_table(connection, "raw.valeurs", pa.Table.from_pylist(rows))


def test_a_delivery_is_compared_with_that_of_the_previous_edition(warehouse):
    before = [("colonne", "code"), ("colonne", "valeur"), ("colonne", "2021-12"), ("indicateur", "i")]
    before += [("territoire", "regionale/01"), ("territoire", "regionale/02")]
    rows = [{"livraison": "l", "nature": nature, "nom": name} for nature, name in before]
    load_table(warehouse, "precedente.vues", pa.Table.from_pylist(rows))
    seen(warehouse, ["code", "valeurs", "2022-03"], [("i", "01"), ("j", "01")])
    assert [in_short(change) for change in load_drift(warehouse)] == [
        "l, colonne: valeur → valeurs",
        "l, indicateur: (nothing) → j",
        "l, territoire: regionale/02 → (nothing)",
    ]


def test_a_first_edition_drifts_from_nothing(warehouse):
    seen(warehouse, ["code"], [("i", "01")])
    assert load_drift(warehouse) == []
