"""The analysts' history: each publication with its rows, the latest one, rebuilding, editions made elsewhere."""

import stat

import duckdb
import pyarrow as pa
import pytest

from barometre_pipeline.catalogue import default_levels
from barometre_pipeline.edited_files.project import read_project
from barometre_pipeline.package_files import SQL_FOLDER
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.resources.duckdb_files import load_table
from barometre_pipeline.warehouse.away import put_published_alerts
from barometre_pipeline.warehouse.definition import DEPOT_TABLES, Definition
from barometre_pipeline.warehouse.tables import TABLES
from tests.projects import project  # noqa: F401 - a fixture
from tests.warehouse_world import asked, copied, history, options, published_thrice, warehouse  # noqa: F401 - fixtures

AMONT = "id_indicateur = 'nb-puits' and territoire = 'departementale-01' and date = '2022-02-28'"


def contents(project) -> dict:
    """All that the file says: the rows of each table, in any order, and every comment."""
    names = [*(t.name for t in TABLES), "exemples"]
    found = {name: sorted(asked(project, f"from {name}"), key=repr) for name in names}
    found["comments"] = asked(project, "select table_name, column_name, comment from duckdb_columns() order by all")
    return found


def parquet(project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((warehouse(project).parent / "parquet").iterdir())}


def test_an_older_edition_that_is_corrected_has_its_rows_and_leaves_the_latest_where_it_is(history):
    told = asked(history, "select publication, remplacee_par, provenance, retiree from editions order by all")
    assert told == [
        ("2022-T1", "2022-T1.1", "depot", False),
        ("2022-T1.1", None, "construction", False),
        ("2022-T2", None, "construction", False),
    ]
    assert asked(history, "select publication from editions_derniere") == [("2022-T2",)]
    assert asked(history, "select distinct edition from detail_derniere") == [("2022-T2",)]
    assert asked(history, f"select valeur from detail where edition = '2022-T1' and {AMONT}") == [(1200.0,)]


def test_what_was_known_at_each_publication_is_a_query(history):
    known = {
        name: asked(history, f"select valeur from detail_connu('{name}') where {AMONT}")
        for name in ("2022-T1", "2022-T1.0", "2022-T1.1", "2022-T2")
    }
    assert known == {"2022-T1": [(1200.0,)], "2022-T1.0": [(1100.0,)], "2022-T1.1": [(1200.0,)], "2022-T2": [(1100.0,)]}
    synthese = "select valeur_actuelle from synthese_connue('{}') where id_indicateur = 'nb-puits' and code = 'FR'"
    assert asked(history, synthese.format("2022-T1.0")) != asked(history, synthese.format("2022-T1.1"))


def test_a_vintage_lasts_for_as_long_as_its_value_does(history):
    told = asked(history, f"select valeur, connue_de, connue_jusqu_a from detail_vintages where {AMONT} order by all")
    assert told == [(1100.0, "2022-T1", "2022-T1"), (1100.0, "2022-T2", None), (1200.0, "2022-T1.1", "2022-T1.1")]


@pytest.mark.long
def test_rebuilding_gives_the_same_rows_comments_and_parquet_bytes(copied):
    before, files = contents(copied), parquet(copied)
    status, out, errors = copied.barometre("warehouse", "rebuild", *options(copied))
    assert (status, errors) == (0, "") and "2 editions" in out and "the latest is 2022-T2" in out
    assert contents(copied) == before
    assert parquet(copied) == files


@pytest.mark.long
def test_editions_made_elsewhere_are_taken_from_the_depot(copied, tmp_path):
    columns = "edition, id_secteur, id_mesure, id_indicateur, maille::varchar, code, territoire, date, valeur, unite"
    queries = [
        f"select {columns}, origine, enfants, enfants_attendus from detail order by all",
        f"select {columns.replace('date, valeur', 'valeur_actuelle, cible, date_cible')} from synthese order by all",
        "select * exclude (ordre_mesure, ordre_indicateur) from indicateurs order by all",
        "from mesures order by all",
        "from territoires order by all",
        "select * exclude (cause) from revisions order by all",
        *(f"from {name} order by all" for name in ("progression", "cibles_manquees", "explications")),
        "from avancement_mesures order by all",
        "from avancement_secteurs order by all",
        "from avancement_territoires order by all",
        "from classement order by all",
        "from couverture order by all",
        "from taux_indicateurs where taux is not null order by all",
        "from evolutions order by all",
        "select * exclude (contenu) from alertes order by all",  # which is published beside no detail only
    ]
    here = [asked(copied, query) for query in queries]
    copied.home = tmp_path / "autre"
    assert copied.barometre("warehouse", "rebuild", *options(copied))[0] == 0
    for query, rows in zip(queries, here, strict=True):
        assert asked(copied, query) == rows, query
    assert asked(copied, "select distinct provenance from editions") == [("depot",)]
    assert asked(copied, "select count(*) from livraisons") == [(0,)]
    # Those that were published: of what is compared with a correction that came later, none is known.
    assert ("fichier livré modifié",) in asked(copied, "select distinct cause from revisions")


