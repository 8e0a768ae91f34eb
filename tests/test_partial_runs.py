"""Any asset or check materialized by itself: in an empty home, after a publication, after a failure; what is shown."""

from contextlib import AbstractContextManager, contextmanager

import duckdb
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from barometre_pipeline import under_way
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.publish.assets import published_contents
from barometre_pipeline.resources.atomic import read_record
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.table_facts import CountsBefore
from barometre_pipeline.under_way import begin, note_engine, resume
from tests.projects import EDITION, Project, project, published, published_once  # noqa: F401 - fixtures
from tests.small_project import PUITS
from tests.ui import Ui, instance  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

WHOLE = f"run the whole edition: `barometre run {EDITION}`"
ASKED = {"extract": {"config": {"fichiers": "sources"}}}
UNREADABLE = PUITS.replace(";200", ";x")


@pytest.fixture
def empty(project, instance) -> Ui:
    return Ui(project, instance)


@pytest.fixture
def ui(published, instance) -> Ui:
    """After a publication, made by a terminal: this instance was shown nothing of it."""
    return Ui(published, instance)


@pytest.fixture
def edited(monkeypatch) -> AbstractContextManager[None]:
    """While a file of the program is not what it was: SQL, a suite."""

    @contextmanager
    def with_another_identity():
        with monkeypatch.context() as patch:
            patch.setattr(under_way, "code_identity", lambda: "edited")
            yield

    return with_another_identity()


def record(project: Project) -> str:
    return (project.home / "editions" / EDITION / "construction.json").read_text("utf-8")


def test_one_delivery_is_fetched_alone_in_an_empty_home(empty):
    assert empty.run("key:livraisons/puits") == ({"livraisons/puits"}, "")
    assert [p.name for p in (empty.project.home / "livraisons" / EDITION).iterdir()] == ["puits"]


def test_what_is_missing_is_told_with_what_to_run(empty):
    for selection, told in {
        "key:reception": "puits: it was never fetched for 2022-T1",
        "key:raw/valeurs": "it was never fetched for 2022-T1: fetch it once before",
        "key:synthese": "2022-T1 has no table yet: materialize the raw tables first",
        "key:fichiers": f"2022-T1 is not built in {empty.project.home}: first run `barometre run 2022-T1`",
        "key:depot": "first run `barometre run 2022-T1`",
        "key:rapport": "first run `barometre run 2022-T1`",
    }.items():
        made, said = empty.run(
            selection, **({"extract": {"config": {"fichiers": "stockes"}}} if "reception" in selection else {})
        )
        assert not made and told in said, (selection, said)
    _, said = empty.run(checks=[("detail", "cle_unique")])
    assert "first run `barometre run 2022-T1`" in said


def test_an_edition_is_made_bit_by_bit(empty):
    assert empty.run("key:reception or key:livraisons/*")[1] == ""
    assert empty.run("key:raw/* or key:catalogue/*")[0] >= {"raw/valeurs", "catalogue/edition"}
    assert empty.run("key:int_series")[0] == {"int_series"}
    made, said = empty.run("key:fichiers")
    assert not made and "lacks" in said and WHOLE in said
    made, said = empty.run("key:int_series+")
    assert said == "" and {"int_series", "synthese", "fichiers", "depot", "entrepot", "rapport"} <= made
    assert "portail" not in made and "stg_valeurs" not in made
    assert empty.project.git("tag").split() == [EDITION]


def test_one_model_after_a_publication_leaves_the_build_in_place_alone(ui):
    before = record(ui.project)
    assert ui.run("key:int_series") == ({"int_series"}, "")
    assert record(ui.project) == before
    assert "lacks" in ui.run("key:fichiers")[1]
    assert "lacks synthese" in ui.run(checks=[("synthese", "cle_unique")])[1]


