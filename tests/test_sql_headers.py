"""What the first comment of a SQL model says of its columns."""

from barometre_pipeline.edited_files.checks import check_models
from barometre_pipeline.sql_models import column_comments, read_models
from barometre_pipeline.stage import empty_warehouse

HEADER = "-- Ce que c'est.\n-- One row per code.\n"


def models(tmp_path, **written):
    (tmp_path / "marts").mkdir()
    for name, text in written.items():
        (tmp_path / "marts" / f"{name}.sql").write_text(HEADER + text, encoding="utf-8")
    return read_models(tmp_path)


def test_a_comment_may_go_on_on_the_next_line(tmp_path):
    text = "-- @ code: Code du territoire.\n--   [source: catalogue]\nselect code from catalogue.territoires\n"
    (model,) = models(tmp_path, un=text)
    assert model.description == "Ce que c'est.\nOne row per code."
    assert model.columns["code"].text == "Code du territoire. [source: catalogue]"


def test_a_column_keeps_its_comment_in_the_models_that_read_it(tmp_path):
    un = "-- @ code: Code. [source: catalogue]\n-- @ n: Un. [unité: un] [source: ici]\nselect '01' as code, 1 as n"
    deux = "-- @ n: Deux. [unité: un] [source: ici]\nselect code, 2 as n from un"
    found = column_comments(models(tmp_path, un=un, deux=deux, trois="from deux"))
    assert found["trois"] == {"code": "Code. [source: catalogue]", "n": "Deux. [unité: un] [source: ici]"}


def test_every_column_of_every_mart_says_what_it_means():
    models = read_models()
    comments = column_comments(models)
    with empty_warehouse() as connection:
        columns = check_models(connection, models).columns
    marts = [m.name for m in models if m.layer == "marts"]
    assert [(mart, c) for mart in marts for c in columns[mart] if c not in comments[mart]] == []
