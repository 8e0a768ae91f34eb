"""Dates, as people write them: quarters, French months, serials, several columns, instants; or refused."""

import calendar
import datetime as dt
import locale

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from barometre_pipeline.catalogue.date_formats import format_problem
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.cells import Unusable
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.date_formats import by_format, in_format
from barometre_pipeline.readers.dates import date_reader, parts_reader
from tests.small_deliveries import MARCH, a_catalogue, a_delivery, read, rules, values, xlsx, xml_row

MARCH_2022, JUNE_2022, DECEMBER_2022 = dt.date(2022, 3, 31), dt.date(2022, 6, 30), dt.date(2022, 12, 31)


def day(cell, role="date", day_zero=dt.date(1899, 12, 30), **given):
    """What the reader of a delivery of these keys makes of a cell; a problem is its reason."""
    found = date_reader(a_delivery(**given), role, day_zero)(cell)
    return found.reason if isinstance(found, Problem) else found


@pytest.mark.parametrize(
    "written",
    [
        *("2022-T1", "T1 2022", "2022T1", "2022-Q1", "2022Q1", "Q1 2022", "t1 2022", "T1-2022", "2022/T1", "2022 T1"),
        *(
            "1er trimestre 2022",
            "1ER TRIMESTRE 2022",
            "premier trimestre 2022",
            "Trimestre 1 2022",
            "1T2022",
            "1T 2022",
        ),
        *("2022 - 1er trimestre", "1er trim. 2022", "1er trimestre de l'année 2022", "1er\u00a0trimestre\u00a02022"),
        *("mars-22", "mars 2022", "Mars 2022", "31 mars 2022", "1er mars 2022", "31-mars-22", "mars-2022", "2022 mars"),
        *("2022-M03", "2022M03", "March 2022"),
    ],
)
def test_a_period_is_its_last_day_in_every_usual_writing(written):
    assert day(written) == MARCH_2022


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2022-S1", JUNE_2022),
        ("S1 2022", JUNE_2022),
        ("2022S2", DECEMBER_2022),
        ("premier semestre 2022", JUNE_2022),
        ("2nd semestre 2022", DECEMBER_2022),
        ("second semestre 2022", DECEMBER_2022),
        ("deuxième semestre 2022", DECEMBER_2022),
        ("2e trimestre 2022", JUNE_2022),
        ("2ème trimestre 2022", JUNE_2022),
        ("troisième trimestre 2022", dt.date(2022, 9, 30)),
        ("4ème trimestre 2022", DECEMBER_2022),
        ("févr. 2022", dt.date(2022, 2, 28)),
        ("févr.-22", dt.date(2022, 2, 28)),
        ("fevrier 2024", dt.date(2024, 2, 29)),
        ("sept. 2021", dt.date(2021, 9, 30)),
        ("déc-21", dt.date(2021, 12, 31)),
        ("août 2021", dt.date(2021, 8, 31)),
        ("aout 2021", dt.date(2021, 8, 31)),
        ("AOU\u0302T 2021", dt.date(2021, 8, 31)),
        ("juil.-21", dt.date(2021, 7, 31)),
        ("mai-98", dt.date(1998, 5, 31)),
    ],
)
def test_quarters_half_years_and_french_months_are_read_without_a_format(written, expected):
    assert day(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        *("T1 22", "2022-T5", "2022-T0", "2022-S3", "T1", "mars", "22-mars", "32 mars 2022", "30 février 2022"),
        *(
            "jui 2022",
            "mar",
            "2022-T1-T2",
            "T1 2022 ou T2 2022",
            "5e trimestre 2022",
            "2022-S12",
            "1 sem. 2022",
            "2022",
        ),
        *(
            "mars 2022 (p)",
            "03/2022",
            "3-22",
            "T1/2022?",
            "mars 222",
            "2022-03-31T25:00",
            "2022-03-31 10:61",
            "x" * 1000,
        ),
    ],
)
def test_what_may_be_something_else_is_no_date(written):
    assert "n'est pas une date" in day(written)


def test_the_reason_says_which_key_would_allow_it():
    assert day("31/03/2022") == (
        "n'est pas une date écrite comme 2021-03-31, 2021-03, mars 2021 ou 2021-T1 ; "
        "`format_date` dirait comment elle l'est"
    )


