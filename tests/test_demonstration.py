"""The fictitious deliveries: every indicator, plausible, always the same bytes, and read back as written."""

import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, Catalogue, Livraison, load_catalogue
from barometre_pipeline.demonstration import file_of, write_demonstration
from barometre_pipeline.demonstration.objectives import objective
from barometre_pipeline.demonstration.series import Fiction, is_count
from barometre_pipeline.demonstration.tables import Part, tables_of
from barometre_pipeline.editions import Edition
from barometre_pipeline.readers import read_delivery
from tests.countries import with_communes, with_communities
from tests.small_deliveries import TERRITOIRES, a_catalogue, a_delivery

EDITION = Edition(2022, 1)
CATALOGUE = load_catalogue(DEFAULT_CATALOGUE)
WRITE = """
import sys
from pathlib import Path
from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.demonstration import write_demonstration
from barometre_pipeline.editions import Edition
write_demonstration(load_catalogue(DEFAULT_CATALOGUE), Edition(2022, 1), Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("demonstration")
    return folder, write_demonstration(CATALOGUE, EDITION, folder)


@pytest.fixture(scope="module")
def readings(written):
    folder, paths = written
    return {d.id: read_delivery(d, [folder / paths[d.id]], CATALOGUE) for d in CATALOGUE.livraisons}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_every_delivery_is_at_its_url_and_read_without_a_reject(readings, written):
    for delivery in CATALOGUE.livraisons:
        assert written[1][delivery.id] == delivery.url
        assert readings[delivery.id].rows.num_rows > 0, delivery.id
        assert readings[delivery.id].rejects.num_rows == 0, readings[delivery.id].rejects.slice(0, 3).to_pylist()


@pytest.mark.parametrize("contenu", ["valeurs", "objectifs"])
def test_every_indicator_is_delivered_once(readings, contenu):
    delivered: dict[tuple, int] = defaultdict(int)
    for delivery in (d for d in CATALOGUE.livraisons if d.contenu == contenu):
        for row in readings[delivery.id].rows.to_pylist():
            delivered[row["id_indicateur"], row["maille"], row["code"], row.get("date")] += 1
    assert {key[0] for key in delivered} == set(CATALOGUE.indicateurs)
    assert max(delivered.values()) == 1


def test_the_values_end_with_the_edition(readings):
    days = {
        row for d in CATALOGUE.livraisons if d.contenu == "valeurs" for row in readings[d.id].rows["date"].to_pylist()
    }
    assert max(days) == EDITION.end
    assert min(days) == date(2019, 3, 31)


def test_the_same_bytes_are_written_elsewhere_with_another_hash_seed_zone_and_locale(written, tmp_path):
    surroundings = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", WRITE, str(tmp_path)], env=surroundings, check=True)
    assert digests(tmp_path) == digests(written[0])


def test_the_files_say_that_they_are_fictitious(written):
    folder, paths = written
    assert "fictives" in (folder / "LISEZMOI.txt").read_text(encoding="utf-8")
    assert "données fictives" in (folder / paths["ditp-objectifs"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("edition", [Edition(2022, 1), Edition(2023, 4), Edition(2024, 2)])
def test_the_series_are_plausible(edition):
    fiction = Fiction(CATALOGUE, edition)
    for indicator in CATALOGUE.indicateurs.values():
        for key, series in fiction.series(indicator).items():
            assert min(series.publiee) > 0, (indicator.id, key)
            if indicator.unite.startswith("%"):
                assert max(series.publiee) <= 100, (indicator.id, key)
            for before, after in zip(series.publiee, series.publiee[1:], strict=False):
                assert before / 10 < after < before * 10, (indicator.id, key)
            target = objective(indicator, series, edition)
            assert (target.cible - target.valeur_initiale > 0) == (indicator.sens == "hausse"), (indicator.id, key)
            assert target.cible != target.valeur_initiale
            assert target.date_valeur_initiale < target.date_reference < edition.end < target.date_cible


def test_the_counts_of_departements_add_up():
    for indicator in filter(is_count, CATALOGUE.indicateurs.values()):
        series = Fiction(CATALOGUE, EDITION).series(indicator)
        parts = [s.publiee for (maille, _), s in series.items() if maille == "departementale"]
        assert series["nationale", "FR"].publiee == pytest.approx([sum(column) for column in zip(*parts, strict=True)])


# Catalogues that are not the default one


def with_deliveries(*deliveries: Livraison, indicators: tuple[str, ...] = ()) -> Catalogue:
    known = a_catalogue(*indicators)
    return Catalogue(known.general, known.secteurs, known.territoires, known.mesures, deliveries)


def test_what_is_fetched_from_elsewhere_is_written_by_its_id(tmp_path):
    columns = {"indicateur": "ind", "zone": "zone", "date": "date", "valeur": "valeur"}
    given = {"indicateur": None, "colonnes": columns}
    catalogue = with_deliveries(
        a_delivery(id="ailleurs", url="https://example.org/export.csv?x=1", format="csv", **given),
        a_delivery(id="portail", url=None, datagouv={"jeu": "j", "ressources": ".*"}, format="json", **given),
        a_delivery(id="archive", url="../archive.zip", format="csv", fichier="a.csv", **given),
    )
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    assert paths == {"ailleurs": "ailleurs.csv", "portail": "portail.json", "archive": "archive.zip"}
    assert all((tmp_path / path).is_file() for path in paths.values())


def test_values_and_objectives_may_share_one_file(tmp_path):
    keys = {"indicateur": "id", "zone": "zone"}
    dates = {"date_valeur_initiale": "jour", "date_cible": "jour"}
    catalogue = with_deliveries(
        a_delivery(id="v", indicateur=None, colonnes={**keys, "date": "jour", "valeur": "va"}),
        a_delivery(
            id="o",
            contenu="objectifs",
            indicateur=None,
            colonnes={**keys, "valeur_initiale": "vi", "cible": "vc", **dates},
        ),
    )
    write_demonstration(catalogue, EDITION, tmp_path)
    values, targets = (read_delivery(d, [tmp_path / "f.csv"], catalogue) for d in catalogue.livraisons)
    assert values.rows.num_rows == 2 * len(TERRITOIRES) * 13
    for role in ("valeur_initiale", "date_valeur_initiale", "cible", "date_cible"):
        assert len(targets.rows[role].drop_null()) == 2 * len(TERRITOIRES), role


def test_a_delivery_of_one_maille_carries_no_other(tmp_path):
    columns = {"indicateur": "ind", "territoire": "code", "date": "date", "valeur": "valeur"}
    catalogue = with_deliveries(
        *(
            a_delivery(id=maille, url=f"{maille}.csv", maille=maille, indicateur=None, colonnes=columns)
            for maille in ("nationale", "regionale", "departementale")
        )
    )
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    for delivery in catalogue.livraisons:
        reading = read_delivery(delivery, [tmp_path / paths[delivery.id]], catalogue)
        assert set(reading.rows["id_indicateur"].to_pylist()) == {"i", "j"}
        assert not reading.rejects.num_rows


# Levels that are not the French ones


@pytest.fixture(scope="module")
def a_tree(tmp_path_factory) -> Catalogue:
    """Communities beside départements, communes below these."""
    folder = tmp_path_factory.mktemp("arbre")
    with_communities().write(folder)
    return load_catalogue(folder / "catalogue")


def test_counts_add_up_along_every_branch_of_a_tree_of_levels(a_tree):
    series = Fiction(a_tree, EDITION).series(a_tree.indicateurs["nb-arbres"])
    parents = {(t.maille, t.code): (a_tree.maille(t.maille).parent, t.parent) for t in a_tree.territoires}
    for level in a_tree.mailles[1:]:
        total: dict[tuple, list] = defaultdict(list)
        for t in a_tree.territoires_of(level.id):
            total[parents[level.id, t.code]].append(series[level.id, t.code].publiee)
        assert total
        for above, parts in total.items():
            assert series[above].publiee == tuple(sum(column) for column in zip(*parts, strict=True)), (level.id, above)


def test_an_indicator_is_delivered_in_the_levels_that_others_do_not_follow_from(a_tree, tmp_path):
    columns = {"territoire": "code", "maille": "m", "date": "date", "valeur": "valeur"}
    delivery = a_delivery(indicateur="nb-arbres", colonnes=columns)
    catalogue = replace(a_tree, livraisons=(delivery,))
    write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(delivery, [tmp_path / "f.csv"], catalogue)
    assert set(reading.rows["maille"].to_pylist()) == {"commune", "epci"}


def test_an_indicator_is_delivered_in_the_levels_that_its_delivery_can_speak_of(a_tree, tmp_path):
    columns = {"territoire": "code", "date": "date", "valeur": "valeur"}
    delivery = a_delivery(indicateur="nb-arbres", maille="dep", colonnes=columns)
    catalogue = replace(a_tree, livraisons=(delivery,))
    write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(delivery, [tmp_path / "f.csv"], catalogue)
    assert set(reading.rows["maille"].to_pylist()) == {"dep"}


@pytest.mark.parametrize("columns", [{"territoire": "code"}, {"libelle": "nom"}, {"zone": "zone"}])
def test_a_delivery_that_says_no_level_carries_the_territories_that_need_none(tmp_path, columns):
    delivery = a_delivery(colonnes={**columns, "date": "date", "valeur": "valeur"})
    catalogue = with_deliveries(delivery)
    write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(delivery, [tmp_path / "f.csv"], catalogue)
    assert reading.rows.num_rows and not reading.rejects.num_rows


def test_a_file_without_territories_is_of_a_level_with_one(a_tree, tmp_path):
    delivery = a_delivery(indicateur="nb-arbres", maille="etat", colonnes={"date": "date", "valeur": "valeur"})
    catalogue = replace(a_tree, livraisons=(delivery,))
    write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(delivery, [tmp_path / "f.csv"], catalogue)
    assert set(reading.rows["code"].to_pylist()) == {"X"}


@pytest.mark.long
def test_an_old_workbook_gets_the_last_dates_that_it_has_room_for(tmp_path):
    with_communes(6000).write(tmp_path)
    columns = {"territoire": "code", "date": "date", "valeur": "valeur"}
    delivery = a_delivery(format="xls", indicateur="nb-arbres", maille="communale", colonnes=columns)
    catalogue = replace(load_catalogue(tmp_path / "catalogue"), livraisons=(delivery,))
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(delivery, [tmp_path / paths["essai"]], catalogue)
    days = set(reading.rows["date"].to_pylist())
    assert len(days) == 10 and max(days) == EDITION.end
    assert reading.rows.num_rows == 6000 * 10


# Round trips: what is written in every format, encoding and shape is read back equal

SHAPES = {
    "longue": {"colonnes": {"indicateur": "Indicateur", "maille": "Échelle", "territoire": "Code", "date": "Arrêté au",
                            "valeur": "Valeur"}},
    "nommée": {"colonnes": {"indicateur": "Indicateur", "maille": "Échelle", "libelle": "Territoire", "date": "Jour",
                            "valeur": "Valeur"}},
    "zones": {"colonnes": {"indicateur": "ind", "zone": "zone", "date": "date", "valeur": "valeur"}},
    "large par date": {"colonnes": {"indicateur": "Indicateur", "maille": "Maille", "libelle": "Territoire"},
                       "disposition": "large", "entetes": "date"},
    "large par indicateur": {"colonnes": {"maille": "Maille", "territoire": "Code", "date": "Date"},
                             "disposition": "large", "entetes": "indicateur"},
}  # fmt: skip
DIALECTS = st.fixed_dictionaries(
    {
        "separateur": st.sampled_from([",", ";", "\t", "|"]),
        "decimale": st.sampled_from([".", ","]),
        "format_date": st.sampled_from([None, "%d/%m/%Y", "%Y-%m", "%Y%m%d", "%m/%y"]),
        "ligne_entete": st.sampled_from([None, 2, 4]),
        "encodage": st.sampled_from([None, "utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-15", "mac_roman"]),
        "valeurs_maille": st.sampled_from([{}, {"Pays": "nationale", "Région": "regionale", "Dép.": "departementale"}]),
    }
)
DAYS = st.sampled_from([date(2019, 12, 31), date(2020, 2, 29), date(2021, 3, 31), date(2022, 1, 31)])
NUMBERS = st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-9) | st.integers(-(10**7), 10**7).map(float)
VALUES = st.dictionaries(
    st.tuples(st.sampled_from(["i", "j"]), st.sampled_from(TERRITOIRES), DAYS), NUMBERS, min_size=1, max_size=12
)
OF_FORMAT = {
    "csv": lambda dialect: dialect,
    "json": lambda dialect: {"format_date": dialect["format_date"], "racine": "donnees.0.liste"},
    "parquet": lambda dialect: {"format_date": dialect["format_date"]},
}
EXAMPLES = {"csv": 60, "json": 40, "parquet": 40, "xlsx": 8, "xls": 8, "ods": 8}


def of_workbook(dialect: dict) -> dict:
    return {key: dialect[key] for key in ("format_date", "ligne_entete", "valeurs_maille")} | {"feuille": "Données"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_is_written_is_read_back_equal(tmp_path_factory, kind, shape):
    path = tmp_path_factory.mktemp(kind) / f"f.{kind}"

    @settings(max_examples=EXAMPLES[kind], deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow])
    @given(DIALECTS, VALUES)
    def check(dialect, values):
        given = OF_FORMAT.get(kind, of_workbook)(dialect)
        delivery = a_delivery(format=kind, indicateur=None, **SHAPES[shape], **given)
        parts = [Part(i, place, {"date": [day], "valeur": [value]}) for (i, place, day), value in values.items()]
        path.write_bytes(file_of(delivery, tables_of(delivery, parts)))
        reading = read_delivery(delivery, [path], a_catalogue())
        found = {(r["id_indicateur"], r["maille"], r["code"], r["date"]): r["valeur"] for r in reading.rows.to_pylist()}
        assert not reading.rejects.num_rows, reading.rejects.to_pylist()
        assert found == {(i, t.maille, t.code, day): value for (i, t, day), value in values.items()}

    check()


def test_a_delivery_that_writes_years_only_carries_yearly_values(tmp_path):
    catalogue = with_deliveries(a_delivery(format_date="%Y"))
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(catalogue.livraisons[0], [tmp_path / paths["essai"]], catalogue)
    keys = list(zip(*(reading.rows[c].to_pylist() for c in ("maille", "code", "date")), strict=True))
    assert len(set(keys)) == len(keys) == len(TERRITOIRES) * 3


@pytest.mark.parametrize(
    ("kind", "headings", "form"),
    [
        ("csv", ["annee", "trimestre"], None),
        ("xlsx", ["Année", "Mois"], None),
        ("json", ["an", "Semestre"], None),
        ("csv", ["an", "période"], None),
        ("csv", ["mois", "an"], "%B %Y"),
    ],
)
def test_a_delivery_may_write_its_dates_in_several_columns(tmp_path, kind, headings, form):
    columns = {"zone": "zone", "date": headings, "valeur": "valeur"}
    catalogue = with_deliveries(a_delivery(format=kind, colonnes=columns, format_date=form))
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    reading = read_delivery(catalogue.livraisons[0], [tmp_path / paths["essai"]], catalogue)
    keys = list(zip(*(reading.rows[c].to_pylist() for c in ("maille", "code", "date")), strict=True))
    assert not reading.rejects.num_rows and len(set(keys)) == len(keys) > len(TERRITOIRES)


@pytest.mark.parametrize("shape", ["longue", "large"])
def test_a_delivery_may_write_no_date(tmp_path, shape):
    columns = {"zone": "zone", "valeur": "valeur"}
    wide = {"disposition": "large", "entetes": "indicateur", "indicateur": None, "colonnes": {"zone": "zone"}}
    given = {"date_constante": "fin_edition", "colonnes": columns} | (wide if shape == "large" else {})
    catalogue = with_deliveries(a_delivery(**given))
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    file = tmp_path / paths["essai"]
    reading = read_delivery(catalogue.livraisons[0], [file], catalogue, edition=EDITION)
    assert set(reading.rows["date"].to_pylist()) == {EDITION.end} and not reading.rejects.num_rows


def test_initial_values_and_targets_may_be_in_different_deliveries(tmp_path):
    keys = {"indicateur": "id", "zone": "zone"}
    catalogue = with_deliveries(
        *(
            a_delivery(id=role, url=f"{role}.csv", contenu="objectifs", indicateur=None, colonnes={**keys, role: role})
            for role in ("valeur_initiale", "cible")
        )
    )
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    for delivery in catalogue.livraisons:
        reading = read_delivery(delivery, [tmp_path / paths[delivery.id]], catalogue)
        assert len(reading.rows[delivery.id].drop_null()) == 2 * len(TERRITOIRES)


def test_every_delivery_has_rows_even_where_there_are_more_deliveries_than_indicators(tmp_path):
    columns = {"indicateur": "ind", "zone": "zone", "date": "date", "valeur": "valeur"}
    given = {"indicateur": None, "colonnes": columns, "format": "json"}
    catalogue = with_deliveries(*(a_delivery(id=f"d{n}", url=f"{n}.json", **given) for n in range(5)))
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    for delivery in catalogue.livraisons:
        assert read_delivery(delivery, [tmp_path / paths[delivery.id]], catalogue).rows.num_rows
