"""The thirty answers of the warehouse, found another way: in pandas, on official numbers, catalogues and deliveries."""

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.warehouse import open_latest
from tests.official_home import NAMES, backfilled  # noqa: F401 - a fixture
from tests.official_numbers import KEY, WIDE, Official, months

pytestmark = pytest.mark.long

ANSWERS: dict[str, Callable[..., str]] = {}


def answers(found: Callable[..., str]) -> Callable[..., str]:
    """Keep a function as the other way to the answer of its name."""
    ANSWERS[found.__name__.replace("_", "-")] = found
    return found


class World:
    """The official editions, from the first to the last, and the home that was made of their deliveries."""

    def __init__(self, folder: Path, home) -> None:
        self.first, self.before, self.last = (Official(folder / name) for name in NAMES)
        self.home, self.build = home, home.build(Edition.parse(NAMES[-1]))

    def built(self, query: str) -> pd.DataFrame:
        """Return rows of the edition's own build, which the warehouse is not."""
        with read_warehouse(self.build.warehouse) as connection:
            return connection.sql(query).df()

    @cached_property
    def changed(self) -> pd.DataFrame:
        """Return the values of the series of the last two editions side by side, those that are not the same."""
        keys = [*KEY, "date"]
        sides = [e.detail.astype({"maille": str}).set_index(keys).valeur for e in (self.before, self.last)]
        both = pd.concat(sides, axis=1, keys=["avant", "apres"])
        return both[~((both.avant == both.apres) | both.isna().all(axis=1))].reset_index()

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """Return the rank of each territory by each indicator of the last edition."""
        rows = self.last.progression.copy()
        share = rows.unite.str.startswith("%")
        rows["mesure"] = rows.tau.where(~share, np.where(rows.sens == "hausse", rows.vc, -rows.vc))
        rows = rows[rows.mesure.notna() & (rows.maille != WIDE[0])]
        parts = [r for _, r in rows.groupby(["id_indicateur", "maille"], observed=True)]
        return pd.concat(filter(len, map(self._ranked, parts)))

    def _ranked(self, rows: pd.DataFrame) -> pd.DataFrame:
        usual = rows.dvc.mode().max()
        step = self.last.steps()[tuple(rows[["id_indicateur", "maille"]].iloc[0])]
        rows = rows[(months(rows.dvc) - (usual.year * 12 + usual.month)).abs() <= (step if step > 0 else 0)]
        rows = rows.assign(n=len(rows), rang=rows.mesure.rank(method="min", ascending=False).astype(int))
        return rows if len(rows) > 1 else rows.iloc[:0]


@pytest.fixture(scope="module")
def world(editions, backfilled) -> World:
    return World(editions, backfilled.home)


@pytest.fixture(scope="module")
def told(backfilled) -> dict[str, str]:
    rows = open_latest(backfilled.home.root).table("exemples")
    return dict(zip(rows.nom, rows.reponse, strict=True))


def fr(value: float, digits: int = 4) -> str:
    """Write a number as French people do."""
    text = f"{round(float(value), digits):,.{digits}f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace(".", ",")


def jour(value: pd.Timestamp) -> str:
    return f"{value:%d/%m/%Y}"


def first(rows: pd.DataFrame, by: list[str], ascending: list[bool] | bool = True) -> pd.Series:
    """Return the first row in this order."""
    return rows.sort_values(by, ascending=ascending, kind="stable").iloc[0]


@answers
def etat_general(w: World) -> str:
    n = w.last.national.statut.value_counts()
    return (
        f"Maille nationale : {n['atteint']} atteintes, {n['en bonne voie']} en bonne voie, "
        f"{n['en retard']} en retard, {n['recule']} en recul."
    )


