"""Numbers, as people write them: percentages, marks, units, thousands; read as seen, or refused with the reason."""

import time
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from barometre_pipeline.catalogue import Indicateur
from barometre_pipeline.formats.cells import Percentage, Unusable
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.sources import Source
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.numbers import Marked, number_reader
from barometre_pipeline.readers.reader import Reader
from barometre_pipeline.readers.rows import Rejects
from barometre_pipeline.readers.shapes import columns_of
from barometre_pipeline.readers.territories import TerritoryIndex
from barometre_pipeline.readers.typed_rows import value_rows
from tests.small_deliveries import a_catalogue, a_delivery, read, rules, values, xlsx, xml_row

FRENCH = {"separateur": ";", "decimale": ","}


def number(cell, **given):
    """What the reader of a delivery of these keys makes of a cell: a Marked number is (value, %, mark)."""
    found = number_reader(a_delivery(**given))(cell)
    return (found.value, found.percentage, found.drapeau) if isinstance(found, Marked) else found


def reason(cell, **given) -> str:
    found = number(cell, **given)
    assert isinstance(found, Problem), found
    return found.reason


def of_percentages(folder, text: str, **given):
    """Read a file of an indicator whose unit begins with %."""
    catalogue = a_catalogue()
    percents = {"id": "i", "libelle": "i", "unite": "% des classes", "sens": "hausse", "lecture": "derniere_valeur"}
    (mesure,) = catalogue.mesures
    known = (Indicateur(**percents), *mesure.indicateurs[1:])
    object.__setattr__(catalogue, "mesures", (mesure.model_copy(update={"indicateurs": known}),))
    path = folder / "f.csv"
    path.write_text(text, encoding="utf-8")
    return read_delivery(a_delivery(**{**FRENCH, **given}), [path], catalogue)


@pytest.mark.parametrize(
    "written", ["N.D.", "n.d.", " n.d. ", "N.d.", "sans\u00a0objet", "Sans  objet", "SANS\u202fOBJET", "", None]
)
def test_a_mark_of_a_missing_value_is_known_in_any_case_and_with_any_space(written):
    assert number(written, manquants=["n.d.", "sans objet"]) is None


def test_a_mark_may_be_a_number_in_a_text_or_in_a_cell():
    assert number("-999", manquants=["-999"]) is None
    assert number(-999.0, manquants=["-999"]) is None
    assert number("-999.5", manquants=["-999"]) == -999.5


@pytest.mark.parametrize("written", ["-999,0", "-999", "\u2212999,00", -999.0])
def test_a_mark_that_is_a_number_is_one_however_it_is_written(written):
    assert number(written, manquants=["-999"], decimale=",") is None
    assert number("-999,5", manquants=["-999"], decimale=",") == -999.5


@pytest.mark.parametrize("written", ["-999,0 %", "-999%", "\u2212999 %", "-999 (p)", "-999 €", Percentage(-999.0)])
def test_a_mark_that_is_a_number_is_one_beside_a_sign_a_unit_or_a_mark_too(written):
    keys = {"manquants": ["-999"], "decimale": ",", "drapeaux": ["(p)"], "unites_ecrites": ["€"]}
    assert number(written, **keys) is None
    assert number("-99,9 %", **keys) == (-99.9, True, None)


def test_a_mark_that_is_a_percentage_is_one_however_it_is_written_and_no_plain_number():
    keys = {"manquants": ["0 %"], "decimale": ","}
    assert [number(written, **keys) for written in ("0 %", "0%", "0,0 %", "0,00%")] == [None] * 4
    assert (number("0", **keys), number("0,1 %", **keys)) == (0.0, (0.1, True, None))


@pytest.mark.parametrize("space", list("\u2002\u2003\u2005\u2007\u2008\u200a"))
def test_digits_by_three_may_stand_between_spaces_of_any_width(space):
    assert number(f"1{space}234,5", decimale=",") == 1234.5


@pytest.mark.parametrize("written", ["5-", "(5)", "–5", "- 5", "(1 234,5)"])
def test_a_negative_number_of_an_accountant_is_refused_with_what_would_be_right(written):
    assert "s'écrit devant lui" in reason(written, decimale=",")


@pytest.mark.parametrize("written", ["1/2", "1_000", "1 e3"])
def test_no_key_is_advised_for_what_none_would_allow(written):
    assert reason(written) == "n'est pas un nombre"


