"""The SQL of the analysts' warehouse and its examples, checked before anything is fetched."""

import pytest

from tests.test_edited_files import problems, sql  # noqa: F401 - a fixture

EXAMPLE = "-- Combien ?\n-- Réponse : {n}.\n"


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("secteurs", "s.dossier", "s.dosier", 'line 12: "s" has no column "dosier"; the closest is "dossier".'),
        ("palmares", "join progression as b", "join progresion as b", 'line 39: there is no table "progresion"'),
        ("editions", "-- @ debut:", "-- @ debout:", 'line 5: it comments "debout", which is no column'),
        ("detail_par_publication", "select false", "selec false", "a syntax error at"),
        (
            "revisions",
            "-- One row per",
            "-- Un par",
            "line 1: the first comment says what the model is",
        ),
    ],
)
def test_a_mistake_in_the_history_is_told_once_with_its_line(sql, name, before, after, told):
    file = sql / "warehouse" / f"{name}.sql"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    (found,) = problems(sql)
    assert found.startswith(f"dbt_like_sql/warehouse/{name}.sql, line ") and told in found


def test_a_mart_that_is_wrong_is_told_once_and_not_what_reads_it(sql):
    file = sql / "marts" / "progression.sql"
    file.write_text(file.read_text(encoding="utf-8").replace("select", "selec", 1), encoding="utf-8")
    assert [p.partition(",")[0] for p in problems(sql)] == ["dbt_like_sql/marts/progression.sql"]


@pytest.mark.parametrize(
    ("name", "after", "told"),
    [
        ("couverture", "", "it is without code, edition, id_indicateur, maille"),
        (
            "progression",
            ", null as edition, null as id_indicateur, null as maille, null as code, 1.0 as rythme",
            '"phi"',
        ),
    ],
)
def test_a_mart_without_the_columns_that_the_history_keeps_it_by_is_told_with_its_file(sql, name, after, told):
    file = sql / "marts" / f"{name}.sql"
    file.write_text(f"-- Rien.\n-- One row per rien.\nselect 1 as rien{after}\n", encoding="utf-8")
    (found,) = [p for p in problems(sql) if "the warehouse cannot keep this table" in p]
    assert found.startswith(f"dbt_like_sql/marts/{name}.sql, line 3: ") and told in found


def test_a_file_that_the_warehouse_lacks_or_makes_nothing_of_is_told(sql):
    (sql / "warehouse" / "secteurs.sql").rename(sql / "warehouse" / "secteur.sql")
    assert problems(sql) == [
        "dbt_like_sql/warehouse/secteur.sql, line 1: the warehouse has no table secteur: its tables are in "
        "warehouse/tables.py; the closest is secteurs.",
        "dbt_like_sql/warehouse/secteurs.sql: there is no such file.",
    ]


EXAMPLES = {
    "une-colonne": (
        EXAMPLE + "select vale as n\nfrom detail\n",
        'line 3: there is no column "vale"',
    ),
    "une-table": (
        EXAMPLE + "select 1 as n\nfrom detial_derniere\n",
        'line 4: there is no table "detial_derniere"',
    ),
    "une-date": (EXAMPLE + "select date '2022-02-30' as n\n", "line 3: date field value out of range"),
    "la-syntaxe": (EXAMPLE + "select 1 as n,,\n", 'line 3: a syntax error at ","'),
    "deux": (EXAMPLE + "select 1 as n; select 2\n", "line 3: an example is one SELECT, and nothing else."),
    "une-ecriture": (EXAMPLE + "drop table detail\n", "line 3: an example is one SELECT, and nothing else."),
    "sans-reponse": ("-- Combien ?\nselect 1 as n\n", "line 1: the first comment is the question, then « Réponse : »"),
    "sans-question": ("-- Réponse : {n}.\nselect 1 as n\n", "line 1: the first comment is the question"),
    "la-reponse": (
        EXAMPLE + "select 1 as nn\n",
        "line 2: the answer takes {n}, which is no column",
    ),
    "Le_nom": (EXAMPLE + "select 1 as n\n", "line 1: a name is made of lower-case letters, digits and '-'."),
}


def test_every_mistake_of_every_example_is_told_at_once_with_its_line(sql):
    for name, (text, _) in EXAMPLES.items():
        (sql / "exemples" / f"{name}.sql").write_text(text, encoding="utf-8")
    told = {p.split(",")[0]: p for p in problems(sql)}
    assert len(told) == len(EXAMPLES)
    for name, (_, what) in EXAMPLES.items():
        file = f"dbt_like_sql/exemples/{name}.sql"
        assert told[file].startswith(f"{file}, {what}"), told[file]
