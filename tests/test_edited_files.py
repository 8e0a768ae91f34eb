import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

import barometre_pipeline
from barometre_pipeline.catalogue import default_levels
from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.edited_files.expectation_types import expectation_type, known_types
from barometre_pipeline.edited_files.project import read_catalogue, read_project
from barometre_pipeline.errors import CatalogueError, EditedFileError, ModelError
from barometre_pipeline.package_files import SQL_FOLDER, SUITES_FOLDER
from barometre_pipeline.quality.gx_import import import_gx
from barometre_pipeline.quality.report import TEMPLATES
from barometre_pipeline.resources.duckdb_files import load_table
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage import RAW_TABLES, empty_warehouse
from barometre_pipeline.transform import run_models
from tests.small_project import write_catalogue

PACKAGE = Path(barometre_pipeline.__file__).parent
HEADER = "-- What it is.\n-- One row per thing.\n"


@pytest.fixture
def sql(tmp_path) -> Path:
    return Path(shutil.copytree(SQL_FOLDER, tmp_path / "dbt_like_sql"))


@pytest.fixture
def suites(tmp_path) -> Path:
    return Path(shutil.copytree(SUITES_FOLDER, tmp_path / "expectations"))


def problems(sql: Path = SQL_FOLDER, suites: Path = SUITES_FOLDER) -> list[str]:
    with pytest.raises(EditedFileError) as caught:
        read_project(default_levels(), sql, suites)
    return caught.value.problems


def test_the_project_is_right_and_checked_in_a_moment(sql, suites):
    read_project(default_levels())
    start = time.process_time()
    project = read_project(default_levels(), sql, suites)
    assert time.process_time() - start < 8  # seconds of processor, one or two where it has nothing else to do
    assert len(project.models) > 15 and len(project.suites) > 5


def test_what_was_found_sound_is_not_checked_again_until_a_file_changes(sql, suites, tmp_path):
    sound = tmp_path / "verifies.json"
    first, again = (read_project(default_levels(), sql, suites, sound) for _ in range(2))
    assert sound.is_file() and again == first
    (sql / "marts" / "detail.sql").write_text(HEADER + "select libele from catalogue.territoires\n", "utf-8")
    with pytest.raises(EditedFileError, match="libele"):
        read_project(default_levels(), sql, suites, sound)


def test_what_other_packages_found_sound_or_was_damaged_is_checked_again(tmp_path, monkeypatch):
    sound = tmp_path / "verifies.json"
    whole = read_project(default_levels(), sound=sound)
    written = json.loads(sound.read_text("utf-8"))
    for damaged in ({**written, "colonnes": {}}, {"identite": written["identite"]}):
        sound.write_text(json.dumps(damaged), "utf-8")
        assert read_project(default_levels(), sound=sound) == whole
        assert json.loads(sound.read_text("utf-8")) == written
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.0")
    read_project(default_levels(), sound=sound)
    assert json.loads(sound.read_text("utf-8"))["identite"] != written["identite"]