@pytest.mark.parametrize("written", ["12\u200b", "\u200e12", "1\u00ad2"])
def test_a_character_that_nobody_sees_is_named(written):
    assert f"un caractère invisible (U+{ord(next(c for c in written if not c.isdigit())):04X})" in reason(written)


@pytest.mark.parametrize("written", ["-", "+", "\u2212", "…", "///", ".", ","])
def test_a_lone_sign_is_no_number_and_no_decimal_mark(written):
    assert reason(written) == "n'est pas un nombre ; `manquants` dirait que c'est une marque de valeur absente"


@pytest.mark.parametrize("written", ["#N/A", "#DIV/0!", "#VALEUR !", "#NOM ?", "####", "Err:502", "Err :502", "#REF!"])
def test_the_error_of_a_spreadsheet_in_a_text_is_told_as_one_and_advises_no_key(written):
    assert "est une erreur du tableur" in reason(written)
    assert "`" not in reason(written)


@pytest.mark.parametrize(
    "written", ["<5", "moins de 5", "Au moins 5", "moins 5", "inf. à 5", "environ 5", "±5", "x2", "×3"]
)
def test_what_stands_before_a_number_and_changes_it_is_not_advised_as_a_unit(written):
    assert reason(written) == "n'est pas un nombre ; `manquants` dirait que c'est une marque de valeur absente"


@pytest.mark.parametrize("written", ["5 k", "5 k€", "5 Md", "5 millions"])
def test_what_makes_another_number_is_not_advised_as_a_mark(written):
    assert "`drapeaux`" not in reason(written) and "l'unité de tous" in reason(written)


@pytest.mark.parametrize("written", ["nd", "n.c.", "secret"])
def test_a_word_may_be_a_mark_of_a_missing_value(written):
    assert "`manquants`" in reason(written)


@pytest.mark.parametrize(
    ("written", "given", "told"),
    [
        ("1.234", {"decimale": ","}, 'la marque décimale déclarée est « , » ; `milliers: "."`'),
        ("1.234,5", {"decimale": ","}, '`milliers: "."`'),
        ("1'234", {}, '`milliers: "\'"`'),
        ("1,234.5", {}, '`milliers: ","`'),
        ("12.5 %", {"decimale": ","}, "la marque décimale déclarée est « , »"),
        ("12 €", {}, "« € » est écrit après ; `drapeaux` dirait que c'est une marque, `unites_ecrites`"),
        ("12 (p)", {}, "« (p) » est écrit après"),
        ("1,5 (p)", {"decimale": ","}, "« (p) » est écrit après"),
    ],
)
def test_the_reason_says_which_key_would_allow_it(written, given, told):
    assert told in reason(written, **given)


@pytest.mark.parametrize(
    ("written", "milliers", "decimale", "found"),
    [
        ("1'234", "'", ",", 1234),
        ("1’234’567,5", "'", ",", 1234567.5),
        ("1.234", ".", ",", 1234),
        ("-1.234.567,25", ".", ",", -1234567.25),
        ("1,234.5", ",", ".", 1234.5),
        ("1 234,5", ".", ",", 1234.5),
        ("1234,5", ".", ",", 1234.5),
    ],
)
def test_the_declared_mark_of_thousands_is_read(written, milliers, decimale, found):
    assert number(written, milliers=milliers, decimale=decimale) == found


@pytest.mark.parametrize(
    "written", ["1.23", "1.2345", "1.234 567", "12.34.567", ".123", "1.234.5", "0.125", "-0.125", "012.345", "0 125"]
)
def test_a_mark_of_thousands_that_is_not_one_is_refused(written):
    assert isinstance(number(written, milliers=".", decimale=","), Problem)


def test_no_mark_of_thousands_is_advised_for_a_decimal_fraction():
    assert reason("0,125") == "n'est pas un nombre : la marque décimale déclarée est « . »"


def test_a_number_that_a_spreadsheet_must_not_touch_is_that_number():
    assert number('="12"') == 12
    assert number('=" n.d. "', manquants=["n.d."]) is None


def test_a_code_that_a_spreadsheet_must_not_touch_is_that_code(tmp_path):
    text = 'maille;code;date;valeur\ndepartementale;="01";="2021-03";1\n'
    assert read(tmp_path, text, **FRENCH).rows["code"].to_pylist() == ["01"]


