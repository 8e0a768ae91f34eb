"""Trees that were published by another catalogue or program: other prefixes, levels and columns, and others' files."""

from dataclasses import replace

import pyarrow as pa
import pytest

from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.reading import known_refs, paths_of_today
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.tree.layout import published_paths
from barometre_pipeline.stage.previous import Previous
from barometre_pipeline.stage.published import published_csv, read_published
from barometre_pipeline.warehouse.trees import read_tree
from tests.published_depots import World
from tests.small_world import a_catalogue, an_indicator

_ESSAI = a_catalogue(an_indicator())
CATALOGUE = replace(_ESSAI, general=_ESSAI.general.model_copy(update={"prefixe": "b"}))
LEVELS = "maille,libelle,libelle_pluriel,parent,nom,rang\n"


def test_the_files_of_an_adopted_branch_that_end_alike_are_not_ours():
    names = ["b-detail-national.csv", "x-detail-national.csv", "detail-national.csv", "a/b-detail-national.csv"]
    assert paths_of_today(names, {"b-detail-national.csv"}, "b") == {"b-detail-national.csv": "b-detail-national.csv"}


def test_of_several_other_prefixes_that_of_most_files_is_followed():
    names = ["x-detail-national.csv", "old-detail-national.csv", "old-synthese-national.csv"]
    found = paths_of_today(names, {"b-detail-national.csv", "b-synthese-national.csv"}, "b")
    assert set(found) == {"old-detail-national.csv", "old-synthese-national.csv"}


def test_a_column_that_a_tree_had_not_yet_is_null_and_a_key_that_it_lacks_is_told():
    columns = pa.schema([("code", pa.string()), ("nouvelle", pa.float64())])
    content = b'autre,"nom, dit ""usuel"""\n1,Nord\n'
    headings = {"code": 'nom, dit "usuel"', "nouvelle": "nouvelle_colonne"}
    assert published_csv(content, columns, headings, ["code"]).to_pylist() == [{"code": "Nord", "nouvelle": None}]
    with pytest.raises(KeyError, match="no column nouvelle_colonne"):
        published_csv(content, columns, headings, ["nouvelle"])


@pytest.fixture
def renamed(tmp_path) -> Previous:
    """What a depot holds whose tree names the whole otherwise than today, and has a level that is there no more."""
    world = World(tmp_path)
    levels = f"{LEVELS}nationale,Le pays,Les pays,,pays,1\ncanton,Canton,Cantons,nationale,canton,2\n"
    of_the_whole = "id_indicateur,indicateur,date,valeur\ni,Libellé de i,2022-01-31,12.0\n"
    files = {"b-detail-pays.csv": of_the_whole, "b-synthese-pays.csv": of_the_whole, "reference/mailles.csv": levels}
    world.publish("2022-T1", **files)
    clone, depot = tmp_path / "home" / "publication", Depot.parse(str(world.depot))
    return Previous(Edition(2022, 2), depot, clone, known_refs(depot, clone, offline=False))


def test_a_level_is_read_under_the_name_that_it_had_and_one_that_is_no_more_is_told(renamed):
    found = read_published(renamed, CATALOGUE, published_paths).tables
    (row,) = found["detail"].to_pylist()
    assert (row["maille"], row["id_indicateur"], row["valeur"]) == ("nationale", "i", 12.0)
    assert "le niveau « Canton », que le catalogue n’a plus" in found["edition"].to_pylist()[0]["motif"]


def test_the_history_has_the_rows_of_an_earlier_schema_and_of_a_level_of_another_name(renamed):
    repository = GitRepository(renamed.clone, renamed.depot)
    (row,) = read_tree(repository, renamed.commits["refs/tags/2022-T1"], CATALOGUE)["detail"].to_pylist()
    assert (row["maille"], row["valeur"], row["libelle_mesure"]) == ("nationale", 12.0, None)
