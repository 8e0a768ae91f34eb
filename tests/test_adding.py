"""What CONTRIBUTING.md says of a new mart: one SQL file, and its asset, its lineage and its table follow."""

import shutil

import duckdb
from dagster import AssetKey

from barometre_pipeline.sql_models import SQL_FOLDER, read_models
from barometre_pipeline.transform import build_transform, run_models
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective, load_world

MART = """-- How many territories each indicator is followed in.
-- One row per indicateur and maille.
select id_indicateur, maille, count(distinct code) as territoires
from detail
group by id_indicateur, maille
order by id_indicateur, maille
"""


def test_a_mart_is_one_sql_file(tmp_path):
    folder = shutil.copytree(SQL_FOLDER, tmp_path / "dbt_like_sql")
    (folder / "marts" / "suivi.sql").write_text(MART, encoding="utf-8")
    models = read_models(folder)

    spec = build_transform(models, {m.name: {} for m in models}).specs_by_key[AssetKey("suivi")]
    assert spec.group_name == "marts" and [dep.asset_key for dep in spec.deps] == [AssetKey("detail")]
    assert spec.description == "How many territories each indicator is followed in.\nOne row per indicateur and maille."

    with duckdb.connect() as connection:
        values = [a_value(f"departementale 0{n}", "2022-01", n) for n in (1, 2)]
        load_world(connection, a_catalogue(an_indicator()), values, [an_objective("departementale 01")])
        for _ in run_models(connection, models):
            pass
        assert connection.execute("from suivi").fetchall() == [("i", "departementale", 2)]