@pytest.mark.parametrize(
    ("written", "form", "expected"),
    [
        ("mars-22", "%b-%y", MARCH_2022),
        ("févr. 2022", "%b %Y", dt.date(2022, 2, 28)),
        ("févr. 2022", "%b. %Y", dt.date(2022, 2, 28)),
        ("Février 2022", "%B %Y", dt.date(2022, 2, 28)),
        ("1er mars 2022", "%d %B %Y", MARCH_2022),
        ("mar. 1 mars 2022", "%a %d %b %Y", MARCH_2022),
        ("jeudi 31 mars 2022", "%A %d %B %Y", MARCH_2022),
        ("31mars2022", "%d%b%Y", MARCH_2022),
        ("March 2022", "%B %Y", MARCH_2022),
        ("31/03/22", "%d/%m/%y", MARCH_2022),
        ("1/3/2022", "%-d/%-m/%Y", MARCH_2022),
        ("2022-02-28T23:30:00+0000", "%Y-%m-%dT%H:%M:%S%z", MARCH_2022),
    ],
)
def test_a_format_reads_french_names(written, form, expected):
    assert day(written, format_date=form) == expected


def test_names_of_months_do_not_depend_on_the_language_of_the_machine():
    before = locale.setlocale(locale.LC_TIME)
    available = [name for name in ("fr_FR.UTF-8", "de_DE.UTF-8", "C.UTF-8") if _sets(name)]
    try:
        for name in available:
            locale.setlocale(locale.LC_TIME, name)
            assert day("août 2021", format_date="%B %Y") == day("août 2021") == dt.date(2021, 8, 31)
            assert in_format(MARCH, "%d %B %Y") == "31 mars 2021"
    finally:
        locale.setlocale(locale.LC_TIME, before)


def _sets(name: str) -> bool:
    try:
        locale.setlocale(locale.LC_TIME, name)
    except locale.Error:
        return False
    return True


@given(
    st.dates(dt.date(1970, 1, 1), dt.date(2068, 12, 31)), st.sampled_from(["%d %B %Y", "%B %Y", "%b-%y", "%d/%m/%y"])
)
def test_a_day_written_in_a_format_is_read_back(written, form):
    last = written.replace(day=calendar.monthrange(written.year, written.month)[1])
    assert day(in_format(written, form), format_date=form) == last


@given(st.text(max_size=40) | st.from_regex(r"[0-9TQSmars. -]{1,14}", fullmatch=True))
def test_any_text_is_a_day_or_a_problem(text):
    for form in (None, "%d %B %Y", "%A %d %b. %y"):
        found = date_reader(a_delivery(format_date=form))(text)
        assert found is None or isinstance(found, (dt.date, Problem))


def test_an_objectives_date_keeps_its_day():
    assert day("1er mars 2022", "date_cible") == dt.date(2022, 3, 1)
    assert day("mars 2022", "date_cible") == MARCH_2022
    assert day("2022-T1", "date_cible") == MARCH_2022
    assert day("2022-03-05", "date_cible") == dt.date(2022, 3, 5)
    assert day(44621, "date_cible", format="xlsx") == dt.date(2022, 3, 1)
    assert type(day(dt.datetime(2022, 3, 5, 10), "date_cible")) is dt.date


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_number_of_a_workbook_is_a_day_in_the_workbooks_own_system(kind):
    assert day(44651.0, format=kind) == MARCH_2022
    assert day(44651.75, format=kind) == MARCH_2022
    assert day(43189, format=kind, day_zero=dt.date(1904, 1, 1)) == MARCH_2022


@pytest.mark.parametrize("given", [{}, {"format": "json"}, {"format": "xlsx", "format_date": "%Y%m"}])
def test_a_number_is_no_day_elsewhere_nor_under_a_format(given):
    assert "n'est pas une date" in day(44651, **given)


def test_a_number_that_lost_the_zero_of_its_month_is_no_date():
    assert "dont le dernier zéro se perd" in day(2022.1, format_date="%Y.%m")  # 2022.10, or 2022.1
    assert day(2022.12, format_date="%Y.%m") == dt.date(2022, 12, 31)
    assert day("2022.10", format_date="%Y.%m") == dt.date(2022, 10, 31)