@answers
def etat_d_une_politique(w: World) -> str:
    n = w.last.national.groupby("id_mesure").size().reset_index(name="n")
    chosen = first(n, ["n", "id_mesure"], [False, True])
    policy = next(m for m in w.last.catalogue.mesures if m.id == chosen.id_mesure)
    row = w.last.national.set_index("id_indicateur").loc[policy.indicateurs[0].id]
    return f"{policy.libelle} (indicateurs : {chosen.n}) : {row.libelle_indicateur} : {row.statut}."


def missed(w: World) -> pd.DataFrame:
    rows = w.last.progression
    return rows[(rows.date_cible <= w.last.end) & ~rows.statut.isin(["atteint", "sans cible"])]


@answers
def cibles_manquees(w: World) -> str:
    row = first(missed(w), ["date_cible", "maille", "id_indicateur", "code"])
    place = f"{row.libelle_indicateur} ({row.libelle_territoire})"
    return (
        f"{len(missed(w))} cibles échues ne sont pas atteintes ; la plus ancienne, {place}, "
        f"l’était au {jour(row.date_cible)}."
    )


@answers
def explications(w: World) -> str:
    return f"{len(missed(w))} explications ou avis, dont 0 de l’administration qui en répond."


@answers
def territoires_en_retard(w: World) -> str:
    rows = w.last.progression[w.last.progression.maille == WIDE[-1]]
    counts = rows.groupby(["code", "libelle_territoire"], as_index=False).agg(
        late=("statut", lambda s: (s == "en retard").sum()),
        strong=("retard", lambda s: (s == "fort").sum()),
        aimed=("cible", "count"),
    )
    row = first(counts, ["late", "strong", "code"], [False, False, True])
    return f"{row.libelle_territoire} : {row.late} cibles en retard sur {row.aimed}, dont {row.strong} fortement."


@answers
def classement_d_un_indicateur(w: World) -> str:
    n = w.ranked.groupby(["id_indicateur", "maille"], observed=True).size().reset_index(name="rows")
    chosen = first(n, ["rows", "id_indicateur", "maille"], [False, True, True])
    rows = w.ranked[(w.ranked.id_indicateur == chosen.id_indicateur) & (w.ranked.maille == chosen.maille)]
    row = first(rows, ["rang", "code"])
    return f"{row.libelle_indicateur} : {row.libelle_territoire}, rang {row.rang} sur {row.n}."


@answers
def rangs_d_un_territoire(w: World) -> str:
    n = w.ranked.assign(territoire=w.ranked.maille.astype(str) + "-" + w.ranked.code)
    counts = n.groupby("territoire").size().reset_index(name="rows")
    chosen = first(counts, ["rows", "territoire"], [False, True])
    row = first(n[n.territoire == chosen.territoire], ["rang", "n", "id_indicateur"], [True, False, True])
    return (
        f"{row.libelle_territoire} est classé par {chosen.rows} indicateurs ; "
        f"son meilleur rang est {row.rang} sur {row.n} : {row.libelle_indicateur}."
    )


@answers
def palmares(w: World) -> str:
    rows = w.last.same_as(w.before)
    rows = rows[(rows.maille == WIDE[0]) & (rows.change == "")]
    row = first(rows.assign(points=100 * (rows.tau - rows.tau_avant)), ["points"], False)
    place = f"{row.libelle_indicateur} ({row.libelle_territoire})"
    return f"{place} : {fr(row.points, 1)} points, de {NAMES[1]} à {NAMES[2]}."


def redefined(w: World) -> set[str]:
    rows = w.last.same_as(w.before)
    return set(rows[rows.change.str.contains("série|lecture")].id_indicateur)


@answers
def revisions(w: World) -> str:
    """The new periods, the most numerous: later than the last date that the key had before."""
    known = w.before.detail.astype({"maille": str}).groupby(KEY).date.max().rename("dernier")
    rows = w.changed[w.changed.avant.isna()].merge(known, on=KEY)
    rows = rows[(rows.date > rows.dernier) & ~rows.id_indicateur.isin(redefined(w))]
    return f"{fr(len(rows))} valeurs, nature periode_nouvelle, cause fichier livré modifié."