MODELS = {
    "order": (HEADER + "select 1 as un\n", "line 1: order is a word of SQL, which names no table; rename the file."),
    "a_column": (HEADER + "select libele\nfrom catalogue.territoires\n", 'line 3: there is no column "libele"; '),
    "alias": (
        HEADER + "select\n    t.libele_territoire\nfrom catalogue.territoires as t\n",
        'line 4: "t" has no column "libele_territoire"; the closest is "libelle_territoire".',
    ),
    "a_table": (
        HEADER + "select 1\nfrom raw.valeur\n",
        'line 4: there is no table "valeur"; the closest is "valeurs".',
    ),
    "a_table_of_duckdb": (HEADER + "select 1\nfrom int_schema\n", 'line 4: there is no table "int_schema".'),
    "a_schema": (HEADER + "select 1\nfrom brut.valeurs\n", 'line 4: there is no table "brut.valeurs".'),
    "a_function": (HEADER + "select flor(1.5)\n", 'line 3: there is no function "flor"; the closest is "floor".'),
    "syntax": (HEADER + "select 1\nfrom where\n", 'line 4: a syntax error at "where", or just before it.'),
    "unfinished": (HEADER + "select 1 +\n", 'line 3: a syntax error at "+", or just before it.'),
    "a_quote": (HEADER + "select 'a\n", "line 3: a quote (') is not closed."),
    "brackets": (HEADER + f"select {'(' * 20000}1\n", "line 3: "),
    "grouped": (
        HEADER + "select maille, count(*)\nfrom catalogue.territoires\n",
        'line 3: the column "maille" is neither grouped (group by) nor aggregated.',
    ),
    "ambiguous": (
        HEADER + "select code\nfrom catalogue.territoires as a\ncross join catalogue.territoires as b\n",
        "line 3: \"code\" is in several tables: write 'a.code' or 'b.code'.",
    ),
    "types": (
        HEADER + "select sum(code) from catalogue.territoires\n",
        "line 3: no function takes what sum(VARCHAR) is",
    ),
    "a_file": (
        HEADER + "select *\nfrom 'x.parquet'\n",
        'line 4: it reads a file ("x.parquet"): SQL reads tables only.',
    ),
    "a_date": (
        HEADER + "select code\nfrom catalogue.territoires\nwhere date '2021-02-30' > current_date\n",
        'line 5: date field value out of range: "2021-02-30"',
    ),
    "a_compared_date": (
        HEADER + "select code\nfrom raw.valeurs\nwhere date > '2021-02-30'\n",
        'line 5: date field value out of range: "2021-02-30"',
    ),
    "a_column_twice": (HEADER + "select 1 as un, 2 as Un\n", 'line 3: several columns are named "un"; the table would'),
    "two": (HEADER + "select 1;\nselect 2\n", "line 3: a model is one SELECT, and nothing else."),
    "no_select": (HEADER + "create table x as select 1\n", "line 3: a model is one SELECT, and nothing else."),
    "no_grain": ("-- What it is.\nselect 1\n", "line 1: the first comment says what the model is, then the grain"),
    "no_unit": (
        HEADER + "-- @ code: Code du territoire.\nselect code\nfrom catalogue.territoires\n",
        "line 3: code: say where it comes from, [source: …], after its [unité: …] where it is a number.",
    ),
    "twice": (
        HEADER + "-- @ n: Un. [unité: un]\n-- @ n: Deux. [unité: un]\nselect 1 as n\n",
        "line 4: n is commented on line 3 already.",
    ),
    "ill_commented": (
        HEADER + "-- @code Code.\nselect 1\n",
        "line 3: a column's comment is written « @ column: what it means ».",
    ),
    "no_such_column": (
        HEADER + "-- @ cod: Code. [source: catalogue]\nselect code\nfrom catalogue.territoires\n",
        'line 3: it comments "cod", which is no column; the closest is code.',
    ),
    "empty": ("", "line 1: the first comment says what the model is, then the grain"),
    "nul": (HEADER + "select '\0'\n", "line 3: holds U+0000, which no text holds; remove it."),
}


def test_every_mistake_of_every_model_is_told_at_once_with_its_line(sql):
    for name, (text, _) in MODELS.items():
        (sql / "marts" / f"{name}.sql").write_text(text, encoding="utf-8")
    told = {p.split(",")[0]: p for p in problems(sql)}
    assert len(told) == len(MODELS)
    for name, (_, what) in MODELS.items():
        assert what in told[f"dbt_like_sql/marts/{name}.sql"]


def test_what_reads_a_wrong_model_is_not_told_again(sql):
    file = sql / "staging" / "stg_valeurs.sql"
    file.write_text(file.read_text(encoding="utf-8").replace("select", "select zut,", 1), encoding="utf-8")
    (problem,) = problems(sql)
    assert problem.startswith("dbt_like_sql/staging/stg_valeurs.sql, line ")


def test_what_can_be_told_of_the_rules_of_a_wrong_model_is_told(sql, suites):
    (sql / "marts" / "detail.sql").write_text("select 1", encoding="utf-8")
    text = (suites / "detail.yml").read_text(encoding="utf-8")
    text = text.replace("expect_column_values_to_not_be_null", "expect_column_values_to_not_be_nul", 1)
    (suites / "detail.yml").write_text(text, encoding="utf-8")
    assert len(problems(sql, suites)) == 2


def test_what_reads_a_model_that_cannot_be_read_is_not_told_again(sql):
    (sql / "staging" / "stg_valeurs.sql").write_text("select 1", encoding="utf-8")
    (problem,) = problems(sql)
    assert problem.startswith("dbt_like_sql/staging/stg_valeurs.sql, line 1: the first comment")


def test_models_that_read_one_another_are_told_once(sql):
    (sql / "marts" / "a.sql").write_text(HEADER + "select *\nfrom b\n", encoding="utf-8")
    (sql / "marts" / "b.sql").write_text(HEADER + "select * from a\n", encoding="utf-8")
    (sql / "marts" / "c.sql").write_text(HEADER + "select * from c\n", encoding="utf-8")
    assert problems(sql) == [
        "dbt_like_sql/marts/a.sql, line 4: models may not read one another: a reads b reads a.",
        "dbt_like_sql/marts/c.sql, line 3: models may not read one another: c reads c.",
    ]


