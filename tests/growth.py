"""Times `barometre run` of a made-up barometer at 1, 10 and 100 times its size, for `make bench`; it asserts nothing.

The size of the official edition (105,000 values of 101 départements), ten times as many départements, and 35,000
communes below them (10.5 million values): values in two Parquet files, objectives in a CSV. Each run has a home of its
own; memory is that of all its processes together, what they share counted once (PSS).
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from tests.countries import CATALOGUE, Country, with_communes
from tests.timed_run import Timed, timed_run

EDITION = "2022-T1"
INDICATORS = 20


@dataclass(frozen=True)
class Scale:
    """How large a barometer is: its name, its smallest level, its territories, its months; whether it is published."""

    name: str
    maille: str
    territoires: int
    mois: int
    published: bool = True


SCALES = {
    "1": Scale("1×", "departementale", 101, 52),
    "10": Scale("10×", "departementale", 1010, 52),
    "100": Scale("100×", "communale", 35_000, 15, published=False),
}


def write(scale: Scale, folder: Path) -> None:
    """Write catalogue/ and livraisons/ of a scale in this folder."""
    country = with_communes(scale.territoires if scale.maille == "communale" else 0)
    if scale.maille == "departementale":
        others = [place for place in country.territoires if place[0] != "departementale"]
        ours = [(f"{n:0{_digits(scale)}d}", f"Département {n}", f"{n % 18 + 1:02d}") for n in _ranks(scale)]
        country = Country(country.mailles[:-1], (*others, *(("departementale", *one) for one in ours)), scale.maille)
    country.write(folder)
    indicators = [
        {
            "id": f"ind-{n:02d}",
            "libelle": f"Indicateur {n}",
            "unite": "actes",
            "sens": "hausse",
            "lecture": "derniere_valeur",
            "agregation_territoriale": "somme",
        }
        for n in range(INDICATORS)
    ]
    mesure = {"id": "GRAND", "libelle": "Grandir", "secteur": "nature", "ordre": 1, "indicateurs": indicators}
    columns = {"indicateur": "indicateur", "territoire": "code"}
    values = [
        {
            "id": f"valeurs-{n}",
            "contenu": "valeurs",
            "url": f"valeurs-{n}.parquet",
            "maille": scale.maille,
            "colonnes": columns | {"date": "date", "valeur": "valeur"},
        }
        for n in (1, 2)
    ]
    objectives = {
        "id": "objectifs",
        "contenu": "objectifs",
        "url": "objectifs.csv",
        "maille": scale.maille,
        "colonnes": columns
        | {"valeur_initiale": "vi", "date_valeur_initiale": "dvi", "cible": "c", "date_cible": "dc"},
    }
    catalogue = folder / "catalogue"
    (catalogue / "catalogue.yaml").write_text(CATALOGUE.lstrip(), encoding="utf-8")
    (catalogue / "mesures" / "arbres.yaml").write_text(yaml.safe_dump(mesure, allow_unicode=True), encoding="utf-8")
    deliveries = {"ministere": "Ministère", "livraisons": [*values, objectives]}
    (catalogue / "livraisons" / "nature.yaml").write_text(
        yaml.safe_dump(deliveries, allow_unicode=True), encoding="utf-8"
    )
    _deliver(scale, folder / "livraisons")


def _ranks(scale: Scale) -> range:
    return range(1, scale.territoires + 1)


def _digits(scale: Scale) -> int:
    return max(5 if scale.maille == "communale" else 3, len(str(scale.territoires)))


def _deliver(scale: Scale, folder: Path) -> None:
    rows = f"""
        select format('ind-{{:02d}}', i) as indicateur, lpad(t::varchar, {_digits(scale)}, '0') as code,
            last_day(date '2022-03-01' - to_months(m::integer)) as date,
            ((t * 7919 + i * 104729 + m * 31) % 100003) / 10.0 as valeur
        from range(INDICATORS) a(i), range(1, {scale.territoires + 1}) b(t), range({scale.mois}) c(m)
    """
    half = INDICATORS // 2
    with duckdb.connect() as connection:
        for n, span in enumerate((f"0, {half}", f"{half}, {INDICATORS}"), 1):
            query = f"{rows.replace('INDICATORS', span)} order by i, t, m desc"
            connection.execute(f"copy ({query}) to '{folder / f'valeurs-{n}.parquet'}' (format parquet)")
        connection.execute(
            f"""copy (
                select format('ind-{{:02d}}', i) as indicateur, lpad(t::varchar, {_digits(scale)}, '0') as code,
                    100 as vi, date '2020-12-31' as dvi, 12000 as c, date '2024-12-31' as dc
                from range({half}) a(i), range(1, {scale.territoires + 1}) b(t)
            ) to '{folder / "objectifs.csv"}' (header)"""
        )


def run(scale: Scale, folder: Path) -> tuple[dict[str, float], Timed]:
    """Run a scale; return the seconds of each stage and of the whole, and the memory of the processes."""
    places = ["--catalogue", folder / "catalogue", "--sources", folder / "livraisons"]
    return timed_run(EDITION, folder / "home", *places, *([] if scale.published else ["--no-publish"]))


def main() -> None:
    """Run the scales that the command line names, or all three, and print their table."""
    for name in sys.argv[1:] or SCALES:
        scale = SCALES[name]
        with tempfile.TemporaryDirectory() as folder:
            write(scale, Path(folder))
            times, done = run(scale, Path(folder))
        values = INDICATORS * scale.territoires * scale.mois
        print(f"{scale.name:<5} {values:>11,} values{'' if scale.published else ', without publication'}")
        for stage, seconds in times.items():
            print(f"  {stage:<15} {seconds:7.1f} s")
        print(f"  {'peak memory':<15} {done.peak / 1e6:7.0f} MB", flush=True)


if __name__ == "__main__":
    main()
