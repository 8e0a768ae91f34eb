"""Whatever the bytes, a reader ends with rows, rejects or a ReadingError: nothing else, and in bounded time."""

import io
import json
import time
from datetime import timedelta
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.demonstration import file_of
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.format import Table
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.workers import read_apart
from tests.small_deliveries import COLUMNS, a_catalogue, a_delivery, zipped

SLOW = {"xlsx": 15, "xlsb": 15, "xls": 15, "ods": 15}  # examples: each workbook that looks sound takes a process
CATALOGUE = a_catalogue()
MAGIC = {
    **dict.fromkeys(("xlsx", "xlsb", "ods"), b"PK\x03\x04"),
    **{"xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "parquet": b"PAR1"},
}


def survives(folder: Path, kind: str, content: bytes, **given) -> None:
    delivery = a_delivery(format=kind, **given)
    path = folder / f"f.{kind}"
    path.write_bytes(content)
    try:
        # Arrow ends its process on some damaged metadata: Parquet is read as a run reads, apart.
        if kind == "parquet":
            reading = read_apart(delivery, [path], CATALOGUE, Edition(2022, 1), folder)
        else:
            reading = read_delivery(delivery, [path], CATALOGUE)
    except ReadingError as error:
        assert str(error).startswith("essai: f"), error
    else:
        assert isinstance(reading.rejects, pa.Table)


@cache
def sound_file(kind: str) -> bytes:
    """A real file of this format, as the demonstration writes it, or as another program does."""
    if kind == "xlsb":
        return (Path(__file__).parent / "files" / "sheetjs.xlsb").read_bytes()
    row = {"maille": "departementale", "code": "01", "date": "2021-03-31", "valeur": 1234.5}
    return file_of(a_delivery(format=kind), [Table("Données", list(row), [list(row.values())] * 20)])


@pytest.mark.parametrize("kind", FORMATS)
def test_arbitrary_bytes_never_raise_anything_but_a_reading_error(tmp_path_factory, kind):
    folder = tmp_path_factory.mktemp(kind)

    @settings(max_examples=SLOW.get(kind, 100), deadline=timedelta(seconds=20))
    @given(st.binary(max_size=2000), st.booleans())
    def check(content, as_if):
        survives(folder, kind, MAGIC.get(kind, b"") + content if as_if else content)

    check()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "utf-7", "punycode", "shift_jis"])
def test_arbitrary_text_in_any_encoding_never_raises_anything_but_a_reading_error(tmp_path_factory, encoding):
    folder = tmp_path_factory.mktemp("textes")

    @settings(max_examples=50, deadline=timedelta(seconds=20))
    @given(st.text(alphabet=st.characters() | st.sampled_from(',;"\n\r\t\0é 12-'), max_size=300))
    def check(text):
        survives(folder, "csv", b"maille,code,date,valeur\n" + text.encode("utf-8", "ignore"), encodage=encoding)

    check()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_damaged_file_never_raises_anything_but_a_reading_error(tmp_path_factory, kind):
    folder = tmp_path_factory.mktemp(kind)
    whole = sound_file(kind)

    @settings(
        max_examples=SLOW.get(kind, 150), deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.integers(0, len(whole)), st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8))
    def check(end, where, patch):
        survives(folder, kind, whole[:end])
        survives(folder, kind, whole[:where] + patch + whole[where + len(patch) :])

    check()


@settings(max_examples=60, deadline=timedelta(seconds=20))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(COLUMNS.values())), inner),
        max_leaves=20,
    )
)
def test_any_json_document_is_read_or_refused(tmp_path_factory, document):
    survives(tmp_path_factory.getbasetemp(), "json", json.dumps(document).encode())


def test_a_parquet_of_millions_of_equal_rows_is_refused(tmp_path):
    file = io.BytesIO()
    table = pa.table({"valeur": pa.repeat(True, 201_000_000)})
    pq.write_table(table, file, compression="zstd")
    with pytest.raises(ReadingError, match="more than 200,000,000 cells"):
        read_delivery(a_delivery(format="parquet"), [_written(tmp_path, file.getvalue())], CATALOGUE)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    content = bytearray(zipped({"f.csv": b"maille,code,date,valeur\n" * 1000}))
    size = (24_000).to_bytes(4, "little")
    lie = bytes(content).replace(size, (10).to_bytes(4, "little"))
    with pytest.raises(ReadingError):
        read_delivery(a_delivery(), [_written(tmp_path, lie)], CATALOGUE)


def test_endless_empty_lines_cost_nothing(tmp_path):
    content = b"maille,code,date,valeur\n" + b"\n" * 2_000_000 + b"nationale,FR,2021-03,1\n"
    reading = read_delivery(a_delivery(), [_written(tmp_path, content)], CATALOGUE)
    assert reading.rows["ligne"].to_pylist() == [2_000_002]


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "f.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("edition", ["2021-T3", "2022-T1"])
def test_the_official_deliveries_are_read_whole(editions, edition):
    catalogue = load_catalogue(editions / edition / "catalogue")
    for delivery in catalogue.livraisons:
        reading = read_delivery(delivery, [editions / edition / "livraisons" / delivery.url], catalogue)
        assert reading.rows.num_rows > 0, delivery.id
        assert reading.rejects.num_rows == 0, (delivery.id, reading.rejects.slice(0, 3).to_pylist())


def test_a_file_of_rejects_only_is_refused_before_they_fill_the_memory(tmp_path):
    text = "maille,code,date,valeur\n" + "nationale,FR,2022-01,zz\n" * 140_000
    with pytest.raises(ReadingError, match="more than 100,000 rows or cells cannot be read, as row 2: « zz » n'est"):
        read_delivery(a_delivery(), [_written(tmp_path, text.encode())], CATALOGUE)


def test_a_parquet_of_ten_thousand_columns_is_judged_in_a_moment(tmp_path):
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({f"c{n}": [1] for n in range(10_000)}), path)
    start = time.process_time()
    with pytest.raises(ReadingError, match=r"'maille' .* is missing"):
        read_delivery(a_delivery(url="f.parquet"), [path], a_catalogue())
    assert time.process_time() - start < 20  # two on a free core; a minute where each column looks at all of them