def test_models_that_read_one_another_hide_no_fault_of_the_others(sql):
    (sql / "marts" / "a.sql").write_text(HEADER + "select * from b\n", encoding="utf-8")
    (sql / "marts" / "b.sql").write_text(HEADER + "select * from a\n", encoding="utf-8")
    (sql / "marts" / "c.sql").write_text(HEADER + "select rien from stg_valeurs\n", encoding="utf-8")
    assert [problem.split(",")[0] for problem in problems(sql)] == [
        "dbt_like_sql/marts/a.sql",
        "dbt_like_sql/marts/c.sql",
    ]


def test_a_file_in_no_layer_or_with_no_name_for_a_table_is_told(sql):
    (sql / "mart").mkdir()
    for name in ("mart/x.sql", "marts/mon modèle.sql", "staging/valeurs.sql", "intermediate/detail.sql"):
        (sql / name).write_text(HEADER + "select 1 as un\n", encoding="utf-8")
    (sql / "marts" / "ailleurs.SQL").write_text(HEADER + "select 1 as un\n", encoding="utf-8")
    names = "lower-case letters, digits and '_'"
    assert problems(sql) == [
        "dbt_like_sql/mart/x.sql, line 1: a model stands in the folder of a layer; the closest is marts/.",
        "dbt_like_sql/marts/ailleurs.SQL, line 1: it is not read: the name must end in .sql.",
        f"dbt_like_sql/staging/valeurs.sql, line 1: the file names a table: {names}, as in stg_valeurs.sql.",
        f"dbt_like_sql/intermediate/detail.sql, line 1: the file names a table: {names}, as in int_valeurs.sql.",
        f"dbt_like_sql/marts/mon modèle.sql, line 1: the file names a table: {names}, as in valeurs.sql.",
    ]


def test_a_model_that_the_data_make_fail_names_its_file_and_line(sql):
    (sql / "marts" / "essai.sql").write_text(HEADER + "select\n    code::int as n\nfrom catalogue.territoires\n")
    model = next(m for m in read_models(sql) if m.name == "essai")
    with duckdb.connect() as connection:
        connection.execute("create schema catalogue; create table catalogue.territoires as select '2A' as code")
        with pytest.raises(ModelError, match=r"dbt_like_sql/marts/essai.sql, line 4: Could not convert string '2A'"):
            list(run_models(connection, [model]))


RULE = """- regle: {name}
  severite: alerte
  pourquoi: Pour essayer une règle.
  pour: Les tests du projet.
"""
RULES = {
    "colonne": (
        "requete: select valuer from detail",
        'line 1: colonne: there is no column "valuer"; the closest is "val',
    ),
    "table": (
        "requete: |\n    select valeur\n    from detaill",
        'line 3: table: there is no table "detaill"; the closest',
    ),
    "syntaxe": ("requete: |\n    select valeur\n    from where", 'line 3: syntaxe: a syntax error at "where"'),
    "resultat": (
        "requete: select valeur as total from detail",
        'resultat: the query gives the column "total"; the col',
    ),
    "date": (
        "requete: |\n    select valeur\n    from detail\n    where date = date '2021-02-30'",
        'line 4: date: date field value out of range: "2021-02-30"',
    ),
    "date_comparee": (
        "requete: |\n    select valeur\n    from detail\n    where date = '2021-02-30'",
        'line 4: date_comparee: date field value out of range: "2021-02-30"',
    ),
    "deux_requetes": (
        "requete: select valeur from detail; drop table detail",
        "line 1: deux_requetes: a query is one SELECT, and nothing else.",
    ),
    "parametre": (
        "requete: select sum(code || $seuil) as valeur from detail\n  parametres: {seuil: abc}",
        "line 1: parametre: no function takes what sum(VARCHAR) is given.",
    ),
    "type": (
        "type: expect_column_values_to_be_betwen",
        "has no type expect_column_values_to_be_betwen; the closest is",
    ),
    "argument": (
        "type: expect_column_values_to_be_between\n  arguments:\n    column: valeur\n    min_valeu: 0",
        "line 4: argument: expect_column_values_to_be_between takes no min_valeu; the closest is min_value.",
    ),
    "sans_colonne": (
        "type: expect_column_values_to_be_between\n  arguments:\n    min_value: 0",
        "line 2: sans_colonne: expect_column_values_to_be_between needs column.",
    ),
    "colonne_absente": (
        "type: expect_column_values_to_not_be_null\n  arguments:\n    column: valuer",
        'line 3: colonne_absente: detail has no column "valuer"; the closest is valeur.',
    ),
    "borne_trop_longue": (
        f"type: expect_column_values_to_be_between\n  arguments:\n    column: valeur\n    min_value: {'9' * 6000}",
        "line 4: borne_trop_longue: min_value: a number or a day is needed, as in 100 or 2021-03-31 (here: '999",
    ),
    "borne_d_un_autre_type": (
        "type: expect_column_values_to_be_between\n  arguments:\n    column: date\n    min_value: 12",
        "line 2: borne_d_un_autre_type: Cannot compare values of type DATE and type INTEGER_LITERAL",
    ),
    "motif": (
        "type: expect_column_values_to_match_regex\n  arguments: {column: code, regex: '0.'}",
        "line 1: motif: expect_column_values_to_match_regex reads no DuckDB table; write a requete with regexp_matches",
    ),
    "valeur_d_argument": (
        "type: expect_column_values_to_not_be_null\n  arguments:\n    column: code\n    mostly: 7",
        "line 4: valeur_d_argument: mostly: ensure this value is less than or equal to 1.0 (here: 7).",
    ),
    "une_colonne": (
        "type: expect_compound_columns_to_be_unique\n  arguments:\n    column_list: [code]",
        "line 1: une_colonne: expect_compound_columns_to_be_unique compares two columns at least;",
    ),
    "colonnes_absentes": (
        "type: expect_compound_columns_to_be_unique\n  arguments:\n    column_list:\n    - code\n    - dates",
        'line 5: colonnes_absentes: detail has no column "dates"; the closest is date.',
    ),
}


