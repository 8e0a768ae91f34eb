"""The official numbers of an edition in pandas, and what the specification computes of them, without SQL."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from barometre_pipeline.catalogue import Catalogue, load_catalogue
from barometre_pipeline.editions import Edition

KEY = ["id_indicateur", "maille", "code"]
WIDE = ["nationale", "regionale", "departementale"]  # from the whole to the parts
_DEFINITION = ["cible", "date_cible", "valeur_initiale", "date_valeur_initiale"]
_OF_THE_CATALOGUE = ["sens", "lecture", "serie", "multiplicateur", "unite"]


class Official:
    """An official edition: `detail`, `synthese` and `progression`, with what the catalogue says of each row."""

    def __init__(self, folder: Path) -> None:
        self.name, self.folder = folder.name, folder
        self.end = pd.Timestamp(Edition.parse(folder.name).end)
        self.catalogue: Catalogue = load_catalogue(folder / "catalogue")
        self.detail = self._read("detail", ["date"])
        dates = ["date_valeur_actuelle", "date_valeur_initiale", "date_cible"]
        self.synthese = self._read("synthese", dates)

    def _read(self, table: str, dates: list[str]) -> pd.DataFrame:
        rows = pd.read_parquet(self.folder / "attendu" / f"{table}.parquet").drop(columns=["unite"])
        rows[dates] = rows[dates].apply(pd.to_datetime)
        rows["maille"] = pd.Categorical(rows["maille"], WIDE, ordered=True)
        said = [
            {"id_indicateur": i.id, "id_mesure": m.id, "id_secteur": m.secteur, "libelle_mesure": m.libelle}
            | {"libelle_indicateur": i.libelle}
            | {name: getattr(i, name) for name in _OF_THE_CATALOGUE}
            for m in self.catalogue.mesures
            for i in m.indicateurs
        ]
        return rows.rename(columns={"libelle": "libelle_territoire"}).merge(pd.DataFrame(said), on="id_indicateur")

    @property
    def national(self) -> pd.DataFrame:
        """Return the progression of the whole country."""
        return self.progression[self.progression.maille == WIDE[0]]

    @cached_property
    def progression(self) -> pd.DataFrame:
        """Return where each row of the synthèse is: vc, dvc, tau, phi, statut, retard, date_prevue, taux."""
        rows = self.synthese.merge(self._comparable(), on=KEY, how="left")
        rows["maille"] = pd.Categorical(rows.maille, WIDE, ordered=True)
        last = rows.lecture == "derniere_valeur"
        rows["vc"] = rows.valeur_actuelle.where(last, rows.somme)
        rows["dvc"] = rows.date_valeur_actuelle.where(last, rows.date_somme)
        s = np.where(rows.sens == "hausse", 1, -1)
        vi, c, dvi, dc = rows.valeur_initiale, rows.cible, rows.date_valeur_initiale, rows.date_cible
        chemin = s * (c - vi) > 0
        rows["tau"] = ((rows.vc - vi) / (c - vi)).where(chemin)
        span, done = (dc - dvi).dt.days, (rows.dvc - dvi).dt.days
        rows["phi"] = (done / span).clip(upper=1).where((done > 0) & (span > 0))
        counted = (rows.lecture == "cumul_annuel") & (rows.sens == "hausse") & (rows.valeur_actuelle >= c)
        met = (s * rows.vc >= s * c) | counted
        rhythm = rows.tau / rows.phi
        cases = [
            (c.isna(), "sans cible"),
            (rows.vc.isna() & ~met, "non calculable"),
            (met, "atteint"),
            (vi.isna(), "non calculable"),
            (~chemin | (rows.tau < 0), "recule"),
            (rows.phi.isna(), "non calculable"),
            (rhythm >= 0.95, "en bonne voie"),
        ]
        rows["statut"] = np.select(*zip(*cases, strict=True), "en retard")
        rows["retard"] = np.where(rhythm >= 0.6, "modere", "fort")
        rows.loc[rows.statut != "en retard", "retard"] = None
        rows["date_prevue"] = self._expected(rows, met)
        rate = (100 * rows.tau.clip(0, 1)).where(chemin, np.where(met, 100.0, 0.0))
        known = c.notna() & vi.notna() & rows.vc.notna()
        rows["taux"] = rate.where(known)
        return rows.drop(columns=["somme", "date_somme"])

    def _expected(self, rows: pd.DataFrame, met: pd.Series) -> pd.Series:
        days = np.floor((rows.dvc - rows.date_valeur_initiale).dt.days / rows.tau.where(rows.tau > 0))
        latest = ((rows.date_cible + pd.DateOffset(years=50)) - rows.date_valeur_initiale).dt.days
        days = days.where((days <= latest) & ~met)
        return rows.date_valeur_initiale + pd.to_timedelta(days, unit="D") + pd.offsets.MonthEnd(0)

    def _comparable(self) -> pd.DataFrame:
        """Return the twelve months, else the last complete year, of the yearly counts."""
        until = self.synthese[[*KEY, "date_valeur_actuelle"]]
        counts = self.detail[self.detail.lecture == "cumul_annuel"].merge(until, on=KEY)
        counts = counts[counts.date <= counts.date_valeur_actuelle]
        found = [(*key, *_yearly(rows)) for key, rows in counts.groupby(KEY, observed=True)]
        return pd.DataFrame(found, columns=[*KEY, "somme", "date_somme"])

    def steps(self) -> pd.Series:
        """Return the usual number of months between two values, of each indicator at each level."""
        dates = self.detail[["id_indicateur", "maille", "date"]].drop_duplicates().sort_values("date")
        rank = dates.assign(rank=months(dates.date)).groupby(["id_indicateur", "maille"], observed=True)["rank"]
        return rank.agg(lambda r: r.diff().median()).rename("step")

    def rates(self) -> pd.Series:
        """Return the rate of each policy in the whole country: the mean of its indicators', null if one lacks."""
        aimed = self.national[self.national.cible.notna()]
        return aimed.groupby(["id_secteur", "id_mesure"]).taux.agg(lambda r: r.mean(skipna=False))

    def same_as(self, before: Official) -> pd.DataFrame:
        """Return the rows of both editions, `_avant` being the other's; `change` says what is not the same."""
        both = self.progression.merge(before.progression, on=KEY, suffixes=("", "_avant"))
        words = {"cible": _DEFINITION[:2], "départ": _DEFINITION[2:], "lecture": ["lecture"]}
        words |= {"série": ["serie", "multiplicateur"], "unité": ["unite"]}
        both["change"] = [
            ", ".join(w for w, names in words.items() if any(_differ(row[n], row[f"{n}_avant"]) for n in names))
            for row in both.to_dict("records")
        ]
        return both


def _differ(one: object, other: object) -> bool:
    return not (one == other or (pd.isna(one) and pd.isna(other)))


def months(dates: pd.Series) -> pd.Series:
    """Return the rank of the month of each date."""
    return dates.dt.year * 12 + dates.dt.month


def _yearly(rows: pd.DataFrame) -> tuple[float, pd.Timestamp | None]:
    rows = rows.sort_values("date")
    rank, nothing = months(rows.date), (np.nan, None)
    step = rank.diff().median()
    if step not in (1, 3, 6, 12):
        return nothing
    last = rows[rank > rank.max() - 12]
    if len(last) == 12 / step:
        return last.valeur.sum(), last.date.max()
    years = rows.groupby(rows.date.dt.year).valeur.agg(["count", "sum"])
    whole = years[years["count"] == 12 / step]
    return (whole["sum"].iloc[-1], pd.Timestamp(whole.index[-1], 12, 31)) if len(whole) else nothing
