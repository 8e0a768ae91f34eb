"""The official editions, cell by cell: the numbers of all, and the whole published tree of one."""

import subprocess
import sys

import duckdb
import pytest

from barometre_pipeline.editions import Edition
from tests.official_home import NAMES, backfilled  # noqa: F401 - a fixture

OURS = "libelle_mesure, libelle_indicateur, id_indicateur, maille, code, libelle_territoire"
OFFICIAL = "mesure as libelle_mesure, indicateur as libelle_indicateur, libelle as libelle_territoire"


@pytest.fixture(scope="module", params=NAMES)
def edition(request, editions, official):
    """An official edition computed from its deliveries, with the official numbers beside."""
    con = official(request.param)
    for table in ("detail", "synthese"):
        numbers = f"select *, {OFFICIAL} from '{editions / request.param / 'attendu' / table}.parquet'"
        con.execute(f"create or replace temp table attendu_{table} as {numbers}")
    return con


def test_the_series_are_the_official_ones(edition):
    columns = f"{OURS}, date::varchar, valeur, unite"
    _same_rows(edition, "detail", columns)


def test_the_summaries_are_the_official_ones(edition):
    columns = f"""{OURS},
        valeur_actuelle, date_valeur_actuelle::varchar, valeur_initiale, date_valeur_initiale::varchar,
        progression, pourcentage_progression, progression_derniere_maj,
        pourcentage_progression_derniere_maj, progression_derniere_maj_date::varchar,
        cible, pourcentage_cible, date_cible::varchar, unite"""
    _same_rows(edition, "synthese", columns)


def _same_rows(con, table, columns):
    """Each row is in the other table too, to the last digit."""
    assert con.execute(f"select count(*) > 5000 from attendu_{table}").fetchall() == [(True,)]
    for one, other in ((table, f"attendu_{table}"), (f"attendu_{table}", table)):
        assert con.execute(f"select {columns} from {one} except all select {columns} from {other}").fetchall() == []


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_trees_of_one_backfill_are_the_official_ones(editions, outils, backfilled, name):
    built = backfilled.home.build(Edition.parse(name)).files
    command = [sys.executable, outils / "comparer.py", editions / name, built]
    compared = subprocess.run(command, capture_output=True, text=True)
    assert compared.stdout.startswith("0 differences"), compared.stdout[-3000:] + compared.stderr[-3000:]


@pytest.mark.long
def test_the_last_edition_of_the_backfill_is_what_is_published(backfilled):
    built = backfilled.home.build(Edition.parse(NAMES[-1])).files
    assert (backfilled.home.publication / "SHA256SUMS").read_bytes() == (built / "SHA256SUMS").read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_what_the_history_computes_as_it_is_read_is_what_the_edition_s_model_says(backfilled, name):
    pace = ("id_indicateur", "maille", "code", "rythme", "ecart_points", "valeur_attendue")
    columns = ", ".join(f"{column}::varchar" for column in pace)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{backfilled.home.build(Edition.parse(name)).warehouse}' as edition (read_only)")
        connection.execute(f"attach '{backfilled.home.warehouse}' as histoire (read_only)")
        made = connection.execute(f"select {columns} from edition.progression order by all").fetchall()
        read = f"select {columns} from histoire.progression where edition = '{name}' order by all"
        assert sum(rythme is not None for *_, rythme, _, _ in made) > 1000
        assert connection.execute(read).fetchall() == made