@pytest.mark.parametrize("written", ["12 €", "12€", "€12", "€ 12", "12\u00a0€", "12"])
def test_a_declared_sign_may_stand_beside_a_number(written):
    assert number(written, unites_ecrites=["€", "km"]) == 12


def test_an_undeclared_sign_is_refused():
    assert isinstance(number("12 $", unites_ecrites=["€"]), Problem)
    assert isinstance(number("€", unites_ecrites=["€"]), Problem)


@pytest.mark.parametrize("written", ["5", "5,0", " 5 ", 5.0, 5, "5 (p)", "5 hab."])
def test_a_number_without_the_scale_that_the_others_have_is_refused(written):
    told = reason(written, unites_ecrites=["k", "hab."], drapeaux=["(p)"], decimale=",")
    assert told.startswith("est écrit sans « k », où `unites_ecrites` dit que les nombres sont comptés ainsi")


@pytest.mark.parametrize(
    ("written", "found"), [("5 k", 5), ("5k (p)", (5, False, "(p)")), ("0", 0), (0.0, 0), ("n.d.", None), (None, None)]
)
def test_a_number_with_its_scale_is_read_and_a_zero_needs_none(written, found):
    assert number(written, unites_ecrites=["k"], drapeaux=["(p)"], manquants=["n.d."]) == found


def test_a_bare_number_in_a_column_of_thousands_is_a_reject_in_a_whole_file_too(tmp_path):
    text = "maille;code;date;valeur\nregionale;93;2021-03;5 k\ndepartementale;01;2021-03;850\n"
    reading = read(tmp_path, text, **FRENCH, unites_ecrites=["k"])
    assert [one[3] for one in values(reading)] == [5]
    assert rules(reading) == [("valeur_illisible", 3, "valeur", "850")]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("12 (p)", (12, False, "(p)")),
        ("12(p)", (12, False, "(p)")),
        ("12,5*", (12.5, False, "*")),
        ("12 r", (12, False, "r")),
        ("12 (p) *", (12, False, "(p) *")),
        ("12,5 % (p)", (12.5, True, "(p)")),
        ("12", 12),
        ("n.d. (p)", None),
    ],
)
def test_a_declared_mark_after_a_number_is_taken_off_and_kept(written, found):
    assert number(written, decimale=",", drapeaux=["(p)", "*", "r"], manquants=["n.d."]) == found


@pytest.mark.parametrize("written", ["(p)", "*", "hier", "12 (e)"])
def test_a_mark_alone_is_no_number_and_no_missing_value(written):
    assert isinstance(number(written, drapeaux=["(p)", "*", "r"]), Problem)


@pytest.mark.parametrize("written", ["r" * 1_000_000, "1" * 1_000_000 + "r", " 123" * 250_000 + "x", "1'" * 500_000])
def test_a_very_long_text_is_refused_at_once(written):
    began = time.process_time()
    assert isinstance(number(written, drapeaux=["r"], unites_ecrites=["€"], milliers="'"), Problem)
    assert time.process_time() - began < 2


def test_the_mark_is_a_column_of_the_rows(tmp_path):
    text = "maille;code;date;valeur\nnationale;FR;2021-03;1 (p)\nnationale;FR;2021-04;2\n"
    assert read(tmp_path, text, drapeaux=["(p)"], **FRENCH).rows["drapeau"].to_pylist() == ["(p)", None]


def test_a_percentage_is_read_as_it_is_seen_where_the_unit_is_one(tmp_path):
    text = "maille;code;date;valeur\nnationale;FR;2021-03;12,5 %\nnationale;FR;2021-04;7,2\nnationale;FR;2021-05;8%\n"
    reading = of_percentages(tmp_path, text)
    assert [v[3] for v in values(reading)] == [12.5, 7.2, 8.0]
    assert reading.rows["pourcentage"].to_pylist() == [True, False, True]


def test_a_percentage_of_what_is_none_is_rejected_with_the_unit(tmp_path):
    reading = read(tmp_path, "maille;code;date;valeur\nnationale;FR;2021-03;12,5 %\n", **FRENCH)
    assert rules(reading) == [("valeur_illisible", 2, "valeur", "12,5 %")]
    assert reading.rejects["motif"].to_pylist() == [
        "« 12,5 % » est un pourcentage, et l'unité de l'indicateur (« unités ») ne commence pas par % "
        "(colonne « valeur »)."
    ]