@pytest.mark.parametrize("written", ["2022-S1", "S2 2022", "2022S1", "2022-S12"])
def test_the_first_week_is_no_half_year_where_the_heading_says_week(written):
    weekly = {"maille": "maille", "territoire": "code", "date": "Semaine", "valeur": "valeur"}
    assert "est une semaine, et non un semestre" in day(written, colonnes=weekly)
    assert day("2022-03-27", colonnes=weekly) == MARCH_2022


def test_the_first_week_is_no_half_year_in_several_columns_either():
    read_parts = parts_reader(a_delivery(), ["Année", "Semaine (ISO)"])
    assert "est une semaine, et non un semestre" in read_parts(("2022", "S1")).reason
    assert read_parts(("2022", "mars")) == MARCH_2022


def test_a_text_that_may_have_lost_the_zero_of_its_month_is_no_date():
    assert "janvier, ou octobre" in day("2022.1", format_date="%Y.%m")
    assert "janvier, ou octobre" in day("2022,1", format_date="%Y,%m")
    assert "janvier, ou octobre" in day("22.1", format_date="%y.%m")
    assert day("2022.2", format_date="%Y.%m") == dt.date(2022, 2, 28)
    assert day("2022/1", format_date="%Y/%m") == dt.date(2022, 1, 31)


@pytest.mark.parametrize("cell", [2022, 19999, 80001, 202203.0, "44651", float("nan")])
def test_a_number_that_may_be_something_else_is_no_day(cell):
    assert "n'est pas une date" in day(cell, format="xlsx")


@pytest.mark.parametrize("role", ["date", "date_cible"])
def test_a_number_that_may_be_a_year_and_its_quarter_is_no_day(role):
    assert "peut être un trimestre (2022-T1)" in day(20221, role, format="xlsx")
    assert "peut être un trimestre (2022-T1)" in day(20194.0, role, format="ods")
    assert type(day(20225, role, format="xlsx")) is dt.date
    assert type(day(20221.5, role, format="xlsx")) is dt.date


def test_a_number_in_the_heading_of_a_wide_workbook_is_a_day_too(tmp_path):
    sheet = xml_row(1, "maille", "code", 44651) + xml_row(2, "nationale", "FR", 5)
    columns = {"maille": "maille", "territoire": "code"}
    reading = read(tmp_path, xlsx({"F": sheet}), format="xlsx", colonnes=columns, disposition="large", entetes="date")
    assert values(reading) == [("nationale", "FR", MARCH_2022, 5.0)]


def test_the_headings_of_a_wide_file_may_be_quarters(tmp_path):
    text = "maille;code;T1 2022;2e trimestre 2022;sept. 2022\nnationale;FR;1;2;3\n"
    columns = {"maille": "maille", "territoire": "code"}
    reading = read(tmp_path, text, separateur=";", colonnes=columns, disposition="large", entetes="date")
    assert [v[2] for v in values(reading)] == [MARCH_2022, JUNE_2022, dt.date(2022, 9, 30)]


@pytest.mark.parametrize(
    ("written", "given", "expected"),
    [
        ("2022-02-28T23:00:00Z", {}, MARCH_2022),
        ("2022-02-28T23:00Z", {}, MARCH_2022),
        ("2022-02-28 23:00:00.123456789+00:00", {}, MARCH_2022),
        ("2022-03-01T00:30:00+02:00", {}, dt.date(2022, 2, 28)),
        ("2022-03-01T00:30:00+02", {}, dt.date(2022, 2, 28)),
        ("2022-02-28T22:00:00Z", {"fuseau": "Europe/Moscow"}, MARCH_2022),
        ("2022-02-28T23:00:00", {}, dt.date(2022, 2, 28)),
        (dt.datetime(2022, 2, 28, 23, tzinfo=dt.UTC), {}, MARCH_2022),
        (dt.datetime(2022, 2, 28, 23), {}, dt.date(2022, 2, 28)),
    ],
)
def test_an_instant_is_that_instant_in_paris_or_in_the_declared_zone(written, given, expected):
    assert day(written, **given) == expected