SUITE = """
table: detail
grain: [id_indicateur]
attentes:
- regle: sans_cible
  titre: "Objectif : cible absente"
  requete: select id_indicateur from detail where false
  severite: alerte
  pourquoi: Un objectif a une cible.
  pour: Les lecteurs.
"""


def test_a_title_that_holds_a_colon_comes_back_whole_and_columns_of_later_programs_are_left(tmp_path, monkeypatch):
    (tmp_path / "detail.yml").write_text(SUITE.lstrip(), "utf-8")
    monkeypatch.setattr("barometre_pipeline.warehouse.away.read_suites", lambda: read_suites(tmp_path))
    phrases = ["Objectif : cible absente : Un objectif a une cible.", "Série trouée : Un mois manque : un oubli."]
    published = pa.table({"regle": ["a", "b"], "phrase": phrases, "plus_tard": ["x", "y"]})
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as histoire")
        connection.execute("create table histoire.main.alertes (edition text, regle text, phrase text, ligne bigint)")
        put_published_alerts(connection, "2022-T1", {"anomalies": published})
        found = connection.execute("select edition, regle, phrase from histoire.main.alertes order by regle").fetchall()
    assert found == [("2022-T1", "a", "Objectif : cible absente"), ("2022-T1", "b", "Série trouée")]


@pytest.mark.long
def test_a_withdrawal_moves_the_latest_without_any_build(copied, tmp_path):
    copied.home = tmp_path / "autre"
    status, _, errors = copied.barometre("withdraw", "2022-T1", "--reason", "Une série fausse", *options(copied))
    assert (status, errors) == (0, "")
    assert asked(copied, "select publication from editions_derniere") == [("2022-T2",)]
    told = asked(copied, "select publication, remplacee_par, retiree from editions order by all")
    assert told[:2] == [("2022-T1", None, False), ("2022-T1.1", "2022-T1", True)]
    assert asked(copied, f"select valeur from detail where edition = '2022-T1' and {AMONT}") == [(1100.0,)]
    assert asked(copied, f"select valeur from detail_connu('2022-T1.1') where {AMONT}") == [(1200.0,)]


@pytest.mark.parametrize(
    ("tags", "in_force", "told"),
    [
        ("-+", 1, [".1", None]),
        ("+-+", 2, [".2", ".2", None]),
        ("--+", 2, [".2", ".2", None]),
        ("+--", 0, [None, "", ""]),
        ("--", None, [None, None]),
        ("+++", 2, [".1", ".2", None]),
    ],
)
def test_what_takes_the_place_of_a_publication_is_never_withdrawn(tags, in_force, told):
    def named(correction: int | None) -> str | None:
        return None if correction is None else f"2022-T1.{correction}".removesuffix(".0")

    rows = [
        {"edition": "2022-T1", "publication": named(n), "correction": n, "retiree": tag == "-"}
        | {"en_vigueur": named(in_force), "correction_en_vigueur": in_force}
        for n, tag in enumerate(tags)
    ]
    with duckdb.connect() as connection:
        load_table(connection, "depot.publications", pa.Table.from_pylist(rows, DEPOT_TABLES["publications"]))
        model = connection.sql((SQL_FOLDER / "warehouse" / "editions.sql").read_text("utf-8"))
        found = model.select("remplacee_par").fetchall()
    assert [one for (one,) in found] == [None if suffix is None else f"2022-T1{suffix}" for suffix in told]


def test_a_revision_says_its_nature_and_its_cause(history):
    told = asked(
        history, "select champ, code, avant, apres, ecart, nature, cause from revisions where maille = 'departementale'"
    )
    assert ("valeur", "01", "1200.0", "1100.0", -100.0, "revisee", "fichier livré modifié") in told
    assert ("valeur", "2A", None, "31.0", None, "periode_nouvelle", "fichier livré modifié") in told