def test_a_percentage_of_an_objective_is_held_to_the_unit_too(tmp_path):
    columns = {"maille": "maille", "territoire": "code", "cible": "cible"}
    text = "maille;code;cible\nnationale;FR;90 %\n"
    given = {"contenu": "objectifs", "colonnes": columns}
    assert of_percentages(tmp_path, text, **given).rows["cible"].to_pylist() == [90.0]
    assert rules(read(tmp_path, text, **given, **FRENCH)) == [("valeur_illisible", 2, "cible", "90 %")]


def test_a_cell_that_is_a_percentage_is_what_is_seen():
    assert number(Percentage(7.5)) == (7.5, True, None)
    assert isinstance(number(Percentage(float("inf"))), Problem)


def test_a_cell_in_which_nobody_sees_a_value_is_never_a_missing_one():
    broken = Unusable("#N/A", "est une erreur de calcul")
    assert number(broken, manquants=["#N/A"]) == Problem("valeur_illisible", "valeur", "#N/A", broken.reason)


@pytest.mark.parametrize(
    "cells",
    [
        ("nationale", "FR", "2021-03", "#DIV/0!"),
        ("nationale", "FR", "#N/A", 1),
        ("nationale", "#REF!", "2021-03", 1),
        ("#NAME?", "FR", "2021-03", 1),
    ],
)
def test_an_error_cell_of_a_workbook_is_one_reject_wherever_it_stands(tmp_path, cells):
    sheet = xml_row(1, "maille", "code", "date", "valeur") + xml_row(2, *cells)
    reading = read(tmp_path, xlsx({"F": sheet}), format="xlsx")
    assert reading.rejects.num_rows == 1 and not reading.rows.num_rows


def test_an_error_cell_below_the_table_is_no_note():
    delivery, catalogue = a_delivery(format="xlsx"), a_catalogue()
    cells = [Column.of([cell]) for cell in (None, None, None, Unusable("#DIV/0!", "est une erreur"))]
    headings, line = ("maille", "code", "date", "valeur"), pa.array([2])
    sheet = Sheet(Source(delivery, "f.xlsx", b""), "F", headings, 1, line, cells)
    reader = Reader(delivery, catalogue, TerritoryIndex(catalogue), Rejects(delivery))
    rows, notes = value_rows(columns_of(sheet, delivery, catalogue), reader)
    assert (len(rows["valeur"]), notes, reader.rejects.taken().num_rows) == (0, 0, 1)


SEPARATED = st.sampled_from(["", " ", "\u00a0", "\u202f"])


@given(st.integers(-(10**9), 10**9), st.integers(0, 99), SEPARATED, st.sampled_from([",", "."]))
def test_a_number_is_read_back_whatever_its_marks(whole, cents, space, decimal):
    text = f"{whole:,}".replace(",", space) + f"{decimal}{cents:02d}"
    expected = float(Decimal(f"{whole}.{cents:02d}"))
    assert number(text, decimale=decimal) == expected
    assert number(f"{text} %", decimale=decimal) == (expected, True, None)
    assert number(f"{text} € (p)", decimale=decimal, unites_ecrites=["€"], drapeaux=["(p)"]) == (expected, False, "(p)")