def test_an_instant_of_a_parquet_file_is_that_instant_in_paris(tmp_path):
    instants = pa.array([dt.datetime(2022, 2, 28, 23)], pa.timestamp("us", "UTC"))
    columns = {"maille": ["nationale"], "code": ["FR"], "date": instants, "valeur": [5.0]}
    pq.write_table(pa.table(columns), tmp_path / "f.parquet")
    reading = read_delivery(a_delivery(format="parquet"), [tmp_path / "f.parquet"], a_catalogue())
    assert values(reading) == [("nationale", "FR", MARCH_2022, 5.0)]


def test_an_error_cell_is_no_missing_date():
    assert day(Unusable("#N/A", "est une erreur"), manquants=["#N/A"]) == "est une erreur"


@pytest.mark.parametrize(
    ("headings", "cells", "expected"),
    [
        (["annee", "trimestre"], ("2022", "1"), MARCH_2022),
        (["annee", "trimestre"], (2022.0, 1.0), MARCH_2022),
        (["trimestre", "annee"], ("T1", 2022), MARCH_2022),
        (["annee", "trimestre"], ("2022", "1er"), MARCH_2022),
        (["annee", "p"], ("2022", "1er trimestre"), MARCH_2022),
        (["annee", "Semestre"], ("2022", "1"), JUNE_2022),
        (["Année", "Mois"], (2022, 3), MARCH_2022),
        (["annee", "mois"], ("2022", "03"), MARCH_2022),
        (["annee", "mois"], ("2022", "mars"), MARCH_2022),
        (["annee", "mois"], ("2022", "févr."), dt.date(2022, 2, 28)),
        (["jour", "mois", "annee"], ("31", "mars", "2022"), MARCH_2022),
        (["jour", "mois", "annee"], ("5", "3", "2022"), MARCH_2022),
        (["jour", "mois", "annee"], ("21", "mars", "22"), MARCH_2022),
        (["mois", "annee", "jour"], ("mars", "22", "21"), MARCH_2022),
        (["annee", "mois"], ("", None), None),
    ],
)
def test_a_date_may_stand_in_several_columns(headings, cells, expected):
    assert parts_reader(a_delivery(), headings)(cells) == expected


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["annee", "periode"], ("2022", "1")),
        (["annee", "trimestre"], ("2022", "5")),
        (["annee", "mois"], ("2022", "13")),
        (["annee", "mois"], ("2022", "")),
        (["annee", "mois"], ("22", "3")),
        (["annee", "mois", "jour"], ("21", "mars", "22")),
        (["a", "b", "c"], ("21", "mars", "22")),
        (["annee", "mois"], ("2022", "2021")),
        (["jour", "mois", "annee"], ("31", "2", "2022")),
        (["annee", "mois"], ("2022", Unusable("#N/A", "est une erreur"))),
    ],
)
def test_parts_that_make_no_date_are_a_problem(headings, cells):
    assert isinstance(parts_reader(a_delivery(), headings)(cells), Problem)


def test_a_format_tells_what_the_headings_of_several_columns_do_not():
    assert parts_reader(a_delivery(format_date="%Y %m"), ["annee", "periode"])(("2022", "3")) == MARCH_2022


def test_the_columns_of_a_date_are_named_in_a_reject_and_empty_in_a_note(tmp_path):
    columns = {"maille": "maille", "territoire": "code", "date": ["an", "trim"], "valeur": "valeur"}
    text = "maille;code;an;trim;valeur\nnationale;FR;2022;1;5\nnationale;FR;2022;7;6\nSource;;;;voir\n"
    reading = read(tmp_path, text, separateur=";", colonnes=columns)
    assert values(reading) == [("nationale", "FR", MARCH_2022, 5.0)]
    assert rules(reading) == [("date_illisible", 3, "an, trim", "2022 7")]
    assert reading.sheets[0].notes == 1


