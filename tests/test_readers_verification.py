"""A file that is not what its format says is refused, with the reason."""

import io
import zipfile
from pathlib import Path

import pytest
import xlwt

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.readers.verification import refusal
from tests.deliveries import CSV, delivery, json_of, ods_of, parquet_of, write_all, xlsx_of, zip_of

PAGE = "<!DOCTYPE html><html><body>Service indisponible</body></html>"
ROW = b'<row r="1"><c r="A1"><v>1</v></c></row>'


def judged(tmp_path, content: bytes, format_: str = "csv", content_type: str = "", **keys) -> str | None:
    path = write_all(tmp_path, f"a.{format_}", content=content) / f"a.{format_}"
    return refusal(path, delivery("a", path.name, format=format_, **keys), content_type)


def xls_of(rows: int = 500) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Données")
    for row in range(rows):
        sheet.write(row, 0, f"ligne {row}")
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


WHOLE = {
    "csv": CSV,
    "json": json_of(),
    "parquet": parquet_of(),
    "xlsx": xlsx_of(ROW),
    "ods": ods_of(b"<office:document/>"),
    "xls": xls_of(),
}


@pytest.mark.parametrize("format_", WHOLE)
def test_a_whole_file_passes(format_, tmp_path):
    assert judged(tmp_path, WHOLE[format_], format_) is None


def test_every_official_delivery_passes(editions):
    for folder in sorted(editions.iterdir()):
        for livraison in load_catalogue(folder / "catalogue").livraisons:
            assert refusal(folder / "livraisons" / livraison.url, livraison) is None


@pytest.mark.parametrize("format_", WHOLE)
def test_an_empty_file_is_refused(format_, tmp_path):
    assert judged(tmp_path, b"", format_) == "is empty (0 bytes)"


@pytest.mark.parametrize("format_", WHOLE)
@pytest.mark.parametrize(
    "page",
    [
        PAGE.encode(),
        b"\xef\xbb\xbf \r\n" + PAGE.encode(),
        PAGE.encode("utf-16"),
        b"<HTML lang=fr><body>",
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC><html>",
        b"<!-- cache --><html>",
    ],
)
def test_a_web_page_is_refused_whatever_was_expected(format_, page, tmp_path):
    assert "is a web page (HTML)" in judged(tmp_path, page, format_)


def test_a_web_page_is_seen_though_utf_16_was_expected(tmp_path):
    assert "is a web page" in judged(tmp_path, PAGE.encode(), encodage="utf-16")


def test_a_fragment_that_the_server_calls_html_is_refused(tmp_path):
    assert "is a web page" in judged(tmp_path, b"<p>Erreur</p>", content_type="text/html; charset=utf-8")


def test_a_csv_that_a_careless_server_calls_html_passes(tmp_path):
    assert judged(tmp_path, CSV, content_type="text/html") is None