def test_one_model_and_what_follows_after_a_publication_is_published_again_unchanged(ui):
    commit = ui.project.git("rev-parse", "HEAD")
    made, said = ui.run("key:int_series+")
    assert said == "" and {"int_series", "synthese", "fichiers"} <= made
    assert ui.project.git("rev-parse", "HEAD") == commit
    assert ui.verdicts and all(ui.verdicts.values())
    (synthese,) = (
        m for m in ui.done.asset_materializations_for_node("transform") if m.asset_key.path[-1] == "synthese"
    )
    assert synthese.metadata["dagster/row_count"].value == len(synthese.metadata["premieres_lignes"].records) == 4
    lineage = synthese.metadata["dagster/column_lineage"].column_lineage.deps_by_column
    assert [d.asset_key.to_user_string() for d in lineage["cible"]] == ["int_reperes"]


def test_one_check_after_a_publication_changes_nothing(ui):
    report = (ui.project.home / "rapports" / EDITION / "rapport.json").read_bytes()
    assert ui.run(checks=[("detail", "cle_unique")]) == (set(), "")
    assert ui.verdicts == {"cle_unique": True}
    assert (ui.project.home / "rapports" / EDITION / "rapport.json").read_bytes() == report


@pytest.mark.parametrize("asset", ["fichiers", "depot", "portail", "entrepot", "rapport"])
def test_one_published_set_after_a_publication(ui, asset):
    before = record(ui.project), ui.project.git("show-ref")
    assert ui.run(f"key:{asset}") == ({asset} - {"portail"}, "")
    assert (record(ui.project), ui.project.git("show-ref")) == before
    again, _ = ui.run(f"key:{asset}")
    assert again == ({"rapport"} & {asset})  # the page is written each time; the others were found made


def test_what_the_gate_stopped_is_not_written_by_its_files_alone(ui):
    before = record(ui.project)
    ui.project.write("eau/puits.csv", UNREADABLE)
    assert "Nothing is published" in ui.run(**ASKED)[1]
    for selection in ("key:fichiers", "key:depot", "key:int_series+"):
        made, said = ui.run(selection)
        assert any(words in said for words in ("gate stopped", "by the quality gate", "Nothing is published")), said
        assert not made & {"fichiers", "depot"}
    assert record(ui.project) == before
    assert not ui.run(checks=[("detail", "cle_unique")])[1]


def test_one_delivery_after_a_failure_then_what_follows(ui):
    ui.project.write("eau/puits.csv", UNREADABLE)
    assert "Nothing is published" in ui.run(**ASKED)[1]
    ui.project.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    made, said = ui.run("key:livraisons/puits+")
    assert said == "" and {"livraisons/puits", "raw/valeurs", "synthese", "fichiers", "depot"} <= made
    assert ui.project.git("tag").split() == [EDITION, f"{EDITION}.1"]


def test_a_build_begun_with_another_catalogue_is_not_finished(ui):
    assert ui.run("key:int_series")[1] == ""
    (ui.project.catalogue / "exceptions.yaml").write_text("[]\n", "utf-8")
    ui.load()
    made, said = ui.run("key:int_series+")
    assert (
        "fichiers" not in made and "The catalogue or the program changed since the build of 2022-T1 was begun" in said
    )


def test_a_build_tells_the_engine_of_its_models_also_where_there_were_two(ui):
    home, engine = Home(ui.project.home), "moteur"
    resume(home, Edition(2022, 1))
    building = home.building(Edition(2022, 1))
    assert read_record(building.begun)[engine] == "duckdb"
    for one, everything, noted in (
        ("spark", False, "plusieurs"),
        ("duckdb", False, "plusieurs"),
        ("spark", True, "spark"),
    ):
        note_engine(building, one, everything=everything)
        assert read_record(building.begun)[engine] == noted
    begin(building, "catalogue")
    assert engine not in read_record(building.begun)