def test_every_mistake_of_every_rule_is_told_at_once_with_its_line(suites):
    file = suites / "detail.yml"
    text = file.read_text(encoding="utf-8")
    first = {}
    for name, (rule, _) in RULES.items():
        first[name] = text.count("\n") + 5  # below the other keys of the rule
        text += RULE.format(name=name) + f"  {rule}\n"
    file.write_text(text, encoding="utf-8")
    told = problems(suites=suites)
    assert len(told) == len(RULES)
    for problem, (name, (_, what)) in zip(told, RULES.items(), strict=True):
        line, colon, rest = what.partition(": ")
        if colon and line.startswith("line "):
            what = f"expectations/detail.yml, line {first[name] + int(line[5:]) - 1}: {rest}"
        assert what in problem


def test_a_suite_of_no_model_and_a_grain_of_no_column_are_told(suites):
    (suites / "detail.yml").rename(suites / "detaill.yml")
    (suites / "detaill.yml").write_text(
        (suites / "detaill.yml").read_text(encoding="utf-8").replace("table: detail", "table: detaill"),
        encoding="utf-8",
    )
    text = (suites / "synthese.yml").read_text(encoding="utf-8")
    line = text[: text.index("grain:")].count("\n") + 1
    (suites / "synthese.yml").write_text(text.replace("grain: [", "grain: [codes, "), encoding="utf-8")
    assert problems(suites=suites) == [
        "expectations/detaill.yml, line 2: table: there is no model detaill.sql; the closest is detail.",
        f'expectations/synthese.yml, line {line}: grain[1]: synthese has no column "codes"; the closest is code.',
    ]


def test_models_suites_and_templates_are_told_together(sql, suites):
    (sql / "marts" / "essai.sql").write_text("select 1", encoding="utf-8")
    (suites / "detail.yml").write_text("table: [", encoding="utf-8")
    told = problems(sql, suites)
    assert [p.split(",")[0] for p in told] == ["dbt_like_sql/marts/essai.sql", "expectations/detail.yml"]