@pytest.mark.parametrize("format_", ["xlsx", "ods", "xls", "parquet", "json"])
def test_a_truncated_file_is_refused(format_, tmp_path):
    content = WHOLE[format_]
    reason = judged(tmp_path, content[: len(content) // 2], format_)
    assert "truncated" in reason or "damaged" in reason


@pytest.mark.parametrize("format_", WHOLE)
@pytest.mark.parametrize("other", WHOLE)
def test_a_file_of_another_format_is_refused(format_, other, tmp_path):
    if format_ != other:
        assert judged(tmp_path, WHOLE[other], format_) is not None


@pytest.mark.parametrize("head", [b"%PDF-1.7", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a", b"BZh91AY&SY", b"\xfd7zXZ\0"])
def test_a_file_of_a_kind_that_is_never_delivered_is_named(head, tmp_path):
    assert " and not a csv file" in judged(tmp_path, head + b"x" * 100)


def test_a_csv_with_nul_bytes_is_refused(tmp_path):
    assert "NUL bytes" in judged(tmp_path, CSV + b"\x00" + CSV)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_csv_in_an_encoding_of_several_bytes_passes(encoding, tmp_path):
    assert judged(tmp_path, CSV.decode().encode(encoding), encodage=encoding) is None


@pytest.mark.parametrize("content", [b" \r\n\r\n", b"\xef\xbb\xbf"])
def test_a_csv_of_blanks_is_refused(content, tmp_path):
    assert judged(tmp_path, content) == "holds nothing but blanks"


def test_an_xml_error_is_no_csv(tmp_path):
    assert judged(tmp_path, b'<?xml version="1.0"?><Error/>') == "is XML and not a csv file"


# -- archives


def zipped(tmp_path, content: bytes, **keys):
    path = write_all(tmp_path, "a.zip", content=content) / "a.zip"
    return refusal(path, delivery("a", "a.zip", **{"format": "csv", "fichier": "a.csv"} | keys))


def test_a_whole_zip_passes(tmp_path):
    assert zipped(tmp_path, zip_of({"a.csv": CSV})) is None


def test_a_zip_passes_though_the_catalogue_does_not_name_its_member(tmp_path):
    assert judged(tmp_path, zip_of({"a.csv": CSV})) is None


def test_a_truncated_zip_is_refused(tmp_path):
    content = zip_of({"a.csv": CSV})
    assert "truncated or damaged" in zipped(tmp_path, content[: len(content) // 2])


def test_a_zip_with_a_damaged_member_is_refused(tmp_path):
    content = bytearray(zip_of({"a.csv": CSV}))
    content[60] ^= 0xFF
    assert "a.csv" in zipped(tmp_path, bytes(content))


def test_a_csv_in_place_of_a_zip_is_refused(tmp_path):
    assert zipped(tmp_path, CSV) == "is text and not a zip: the member 'a.csv' should be in it"


@pytest.mark.parametrize("member", ["../a.csv", "/etc/a.csv", "C:\\a.csv", "x/../../a.csv", "..\\a.csv"])
def test_a_zip_whose_paths_escape_is_refused(member, tmp_path):
    assert "leads outside" in zipped(tmp_path, zip_of({"a.csv": CSV, member: CSV}))


def test_a_zip_with_a_link_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "leads outside" in zipped(tmp_path, stream.getvalue())


def test_an_encrypted_zip_is_refused(tmp_path):
    content = bytearray(zip_of({"a.csv": CSV}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in zipped(tmp_path, bytes(content))


def announcing(size: int, content: bytes, at: int = 24) -> bytes:
    """Return a zip of one member that announces another size than it has; `at` 20, the size that it has in the zip."""
    lying = bytearray(zip_of({"a.csv": content}))
    index = lying.index(b"PK\x01\x02") + at
    lying[index : index + 4] = size.to_bytes(4, "little")
    return bytes(lying)


def test_a_zip_that_announces_that_it_would_fill_the_disk_is_refused(tmp_path):
    assert "more than 500 MB" in zipped(tmp_path, announcing(500_000_001, CSV))


def test_a_zip_that_would_fill_the_disk_and_hides_it_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("barometre_pipeline.formats.archives.MAX_UNPACKED", 1_000_000)
    assert "would unpack to more than 1 MB" in zipped(tmp_path, announcing(10, bytes(2_000_000)))


def test_a_zip_that_announces_another_size_is_refused(tmp_path):
    assert "not of the size that the zip announces" in zipped(tmp_path, announcing(10, CSV))


def test_a_zip_whose_member_would_go_beyond_its_end_is_refused(tmp_path):
    assert "is truncated: it would go beyond the zip's index" in zipped(tmp_path, announcing(50_000, CSV * 2000, at=20))


def test_a_zip_of_countless_members_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for rank in range(20_001):  # one more than a delivery may hold
            archive.writestr(str(rank), b"")
    assert "more than 20,000 files" in zipped(tmp_path, stream.getvalue())


def test_a_web_page_within_a_zip_is_refused(tmp_path):
    assert "a.csv that is a web page" in zipped(tmp_path, zip_of({"a.csv": PAGE.encode()}))


# -- workbooks


def test_a_workbook_with_external_links_is_refused(tmp_path):
    content = xlsx_of(ROW, **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    assert "links to other workbooks" in judged(tmp_path, content, "xlsx")


def test_an_ods_that_ends_with_a_million_repeated_empty_rows_passes(tmp_path):
    table = (
        b'<table:table table:name="a"><table:table-row><table:table-cell office:value-type="float"/></table:table-row>'
        b'<table:table-row table:number-rows-repeated="1048575"><table:table-cell '
        b'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    assert judged(tmp_path, ods_of(table), "ods") is None


def test_an_encrypted_ods_is_refused(tmp_path):
    content = ods_of(b"x", **{"META-INF/manifest.xml": b"<manifest:encryption-data/>"})
    assert "encrypted" in judged(tmp_path, content, "ods")


def test_a_word_document_is_no_workbook(tmp_path):
    content = zip_of({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})
    assert "not an xlsx workbook" in judged(tmp_path, content, "xlsx")


@pytest.mark.parametrize("format_", sorted(set(WHOLE) - {"csv"}))
@pytest.mark.parametrize("start", [b"", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"PAR1", b"\xff\xfe"])
@pytest.mark.parametrize("size", [1, 7, 64, 513, 3000])
def test_arbitrary_bytes_are_refused_with_a_reason(format_, start, size, tmp_path):
    content = start + bytes(i * 37 % 256 for i in range(size))
    assert judged(tmp_path, content, format_) or (format_ == "json" and start == b"\xff\xfe")


def test_the_file_is_left_as_it_was(tmp_path):
    judged(tmp_path, CSV)
    assert Path(tmp_path / "a.csv").read_bytes() == CSV