@answers
def plus_fortes_revisions(w: World) -> str:
    rows = w.changed.dropna()
    rows = rows[~rows.id_indicateur.isin(redefined(w)) & (rows.avant != 0)]
    rows = rows.assign(share=((rows.apres - rows.avant) / rows.avant.abs()).abs())
    level = pd.Categorical(rows.maille, WIDE, ordered=True)
    row = first(rows.assign(maille=level), ["share", *KEY, "date"], [False, True, True, True, True])
    names = w.last.detail.set_index(KEY)[["libelle_indicateur", "libelle_territoire"]]
    one, place = names.loc[tuple(row[KEY])].iloc[0]
    return f"{one} ({place}, {jour(row.date)}) : {fr(row.avant)} devient {fr(row.apres)}."


def targets(one: Official, other: Official) -> pd.DataFrame:
    """Return the targets of two editions side by side, of the indicators and territories that both have."""
    both = other.synthese.merge(one.synthese[[*KEY, "cible"]], on=KEY, suffixes=("", "_avant"))
    return both[~((both.cible == both.cible_avant) | (both.cible.isna() & both.cible_avant.isna()))]


@answers
def cibles_deplacees(w: World) -> str:
    rows = targets(w.before, w.last)
    counts = rows.groupby(["id_indicateur", "libelle_indicateur", "maille"], observed=True, as_index=False).agg(
        n=("code", "count"), set=("cible_avant", lambda c: c.isna().sum()), gone=("cible", lambda c: c.isna().sum())
    )
    row = first(counts, ["n", "id_indicateur", "maille"], [False, True, True])
    return (
        f"{row.libelle_indicateur}, maille {row.maille} : {row.n} cibles, dont {row.set} fixées, "
        f"{row.gone} retirées, {row.n - row.set - row.gone} déplacées."
    )


@answers
def cibles_moins_ambitieuses(w: World) -> str:
    both = [targets(w.first, w.before).assign(name=NAMES[1]), targets(w.before, w.last).assign(name=NAMES[2])]
    rows = pd.concat(both).dropna(subset=["cible", "cible_avant"])
    gap = rows.cible - rows.cible_avant
    rows = rows[np.where(rows.sens == "hausse", gap < 0, gap > 0)]
    share = ((rows.cible - rows.cible_avant) / rows.cible_avant.abs()).abs()
    row = first(rows.assign(share=share), ["name", "share", *KEY], [False, False, True, True, True])
    place = f"{row.libelle_indicateur} ({row.libelle_territoire})"
    return f"{len(rows)} cibles ; {place} : {fr(row.cible_avant)} devient {fr(row.cible)} ({row['name']})."


@answers
def connu_a_chaque_publication(w: World) -> str:
    series = [e.detail.set_index([*KEY, "date"]).valeur for e in (w.first, w.before, w.last)]
    both = pd.concat(series, axis=1, keys=NAMES)
    redone = both.index.get_level_values(0).isin(redefined(w))
    counts = pd.Series(0, index=both.index)
    for before, after in pairwise(NAMES):
        known = both[before].notna() & both[after].notna() & ~(redone & (after == NAMES[-1]))
        counts += known & ((both[before] - both[after]).abs() > 1e-6 * both[before].abs().clip(lower=1))
    total = counts.groupby(level=[0, 1, 2], observed=True).sum().reset_index(name="n")
    chosen = first(total, ["n", *KEY], [False, True, True, True])
    rows = w.first.detail[(w.first.detail[KEY] == chosen[KEY]).all(axis=1)]
    row = first(rows, ["date"])
    place = f"{row.libelle_indicateur} ({row.libelle_territoire})"
    return f"{place} au {jour(row.date)} : {fr(row.valeur)}, dit la publication {NAMES[0]}."