@pytest.mark.long
def test_a_run_ends_before_it_fetches_anything_with_every_sentence_and_status_2(sql, suites, tmp_path):
    # A whole project of its own, as somebody edits it.
    shutil.copytree(PACKAGE, tmp_path / "barometre_pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    (sql / "marts" / "essai.sql").write_text(HEADER + "select valuer\nfrom detail\n", encoding="utf-8")
    (suites / "synthese.yml").write_text("table: synthese\ngrain: [code]\nattentes: []\n", encoding="utf-8")
    with (tmp_path / "barometre_pipeline/publish/tree/templates/README.md").open("a", encoding="utf-8") as readme:
        readme.write("{{ titres }}\n")
    done = subprocess.run(
        [sys.executable, "-c", "from barometre_pipeline.cli.start import main; main()", "run", "2022-T1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "BAROMETRE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    first, model, suite, template = done.stderr.splitlines()
    assert first == "The project's files are wrong (3 problems):"
    assert model == ('dbt_like_sql/marts/essai.sql, line 3: there is no column "valuer"; the closest is "valeur".')
    assert suite == "expectations/synthese.yml, line 3: attentes: at least 1 is needed; here 0."
    assert template.startswith("barometre_pipeline/publish/tree/templates/README.md, line ")
    assert template.endswith(": 'titres' is not given to it; the closest is 'territories'.")
    assert not (tmp_path / "home" / "livraisons").exists()


def test_the_arguments_of_the_types_are_those_of_great_expectations():
    expectations = import_gx().expectations
    of_every_type = {"id", "meta", "notes", "result_format", "description", "catch_exceptions", "rendered_content"}
    of_every_type |= {"severity", "windows", "batch_id", "library_metadata"}
    for name in known_types():
        class_ = getattr(expectations, "".join(word.capitalize() for word in name.split("_")), None)
        found = expectation_type(name)
        assert (found is None) == (class_ is None)
        if found and class_:
            fields = class_.__fields__
            assert found.arguments == fields.keys() - of_every_type, name
            assert found.required == {key for key, about in fields.items() if about.required}, name


def test_the_empty_tables_are_those_that_a_run_fills():
    with empty_warehouse() as connection, duckdb.connect() as filled:
        for name, table in RAW_TABLES.items():
            load_table(filled, name, table.columns.empty_table())
            describe = f"describe {name}"
            assert connection.execute(describe).fetchall() == filled.execute(describe).fetchall()


@pytest.fixture
def templates(tmp_path, monkeypatch) -> Templates:
    folder = tmp_path / "templates"
    folder.mkdir()
    monkeypatch.setattr(Templates, "file", lambda self, name: name)
    return Templates(folder, given=("titre", "lignes"), filters={"number": str}, autoescape=True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n{% if titre %}\nb\n", "essai.html, line 3: Unexpected end of template."),
        ("a\n{{ titre | numbre }}", "essai.html, line 2: there is no filter 'numbre'; the closest is 'number'."),
        ("{% if titre is vide %}a{% endif %}", "essai.html, line 1: there is no test 'vide'"),
        ("a\n\n{{ titres }}", "essai.html, line 3: 'titres' is not given to it; the closest is 'titre'."),
        ('a\n{% include "autre.html" %}', "essai.html, line 2: there is no template 'autre.html'."),
        ("a\n{{ titre", "essai.html, line 2: "),
        ("{{ " + "(" * 20_000, "essai.html: has too many brackets or blocks within one another."),
        ("{% if titre %}" * 2_000 + "{% endif %}" * 2_000, "essai.html: has too many brackets or blocks"),
        ("a\0", "essai.html, line 1: holds U+0000"),
    ],
)
def test_a_mistake_in_a_template_is_told_before_it_is_rendered(templates, text, told):
    (templates.folder / "essai.html").write_text(text, encoding="utf-8")
    (problem,) = templates.problems()
    assert told in problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n{% for l in lignes %}\n{{ l.libele }}\n{% endfor %}", "line 3: 'dict object' has no attribute 'libele'."),
        ("a\n\n{{ titre + 1 }}", "line 3: can only concatenate str"),
    ],
)
def test_what_only_rendering_shows_is_told_with_its_file_and_line(templates, text, told):
    (templates.folder / "essai.html").write_text(text, encoding="utf-8")
    with pytest.raises(EditedFileError, match=r"essai\.html") as caught:
        templates.render("essai.html", titre="Titre", lignes=[{"libelle": "a"}])
    assert told in str(caught.value)


def test_the_templates_of_the_report_are_right_and_named_from_the_top_level():
    assert TEMPLATES.problems() == []
    assert TEMPLATES.file("index.html") == "barometre_pipeline/quality/templates/index.html"


@pytest.mark.long
def test_a_wrong_catalogue_hides_nothing_of_what_is_wrong_elsewhere(tmp_path, suites):
    folder = write_catalogue(tmp_path / "catalogue")
    (folder / "secteurs.csv").write_text("id,libelle\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"secteurs\.csv"):
        read_catalogue(folder)
    (suites / "detail.yml").write_text("table: [", encoding="utf-8")
    with pytest.raises(EditedFileError) as caught:
        read_catalogue(folder, expectations=suites)
    told = "\n".join(caught.value.problems)
    assert "secteurs.csv" in told and "expectations/detail.yml" in told
