import csv
import hashlib
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from barometre_pipeline.depot.objects import entry
from barometre_pipeline.documents.markdown import in_link, in_markdown
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree import lines, queries, rereading, rows, verification, writing
from barometre_pipeline.publish.tree.layout import plan_files
from barometre_pipeline.publish.tree.manifest import Provenance
from barometre_pipeline.publish.tree.verification import Verification
from barometre_pipeline.publish.tree.writing import Written, write_files
from barometre_pipeline.trees import listed_sums, verified_entries
from tests.marts_to_publish import CATALOGUE, PROVENANCE, SCHEMA, a_row, small_marts

EDITION = Edition(2022, 1)
MAILLES = ("national", "regional", "departemental")
DETAIL = "essai-detail-national.csv"
ROWS = (
    a_row(valeur=100.0),
    a_row("departementale", "2A", valeur=-0.0, libelle_mesure='Une "mesure", citée'),
    a_row("departementale", "01", valeur=0.1, unite=""),
    a_row("regionale", "01"),
)


def _write(folder: Path, *rows, provenance: Provenance = PROVENANCE) -> Written:
    return write_files(small_marts(*rows), CATALOGUE, SCHEMA, EDITION, folder, provenance)


def _tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def small_pieces(monkeypatch):
    """Rows go by a few at a time, and no written file is held in memory."""
    for module in (queries, lines, rows):
        monkeypatch.setattr(module, "AT_ONCE", 100)
    monkeypatch.setattr(lines, "_MOST_RESIDENT", 0)
    monkeypatch.setattr(rereading, "_AT_ONCE", 1000)
    monkeypatch.setattr(verification, "_TOGETHER", 1000)