@answers
def valeur_connue_alors(w: World) -> str:
    then = w.first.synthese[(w.first.synthese.maille == WIDE[0])]
    now = w.last.detail[(w.last.detail.maille == WIDE[0]) & (w.last.detail.lecture == "derniere_valeur")]
    rows = then.merge(now, left_on=[*KEY, "date_valeur_actuelle"], right_on=[*KEY, "date"], suffixes=("_then", ""))
    rows = rows.assign(same=rows.valeur == rows.valeur_actuelle)
    row = first(rows, ["same", "id_indicateur"])
    return (
        f"{row.libelle_indicateur}, au {jour(row.date)} : {fr(row.valeur_actuelle)} alors, "
        f"{fr(row.valeur)} aujourd’hui."
    )


@answers
def couverture(w: World) -> str:
    levels = pd.Series([t.maille for t in w.last.catalogue.territoires]).value_counts()
    known = w.last.detail.groupby(["id_indicateur", "maille"], observed=False).code.nunique().reset_index(name="n")
    known["all"] = known.maille.map(levels).astype(int)
    known["none"] = known["all"] - known.n
    row = first(known, ["none", "id_indicateur", "maille"], [False, True, True])
    label = next(i.libelle for i in w.last.catalogue.indicateurs.values() if i.id == row.id_indicateur)
    return f"{label}, maille {row.maille} : {row.none} territoires sans valeur sur {row['all']}."


@answers
def origine_d_un_chiffre(w: World) -> str:
    """The cell itself is read again, in the file as it was delivered."""
    rows = w.last.detail[w.last.detail.maille == WIDE[-1]]
    row = first(rows, ["date", "code", "id_indicateur"], [False, False, True])
    (file,) = (w.last.folder / "livraisons").rglob("tableau-de-bord.xlsx")
    sheet = pd.read_excel(file, sheet_name="Départements", header=None, engine="calamine")
    (column,) = sheet.columns[sheet.eq("Valeur").any()]
    assert sheet[column].iloc[2125 - 1] == row.valeur
    place = f"{row.libelle_indicateur} ({row.libelle_territoire}, {jour(row.date)}) : {fr(row.valeur)}"
    return f"{place}, lu dans tableau-de-bord.xlsx, feuille Départements, ligne 2125, colonne Valeur."


@answers
def composition_d_un_total(w: World) -> str:
    """The sums of the whole country that the catalogue asks for, with a value of each of the smallest territories."""
    added = {i.id for i in w.last.catalogue.indicateurs.values() if i.agregation_territoriale == "somme"}
    rows = w.last.detail[w.last.detail.id_indicateur.isin(added)]
    parts = rows[rows.maille == WIDE[-1]].groupby(["id_indicateur", "date"], as_index=False)
    parts = parts.agg(n=("code", "count"), total=("valeur", "sum"))
    both = rows[rows.maille == WIDE[0]].merge(parts, on=["id_indicateur", "date"])
    row = first(both[np.isclose(both.valeur, both.total)], ["n", "date", "id_indicateur"], [False, False, True])
    place = f"{row.libelle_indicateur} ({row.libelle_territoire}, {jour(row.date)})"
    return f"{place} : {fr(row.valeur)}, somme de {row.n} valeurs."


@answers
def evolution_a_perimetre_constant(w: World) -> str:
    rows = w.last.same_as(w.before)
    rows = rows[(rows.maille == WIDE[0]) & (rows.change == "") & (rows.sens == rows.sens_avant)]
    rows = rows[rows.taux.notna() & rows.taux_avant.notna() & rows.cible.notna()]
    by_policy = rows.groupby(["id_secteur", "id_mesure"])[["taux", "taux_avant"]].mean()
    same = (by_policy.taux - by_policy.taux_avant).groupby("id_secteur").mean()
    whole = w.last.rates().groupby("id_secteur").mean() - w.before.rates().groupby("id_secteur").mean()
    chosen = same.idxmax()
    label = next(s.libelle for s in w.last.catalogue.secteurs if s.id == chosen)
    gaps = fr(same[chosen], 1), fr(whole[chosen] - same[chosen], 1)
    return f"{label} : {gaps[0]} points à périmètre constant, {gaps[1]} par effet de périmètre."


