"""CSV within bounds: limits are looked at before a line is cut, and the reason of a refusal is the true one."""

import tracemalloc

import pytest

from barometre_pipeline.errors import ReadingError
from tests.small_deliveries import MARCH, a_delivery, read, values, zipped

TEXT = "maille,code,date,valeur\nnationale,FR,2021-03-31,1.5\n"
ONE_LINE = "x" * 1_000_000 + "\n"
ONE = [("nationale", "FR", MARCH, 1.5)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('"nationale,FR,2021-04,1', "a quote is opened and never closed"),
        ('nationale,"FR" x,2021-04,1', "a quote in the middle of a cell"),
        (f'nationale,"{ONE_LINE * 3}",2021-04,1', "a cell has more than 2,000,000 characters; is a quote left open"),
    ],
)
def test_the_reason_of_ill_formed_csv_is_the_true_one(tmp_path, line, reason):
    with pytest.raises(ReadingError, match=rf"f\.csv: line 3: is not well-formed CSV: {reason}"):
        read(tmp_path, f"{TEXT}{line}\n")


def test_two_equal_headings_that_matter_are_told(tmp_path):
    with pytest.raises(ReadingError, match=r"the column 'valeur' \(valeur\) is there twice"):
        read(tmp_path, TEXT.replace("code,", "code,valeur,", 1))


@pytest.mark.parametrize("packed", [False, True])
def test_a_row_of_ten_million_cells_is_refused_before_it_is_cut(tmp_path, packed):
    text = TEXT + "," * 10_000_000
    content = zipped({"f.csv": text}) if packed else text.encode()
    tracemalloc.start()
    try:
        with pytest.raises(ReadingError, match=r"line 3 has 10,000,000 characters: refused beyond 2,000,000"):
            read(tmp_path, content)
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text", ["," * 16_384, ",\n".join(['"' + "," * 9000 + '"'] * 2) + "," * 16_384, '"a\n",' + "," * 16_384]
)
def test_a_row_of_too_many_columns_is_refused(tmp_path, text):
    with pytest.raises(ReadingError, match=r"line \d has more than 16,384 columns: is `separateur` ',' right\?"):
        read(tmp_path, TEXT + text)


def test_separators_within_quotes_are_no_columns(tmp_path):
    outline = ",".join(["1 2"] * 20_000)
    text = f'maille,code,date,valeur,contour\nnationale,FR,2021-03-31,1.5,"{outline}\n{outline}"\n'
    assert values(read(tmp_path, text.replace("1 2,", "1,"))) == ONE


def test_an_outline_as_a_geographic_software_writes_it_is_a_cell_like_others(tmp_path):
    outline = ",".join(f"{n}.123456 {n}.654321" for n in range(20_000))
    text = f'WKT,maille,code,date,valeur\n"MULTIPOLYGON ((({outline})))",nationale,FR,2021-03-31,1.5\n'
    assert values(read(tmp_path, text)) == ONE


def test_the_memory_that_reading_may_take_is_a_key_of_the_delivery():
    assert a_delivery().memoire_maximale == 512
    assert a_delivery(memoire_maximale=2000).memoire_maximale == 2000