def _many_rows() -> list[dict]:
    places = (("nationale", "FR"), ("regionale", "01"), *(("departementale", f"{n:02d}") for n in range(1, 30)))
    days = [date(2000 + n // 12, n % 12 + 1, 1) for n in range(90)]
    return [
        a_row(*place, date=day, valeur=float(rank), unite=f"unités {rank % 7}", id_secteur="ab"[rank % 3 == 0])
        for place in places
        for rank, day in enumerate(days)
    ]


def _lines(folder: Path, path: str) -> list[str]:
    return (folder / path).read_text(encoding="utf-8").split("\n")


def test_the_same_rows_give_the_same_bytes(tmp_path):
    _write(tmp_path / "one", *ROWS)
    _write(tmp_path / "two", *reversed(ROWS))
    assert _tree(tmp_path / "one") == _tree(tmp_path / "two")


def test_rows_that_go_by_in_pieces_give_the_same_bytes(tmp_path, small_pieces, request):
    found = _many_rows()
    _write(tmp_path / "pieces", *found)
    request.getfixturevalue("monkeypatch").undo()
    _write(tmp_path / "whole", *found)
    assert _tree(tmp_path / "pieces") == _tree(tmp_path / "whole")


def test_a_refused_cell_is_told_with_its_row_however_many_came_before(tmp_path, small_pieces):
    found = _many_rows()
    found.append(a_row("departementale", "99", libelle_mesure="=1+1", ordre_mesure=9))
    with pytest.raises(PublicationError, match="maille departementale, row 2612 of its CSV file, column mesure"):
        _write(tmp_path, *found)


def test_numbers_texts_and_missing_values_are_written_as_the_publication_says(tmp_path):
    _write(tmp_path, *ROWS)
    found = _lines(tmp_path, "essai-detail-departemental.csv")
    assert found[1:] == [
        "Mesure,Indicateur,i,01,Territoire 01,2022-03-31,0.1,",
        '"Une ""mesure"", citée",Indicateur,i,2A,Territoire 2A,2022-03-31,0.0,unités',
        "",
    ]


def test_a_text_of_two_lines_is_one_row(tmp_path):
    _write(tmp_path, a_row(libelle_mesure="Une\nmesure"), a_row("departementale", "01"))
    assert _lines(tmp_path, DETAIL)[1:3] == ['"Une', 'mesure",Indicateur,i,national,2022-03-31,,unités']


@pytest.mark.parametrize("number", [1e15, 1e16, 123456789.125, 1e-5, 0.1 + 0.2, -2.5e-7, 1 / 3])
def test_a_number_is_written_so_that_it_is_read_back_the_same(tmp_path, number):
    _write(tmp_path, a_row(valeur=number))
    assert _lines(tmp_path, DETAIL)[1].split(",")[5] == repr(number)


def test_the_json_holds_the_rows_of_the_csv(tmp_path):
    _write(tmp_path, *ROWS)
    records = json.loads((tmp_path / "json/essai-detail-departemental.json").read_text(encoding="utf-8"))
    assert [(r["code_departement"], r["valeur"], r["unite"]) for r in records] == [
        ("01", 0.1, None),
        ("2A", 0, "unités"),
    ]
    assert "citée" in (tmp_path / "json/essai-detail-departemental.json").read_text(encoding="utf-8")


def test_each_sheet_of_a_workbook_holds_the_rows_of_its_csv(tmp_path):
    _write(tmp_path, *ROWS)
    sheets = {"essai-data.xlsx": [f"essai-{k}-{m}.csv" for k in ("synthese", "detail") for m in MAILLES]}
    folder = "departements/detail/essai-detail-departement"
    sheets["departements/essai-departements-detail.xlsx"] = [f"{folder}-01.csv", f"{folder}-2A.csv"]
    for path, tables in sheets.items():
        book = CalamineWorkbook.from_path(tmp_path / path)
        for rank, table in enumerate(tables):
            rows = [[_written(cell) for cell in row] for row in book.get_sheet_by_index(rank).to_python()]
            assert rows == list(csv.reader(_lines(tmp_path, table)[:-1])), (path, table)
        assert len(book.sheet_names) == len(tables)


def _written(cell: object) -> str:
    """Write a workbook's cell as the CSV has it."""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def test_rows_follow_the_catalogue_then_the_territory_then_the_date(tmp_path):
    keys = [(1, 2, "01", 1), (2, 1, "01", 1), (1, 1, "2A", 1), (1, 1, "01", 2), (1, 1, "01", 1)]
    rows = [
        a_row("departementale", c, ordre_mesure=m, ordre_indicateur=i, id_indicateur=f"{m}{i}",
              libelle_mesure=f"{9 - m}", date=date(2022, month, 1)) for m, i, c, month in keys
    ]  # fmt: skip
    _write(tmp_path, *rows)
    found = [line.split(",") for line in _lines(tmp_path, "essai-detail-departemental.csv")[1:-1]]
    assert [(int(r[2][0]), int(r[2][1]), r[3], int(r[5][5:7])) for r in found] == sorted(keys)


def test_the_main_files_of_an_edition_and_of_a_sector_without_rows_have_their_header(tmp_path):
    _write(tmp_path, *ROWS)
    root = "secteur-action-publique/second/"
    assert sum(p.startswith(root) for p in _tree(tmp_path)) == 7
    assert _lines(tmp_path, f"{root}essai-deux-detail-regional.csv") == [
        "mesure,indicateur,id_indicateur,code_region,libelle_region,date,valeur,unite", ""]  # fmt: skip


def test_an_edition_without_rows_is_written_and_verified(tmp_path):
    con = small_marts()
    assert write_files(con, CATALOGUE, SCHEMA, EDITION, tmp_path, PROVENANCE).files == 6 + 6 + 1 + 2 * 7 + 4
    assert json.loads((tmp_path / "json/essai-detail-national.json").read_text()) == []


def test_a_territory_has_files_where_it_has_rows_and_nowhere_else(tmp_path):
    _write(tmp_path, *ROWS)
    named = sorted(p for p in _tree(tmp_path) if "detail-departement-" in p or "detail-region-" in p)
    sector = "secteur-action-publique/premier/"
    assert named == [
        "departements/detail/essai-detail-departement-01.csv",
        "departements/detail/essai-detail-departement-2A.csv",
        f"{sector}departements/detail/essai-un-detail-departement-01.csv",
        f"{sector}departements/detail/essai-un-detail-departement-2A.csv",
        f"{sector}regions/detail/essai-un-detail-region-01.csv",
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\rx", "＝1", "\u00a0=1", "\u200b=1"])
@pytest.mark.parametrize("column", ["libelle_mesure", "unite", "libelle_territoire"])
def test_a_text_that_a_spreadsheet_would_run_is_refused(tmp_path, column, text):
    rows = (a_row("regionale", "01"), a_row("regionale", "02", ordre_mesure=2, **{column: text}))
    with pytest.raises(PublicationError, match=r"maille regionale, row 3 of its CSV file, column .*formula"):
        _write(tmp_path, *rows)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused(tmp_path, number):
    with pytest.raises(PublicationError, match=r"row 2 of its CSV file, column valeur: .*not a number"):
        _write(tmp_path, a_row(valeur=number))


@pytest.mark.parametrize(
    "given", [{"code": "../../x"}, {"code": None}, {"id_secteur": "unknown"}, {"maille": "communale"}]
)
def test_rows_that_have_no_place_in_the_tree_are_refused(tmp_path, given):
    with pytest.raises(PublicationError, match="have no file"):
        _write(tmp_path, a_row(**{"maille": "departementale", **given}))
    assert not any(tmp_path.iterdir())


def test_a_folder_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "old.csv").touch()
    with pytest.raises(PublicationError, match="not empty"):
        _write(tmp_path, *ROWS)


def test_a_disk_that_refuses_is_said_with_the_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PublicationError, match="cannot be written"):
        _write(tmp_path / "file" / "out", *ROWS)


def test_progress_is_told_to_the_last_file(tmp_path):
    told = []
    write_files(small_marts(*ROWS), CATALOGUE, SCHEMA, EDITION, tmp_path, PROVENANCE, lambda *n: told.append(n))
    assert told == [(n, len(told)) for n in range(1, len(told) + 1)]


def test_sha256sum_itself_accepts_the_sums(tmp_path):
    _write(tmp_path, *ROWS)
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not on this machine")
    assert subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path).returncode == 0
    assert verified_entries(tmp_path) == {path: entry(content) for path, content in _tree(tmp_path).items()}