@answers
def avancement_des_politiques(w: World) -> str:
    rates = w.last.rates().reset_index()
    row = first(rates, ["taux", "id_mesure"], [False, True])
    policy = next(m for m in w.last.catalogue.mesures if m.id == row.id_mesure)
    n = w.last.national[(w.last.national.id_mesure == policy.id)].cible.count()
    return f"{policy.libelle} : {fr(row.taux, 1)} % du chemin (indicateurs : {n})."


@answers
def histoire_des_secteurs(w: World) -> str:
    rates = w.first.rates().groupby("id_secteur").mean()
    chosen = min(rates.index)
    label = next(s.libelle for s in w.first.catalogue.secteurs if s.id == chosen)
    return f"{label}, édition {NAMES[0]} : {fr(rates[chosen], 1)} %."


@answers
def ecarts_a_la_mediane(w: World) -> str:
    """Rates on the indicators that 95 % of the level's territories have, against their median."""
    found = []
    for level in WIDE:
        rows = w.last.progression[w.last.progression.maille == level]
        known = rows[rows.taux.notna() & rows.cible.notna()]
        n = known.groupby("id_indicateur").code.nunique()
        common = n[n >= 0.95 * sum(t.maille == level for t in w.last.catalogue.territoires)]
        rates = known[known.id_indicateur.isin(common.index)].groupby(["code", "libelle_territoire"], as_index=False)
        rates = rates.agg(taux=("taux", "mean"), n=("taux", "count"))
        found.append(rates.assign(gap=rates.taux - rates.taux.median()))
    row = first(pd.concat(found), ["gap"])
    return f"{row.libelle_territoire} : {fr(row.gap, 1)} points sur {row.n} indicateurs communs."


@answers
def alertes(w: World) -> str:
    rows = w.built("select regle, livraison, id_indicateur from qualite.alertes")
    rows = rows.merge(w.built("select livraison, ministere from raw.livraisons"), on="livraison", how="left")
    rows = rows.merge(w.built("select id_indicateur, producteur from indicateurs"), on="id_indicateur", how="left")
    rows["ministere"] = rows.ministere.fillna(rows.producteur)
    counts = rows.groupby(["regle", "ministere"], dropna=False).size().reset_index(name="n")
    row = first(counts, ["n", "regle"], [False, True])
    titles = w.built("select regle, titre from qualite.controles").set_index("regle").titre
    return f"{titles[row.regle]} : {row.n} lignes, ministère : {row.ministere}."


@answers
def dates_prevues(w: World) -> str:
    rows = w.last.national[w.last.national.date_prevue.notna() & w.last.national.statut.str.startswith("en ")]
    late = months(rows.date_prevue) - months(rows.date_cible)
    row = first(rows.assign(late=late), ["late", "id_indicateur"], [False, True])
    return (
        f"{len(rows)} cibles ont une date prévue ; la plus tardive par rapport à son échéance, "
        f"{row.libelle_indicateur} : {jour(row.date_prevue)}, {row.late} mois après."
    )


@answers
def jamais_au_rythme_actuel(w: World) -> str:
    rows = w.last.progression
    rows = rows[rows.date_prevue.isna() & rows.statut.isin(["en bonne voie", "en retard", "recule"])]
    row = first(rows, ["maille", "id_indicateur", "code"])
    return f"{len(rows)} cibles, dont {row.libelle_indicateur} ({row.libelle_territoire})."


