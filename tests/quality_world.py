"""A small and flawless edition for the quality rules: each test spoils one thing in it, then has it judged."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue, Correction, Exception_
from barometre_pipeline.quality.evaluation import Evaluation, evaluate
from barometre_pipeline.quality.suites import Suite, read_suites
from barometre_pipeline.resources.duckdb_files import open_warehouse
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective, load_world, month_end

SUITES = {suite.table: suite for suite in read_suites()}
MONTHS = ("2021-08", "2021-09", "2021-10", "2021-11", "2021-12", "2022-01", "2022-02", "2022-03")
DEPARTEMENTS = ("departementale 01", "departementale 02", "departementale 03")

INDICATEURS = {
    # Summed from the départements, as no delivery gives the regions and the nation.
    "contrats": {"unite": "contrats", "agregation_territoriale": "somme"},
    "part": {"unite": "% des classes"},
    # Delivered as cumulated since January.
    "amendes": {"unite": "amendes", "serie": "decumul_annuel"},
    # Delivered for the départements and the regions, which add up.
    "pistes": {"unite": "kilomètres", "tolerance_somme": 0.05},
}


def _values() -> list[dict]:
    rows = []
    for n, when in enumerate(MONTHS):
        rows += [a_value(d, when, 2000 + 100 * n, "contrats") for d in DEPARTEMENTS]
        rows += [a_value(d, when, 50 + n, "part") for d in DEPARTEMENTS]
        rows += [a_value(d, when, 100 * int(when[5:]), "amendes") for d in DEPARTEMENTS]
        rows += [a_value(d, when, 30 + n, "pistes") for d in DEPARTEMENTS]
        rows += [a_value("regionale 01", when, 2 * (30 + n), "pistes"), a_value("regionale 02", when, 30 + n, "pistes")]
    return rows


def _objectives() -> list[dict]:
    start, target = month_end("2021-08"), month_end("2022-12")
    dates = {"date_valeur_initiale": start, "date_cible": target}
    return [
        an_objective(d, i, valeur_initiale=vi, cible=cible, **dates)
        for i, vi, cible in (("contrats", 2000.0, 4000.0), ("part", 50.0, 80.0))
        for d in DEPARTEMENTS
    ]


@dataclass
class QualityWorld:
    """What an edition is made of, to be changed before `judged`."""

    warehouse: Path
    indicateurs: dict[str, dict] = field(default_factory=lambda: {k: dict(v) for k, v in INDICATEURS.items()})
    valeurs: list[dict] = field(default_factory=_values)
    objectifs: list[dict] = field(default_factory=_objectives)
    rejets: list[dict] = field(default_factory=list)
    exceptions: tuple[Exception_, ...] = ()
    corrections: tuple[Correction, ...] = ()
    toleres: int = 0
    levels: dict = field(default_factory=dict)  # other mailles and territoires than those of the small country

    def value(self, indicateur: str, where: str, when: str) -> dict:
        """Return the delivered value of a key, to be changed."""
        maille, code = where.split()
        key = (indicateur, maille, code, month_end(when))
        return next(v for v in self.valeurs if (v["id_indicateur"], v["maille"], v["code"], v["date"]) == key)

    def row_of(self, value: dict) -> int:
        """Return the row of a value in its file, below the headings."""
        return next(n for n, v in enumerate(self.valeurs, 2) if v is value)

    def catalogue(self) -> Catalogue:
        indicators = [an_indicator(id_, **given) for id_, given in self.indicateurs.items()]
        return replace(
            a_catalogue(*indicators, corrections=self.corrections, **self.levels), exceptions=self.exceptions
        )

    def built(self, *sql: str) -> None:
        """Run every model, then what a test changes behind their back."""
        with open_warehouse(self.warehouse) as connection:
            connection.execute("set threads = 1")  # tiny tables: threads only cost
            load_world(connection, self.catalogue(), self.valeurs, self.objectifs, self.rejets, self.toleres)
            for statement in sql:
                connection.execute(statement)

    def judged(self, *tables: str, sql: tuple[str, ...] = (), suites: list[Suite] | None = None) -> Evaluation:
        """Build the edition and judge it by the suites of these tables (all of them where none is named)."""
        self.built(*sql)
        return evaluate(self.warehouse, suites or [SUITES[t] for t in tables or SUITES])


def fired(evaluation: Evaluation) -> dict[str, tuple[str, int]]:
    """Return what each rule that is not fulfilled says: (status, number of rows)."""
    return {r.rule: (r.status, r.count) for r in evaluation.results if r.status != "ok"}


def result(evaluation: Evaluation, rule: str):
    return next(r for r in evaluation.results if r.rule == rule)
