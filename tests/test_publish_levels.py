"""The published tree with other territorial levels than the French ones, and what no workbook has room for."""

import csv
import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from barometre_pipeline.catalogue.levels import default_levels
from barometre_pipeline.catalogue.model import Territoire
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.portal.resources import wanted_resources
from barometre_pipeline.publish.site.json_feeds import level_keys
from barometre_pipeline.publish.tree.layout import plan_files
from barometre_pipeline.publish.tree.wording import files_by_territory, named, sentence, whole_and_parts
from barometre_pipeline.publish.tree.writing import write_files
from tests.countries import a_level
from tests.marts_to_publish import CATALOGUE, PROVENANCE, SCHEMA, a_row, schema_by_level, small_marts

EDITION = Edition(2022, 1)
FRENCH = default_levels()


NATION = a_level("nation", colonnes={"constante": {"pays": "République d'Ailleurs, l'unique"}})
PROVINCE = a_level("province", "nation", territoires="provinces", territoire="province")
COMMUNE = a_level("commune", "departementale")


def written(folder: Path, mailles, *rows) -> str:
    """Write the tree of these levels; return its README."""
    catalogue = replace(CATALOGUE, mailles=tuple(mailles))
    schema = schema_by_level(catalogue.mailles)
    write_files(small_marts(*rows, schema=schema), catalogue, schema, EDITION, folder, PROVENANCE)
    return (folder / "README.md").read_text(encoding="utf-8")


