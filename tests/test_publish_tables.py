"""Another published table is one entry of the schema; and what is wrong in a schema is told in plain sentences."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from barometre_pipeline.catalogue.levels import default_levels
from barometre_pipeline.catalogue.model import Territoire
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.publish.portal.resources import wanted_resources
from barometre_pipeline.publish.tree import writing
from barometre_pipeline.publish.tree.layout import plan_files
from barometre_pipeline.publish.tree.schema import Schema
from barometre_pipeline.publish.tree.schema_checks import schema_problems
from barometre_pipeline.publish.tree.schema_file import SCHEMA_FILE, public_schema
from barometre_pipeline.publish.tree.writing import write_files, write_parquet
from tests.marts_to_publish import CATALOGUE, PROVENANCE, SCHEMA, a_row, small_marts
from tests.small_world import a_catalogue, an_indicator, load_world

EDITION = Edition(2022, 1)
AVANCEMENT = "avancement/bilan_secteurs.csv"
ENTRY = f"""
  bilan_secteurs:
    titre: Avancement des secteurs
    description: Une ligne par secteur et territoire.
    chemin: {AVANCEMENT}
    ordre: [id_secteur, maille, code]
    colonnes:
      - {{nom: secteur, type: texte, source: libelle_secteur, description: Nom du secteur.}}
      - {{nom: id_secteur, type: texte, description: Identifiant du secteur.}}
      - {{nom: maille, type: texte, description: Identifiant de la maille.}}
      - {{nom: code, type: texte, description: Code du territoire.}}
      - {{nom: libelle_territoire, type: texte, description: Nom du territoire.}}
      - {{nom: indicateurs, type: entier, description: Nombre d'indicateurs.}}
      - {{nom: avancement_moyen, type: nombre, description: Moyenne des taux.}}
      - {{nom: complet, type: booleen, description: Tous les indicateurs ont un taux.}}
"""
MART = """
create table bilan_secteurs as
select * from (values
    ('b', 'Second', 'nationale', 'FR', 'Pays, entier', 2::bigint, 12.5, true),
    ('a', 'Premier', 'regionale', '01', 'Une région', 12::bigint, null, false),
    ('a', 'Premier', 'nationale', 'FR', 'Pays, entier', null, -0.0, null))
    t(id_secteur, libelle_secteur, maille, code, libelle_territoire, indicateurs, avancement_moyen, complet)
"""


def a_schema(folder: Path, *changes: tuple[str, str], entry: str = "") -> Schema:
    """The public schema with these texts replaced, and one more entry among its tables."""
    text = SCHEMA_FILE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    before, mark, after = text.partition("\n# Les mêmes tables en Parquet")
    file = folder / "schema.yaml"
    file.write_text(before + entry.rstrip("\n") + "\n" + mark + after, encoding="utf-8")
    return public_schema(default_levels(), file)


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with small_marts(a_row(valeur=1.0), schema=public_schema(default_levels())) as con:
        con.execute(MART)
        yield con


def columns_of(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, type_ in con.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'main'"
    ).fetchall():
        found.setdefault(table, {})[column] = type_
    return found


def test_one_more_entry_publishes_another_mart(tmp_path, marts):
    schema, tree = a_schema(tmp_path, entry=ENTRY), tmp_path / "tree"
    assert AVANCEMENT in {f.path for f in plan_files(marts, CATALOGUE, schema).files}
    written = write_files(marts, CATALOGUE, schema, EDITION, tree, PROVENANCE)
    assert (tree / AVANCEMENT).read_text(encoding="utf-8").splitlines() == [
        "secteur,id_secteur,maille,code,libelle_territoire,indicateurs,avancement_moyen,complet",
        'Premier,a,nationale,FR,"Pays, entier",,0.0,',
        "Premier,a,regionale,01,Une région,12,,faux",
        'Second,b,nationale,FR,"Pays, entier",2,12.5,vrai',
    ]
    assert written.rows[AVANCEMENT] == 3
    assert json.loads((tree / "manifeste.json").read_text(encoding="utf-8"))["lignes"][AVANCEMENT] == 3
    readme = (tree / "README.md").read_text(encoding="utf-8")
    assert f"| `{AVANCEMENT}` | Une ligne par secteur et territoire. |" in readme
    assert "### bilan_secteurs\n\nUne ligne par secteur et territoire.\n\nOrdre des lignes : `id_secteur`," in readme
    assert "| `indicateurs` | entier | Nombre d'indicateurs. |" in readme
    formats = {"csv", "json", "xlsx", "zip", "md"}
    country = replace(CATALOGUE, territoires=(Territoire(maille="nationale", code="FR", libelle="Pays"),))
    wanted, _ = wanted_resources(tree, country, schema, EDITION, tmp_path / "work", formats)
    (resource,) = [w for w in wanted if w.cle == "csv/bilan_secteurs"]
    assert "Avancement des secteurs" in resource.titre and "2022-T1" in resource.titre


def test_a_mart_that_is_divided_by_level_is_one_more_entry_too(tmp_path, marts):
    entry = ENTRY.replace(f"chemin: {AVANCEMENT}", "partition: mailles")
    entry = entry.replace("      - {nom: maille,", "      - territoire\n      - {nom: maille,")
    schema, tree = a_schema(tmp_path, entry=entry), tmp_path / "tree"
    write_files(marts, CATALOGUE, schema, EDITION, tree, PROVENANCE)
    with (tree / "essai-bilan_secteurs-regional.csv").open(newline="", encoding="utf-8") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["code_region"], row["indicateurs"], row["complet"]) == ("01", "12", "faux")
    (record,) = json.loads((tree / "json/essai-bilan_secteurs-regional.json").read_text(encoding="utf-8"))
    assert (record["indicateurs"], record["complet"], record["avancement_moyen"]) == (12, False, None)
    readme = (tree / "README.md").read_text(encoding="utf-8")
    assert "La synthèse (`synthese`), le détail (`detail`) et « Avancement des secteurs » (`bilan_secteurs" in readme


def test_the_parquet_files_have_the_columns_of_the_schema_in_its_order(tmp_path):
    con = small_marts(a_row("regionale", "01", ordre_mesure=2), a_row(valeur=-0.0, id_secteur="b"))
    write_parquet(con, SCHEMA, tmp_path)
    rows = pq.read_table(tmp_path / "detail.parquet").to_pylist()
    assert " ".join(rows[0]) == (
        "ordre_mesure ordre_indicateur secteur mesure indicateur id_indicateur maille code libelle date valeur unite "
        "origine enfants enfants_attendus"
    )
    assert {p.name for p in tmp_path.iterdir()} == {"detail.parquet", "synthese.parquet"}


def test_a_parquet_file_holds_all_rows_in_order_however_many_groups_they_make(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "AT_ONCE", 20)
    monkeypatch.setattr(writing, "_ROW_GROUP", 50)
    write_parquet(small_marts(*(a_row(valeur=float(n), ordre_mesure=n) for n in range(130, 0, -1))), SCHEMA, tmp_path)
    file = pq.ParquetFile(tmp_path / "detail.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [50, 50, 30]
    assert file.read()["valeur"].to_pylist() == [float(n) for n in range(1, 131)]


def test_the_schema_of_the_package_is_right_for_the_marts_of_the_package():
    with duckdb.connect(config={"threads": 1}) as con:
        load_world(con, a_catalogue(an_indicator()))
        assert schema_problems(SCHEMA, columns_of(con)) == []


WRONG = [
    ("  detail:\n    titre: Détail\n", "  detial:\n    titre: Détail\n", "tables.detial: is not a mart; the closest is "
     "'detail'."),
    ("source: libelle_mesure", "source: mesure", "tables.synthese.colonnes[1]: source: the mart synthese has no column "
     "'mesure'; the closest is "),
    ("{nom: cible, type: nombre", "{nom: cible, type: texte", "type: texte is not what cible holds (DOUBLE)."),
    ("{nom: cible, type", "{nom: date_cible, source: cible, type", "the heading 'date_cible' is already that of"),
    ("{nom: cible, type", "{nom: code_region, source: cible, type", "'code_region' of the level regionale (maill"),
    ("id_indicateur, code]", "id_indicateur, cod]", "tables.synthese.ordre: the mart synthese has no column 'cod'; the "
     "closest is 'code'."),
    ("{racine}{p}-{k}-{m}.csv", "{racine}{p}-{k}-{maille}.csv", "fichiers.csv.chemin: {maille} is not known here; the "
     "blanks are {racine}, {p}, {k}, {m}."),
    ("json/{p}-{k}-{m}.json", "json/{p}-{k}-{m.json", "fichiers.json.chemin: the braces of"),
    ("chemin: detail.parquet", "chemin: synthese.parquet", "'synthese.parquet' is already the path"),
    ("chemin: detail.parquet", "partition: mailles", "parquet.detail.partition: a Parquet file holds its table whole"),
]  # fmt: skip
WRONG_ENTRIES = [
    ("secteurs.csv", "secteurs.xlsx", "bilan_secteurs.chemin: a name that ends in .csv is needed"),
    (
        "- {nom: maille,",
        "- territoire\n      - {nom: maille,",
        "colonnes[3]: territoire stands for the columns of a level",
    ),
    ("type: booleen", "type: entier", "colonnes[8]: type: entier is not what complet holds (BOOLEAN)."),
]


def test_an_order_by_columns_that_are_not_published_is_said_in_words_too(tmp_path, marts):
    without = a_schema(tmp_path, ('    rangement: "celui des politiques et des indicateurs du catalogue"\n', ""))
    (told,) = schema_problems(without, columns_of(marts))
    assert "line" in told and "tables.indicateurs.ordre: not all of these columns are published" in told


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_a_schema_says_that_the_marts_do_not_have_is_told_with_its_line(tmp_path, marts, old, new, said):
    problems = schema_problems(a_schema(tmp_path, (old, new)), columns_of(marts))
    assert any(said in p for p in problems), problems
    assert all(p.startswith("schema.yaml, line ") for p in problems)


@pytest.mark.parametrize(("old", "new", "said"), WRONG_ENTRIES)
def test_what_is_wrong_in_an_added_entry_is_told_with_its_line(tmp_path, marts, old, new, said):
    (problem,) = schema_problems(a_schema(tmp_path, entry=ENTRY.replace(old, new, 1)), columns_of(marts))
    assert said in problem and problem.startswith("schema.yaml, line ")


def test_a_mart_that_does_not_say_its_sector_cannot_be_divided(tmp_path, marts):
    marts.execute("alter table bilan_secteurs drop id_secteur")
    entry = ENTRY.replace(f"chemin: {AVANCEMENT}", "partition: mailles")
    problems = schema_problems(a_schema(tmp_path, entry=entry), columns_of(marts))
    assert any("bilan_secteurs.partition: the mart bilan_secteurs has no column 'id_secteur'" in p for p in problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: booleen", "type: vrai_faux", "colonnes[8].type: the types are texte, citation, nombre, entier, date, "
         "booleen (here: 'vrai_faux')."),
        ("titre: Avancement des secteurs", "title: Avancement", "tables.bilan_secteurs.titre: is required."),
        ("titre: Avancement des secteurs", "titre: a\n    tilte: b", "bilan_secteurs.tilte: unknown key; "),
        (f"    chemin: {AVANCEMENT}\n", "", "partition: mailles, or chemin"),
        (AVANCEMENT, "../x.csv", "bilan_secteurs.chemin: a path within the publication is needed"),
        ("ordre: [id_secteur", "ordre: [[id_secteur", "is not YAML"),
    ],
)  # fmt: skip
def test_a_schema_of_another_shape_is_refused_with_its_line(tmp_path, old, new, said):
    with pytest.raises(EditedFileError) as error:
        a_schema(tmp_path, entry=ENTRY.replace(old, new, 1))
    assert any(said in p for p in error.value.problems), error.value.problems
    assert all(p.startswith("schema.yaml, line ") for p in error.value.problems)
