"""Parquet as tools write it: structs, lists, odd types; and what would fill the memory."""

import datetime as dt
import io
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.parquet_files import PARQUET
from barometre_pipeline.formats.sheets import whole
from barometre_pipeline.formats.sources import Source
from tests.small_deliveries import COLUMNS, MARCH, a_delivery, read, rules, values

KEYS = {"maille": ["nationale"], "code": ["FR"], "date": [MARCH]}
ONE = [("nationale", "FR", MARCH, 1.5)]


def parquet(table, **options) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(table), file, **options)
    return file.getvalue()


def sheet_of(content: bytes, **keys):
    # Smaller limits than a catalogue may give: the files stay small.
    delivery = a_delivery(format="parquet").model_copy(update=keys)
    (sheet,) = whole(PARQUET.read(Source(delivery, "f.parquet", content)))
    return {heading: column.cells() for heading, column in zip(sheet.headings, sheet.columns, strict=True)}


def test_a_field_of_a_struct_is_named_by_its_path(tmp_path):
    record = {"maille": "nationale", "code": "FR", "date": MARCH, "valeur": 1.5}
    content = parquet({"id": [1, 2], "fields": [{"deep": record}, None]})
    reading = read(tmp_path, content, format="parquet", colonnes={k: f"fields.deep.{v}" for k, v in COLUMNS.items()})
    assert values(reading) == ONE


def test_a_name_that_holds_a_dot_wins_over_the_path(tmp_path):
    for pair in ({"a": [{"b": 2.0}], "a.b": [1.5]}, {"a.b": [1.5], "a": [{"b": 2.0}]}):
        reading = read(tmp_path, parquet(KEYS | pair), format="parquet", colonnes={**COLUMNS, "valeur": "a.b"})
        assert values(reading) == ONE


def test_a_list_is_refused_where_it_is_used_only(tmp_path):
    content = parquet(KEYS | {"valeur": [1.5], "liste": [[1, 2]], "s": [{"l": [1], "x": 1}]})
    assert values(read(tmp_path, content, format="parquet")) == ONE
    for used in ("liste", "s.l"):
        with pytest.raises(ReadingError, match=rf"the column '{used}' holds lists: one value a row is expected"):
            read(tmp_path, content, format="parquet", colonnes={**COLUMNS, "valeur": used})


def test_a_list_in_a_wide_file_is_told_and_not_dropped(tmp_path):
    content = parquet({"maille": ["nationale"], "code": ["FR"], "2021-03": [1.5], "liste": [[1]]})
    columns = {"maille": "maille", "territoire": "code"}
    reading = read(tmp_path, content, format="parquet", disposition="large", entetes="date", colonnes=columns)
    assert values(reading) == ONE
    assert [rule[::3] for rule in rules(reading)] == [("date_illisible", "liste")]


def test_instants_keep_their_zone_and_decimals_their_digits():
    instant = dt.datetime(2022, 2, 28, 23, tzinfo=dt.UTC)
    columns = sheet_of(parquet({"t": pa.array([instant], pa.timestamp("ns", "UTC")), "d": [Decimal("1.10")]}))
    assert columns["t"][0].utcoffset() == dt.timedelta()
    assert columns["t"] == [instant]
    assert columns["d"] == [Decimal("1.10")]


@pytest.mark.parametrize("unit", ["ms", "us"])
def test_an_instant_that_no_calendar_has_is_a_reject_and_not_another_day(tmp_path, unit):
    dates = pa.array([2**62, 0], pa.int64()).cast(pa.timestamp(unit))
    content = parquet({"maille": ["nationale"] * 2, "code": ["FR"] * 2, "date": dates, "valeur": [1.5, 2.5]})
    reading = read(tmp_path, content, format="parquet")
    assert [(r["date"], r["valeur"]) for r in reading.rows.to_pylist()] == [(dt.date(1970, 1, 31), 2.5)]
    assert [rule[:2] for rule in rules(reading)] == [("date_illisible", 1)]


def test_a_file_without_rows_has_its_headings():
    assert list(sheet_of(parquet({"a": pa.array([], pa.string()), "b": pa.array([], pa.float64())}))) == ["a", "b"]


