"""What Dagster loads: each asset and check as people expect it, and a code location that loads without a complaint."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import AssetKey

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import build_definitions
from barometre_pipeline.settings import Settings
from barometre_pipeline.stage import RAW_TABLES
from barometre_pipeline.stage.raw_columns import raw_comments
from tests.asset_specs import FILE, written_specs


def test_every_asset_is_as_it_was_last_agreed():
    assert written_specs() == FILE.read_text("utf-8"), "python -m tests.asset_specs"


def test_a_table_refers_to_its_model_and_to_its_suite(tmp_path):
    settings = Settings(home=tmp_path)
    graph = build_definitions(settings, catalogues_in(settings.catalogue)).resolve_asset_graph()
    references = graph.get(AssetKey("detail")).metadata["dagster/code_references"].code_references
    assert [Path(one.file_path).name for one in references] == ["detail.sql", "detail.yml"]
    assert all(Path(one.file_path).is_file() for one in references)


def test_every_column_of_the_raw_tables_is_told_what_it_means():
    columns = {(table, name) for table, about in RAW_TABLES.items() for name in about.columns.names}
    assert {(table, name) for table, name in columns if name not in raw_comments(table)} == set()
    assert {name for table in RAW_TABLES for name in raw_comments(table)} == {name for _, name in columns}


@pytest.mark.long
def test_the_definitions_load_without_a_deprecation_warning(tmp_path):
    command = [Path(sys.executable).with_name("dagster"), "definitions", "validate"]
    environment = os.environ | {
        "BAROMETRE_HOME": str(tmp_path / "home"),
        "DAGSTER_HOME": str(tmp_path),
        "PYTHONWARNINGS": "always",
    }
    arguments = ["-m", "barometre_pipeline.definitions"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "All code locations passed validation" in said, said
    ours = [line for line in said.splitlines() if "barometre_pipeline" in line and "Warning" in line]
    assert "DeprecationWarning" not in said and ours == []