def test_a_date_in_several_columns_may_be_that_of_a_wide_file(tmp_path):
    columns = {"maille": "maille", "territoire": "code", "date": ["an", "mois"]}
    wide = {"disposition": "large", "entetes": "indicateur", "indicateur": None, "colonnes": columns}
    reading = read(tmp_path, "maille;code;an;mois;i;j\nnationale;FR;2022;3;5;6\n", separateur=";", **wide)
    assert [r["date"] for r in reading.rows.to_pylist()] == [MARCH_2022, MARCH_2022]


@pytest.mark.parametrize(("said", "expected"), [(dt.date(2022, 3, 15), MARCH_2022), ("fin_edition", DECEMBER_2022)])
def test_a_date_may_be_that_of_the_whole_file(tmp_path, said, expected):
    (tmp_path / "f.csv").write_text("maille,code,valeur\nnationale,FR,5\n")
    columns = {"maille": "maille", "territoire": "code", "valeur": "valeur"}
    delivery = a_delivery(date_constante=said, colonnes=columns)
    reading = read_delivery(delivery, [tmp_path / "f.csv"], a_catalogue(), edition=Edition(2022, 4))
    assert values(reading) == [("nationale", "FR", expected, 5.0)]


def test_the_end_of_the_edition_needs_an_edition(tmp_path):
    columns = {"maille": "maille", "territoire": "code", "valeur": "valeur"}
    with pytest.raises(ReadingError, match="an edition is needed"):
        read(tmp_path, "maille,code,valeur\nnationale,FR,5\n", date_constante="fin_edition", colonnes=columns)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("jj/mm/aaaa", "for jj/mm/aaaa: %d/%m/%Y"),
        ("%q/%Y", "%q does not exist"),
        ("%d/%m", "has no year"),
        ("%YT%m", "give no format_date"),
        ("T%m %Y", "give no format_date"),
        ("%Y-Q%m", "give no format_date"),
        ("S%m %Y", "give no format_date"),
        ("%Y-T%d", "give no format_date"),
        ("%Y-T1", "give no format_date"),
        ("T %Y", "give no format_date"),
        ("%der trimestre %Y", "give no format_date"),
        ("%m semestre %Y", "give no format_date"),
        ("%x", "depends on the machine"),
        ("%d %Y", "a day and no month"),
        ("%Y-W%W", "a week and no day"),
        ("%d/%m/%m/%Y", "the month twice"),
        ("%Y-%m-", None),
        ("%Y%", "does not exist"),
    ],
)
def test_a_format_that_is_sure_to_be_wrong_is_told_in_the_catalogue(form, told):
    problem = format_problem(form)
    assert problem is None if told is None else told in problem
    if told:
        with pytest.raises(ValidationError) as error:
            a_delivery(format_date=form)
        assert told in str(error.value)


@pytest.mark.parametrize(
    "form",
    [
        *("%Y-%m", "%Y", "%d/%m/%Y", "%m/%Y", "%Y%m", "%B %Y", "%b-%y", "%d %B %Y", "%Y-%m-%dT%H:%M:%S%z", "%j %Y"),
        *("%Y-%m-%dT00:00:00", "Situation au %d/%m/%Y", "%d/%m/%Y %Hh%Mm%Ss", "%Y-%m-%dT%H:%M:%S%z", "%-d/%-m/%Y"),
        *("%G-W%V-%u", "%Y%j"),
    ],
)
def test_a_format_that_may_be_right_is_accepted(form):
    assert format_problem(form) is None
    instant = dt.datetime(2022, 3, 31, 12, 30, 15, tzinfo=dt.UTC)
    assert by_format(instant.strftime(form), form) is not None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"fuseau": "Paris"}, "must be a time zone"),
        ({"fuseau": "../etc"}, "must be a time zone"),
        ({"date_constante": 2022}, "must be a day written as 2022-03-31, or fin_edition"),
        ({"date_constante": "mars"}, "must be a day written as 2022-03-31, or fin_edition"),
        ({"date_constante": "2022-03-31"}, "date_constante and colonnes.date exclude one another"),
        (
            {"colonnes": {"maille": "m", "territoire": ["a", "b"], "date": "d", "valeur": "v"}},
            "only date may be written",
        ),
        ({"colonnes": {"maille": "m", "territoire": "c", "valeur": "v"}}, "which one holds the date?"),
    ],
)
def test_keys_about_dates_that_cannot_be_are_told_in_the_catalogue(given, told):
    with pytest.raises(ValidationError) as error:
        a_delivery(**given)
    assert told in str(error.value)