def test_texts_are_the_same_across_batches_and_groups():
    texts = [f"t{n % 7}" if n % 5 else None for n in range(200_000)]
    content = parquet({"a": texts, "b": [str(n) for n in range(200_000)]}, row_group_size=70_000)
    columns = sheet_of(content)
    assert columns["a"] == texts
    assert columns["b"] == [str(n) for n in range(200_000)]


def test_a_long_text_three_million_times_takes_no_memory():
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int32()), pa.array(["x" * 1000]))
    content = parquet({"a": text}, compression="zstd")
    assert len(content) < 400_000
    before = pa.default_memory_pool().max_memory()
    columns = sheet_of(content)
    assert columns["a"][0] is columns["a"][-1]
    assert pa.default_memory_pool().max_memory() - before < 100_000_000


@pytest.mark.parametrize("keys", [{"use_dictionary": False}, {"use_dictionary": False, "compression": "zstd"}])
def test_what_needs_more_memory_than_is_allowed_is_refused_with_the_key_that_raises_it(keys):
    content = parquet({"a": [f"{n:06}" + "x" * 1000 for n in range(3000)]}, **keys)
    message = "needs more than 2 MB of memory to be read: refused; `memoire_maximale` raises this limit"
    with pytest.raises(ReadingError, match=message):
        sheet_of(content, memoire_maximale=2)
    assert len(sheet_of(content, memoire_maximale=30)["a"]) == 3000


def test_texts_that_share_their_beginning_are_counted_as_they_are_read():
    texts = ["x" * 10_000 + f"{n:04}" for n in range(1000)]
    options = {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"}
    content = parquet({"a": texts}, **options)
    assert len(content) < 200_000
    assert sheet_of(content)["a"] == texts
    with pytest.raises(ReadingError, match="needs more than 3 MB"):
        sheet_of(content, memoire_maximale=3)


def test_texts_of_a_struct_are_read_across_row_groups(tmp_path):
    record = {"maille": "nationale", "code": "FR", "date": MARCH}
    content = parquet({"k": [record] * 4, "valeur": [1.5] * 4}, row_group_size=2)
    columns = {key: f"k.{name}" for key, name in COLUMNS.items() if key != "valeur"} | {"valeur": "valeur"}
    assert values(read(tmp_path, content, format="parquet", colonnes=columns)) == ONE * 4


def test_a_number_of_single_precision_is_the_one_that_is_shown():
    assert sheet_of(parquet({"v": pa.array([0.1, None, float("nan")], pa.float32())}))["v"] == [0.1, None, None]


def test_a_number_of_half_precision_is_the_one_that_is_shown_and_a_whole_one_stays_whole():
    delivered = [0.1, None, float("nan"), 33.3, 65504.0, 2049.0, -0.25, 1e-7, 0.3333]
    halves = pa.array([None if v is None else np.float16(v) for v in delivered], pa.float16())
    shown = [0.1, None, None, 33.3, 65504.0, 2048.0, -0.25, 1e-7, 0.3333]
    assert sheet_of(parquet({"v": halves}))["v"] == shown


def test_every_number_of_half_precision_is_the_shortest_that_is_stored_the_same():
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    shown = np.array(sheet_of(parquet({"v": pa.array(finite, pa.float16())}))["v"])
    assert (shown.astype(np.float16) == finite).all()
    shortest = [float(str(number)) for number in finite]
    # 1/64 is 0.015625 itself, which numpy rounds up to 0.01563.
    assert ((shown == shortest) | (shown == finite)).all()


def test_a_file_whose_description_of_itself_would_fill_the_memory_is_refused_before_it_is_understood(tmp_path):
    file = io.BytesIO()
    pq.write_table(pa.table({f"c{n}": ["1"] * 2000 for n in range(12)}), file, row_group_size=1)
    with pytest.raises(ReadingError, match="needs more than 64 MB of memory to be read: refused; `memoire_maximale`"):
        read(tmp_path, file.getvalue(), format="parquet", memoire_maximale=64)


def test_a_time_as_spark_writes_it_is_an_instant(tmp_path):
    first_of_april = [dt.datetime(2021, 3, 31, 22)]  # in Paris
    content = parquet(
        {**KEYS, "date": pa.array(first_of_april, pa.timestamp("us")), "valeur": [1.5]},
        use_deprecated_int96_timestamps=True,
    )
    assert values(read(tmp_path, content, format="parquet")) == [("nationale", "FR", dt.date(2021, 4, 30), 1.5)]