def paths(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_nation_and_its_provinces_have_their_own_names_in_every_file(tmp_path):
    readme = written(
        tmp_path, [NATION, PROVINCE], a_row("nation", "AI", valeur=3.0), a_row("province", "N'1".replace("'", ""))
    )
    assert {
        "essai-detail-nation.csv",
        "json/essai-synthese-province.json",
        "provinces/detail/essai-detail-province-N1.csv",
        "provinces/essai-provinces-detail.xlsx",
        "secteur-action-publique/premier/provinces/essai-un-provinces-synthese.xlsx",
    } <= paths(tmp_path)
    with (tmp_path / "essai-detail-nation.csv").open(newline="", encoding="utf-8") as lines:
        (row,) = csv.DictReader(lines)
    assert row["pays"] == "République d'Ailleurs, l'unique"
    (record,) = json.loads((tmp_path / "json/essai-detail-province.json").read_text(encoding="utf-8"))
    assert (record["province_code"], record["province_name"]) == ("N1", "Territoire N1")
    assert CalamineWorkbook.from_path(tmp_path / "essai-data.xlsx").sheet_names == [
        "synthese-nation", "synthese-province", "detail-nation", "detail-province"]  # fmt: skip
    assert "au niveau « nation » et par province" in readme
    assert "| Un fichier par province, s'il a des lignes. |" in readme
    assert "`{territoires}` et `{territoire}` sont `provinces` et `province`." in readme
    assert "| `province_code` | texte | Code du territoire (maille « province »). (Fichiers `province`.) |" in readme
    assert "| `pays` | texte | Toujours « République d'Ailleurs, l'unique » (maille « nation »)." in readme
    for word in ("département", "departement", "région", "regional"):
        assert word not in readme


def test_one_level_alone_is_a_barometer(tmp_path):
    readme = written(tmp_path, [FRENCH[0]], a_row())
    assert "suivies par le baromètre, au niveau national,\nau premier trimestre" in readme
    assert "{territoires}" not in readme and "{code}" not in readme
    assert "`{k}` est `synthese` ou `detail` ; `{m}` est `national`.\n" in readme
    assert {p for p in paths(tmp_path) if "/" not in p and p.endswith(".csv")} == {
        "essai-synthese-national.csv", "essai-detail-national.csv"}  # fmt: skip


def test_a_fourth_level_without_files_by_territory_has_the_files_of_its_level_only(tmp_path):
    readme = written(tmp_path, [*FRENCH, COMMUNE], a_row("departementale", "01"), a_row("commune", "01001"))
    assert not [p for p in paths(tmp_path) if "01001" in p]
    assert (tmp_path / "secteur-action-publique/premier/essai-un-detail-commune.csv").read_text().count("\n") == 2
    assert "au niveau national, par région, par département et par commune,\n" in readme
    assert "Un fichier par département (et, dans le dossier d'un secteur, par région), s'il a des lignes." in readme


def test_levels_whose_files_are_in_the_sectors_only_are_told_so(tmp_path):
    readme = written(tmp_path, FRENCH[:2], a_row("regionale", "01"))
    assert "| Dans le dossier d'un secteur, un fichier par région, s'il a des lignes. |" in readme
    assert (
        "| `secteur-action-publique/{dossier}/{territoires}/{k}/essai-{prefixe}-{k}-{territoire}-{code}.csv` |"
        in readme
    )
    assert "secteur-action-publique/premier/regions/detail/essai-un-detail-region-01.csv" in paths(tmp_path)


@pytest.mark.parametrize(
    ("mailles", "whole", "files"),
    [
        (FRENCH, "au niveau national, par région et par département", "Un fichier par département (et, dans le dossier "
         "d'un secteur, par région)"),
        ((FRENCH[0], PROVINCE, a_level("EPCI", "nation", territoires="epci", territoire="epci")),
         "au niveau national, par province et par EPCI", "Un fichier par province et par EPCI"),
        ((FRENCH[0], COMMUNE), "au niveau national et par commune", ""),
        ((a_level("federation", adjectif="fédéral"), COMMUNE), "au niveau fédéral et par commune", ""),
        ((a_level("union", libelle="union", nom="ensemble"), COMMUNE), "au niveau « union » et par commune", ""),
    ],
)  # fmt: skip
def test_sentences_about_levels_are_right_for_any_of_them(mailles, whole, files):
    assert (whole_and_parts(mailles), files_by_territory(mailles)) == (whole, files)


def test_headings_may_hold_what_sql_csv_and_json_quote(tmp_path):
    island = a_level("ile", "nation", colonnes={"code": "code de l'île", "libelle": 'nom, dit "usuel"'})
    written(tmp_path, [NATION, island], a_row("ile", "1"))
    with (tmp_path / "essai-detail-ile.csv").open(newline="", encoding="utf-8") as lines:
        assert next(csv.DictReader(lines))['nom, dit "usuel"'] == "Territoire 1"
    (record,) = json.loads((tmp_path / "json/essai-detail-ile.json").read_text(encoding="utf-8"))
    assert record["code de l'île"] == "1"


def test_sheets_are_named_within_what_spreadsheets_accept_whatever_the_level(tmp_path):
    long = [a_level("a" * 40, "nation"), a_level("a" * 41, "nation")]
    written(tmp_path, [NATION, *long])
    names = CalamineWorkbook.from_path(tmp_path / "essai-data.xlsx").sheet_names
    assert len({n.lower() for n in names}) == 6 and max(map(len, names)) == 31


def test_35_000_communes_without_files_cost_nothing_each():
    catalogue = replace(CATALOGUE, mailles=(*FRENCH, COMMUNE))
    schema = schema_by_level(catalogue.mailles)
    con = small_marts(schema=schema)
    con.execute("insert into detail by name select 'a' as id_secteur, 'commune' as maille, i::varchar as code, "
                "i % 7 as valeur from range(35000) t(i)")  # fmt: skip
    began = time.perf_counter()
    plan = plan_files(con, catalogue, schema)
    assert time.perf_counter() - began < 1
    assert len(plan.files) == 4 * 2 * 4 + 3  # by level: CSV of all and of two sectors, JSON; three workbooks


def limited(most: int):
    """The public schema, with sheets that have room for so many rows."""
    return replace(SCHEMA, sheet_rows=most)


ROWS = [a_row("departementale", code, id_indicateur=i) for i in "ab" for code in ("01", "02")] + [a_row()]


def test_a_sheet_that_would_be_too_long_is_left_out_of_its_workbook_and_the_readme_says_so(tmp_path):
    write_files(small_marts(*ROWS), CATALOGUE, limited(3), EDITION, tmp_path, PROVENANCE)
    names = ["synthese-national", "synthese-regional", "detail-national", "detail-regional"]
    assert CalamineWorkbook.from_path(tmp_path / "essai-data.xlsx").sheet_names == names
    assert (tmp_path / "essai-detail-departemental.csv").read_text(encoding="utf-8").count("\n") == 5
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "| `essai-data.xlsx` | `synthese-departemental` (4 lignes), `detail-departemental` (4 lignes) |" in readme
    assert "pas plus de 4 lignes" in readme


def test_a_workbook_that_has_no_sheet_left_is_not_written_and_the_portal_does_without(tmp_path):
    country = Territoire(maille="nationale", code="FR", libelle="Pays")
    only = replace(CATALOGUE, mailles=FRENCH[:1], territoires=(country,))
    schema = replace(schema_by_level(only.mailles), sheet_rows=1)
    rows = [a_row(id_indicateur=i) for i in "ab"]
    write_files(small_marts(*rows, schema=schema), only, schema, EDITION, tmp_path / "tree", PROVENANCE)
    assert not list((tmp_path / "tree").glob("*.xlsx"))
    readme = (tmp_path / "tree" / "README.md").read_text(encoding="utf-8")
    assert (
        "| `essai-data.xlsx` (non publié : il n'aurait pas d'autre feuille) | `synthese-national` (2 lignes)," in readme
    )
    wanted, _ = wanted_resources(
        tmp_path / "tree", only, schema, EDITION, tmp_path / "work", {"csv", "json", "xlsx", "zip"}
    )
    assert [w.cle for w in wanted][:2] == ["csv/synthese-national", "csv/detail-national"]
    assert [w.cle for w in wanted][2:] == ["json/synthese-national", "json/detail-national", "zip/tout"]
    titles = [w.titre.rpartition(" – ")[2] for w in wanted]
    assert titles[:2] == ["Synthèse, Pays (CSV)", "Détail, Pays (CSV)"]
    assert "Tous les fichiers de données de l'édition : par secteur." in wanted[-1].description
    assert "essai-data.xlsx" not in "".join(zipfile.ZipFile(wanted[-1].file).namelist())


def test_a_readme_without_sheets_left_out_says_nothing_of_them(tmp_path):
    write_files(small_marts(*ROWS), CATALOGUE, SCHEMA, EDITION, tmp_path, PROVENANCE)
    assert "Feuilles absentes" not in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_two_files_of_one_path_are_refused_and_named():
    clash = replace(CATALOGUE, mailles=(NATION, a_level("x", "nation", nom="nation")))
    with pytest.raises(PublicationError, match=r"essai-detail-nation\.csv: 2 files would have this path"):
        schema = schema_by_level(clash.mailles)
        plan_files(small_marts(schema=schema), clash, schema)


def test_one_territory_of_a_level_is_not_called_as_several_are():
    whole, *_ = default_levels()
    departement = default_levels()[-1]
    assert [named(departement, n) for n in (1, 2)] == ["département", "départements"]
    assert named(whole, 1) == "pays"


def test_a_note_ends_as_a_sentence_does():
    assert [sentence(text) for text in ("Lacs de 100 m²", "C'est dit.", "Vraiment ?")] == [
        "Lacs de 100 m².",
        "C'est dit.",
        "Vraiment ?",
    ]


def test_the_feeds_know_levels_by_three_letters_and_those_that_begin_alike_by_the_whole_word():
    assert list(level_keys(FRENCH).values()) == ["nat", "reg", "dep"]
    assert list(level_keys([NATION, PROVINCE, a_level("provostry", "province")]).values()) == [
        "nat", "province", "provostry"]  # fmt: skip
