"""The official editions, cell by cell: the numbers of all, and the whole published tree of one."""

import subprocess
import sys

import pytest
from dagster import DagsterInstance

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings
from tests.backfills import recorded_backfill

NAMES = ("2021-T3", "2021-T4", "2022-T1")
OURS = "libelle_mesure, libelle_indicateur, id_indicateur, maille, code, libelle_territoire"
OFFICIAL = "mesure as libelle_mesure, indicateur as libelle_indicateur, libelle as libelle_territoire"


@pytest.fixture(scope="module", params=NAMES)
def computed(request, editions, official):
    """An official edition computed from its deliveries, with the official numbers beside."""
    con = official(request.param)
    for table in ("detail", "synthese"):
        numbers = f"select *, {OFFICIAL} from '{editions / request.param / 'attendu' / table}.parquet'"
        con.execute(f"create or replace temp table attendu_{table} as {numbers}")
    return con


def test_the_series_are_the_official_ones(computed):
    columns = f"{OURS}, date::varchar, valeur, unite"
    _same_rows(computed, "detail", columns)


def test_the_summaries_are_the_official_ones(computed):
    columns = f"""{OURS},
        valeur_actuelle, date_valeur_actuelle::varchar, valeur_initiale, date_valeur_initiale::varchar,
        progression, pourcentage_progression, progression_derniere_maj,
        pourcentage_progression_derniere_maj, progression_derniere_maj_date::varchar,
        cible, pourcentage_cible, date_cible::varchar, unite"""
    _same_rows(computed, "synthese", columns)


def _same_rows(con, table, columns):
    """Each row is in the other table too, to the last digit."""
    assert con.execute(f"select count(*) > 5000 from attendu_{table}").fetchall() == [(True,)]
    for one, other in ((table, f"attendu_{table}"), (f"attendu_{table}", table)):
        assert con.execute(f"select {columns} from {one} except all select {columns} from {other}").fetchall() == []


@pytest.fixture(scope="module")
def backfilled(editions, tmp_path_factory):
    """The home where one configuration made the three editions, in the runs of one backfill."""
    folder = tmp_path_factory.mktemp("passe")
    by_edition = editions / "{edition}"
    places = {"catalogue": by_edition / "catalogue", "sources": str(by_edition / "livraisons")}
    settings = Settings(home=folder / "home", depot=str(folder / "depot.git"), **places)
    job = build_definitions(settings, catalogues_in(settings.catalogue)).resolve_job_def(JOB)
    with DagsterInstance.local_temp(str(folder)) as instance:
        tags = recorded_backfill(instance, *NAMES)
        for name in NAMES:
            key = partition_key(Edition.parse(name))
            assert job.execute_in_process(partition_key=key, tags=tags, instance=instance).success
    return settings.home


@pytest.mark.parametrize("name", NAMES)
def test_the_trees_of_one_backfill_are_the_official_ones(editions, outils, backfilled, name):
    command = [sys.executable, outils / "comparer.py", editions / name, backfilled.build(Edition.parse(name)).files]
    compared = subprocess.run(command, capture_output=True, text=True)
    assert compared.stdout.startswith("0 differences"), compared.stdout[-3000:] + compared.stderr[-3000:]


def test_the_last_edition_of_the_backfill_is_what_is_published(backfilled):
    built = backfilled.build(Edition.parse(NAMES[-1])).files
    assert (backfilled.publication / "SHA256SUMS").read_bytes() == (built / "SHA256SUMS").read_bytes()
