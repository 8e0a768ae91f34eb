"""Barometers drawn at random, on both engines: every table cell by cell, then what the gate finds, and its verdicts.

Each takes minutes: `make bench-robustness` says how many.
"""

import os
import random

import duckdb
import pytest

from barometre_pipeline.catalogue import Territoire, default_levels
from barometre_pipeline.quality.alerts import keep_results
from barometre_pipeline.quality.evaluation import evaluate
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.resources.duckdb_files import open_warehouse
from barometre_pipeline.transform import run_models
from tests.countries import a_level
from tests.made_up_edition import NUMBERS
from tests.small_world import TERRITOIRES, a_catalogue, a_value, an_indicator, an_objective, load_world, month_end
from tests.spark_world import JUDGED, MODELS, compared_tables, differences, same_verdicts, spark

WORLDS = int(os.environ.get("SPARK_WORLDS", "0"))
if not WORLDS:
    pytest.skip("each takes minutes: make bench-robustness draws them", allow_module_level=True)
pytestmark = [pytest.mark.servers, pytest.mark.long]

MONTHS = [f"{year}-{month:02}" for year in (2020, 2021) for month in range(1, 13)] + ["2022-01", "2022-02", "2022-03"]
DAYS = [month_end(month) for month in ("2020-06", "2020-12", "2021-03", "2021-12", "2022-12")]
ROUND = [0.0, 1.0, 2.0, 50.0, 99.5, 100.0, 104.0, -3.0, 1e-5]
# Behind the models' back, what the rules are there to find.
FAULTS = (
    "update detail set valeur = valeur * 1.5 + 1 where hash(id_indicateur, code, date) % 7 = 0",
    "delete from detail where hash(code, date, maille) % 5 = 0",
    "insert into detail from detail where hash(date) % 9 = 1",
    "update synthese set cible = null where hash(code) % 3 = 0",
    "update synthese set pourcentage_cible = -pourcentage_cible where hash(code, id_indicateur) % 4 = 0",
)


def _levels(drawn):
    """The three French levels, or two to four of another country."""
    if drawn.random() < 0.5:
        return default_levels(), TERRITOIRES
    mailles, territoires, above = [], [], [None]
    for depth, name in enumerate(("monde", "nation", "province", "canton")[: drawn.randint(2, 4)]):
        whole = {} if depth else {"colonnes": {"constante": {"niveau": name}}}
        mailles.append(a_level(name, mailles[-1].id if mailles else None, **whole))
        codes = [f"{number:02}" for number in range(1 + depth * 2)]
        level = [Territoire(maille=name, code=c, libelle=f"{name} {c}", parent=drawn.choice(above)) for c in codes]
        territoires, above = territoires + level, codes
    return tuple(mailles), tuple(territoires)


def _indicator(drawn, rank, whole):
    given = {
        "serie": drawn.choice(("telle_quelle", "cumul", "cumul_annuel", "decumul", "decumul_annuel")),
        "sens": drawn.choice(("hausse", "baisse")),
        "lecture": drawn.choice(("derniere_valeur", "cumul_annuel")),
        "unite": drawn.choice(("%", "unités", "% des classes", "note *")),
        "multiplicateur": drawn.choice((1, 1, 0.1, 1e3, 1e6)),
        "premieres_valeurs_ecartees": drawn.choice((0, 0, 1, 2)),
        "arrondi": drawn.choice((None, None, 0, 1, 3)),
        "periode": drawn.choice((None, "mois", "trimestre", "semestre", "annee")),
        "cible_retenue": drawn.choice((None, "finale", "prochaine")),
        "valeur_initiale_nulle": drawn.random() < 0.2,
        "poids_avancement": drawn.choice((1.0, 0.1, 2.5, {whole: 3.0})),
        "bornes": drawn.choice((None, (0, 1), (0, 100))),
        "tolerance_somme": drawn.choice((None, 0, 0.5)),
    }
    days = ("premiere_date", "date_initiale", "date_arret", "date_reference", "date_cible")
    given |= {name: drawn.choice(DAYS) for name in days if drawn.random() < 0.15}
    summed = drawn.choice((None, "somme", "moyenne_ponderee", "ratio")) if rank else None
    given |= {"agregation_territoriale": summed, "poids": "i0" if summed not in (None, "somme") else None}
    return an_indicator(f"i{rank}", **given, recopie_maille_superieure=not summed and drawn.random() < 0.2)


def _world(seed):
    """A catalogue, and what is delivered for it: with gaps, copies and contradictions."""
    drawn = random.Random(seed)
    mailles, territoires = _levels(drawn)
    indicators = [_indicator(drawn, rank, mailles[0].id) for rank in range(drawn.randint(3, 7))]
    numbers = drawn.choice((NUMBERS, ROUND, [drawn.uniform(0, 100) for _ in range(40)]))
    values, objectives = [], []
    for indicator in indicators:
        months = sorted(drawn.sample(MONTHS, drawn.choice((3, 9, 27))))
        for where in (f"{t.maille} {t.code}" for t in territoires if drawn.random() < 0.85):
            for month in months:
                copies = drawn.choices((0, 1, 2), (10, 87, 3))[0]
                values += [a_value(where, month, drawn.choice(numbers), indicator.id) for _ in range(copies)]
            goal = {"cible": drawn.choice([*numbers, None, -0.0]), "date_cible": drawn.choice(DAYS)}
            if drawn.random() < 0.6:
                first = month_end(drawn.choice(MONTHS))
                goal |= {"valeur_initiale": drawn.choice(numbers), "date_valeur_initiale": first}
            for _ in range(drawn.choices((0, 1, 2), (20, 70, 10))[0]):
                objectives.append(an_objective(where, indicator.id, **goal))
                goal |= {"cible": drawn.choice(numbers)}
    drawn.shuffle(values)
    return a_catalogue(*indicators, mailles=mailles, territoires=territoires), values, objectives


@pytest.fixture(scope="module")
def session():
    with spark("local[2]", {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}) as opened:
        yield opened


@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_barometer_drawn_at_random_has_the_cells_and_the_verdicts_of_duckdb(session, tmp_path, seed):
    warehouse, faulty = tmp_path / "edition.duckdb", tmp_path / "faulty.duckdb"
    with open_warehouse(warehouse) as connection:
        load_world(connection, *_world(seed))
    judged = evaluate(warehouse, read_suites())
    keep_results(warehouse, judged.results, judged.alerts)
    with duckdb.connect(str(warehouse)) as connection:
        for _ in run_models(connection, list(JUDGED)):
            pass
        compared_tables(session, connection, tmp_path, (*MODELS, *JUDGED))
        for model in (*MODELS, *JUDGED):
            assert differences(connection, model.name, f"spark.{model.name}")[:2] == [], model.name
        assert connection.execute("select count(*) from detail").fetchone() > (0,)
    with open_warehouse(faulty) as connection:
        load_world(connection, *_world(seed))
        for fault in FAULTS:
            connection.execute(fault)
    found = same_verdicts(session, faulty, tmp_path / "found")
    assert any(result.count for result in found.results)