def test_the_key_of_each_table_identifies_its_rows(history):
    for table in (t for t in TABLES if t.name not in ("rejets", "alertes", "explications", "corrections")):
        key = ", ".join(f'"{c}"' for c in table.key)
        assert asked(history, f"select {key} from {table.name} group by all having count(*) > 1") == [], table.name


@pytest.mark.long
def test_nobody_may_write_in_the_file_and_the_latest_edition_is_a_second_name_for_it(copied):
    assert copied.barometre("warehouse", "rebuild", *options(copied))[0] == 0
    file = warehouse(copied)
    assert stat.S_IMODE(file.stat().st_mode) == 0o444
    assert file.samefile(file.with_name("barometre-2022-T2.duckdb"))
    assert sorted(p.name for p in file.parent.iterdir()) == ["barometre-2022-T2.duckdb", "barometre.duckdb", "parquet"]


@pytest.mark.long
def test_a_strangers_journal_goes_with_the_file_that_it_belongs_to(copied):
    before = contents(copied)
    journals = [warehouse(copied).with_name(name) for name in ("barometre.duckdb.wal", "barometre-2022-T2.duckdb.wal")]
    for journal in journals:
        journal.write_bytes(b"of a stranger")
    assert copied.barometre("warehouse", "rebuild", *options(copied))[0] == 0
    assert not any(journal.exists() for journal in journals) and contents(copied) == before


@pytest.mark.long
def test_editions_of_another_prefix_are_taken_from_the_depot_and_those_of_other_levels_told(copied, tmp_path, caplog):
    before = asked(copied, "select count(*) from detail")
    copied.home = tmp_path / "autre"
    general = copied.catalogue / "catalogue.yaml"
    general.write_text(general.read_text("utf-8").replace("prefixe: essai", "prefixe: nouveau"), "utf-8")
    assert copied.barometre("warehouse", "rebuild", *options(copied))[0] == 0
    assert asked(copied, "select count(*) from detail") == before and "has no file of" not in caplog.text


def test_views_and_macros_work_under_another_name(history):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse(history)}' as h (read_only)")
        assert connection.execute("select publication from h.editions_derniere").fetchall() == [("2022-T2",)]
        assert connection.execute("select count(*) > 0 from h.detail_vintages").fetchall() == [(True,)]
        query = f"select valeur from h.detail_connu('2022-T1.0', base := 'h') where {AMONT}"
        assert connection.execute(query).fetchall() == [(1100.0,)]
        connection.execute("use h")
        assert connection.execute(query.replace(", base := 'h'", "")).fetchall() == [(1100.0,)]


@pytest.mark.parametrize("name", ["alertes", "controles", "livraisons", "territoires"])
def test_what_is_known_of_an_edition_is_there(history, name):
    assert asked(history, f"select count(*) > 0 from {name}_derniere") == [(True,)]


def test_everything_in_the_file_says_what_it_means_its_source_and_its_unit(history):
    columns = "select table_name, column_name from duckdb_columns() where not internal"
    numbers = "(data_type in ('DOUBLE', 'INTEGER', 'BIGINT', 'DATE') or data_type like 'DECIMAL%')"
    assert asked(history, f"{columns} and not regexp_matches(coalesce(comment, ''), '.+\\[source: .+\\]')") == []
    dates = "column_name not similar to '(.*_)?(date|debut|fin|dvc)(_.*)?|connue_.*'"
    assert asked(history, f"{columns} and {numbers} and {dates} and not contains(comment, '[unité: ')") == []
    for kind in ("tables", "views"):
        assert asked(history, f"from duckdb_{kind}() where not internal and not contains(comment, '[source: ')") == []
    assert asked(history, "select count(comment) from duckdb_functions() where not internal") == [(2,)]


def test_a_rate_moves_by_what_is_the_same_and_by_what_is_not(history):
    rest = "round(taux_apres - taux_avant - evolution_constante - effet_perimetre, 9)"
    assert asked(history, f"select distinct {rest} from evolutions where effet_perimetre is not null") == [(0,)]
    other = """
        select count(*)
        from avancement_territoires as a
        join evolutions as e on e.id_secteur is null and e.edition_apres = a.edition and e.territoire = a.territoire
        where a.evolution_constante is distinct from e.evolution_constante
    """
    assert asked(history, other) == [(0,)]


def test_a_run_and_a_command_know_the_history_by_the_same_identity():
    assert read_project(default_levels()).warehouse.identity == Definition.read().identity
