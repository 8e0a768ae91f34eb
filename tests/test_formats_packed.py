"""Files that come packed: gzip, and archives that cannot be read, each with its true reason in the same words twice."""

import gzip
import io
import struct
import zipfile

import pytest

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.verification import refusal
from tests.small_deliveries import MARCH, a_catalogue, a_delivery, values, xlsx, xml_row, zipped

TEXT = "maille,code,date,valeur\nnationale,FR,2021-03-31,1.5\n"
ONE = [("nationale", "FR", MARCH, 1.5)]
SHEET = xml_row(1, "maille", "code", "date", "valeur") + xml_row(2, "nationale", "FR", "2021-03-31", 1.5)


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def read_file(tmp_path, name: str, content: bytes, **keys):
    path = tmp_path / name
    path.write_bytes(content)
    return read_delivery(a_delivery(url=name, **keys), [path], a_catalogue())


def refused(tmp_path, name: str, content: bytes, **keys) -> str:
    """Return why a file is refused at reception, which must be what its reading says."""
    path = tmp_path / name
    path.write_bytes(content)
    delivery = a_delivery(url=name, **{"format": "csv"} | keys)
    reason = refusal(path, delivery)
    with pytest.raises(ReadingError) as error:
        read_delivery(delivery, [path], a_catalogue())
    said = str(error.value).removeprefix(f"essai: {name}").lstrip(": ").removesuffix(".")
    assert said == reason
    return reason


# -- gzip


def test_a_gzip_is_read_by_the_format_that_its_inner_name_tells(tmp_path):
    content = packed(TEXT.encode())
    assert a_delivery(url="https://exemple.fr/f.csv.GZ?x=1").file_format == "csv"
    reading = read_file(tmp_path, "f.csv.gz", content)
    assert values(reading) == ONE
    assert reading.rows["fichier"].to_pylist() == ["f.csv"]
    assert refusal(tmp_path / "f.csv.gz", a_delivery(url="f.csv.gz")) is None


def test_a_gzip_is_told_by_its_bytes_and_what_a_server_has_unpacked_is_read_as_it_is(tmp_path):
    assert values(read_file(tmp_path, "f.csv", packed(TEXT.encode()))) == ONE
    assert values(read_file(tmp_path, "f.csv.gz", TEXT.encode())) == ONE


@pytest.mark.parametrize("kind", ["xlsx", "json", "parquet"])
def test_a_gzip_may_hold_any_format(tmp_path, kind):
    record = b'[{"maille": "nationale", "code": "FR", "date": "2021-03-31", "valeur": 1.5}]'
    content = {"xlsx": xlsx({"A": SHEET}), "json": record, "parquet": b"PAR1"}[kind]
    path = tmp_path / f"f.{kind}.gz"
    path.write_bytes(packed(content))
    delivery = a_delivery(url=path.name)
    if kind == "parquet":
        assert refusal(path, delivery) == "is a truncated Parquet file: its end is missing"
    else:
        assert refusal(path, delivery) is None
        assert values(read_delivery(delivery, [path], a_catalogue())) == ONE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (packed(packed(TEXT.encode())), "is a gzip in a gzip: compress the file once only"),
        (packed(zipped({"f.csv": TEXT})), "is a gzip of a zip: deliver the zip itself"),
        (packed(TEXT.encode())[:-12], "is not a whole gzip file: it is truncated or damaged"),
        (packed(b""), "is a gzip of nothing: the file inside is empty"),
        (b"\x1f\x8b\x08\x00" + b"x" * 100, "is not a whole gzip file: it is truncated or damaged"),
    ],
    ids=range(5),
)
def test_a_gzip_that_cannot_be_read_is_refused_with_the_true_reason(tmp_path, content, said):
    assert refused(tmp_path, "f.csv.gz", content).startswith(said)


def test_a_gzip_in_place_of_a_zip_is_refused(tmp_path):
    said = refused(tmp_path, "f.zip", packed(TEXT.encode()), fichier="f.csv")
    assert said == "is a gzip file and not a zip: the member 'f.csv' should be in it"


def test_a_gzip_that_would_fill_the_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("barometre_pipeline.formats.gzip_files.MAX_UNPACKED", 3_000_000)
    assert "would unpack to more than" in refused(tmp_path, "f.csv.gz", packed(bytes(4_000_000)))


# -- archives


def method(number: int, flags: int = 0) -> bytes:
    """Return a zip whose member says that it is compressed by another method."""
    content = bytearray(zipped({"f.csv": TEXT}))
    index = content.index(b"PK\x01\x02")
    for place in (6, index + 8):
        content[place : place + 2] = struct.pack("<H", flags)
    for place in (8, index + 10):
        content[place : place + 2] = struct.pack("<H", number)
    return bytes(content)


def empty() -> bytes:
    file = io.BytesIO()
    zipfile.ZipFile(file, "w").close()
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (method(9), "its member 'f.csv' is compressed as Deflate64, which is not read here: compress it again"),
        (method(98), "its member 'f.csv' is compressed as PPMd"),
        (method(77), "its member 'f.csv' is compressed as the method 77, which is unknown"),
        (method(8, flags=1), "its member 'f.csv' is encrypted; deliver it without a password"),
        (method(99, flags=1), "its member 'f.csv' is encrypted by AES; deliver it without a password"),
        (zipped({"a.zip": zipped({"f.csv": TEXT})}), "its member 'a.zip' is a zip in a zip: put the files themselves"),
        (zipped({"a.zip": empty()}), "its member 'a.zip' is an empty zip in a zip"),
        (zipped({"f.csv.gz": packed(TEXT.encode())}), "its member 'f.csv.gz' is a gzip in a zip"),
        (empty(), "is an empty zip: there is no file in it"),
        (zipped({"dossier/": ""}), "is an empty zip: there is no file in it"),
        (zipped({"a.csv": TEXT, "b.csv": TEXT}), "which member of the zip is it? Say so with `fichier`"),
    ],
    ids=range(11),
)
def test_an_archive_that_cannot_be_read_is_refused_with_the_true_reason(tmp_path, content, said):
    assert refused(tmp_path, "f.zip", content).startswith(said)


def test_a_workbook_in_a_zip_is_no_nested_archive(tmp_path):
    content = zipped({"f.xlsx": xlsx({"A": SHEET})})
    assert values(read_file(tmp_path, "f.zip", content, format="xlsx")) == ONE
    assert refusal(tmp_path / "f.zip", a_delivery(url="f.zip", format="xlsx")) is None


def test_the_names_of_members_and_sheets_lose_what_a_terminal_would_obey_or_hide(tmp_path):
    name = "a\x1b[31m\u202ecsv\u200b.csv"
    reading = read_file(tmp_path, "f.zip", zipped({name: TEXT}), format="csv")
    assert reading.rows["fichier"].to_pylist() == ["a[31mcsv.csv"]
    wrong = refused(tmp_path, "f.zip", zipped({name: "<?xml version='1.0'?><a/>", "b\x1b.csv": "x"}))
    assert wrong.isprintable()
    (tmp_path / "f.zip").write_bytes(zipped({name: "<?xml version='1.0'?><a/>"}))
    assert refusal(tmp_path / "f.zip", a_delivery(url="f.zip", format="csv")).isprintable()
    sheets = xlsx({"A\u202e": SHEET})
    assert read_file(tmp_path, "f.xlsx", sheets).rows["feuille"].to_pylist() == ["A"]