def test_a_build_of_which_an_edited_program_made_a_table_is_not_finished_once_that_is_put_back(ui, edited):
    assert ui.run("key:int_series")[1] == ""
    with edited:
        assert ui.run("key:int_series")[1] == ""
    made, said = ui.run("key:int_series+")
    assert "fichiers" not in made and "changed since the build of 2022-T1 was begun" in said


def test_a_build_that_edited_rules_judged_is_not_finished_once_they_are_put_back(ui, edited):
    assert ui.run("key:int_series+ and not key:fichiers+")[1] == ""
    with edited:
        rules = ui.job.asset_layer.asset_graph.asset_check_keys
        assert ui.run(checks=[(rule.asset_key.path[-1], rule.name) for rule in rules])[1] == ""
    made, said = ui.run("key:fichiers")
    assert not made and "changed since the build of 2022-T1 was begun" in said


def test_an_edition_is_written_and_not_published_where_that_is_asked(empty):
    made, said = empty.run(depot={"config": {"publish": False}})
    assert said == "" and "fichiers" in made and not made & {"depot", "portail", "entrepot", "rapport"}
    assert not empty.project.depot.exists()


def test_nothing_new_is_not_shown_as_made(empty):
    assert empty.run()[0] >= {"livraisons/puits", "raw/valeurs", "synthese", "fichiers", "depot", "entrepot"}
    assert empty.run() == ({"reception", "rapport"}, "")


def test_a_table_is_told_with_what_changed_since_the_edition_before(tmp_path):
    before = Home(tmp_path).build(Edition(2021, 4)).warehouse
    before.parent.mkdir(parents=True)
    with duckdb.connect(str(before)) as connection:
        connection.execute("create table detail as from range(7)")
    counts = CountsBefore.of(Home(tmp_path), Edition(2022, 1))
    assert counts.told("detail", 5) == {"dagster/row_count": 5, "evolution": "-2 lignes depuis 2021-T4"}
    assert counts.told("synthese", 5) == {"dagster/row_count": 5}


def out_of_date(ui: Ui) -> set[str]:
    """Return what the page of the edition's partition says to be out of date, by the first words of its reasons."""
    # What the UI's own server answers by; it has no public name.
    graph = ui.job.asset_layer.asset_graph
    resolver = CachingStaleStatusResolver(ui.instance, graph, LoadingContextForTest(ui.instance))
    keys = ui.job.asset_layer.selected_asset_keys
    causes = {key: resolver.get_stale_causes(key, partition_key(Edition.parse(EDITION))) for key in keys}
    return {key.path[0] for key, found in causes.items() if found}


def test_what_was_made_from_other_contents_is_out_of_date_until_they_are_back(empty):
    empty.run()
    assert out_of_date(empty) == set()
    received = (empty.project.deliveries / "air.csv").read_bytes()
    empty.project.write("air.csv", received.replace(b"2022-02,5", b"2022-02,6"))
    empty.run("livraisons/alertes")
    assert out_of_date(empty) == {"raw"}
    empty.project.write("air.csv", received)
    empty.run("livraisons/alertes")
    assert out_of_date(empty) == set()


def test_tables_filled_again_with_the_same_rows_leave_nothing_out_of_date(empty):
    empty.run()
    empty.run("key:raw/valeurs")
    assert out_of_date(empty) == set()
    made, _ = empty.run("key:int_series+")  # published again, and found so
    assert "fichiers" in made and "depot" not in made
    assert out_of_date(empty) == set()


def test_files_of_which_the_manifest_alone_changed_are_the_same_publication():
    first, other = (published_contents(f"ab  detail.csv\n{one}  manifeste.json\n") for one in ("cd", "ef"))
    assert first == other != published_contents("cd  detail.csv\ncd  manifeste.json\n")


def test_the_tables_of_another_catalogue_are_out_of_date(empty):
    empty.run()
    with (empty.project.catalogue / "mesures" / "eau.yaml").open("a", encoding="utf-8") as file:
        file.write("description: L’eau.\n")
    empty.load()
    assert out_of_date(empty) == {"catalogue", "precedente", "raw"}