def test_the_manifest_says_where_the_edition_comes_from(tmp_path):
    written = _write(tmp_path, *ROWS)
    manifest = json.loads((tmp_path / "manifeste.json").read_text(encoding="utf-8"))
    assert manifest["edition"] == "2022-T1" and manifest["code"] == "1.2.3"
    assert manifest["lignes"] == written.rows and written.rows["essai-detail-departemental.csv"] == 2
    assert manifest["fichiers"] == written.files - 4 == len(_tree(tmp_path)) - 4
    assert manifest["livraisons"][0]["fichiers"] == [
        {
            "nom": "ventes.csv",
            "sha256": "0" * 64,
            "recu_le": "2022-04-01",
            "licence": None,
            "feuilles": {},
            "indicateurs": [],
            "territoires": [],
        }
    ]


@pytest.mark.parametrize("demonstration", [True, False])
def test_fictitious_data_are_announced_where_they_are_and_only_there(tmp_path, demonstration):
    _write(tmp_path, *ROWS, provenance=Provenance((), demonstration, "1"))
    for notice in ("README.md", "LICENCE.md"):
        assert ("données fictives" in (tmp_path / notice).read_text(encoding="utf-8")) == demonstration


def test_late_deliveries_and_alerts_are_in_the_readme(tmp_path):
    provenance = Provenance((), False, "1", retards=(("sante", "2021-T4"),), alertes=(("comptage_negatif", 9200),))
    _write(tmp_path, *ROWS, provenance=provenance)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "- Contenu : 0 politique publique, 0 indicateur, 2 secteurs\n" in readme
    assert "| sante | 2021-T4 |" in readme and "| comptage\\_negatif | 9\u202f200 |" in readme