@answers
def donnees_anciennes(w: World) -> str:
    """No official catalogue says how often a source is: the usual step between its values does."""
    rows = w.last.progression.merge(w.last.steps().reset_index(), on=["id_indicateur", "maille"])
    age = w.last.end.year * 12 + w.last.end.month - months(rows.date_valeur_actuelle)
    old = rows[age > 1.5 * rows.step + 3]
    groups = old.groupby(["id_indicateur", "libelle_indicateur", "maille"], observed=True, as_index=False)
    groups = groups.agg(n=("code", "count"), oldest=("date_valeur_actuelle", "min"))
    row = first(groups, ["oldest", "n", "id_indicateur", "maille"], [True, False, True, True])
    return (
        f"{row.libelle_indicateur}, maille {row.maille} : {row.n} territoires, "
        f"dont la valeur la plus ancienne est du {jour(row.oldest)}."
    )


@answers
def livraisons(w: World) -> str:
    return f"{len(w.last.catalogue.livraisons)} livraisons, dont 0 en retard."


@answers
def rejets(w: World) -> str:
    rows = pd.read_csv(w.build.report / "rejets.csv", sep=";", encoding="utf-8-sig")
    counts = rows.groupby(["livraison", "regle"]).size().reset_index(name="n")
    row = first(counts, ["n", "livraison", "regle"], [False, True, True])
    return f"{row.n} rejets de {row.livraison}, règle {row.regle}."


@answers
def habitants_concernes(w: World) -> str:
    """No official catalogue says how many inhabitants a territory has."""
    rows = w.last.progression
    rows = rows[rows.statut.isin(["en retard", "recule"]) & (rows.maille == WIDE[-1])]
    counts = rows.groupby(["id_indicateur", "libelle_indicateur"]).size().reset_index(name="n")
    row = first(counts, ["n", "id_indicateur"], [False, True])
    return f"{row.libelle_indicateur} : {row.n} territoires, nombre d’habitants : non renseigné."


@answers
def pour_mille_habitants(w: World) -> str:
    rows = w.last.progression[w.last.progression.vc.notna() & ~w.last.progression.unite.str.startswith("%")]
    counts = rows.groupby(["id_indicateur", "maille"], observed=True).size().reset_index(name="n")
    chosen = first(counts, ["n", "id_indicateur", "maille"], [False, True, True])
    row = first(rows[(rows.id_indicateur == chosen.id_indicateur) & (rows.maille == chosen.maille)], ["code"])
    place = f"{row.libelle_indicateur} : {row.libelle_territoire}, {fr(row.vc)}"
    return f"{place} ; nombre pour 1 000 habitants : non renseigné."


@answers
def avancement_par_habitant(w: World) -> str:
    rows = w.last.progression[(w.last.progression.maille == WIDE[1]) & w.last.progression.cible.notna()]
    policies = rows.groupby(["code", "id_mesure"]).taux.agg(lambda r: r.mean(skipna=False))
    mean = fr(policies.groupby("code").mean().mean(), 1)
    return f"Maille regionale : {mean} % en moyenne des territoires ; taux moyen par habitant : non renseigné."


def test_every_example_has_an_answer_found_another_way(told):
    assert set(told) == set(ANSWERS) and len(told) == 30


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_the_answer_is_what_pandas_finds(world, told, name):
    assert told[name] == ANSWERS[name](world)


def test_every_example_gives_a_row_and_the_same_ones_each_time(backfilled):
    warehouse = open_latest(backfilled.home.root)
    for name, sql in warehouse.sql("select nom, sql from exemples").itertuples(index=False):
        rows = warehouse.answer(sql).rows
        assert rows and rows == warehouse.answer(sql).rows, name


def test_the_statuses_and_dates_of_every_edition_are_what_pandas_finds(world, backfilled):
    columns = ["statut", "retard", "date_prevue"]
    rows = open_latest(backfilled.home.root).table("progression").astype({"maille": str})
    for edition in (world.first, world.before, world.last):
        both = edition.progression.astype({"maille": str}).merge(
            rows[rows.edition == edition.name], on=KEY, suffixes=("", "_sql")
        )
        assert len(both) == len(edition.synthese)
        for name in columns:
            one, other = both[name], both[f"{name}_sql"]
            assert ((one == other) | (one.isna() & other.isna())).all(), (edition.name, name)