@given(st.text(alphabet="0123456789.,' ’-+eE%€()pk\u00a0", max_size=12))
def test_no_text_is_read_as_a_number_that_another_mark_would_make_another(text):
    """What two declarations both read as plain digits is the same number, but for what the decimal mark decides."""
    plain, french = number(text), number(text, decimale=",", milliers=".")
    if isinstance(plain, float) and isinstance(french, float) and not {".", ","} & set(text):
        assert plain == french


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"milliers": ",", "decimale": ","}, "milliers: must differ from decimale"),
        ({"milliers": "x"}, "spaces are always read"),
        ({"unites_ecrites": ["%"]}, "percentages are read where the indicator's unit begins with %"),
        ({"unites_ecrites": ["m", "km"]}, "'km' and 'm' are not the same unit"),
        ({"unites_ecrites": ["cm", "km"]}, "'km' and 'cm' are not the same unit"),
        ({"unites_ecrites": ["k€", "M€"]}, "'M€' and 'k€' are not the same unit"),
        ({"unites_ecrites": ["k", "M"]}, "'M' and 'k' are not the same unit"),
        ({"unites_ecrites": ["milliards", "millions"]}, "'millions' and 'milliards' are not the same unit"),
        ({"unites_ecrites": ["kg", "t"]}, "'t' and 'kg' are not the same unit"),
        ({"unites_ecrites": ["mois", "ans"]}, "'ans' and 'mois' are not the same unit"),
        ({"unites_ecrites": ["ha", "m²"]}, "'m²' and 'ha' are not the same unit"),
        ({"unites_ecrites": ["k€", "€"]}, "'€' and 'k€' are not the same unit"),
        ({"drapeaux": ["1"]}, "would be taken for a part of the number"),
        ({"drapeaux": ["½"]}, "would be taken for a part of the number"),
        ({"unites_ecrites": ["٣"]}, "would be taken for a part of the number"),
        ({"drapeaux": ["-"]}, "would be taken for a part of the number"),
        ({"drapeaux": ["r", "k"]}, "'k' makes another number of it"),
        ({"drapeaux": ["millions"]}, "'millions' makes another number of it"),
        ({"drapeaux": [" "]}, "would be taken for a part of the number"),
        ({"drapeaux": ["r"], "unites_ecrites": ["r"]}, "'r' is in unites_ecrites too"),
    ],
)
def test_marks_that_would_make_another_number_are_told_in_the_catalogue(given, told):
    with pytest.raises(ValidationError) as error:
        a_delivery(**given)
    assert told in str(error.value)


@pytest.mark.parametrize(
    "units",
    [
        ["€", "EUR"],
        ["k€", "K€", "milliers d'euros"],
        ["millions", "M€"],
        ["h", "heures"],
        ["t", "tonnes"],
        ["ha", "km"],
    ],
)
def test_several_ways_to_write_a_unit_are_no_mistake(units):
    assert a_delivery(unites_ecrites=units).unites_ecrites == tuple(units)


@pytest.mark.parametrize("written", ["1 ½", "1½", "12 ¾"])
def test_a_fraction_after_a_number_is_not_advised_as_a_mark(written):
    assert reason(written) == "n'est pas un nombre"


def test_the_call_of_a_note_in_raised_figures_may_be_a_mark():
    assert number("12¹", drapeaux=["¹"]) == (12, False, "¹")


@pytest.mark.parametrize("written", ["½", "٣", "Ⅷ"])
def test_a_number_in_other_figures_is_not_advised_as_a_missing_value(written):
    assert "manquants" not in number(written).reason


@pytest.mark.parametrize(
    ("written", "keys", "why"),
    [
        ("1.234,5", {}, '`decimale: ","` et `milliers: "."` le liraient'),
        ("1,234.5", {"decimale": ","}, '`decimale: "."` et `milliers: ","` le liraient'),
        ("€ 12", {}, "« € » est écrit devant ; `unites_ecrites`"),
        ("EUR -12,5", {"decimale": ","}, "« EUR » est écrit devant ; `unites_ecrites`"),
        ("12 (1)", {}, "« (1) » est écrit après ; `drapeaux`"),
        ("12 km2", {}, "« km2 » est écrit après"),
        ("12 hab.", {}, "« hab. » est écrit après"),
        ("<5", {}, "`manquants` dirait que c'est une marque de valeur absente"),
        ("１２", {}, "ses chiffres (« １ ») ne sont pas ceux de 0 à 9"),
    ],
)
def test_the_reason_of_a_number_that_is_not_read_names_the_keys_that_would_read_it(written, keys, why):
    assert why in reason(written, **keys)


@pytest.mark.parametrize("written", ["5+", "5%%", "5 ,-"])
def test_no_reason_names_a_key_that_would_be_refused(written):
    assert "drapeaux" not in reason(written)


def test_a_mark_may_be_abbreviated():
    assert number("12 hab.", unites_ecrites=["hab."]) == 12.0
    assert number("12,5 prov.", decimale=",", drapeaux=["prov."]) == (12.5, False, "prov.")
    assert number("F. 12", unites_ecrites=["F."]) == 12.0
    assert isinstance(number("F.12", unites_ecrites=["F."]), Problem)


def test_a_unit_and_its_plural_are_one_unit():
    assert (
        number("1 jour", unites_ecrites=["jour", "jours"]) == number("1 jours", unites_ecrites=["jour", "jours"]) == 1
    )