def test_names_and_addresses_of_others_are_no_markup():
    assert in_markdown("~~a~~ &lt; [b](c)") == "\\~\\~a\\~\\~ \\&lt; \\[b\\](c)"
    assert in_link("https://example.org/a)b>c?d=%C3%A9&e=(f)") == "https://example.org/a%29b%3Ec?d=%C3%A9&e=%28f%29"


def test_what_a_delivery_is_called_cannot_break_the_readme(tmp_path):
    _write(tmp_path, *ROWS)
    assert "| ventes\\|1 | Ministère | ventes.csv |" in (tmp_path / "README.md").read_text(encoding="utf-8")


def _spoil(path: str, old: bytes, new: bytes, *, sums: bool = True):
    """Change a written file, and its sum with it unless the damage is to be seen by the sum."""

    def spoil(folder: Path) -> None:
        before = (folder / path).read_bytes()
        assert old in before
        (folder / path).write_bytes(before.replace(old, new, 1))
        if sums:
            _sum_again(folder, path)

    return spoil


def _sum_again(folder: Path, path: str) -> None:
    lines = [line for line in _lines(folder, "SHA256SUMS")[:-1] if not line.endswith(f"  {path}")]
    lines.append(f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path}")
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda f: (f / DETAIL).unlink(), f"{DETAIL}: this file of the plan was not written"),
        (lambda f: (f / "stale.csv").touch(), "stale.csv: .* is not in the plan"),
        (_spoil("README.md", b"#", b"##", sums=False), "README.md: the file is damaged"),
        (_spoil("SHA256SUMS", b"  README.md", b"  readme.md", sums=False), "SHA256SUMS: it does not list each file"),
        (_spoil(DETAIL, b"100.0", b"100.1", sums=False), f"{DETAIL}: the file is damaged"),
        (_spoil(DETAIL, b"valeur", b"value"), f"{DETAIL}: the columns are .* the public schema has"),
        (_spoil(DETAIL, b"100.0", b"cent"), f"{DETAIL}: cannot be read again"),
        (_spoil(DETAIL, b"Mesure,", b"Mesure,more,"), f"{DETAIL}: cannot be read again"),
        (_spoil("essai-detail-departemental.csv", b"\nMesure,", b"\nM,I,i,02,T,,,\nMesure,"), "3 rows .*, 2 are in"),
        (_spoil("json/essai-detail-national.json", b'"valeur"', b'"value"'), "json: the columns are"),
        (_spoil("json/essai-detail-national.json", b"]", b""), "json: cannot be read again"),
        (_spoil("essai-data.xlsx", b"PK\x05\x06", b"KP\x05\x06"), "essai-data.xlsx: the workbook cannot be opened"),
    ],
)  # fmt: skip
def test_damage_is_found_and_named(tmp_path, damage, said):
    con = small_marts(*ROWS)
    write_files(con, CATALOGUE, SCHEMA, EDITION, tmp_path, PROVENANCE)
    damage(tmp_path)
    plan = plan_files(con, CATALOGUE, SCHEMA)
    with pytest.raises(PublicationError, match=said):
        Verification(tmp_path, SCHEMA).finish(plan)
        assert verified_entries(tmp_path)
        sums = listed_sums(tmp_path)
        verification = Verification(tmp_path, SCHEMA)
        for planned in plan.files:
            verification.verify(planned, sums[planned.path])
        verification.finish(plan)


def test_a_file_that_the_disk_kept_badly_is_found_as_soon_as_it_is_written(tmp_path, monkeypatch):
    write = writing._Tree.write

    def keep_badly(tree, path, pieces):
        digest = write(tree, path, pieces)
        if path == DETAIL:
            (tmp_path / path).write_bytes((tmp_path / path).read_bytes()[:-1])
        return digest

    monkeypatch.setattr(writing._Tree, "write", keep_badly)
    with pytest.raises(PublicationError, match=f"{DETAIL}: the file is damaged"):
        _write(tmp_path, *ROWS)
