"""A delivery format is one object and one line: a made-up one goes from the catalogue to rows, and back."""

import re
import sys

import pytest

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.demonstration import write_demonstration
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import CatalogueError, ReadingError, UsageError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import Sheet, records
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.verification import refusal
from tests.countries import two_levels
from tests.small_deliveries import a_delivery, zipped

EDITION = Edition(2022, 1)

# What a module of formats/ is: one `key=value|…` a line, here.


def _read(source: Source) -> list[Sheet]:
    found = []
    for number, line in enumerate(source.text().splitlines(), 1):
        pairs = [field.split("=", 1) for field in line.split("|")]
        if any(len(pair) != 2 for pair in pairs):
            source.fail(f"line {number}: each field is written key=value")
        found.append(dict(pairs))
    headings = list(dict.fromkeys(key for record in found for key in record))
    return [records(source, headings, [[record.get(key) for record in found] for key in headings])]


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if reason := sample.no_text("lignes"):
        return reason
    return None if b"=" in sample.head else "has no key=value in its first lines"


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    rows = [{**record, "avertissement": notice} for table in tables for record in table.records()]
    lines = ["|".join(f"{key}={cell}" for key, cell in row.items() if cell is not None) for row in rows]
    return "\n".join(lines).encode(described.encodage or "utf-8")


LIGNES = Format("lignes", ("lignes", "kv"), _read, _refusal, _write)


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A catalogue whose deliveries are in the made-up format, which is registered."""
    monkeypatch.setitem(FORMATS, LIGNES.name, LIGNES)
    two_levels().write(tmp_path)
    file = tmp_path / "catalogue" / "livraisons" / "nature.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(".csv", ".lignes"), encoding="utf-8")
    return load_catalogue(tmp_path / "catalogue")


def test_a_delivery_in_a_new_format_is_verified_and_read(catalogue, tmp_path):
    delivery = catalogue.livraison("arbres")
    path = tmp_path / "arbres.lignes"
    path.write_text("code=ON|date=2022-03-31|valeur=3\ncode=QC|date=2022-03|valeur=x\n", encoding="utf-8")
    assert (delivery.file_format, refusal(path, delivery)) == ("lignes", None)
    reading = read_delivery(delivery, [path], catalogue)
    assert [
        (r["id_indicateur"], r["maille"], r["code"], r["valeur"], r["ligne"]) for r in reading.rows.to_pylist()
    ] == [("nb-arbres", "province", "ON", 3.0, 1)]
    assert [(r["ligne"], r["colonne"], r["contenu"]) for r in reading.rejects.to_pylist()] == [(2, "valeur", "x")]


def test_what_is_wrong_in_a_new_format_is_told_as_in_the_others(catalogue, tmp_path):
    delivery = catalogue.livraison("arbres")
    path = tmp_path / "arbres.lignes"
    path.write_bytes(zipped({"arbres.kv": "code|date"}))
    assert refusal(path, delivery) == "has a member arbres.kv that has no key=value in its first lines"
    with pytest.raises(ReadingError, match=r"arbres: arbres\.kv: line 1: each field is written key=value"):
        read_delivery(delivery, [path], catalogue)


def test_the_demonstration_writes_a_new_format_that_is_read_back(catalogue, tmp_path):
    paths = write_demonstration(catalogue, EDITION, tmp_path)
    for delivery in catalogue.livraisons:
        path = tmp_path / paths[delivery.id]
        assert "fictives" in path.read_text(encoding="utf-8")
        assert refusal(path, delivery) is None
        reading = read_delivery(delivery, [path], catalogue)
        assert reading.rows.num_rows and not reading.rejects.num_rows


def test_a_format_that_nobody_registered_is_a_mistake_of_the_catalogue(tmp_path):
    two_levels().write(tmp_path)
    file = tmp_path / "catalogue" / "livraisons" / "nature.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("arbres.csv,", "a, format: lignes,"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=re.escape("format: must be csv, xlsx, xlsb, xls, ods, json, parquet")):
        load_catalogue(tmp_path / "catalogue")


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_told_by_the_extension_of_a_file(name):
    for extension in FORMATS[name].extensions:
        assert a_delivery(url=f"dossier/F.{extension.upper()}?x=1").file_format == name


@pytest.mark.parametrize(("name", "package"), [("ods", "odswriter"), ("xls", "xlwt")])
def test_a_package_that_only_the_demonstration_needs_is_asked_for_in_one_sentence(name, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"{package} is not installed.*barometre-pipeline\[demonstration\]"):
        FORMATS[name].write([Table("a", ["b"], [[1]])], a_delivery(format=name), "")