@pytest.mark.parametrize(
    "end",
    ["Z", " UTC", "+00:00", "+00", "%Z", ".%fZ", ".000Z", ".000+01:00", " (UTC)", " UTC+0", " gmt", " %p UTC", "hUTC"],
)
def test_a_zone_that_no_directive_reads_is_refused(end):
    assert "write %z, which reads Z and +01:00" in format_problem("%Y-%m-%dT%H:%M:%S" + end)


def test_a_zone_that_no_directive_reads_is_refused_before_the_year_too():
    assert "has the time zone 'UTC'" in format_problem("%a %b %d %H:%M:%S UTC %Y")


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S.000%z", "%H:%M %d-%m-%Y", "%d/%m/%Y à %Hh%M", "%Hh, %d %B %Y"])
def test_an_hour_without_a_zone_or_with_its_directive_is_no_mistake(form):
    assert format_problem(form) is None


@pytest.mark.parametrize(
    ("written", "form"),
    [("202211", "%Y%m%d"), ("1122022", "%d%m%Y"), ("221", "%y%m"), ("366/2021", "%j/%Y"), ("1mars2022", "%d%b%Y")],
)
def test_figures_that_are_missing_between_two_numbers_are_not_guessed(written, form):
    assert "n'est pas une date" in day(written, format_date=form)


def test_the_366th_day_of_a_leap_year_is_its_last():
    assert day("366/2020", format_date="%j/%Y") == dt.date(2020, 12, 31)


@pytest.mark.parametrize("written", ["2022-02-28 23:00:00 UTC", "2022-02-28 23:00:00.000 GMT"])
def test_an_instant_whose_zone_is_named_utc_is_that_instant_in_paris(written):
    assert date_reader(a_delivery())(written) == dt.date(2022, 3, 31)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2022-T1 (p)", MARCH_2022),
        ("1er trimestre 2022*", MARCH_2022),
        ("mars 2022 r", MARCH_2022),
        ("mars-22 (p) *", MARCH_2022),
        ("2022-03-31", MARCH_2022),
    ],
)
def test_a_declared_mark_after_a_date_is_taken_off(written, found):
    assert day(written, drapeaux=["(p)", "*", "r"]) == found


@pytest.mark.parametrize(
    "written", ["(p)", "2022-T5 (p)", "avr", "2022.1 r", "r" * 1_000_000, "2022-03" + "r" * 1_000_000]
)
def test_a_mark_makes_no_date_of_what_is_none(written):
    assert "n'est pas une date" in day(written, drapeaux=["(p)", "r"])


def test_a_mark_after_a_date_that_nothing_declares_is_told_with_its_key(tmp_path):
    assert "`drapeaux` dirait que « (p) » est une marque" in day("2022-T1 (p)")
    assert "`drapeaux`" not in day("2022-T1 12 mois plus tard")


def test_the_mark_of_a_heading_is_that_of_the_numbers_below_it(tmp_path):
    given = {"disposition": "large", "entetes": "date", "colonnes": {"territoire": "code"}, "maille": "nationale"}
    given |= {"format_date": "%Y", "drapeaux": ["(p)", "r"]}
    rows = read(tmp_path, "code,2020,2021 (p),2022 (p)\nFR,1,2,3 r\n", **given).rows.to_pylist()
    found = [(row["date"].year, row["valeur"], row["drapeau"], row["colonne"]) for row in rows]
    assert found == [(2020, 1, None, "2020"), (2021, 2, "(p)", "2021 (p)"), (2022, 3, "(p) r", "2022 (p)")]


def test_the_mark_of_a_date_is_that_of_the_number_beside_it(tmp_path):
    text = "maille,code,date,valeur\nnationale,FR,2021-03 (p),1\nnationale,FR,2021-04,2 (p)\nnationale,FR,2021-05,3\n"
    assert read(tmp_path, text, drapeaux=["(p)"]).rows["drapeau"].to_pylist() == ["(p)", "(p)", None]
