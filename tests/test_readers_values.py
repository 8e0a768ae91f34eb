"""What the readers make of values: shapes, numbers, dates, territories, rejects."""

from datetime import date

import pytest

from barometre_pipeline.errors import ReadingError
from tests.small_deliveries import COLUMNS, MARCH, read, rules, values


@pytest.mark.parametrize(
    ("written", "decimale", "number"),
    [
        ("12", ".", 12.0),
        ("-3.5", ".", -3.5),
        ("\u22123,5", ",", -3.5),
        ("1 234,5", ",", 1234.5),
        ("1\u00a0234\u202f567", ",", 1234567.0),
        ("+7", ".", 7.0),
        ("1.5e3", ".", 1500.0),
        (" 8 ", ".", 8.0),
    ],
)
def test_a_number_is_read_as_people_write_it(tmp_path, written, decimale, number):
    text = f"maille;code;date;valeur\nnationale;FR;2021-03-31;{written}\n"
    assert values(read(tmp_path, text, separateur=";", decimale=decimale)) == [("nationale", "FR", MARCH, number)]


@pytest.mark.parametrize(
    "written", ["abc", "12 34", "1_0", "45 %", "1.234,5", "1'234", "inf", "NaN", "1e999", "--1", "e5", "٣", "0x10"]
)
def test_what_is_no_number_is_rejected_with_its_place(tmp_path, written):
    reading = read(
        tmp_path, f"maille;code;date;valeur\nnationale;FR;2021-03-31;{written}\n", separateur=";", decimale=","
    )
    assert rules(reading) == [("valeur_illisible", 2, "valeur", written)]
    assert not values(reading)


def test_a_row_that_lacks_a_cell_before_its_value_is_rejected_and_not_taken_for_a_missing_value(tmp_path):
    reading = read(tmp_path, "maille;code;date;valeur\nnationale;FR;5\nnationale;FR;2021-03-31;\n", separateur=";")
    assert rules(reading) == [("date_illisible", 2, "date", "5")]
    assert not values(reading)


def test_a_comma_without_quotes_is_rejected_where_the_cell_that_it_adds_is_empty_too(tmp_path):
    text = "maille,code,date,valeur,unite\nnationale,FR,2021-03,1,5,\nnationale,FR,2021-04,2,\n"
    reading = read(tmp_path, text)
    assert [row["ligne"] for row in reading.rejects.to_pylist()] == [2]
    assert values(reading) == [("nationale", "FR", date(2021, 4, 30), 2.0)]


def test_rows_that_all_end_by_a_separator_are_read(tmp_path):
    text = "maille,code,date,valeur\nnationale,FR,2021-03,1,\nnationale,FR,2021-04,2,\n"
    assert [value for *_, value in values(read(tmp_path, text))] == [1.0, 2.0]


def test_a_number_with_the_other_decimal_mark_is_rejected_saying_so(tmp_path):
    reading = read(tmp_path, 'maille,code,date,valeur\nnationale,FR,2021-03-31,"3,5"\n')
    assert reading.rejects["motif"][0].as_py() == (
        "« 3,5 » n'est pas un nombre : la marque décimale déclarée est « . » (colonne « valeur »)."
    )


@pytest.mark.parametrize(
    ("written", "form", "day"),
    [
        ("2021-03-31", None, MARCH),
        ("2021-03-02", None, MARCH),
        ("2021-03", None, MARCH),
        ("2021-03-05T10:00:00Z", None, MARCH),
        ("2021-03-31 00:00:00", None, MARCH),
        ("01/03/2021", "%d/%m/%Y", MARCH),
        ("03/2021", "%m/%Y", MARCH),
        ("202103", "%Y%m", MARCH),
        ("2021", "%Y", date(2021, 12, 31)),
        ("2020-02", None, date(2020, 2, 29)),
    ],
)
def test_a_date_is_the_last_day_of_its_month_or_year(tmp_path, written, form, day):
    reading = read(tmp_path, f"maille,code,date,valeur\nnationale,FR,{written},1\n", format_date=form)
    assert values(reading) == [("nationale", "FR", day, 1.0)]


@pytest.mark.parametrize("written", ["31/03/2021", "2021-13", "2021-02-30", "", "1021-03", "2301-01", "44286"])
def test_what_is_no_plausible_date_is_rejected(tmp_path, written):
    reading = read(tmp_path, f"maille,code,date,valeur\nnationale,FR,{written},1\n")
    assert rules(reading) == [("date_illisible", 2, "date", written)]


@pytest.mark.parametrize(
    ("maille", "code", "found"),
    [
        ("departementale", "1", "01"),
        ("departementale", "1.0", "01"),
        ("departementale", "001", "01"),
        ("departementale", "2a", "2A"),
        ("regionale", "1", "01"),
        ("Départementale", "971", "971"),
    ],
)
def test_a_code_is_found_without_its_zeros_and_in_any_case(tmp_path, maille, code, found):
    reading = read(tmp_path, f"maille,code,date,valeur\n{maille},{code},2021-03,1\n")
    assert reading.rows["code"].to_pylist() == [found]


@pytest.mark.parametrize(
    "name", ["provence alpes cote d azur", "PROVENCE-ALPES-CÔTE D’AZUR", " Provence–Alpes Côte d'Azur"]
)
def test_a_name_is_found_without_case_accents_hyphens_and_apostrophe_shape(tmp_path, name):
    columns = {"libelle": "nom", "date": "date", "valeur": "valeur"}
    reading = read(tmp_path, f"nom,date,valeur\n{name},2021-03,1\n", colonnes=columns, maille="regionale")
    assert values(reading) == [("regionale", "93", MARCH, 1.0)]


def test_the_same_name_is_another_territory_in_another_maille(tmp_path):
    columns = {"libelle": "nom", "maille": "maille", "date": "date", "valeur": "valeur"}
    text = "maille,nom,date,valeur\nregionale,Guadeloupe,2021-03,1\ndepartementale,Guadeloupe,2021-03,2\n"
    assert [v[1] for v in values(read(tmp_path, text, colonnes=columns))] == ["01", "971"]


def test_a_name_serves_where_the_code_is_empty(tmp_path):
    columns = {**COLUMNS, "libelle": "nom"}
    text = "maille,code,nom,date,valeur\ndepartementale,,ain,2021-03,1\n"
    assert values(read(tmp_path, text, colonnes=columns)) == [("departementale", "01", MARCH, 1.0)]


def test_a_zone_tells_both_maille_and_code(tmp_path):
    columns = {"zone": "zone", "date": "date", "valeur": "valeur"}
    reading = read(tmp_path, "zone,date,valeur\nD2A,2021-03,1\nFRANCE,2021-03,2\n", colonnes=columns)
    assert [v[:2] for v in values(reading)] == [("departementale", "2A"), ("nationale", "FR")]


def test_a_national_file_needs_no_territory_column(tmp_path):
    columns = {"date": "date", "valeur": "valeur"}
    reading = read(tmp_path, "date,valeur\n2021-03,1\n", colonnes=columns, maille="nationale")
    assert values(reading) == [("nationale", "FR", MARCH, 1.0)]


def test_an_unknown_territory_is_rejected_with_the_closest_name(tmp_path):
    columns = {"libelle": "nom", "date": "date", "valeur": "valeur"}
    reading = read(tmp_path, "nom,date,valeur\nCorse du Su,2021-03,1\n", colonnes=columns, maille="departementale")
    assert rules(reading) == [("territoire_inconnu", 2, "nom", "Corse du Su")]
    assert "le nom le plus proche est « Corse-du-Sud »" in reading.rejects["motif"][0].as_py()


def test_an_unknown_maille_is_rejected(tmp_path):
    reading = read(tmp_path, "maille,code,date,valeur\ncanton,01,2021-03,1\n")
    assert rules(reading) == [("territoire_inconnu", 2, "maille", "canton")]


def test_the_files_own_words_for_the_mailles_are_translated(tmp_path):
    words = {"Pays": "nationale", "DEP": "departementale"}
    text = "maille,code,date,valeur\nPays,FR,2021-03,1\ndep,01,2021-03,2\n"
    assert [v[0] for v in values(read(tmp_path, text, valeurs_maille=words))] == ["nationale", "departementale"]


def test_a_word_without_letters_translates_neither_an_empty_level_nor_another_such_word(tmp_path):
    text = "maille,code,date,valeur\n-,FR,2021-03,1\n,FR,2021-03,2\n*,FR,2021-03,3\n"
    reading = read(tmp_path, text, valeurs_maille={"-": "nationale"})
    assert ([v[3] for v in values(reading)], [r[3] for r in rules(reading)]) == ([1.0], ["", "*"])


def test_a_level_that_two_words_may_mean_is_read_by_neither(tmp_path):
    text = "maille,code,date,valeur\nD+,01,2021-03,1\nd,01,2021-03,2\n"
    reading = read(tmp_path, text, valeurs_maille={"D+": "departementale", "D-": "regionale"})
    assert ([v[0] for v in values(reading)], [r[3] for r in rules(reading)]) == (["departementale"], ["d"])


def test_an_indicator_that_the_catalogue_does_not_know_is_kept_aside(tmp_path):
    columns = {**COLUMNS, "indicateur": "ind"}
    text = "ind,maille,code,date,valeur\ni,nationale,FR,2021-03,1\nx,nationale,FR,2021-03,2\n"
    reading = read(tmp_path, text, colonnes=columns, indicateur=None)
    assert reading.rows.num_rows == 1
    assert rules(reading) == [("indicateur_hors_catalogue", 3, "ind", "x")]


def test_a_missing_value_is_no_row_whatever_its_mark(tmp_path):
    text = "maille,code,date,valeur\nnationale,FR,2021-03,\nnationale,FR,2021-04,n.d.\nnationale,FR,2021-05,3\n"
    reading = read(tmp_path, text, manquants=["n.d."])
    assert (reading.rows.num_rows, reading.rejects.num_rows) == (1, 0)


def test_a_note_below_the_table_is_counted_and_no_data(tmp_path):
    text = "maille,code,date,valeur\nnationale,FR,2021-03,1\n\nSource : le ministère\n,,,voir la notice\n"
    reading = read(tmp_path, text)
    assert (reading.sheets[0].rows, reading.sheets[0].notes) == (1, 2)
    assert not reading.rejects.num_rows


def test_a_value_without_date_nor_territory_is_rejected_not_a_note(tmp_path):
    assert rules(read(tmp_path, "maille,code,date,valeur\ndepartementale,,,12\n"))[0][0] == "territoire_inconnu"


def test_the_nation_needs_no_code(tmp_path):
    reading = read(tmp_path, "maille,code,date,valeur\nnationale,,2021-03,12\n")
    assert reading.rows["code"].to_pylist() == ["FR"]


def test_a_name_may_stand_where_the_code_should_be(tmp_path):
    reading = read(tmp_path, "maille,code,date,valeur\ndepartementale,AIN,2021-03,12\n")
    assert reading.rows["code"].to_pylist() == ["01"]


def test_a_row_with_more_cells_than_headings_is_rejected(tmp_path):
    text = "maille,code,date,valeur\nnationale,FR,2021-03,1,234\nnationale,FR,2021-04,1,,\n"
    reading = read(tmp_path, text)
    assert rules(reading) == [("valeur_illisible", 2, None, "nationale | FR | 2021-03 | 1 | 234")]
    assert reading.rows.num_rows == 1


def test_a_wide_file_by_date_gives_a_row_for_each_filled_cell(tmp_path):
    columns = {"maille": "maille", "libelle": "nom"}
    text = "maille,nom,2021-03-31,2021-06\ndepartementale,Ain,1,\ndepartementale,Corse du Sud,n.d.,4\n"
    reading = read(
        tmp_path, text, colonnes=columns, disposition="large", entetes="date", manquants=["n.d."], separateur=","
    )
    assert sorted(values(reading)) == [
        ("departementale", "01", MARCH, 1.0),
        ("departementale", "2A", date(2021, 6, 30), 4.0),
    ]
    assert reading.rows["colonne"].to_pylist() == ["2021-03-31", "2021-06"]


def test_a_wide_heading_that_is_no_date_is_rejected_once_and_only_where_it_has_data(tmp_path):
    columns = {"maille": "maille", "territoire": "code"}
    text = "maille,code,2021-03,Total,,Rien\ndepartementale,01,1,9,,\ndepartementale,2A,2,9,,\n"
    reading = read(tmp_path, text, colonnes=columns, disposition="large", entetes="date")
    assert rules(reading) == [("date_illisible", 1, "Total", "Total")]
    assert reading.rows.num_rows == 2


def test_a_wide_heading_that_is_no_indicator_is_rejected_once(tmp_path):
    columns = {"maille": "maille", "territoire": "code", "date": "date"}
    text = "maille,code,date,i,k\nnationale,FR,2021-03,1,9\nnationale,FR,2021-06,2,9\n"
    given = {"colonnes": columns, "disposition": "large", "entetes": "indicateur", "indicateur": None}
    reading = read(tmp_path, text, **given)
    assert rules(reading) == [("indicateur_hors_catalogue", 1, "k", "k")]
    assert reading.rows["id_indicateur"].to_pylist() == ["i", "i"]


def test_an_unreadable_cell_of_a_wide_file_names_its_column(tmp_path):
    columns = {"maille": "maille", "territoire": "code"}
    text = "maille,code,2021-03,2021-06\ndepartementale,01,1,x\n"
    reading = read(tmp_path, text, colonnes=columns, disposition="large", entetes="date")
    assert rules(reading) == [("valeur_illisible", 2, "2021-06", "x")]
    assert reading.rejects["date"].to_pylist() == [date(2021, 6, 30)]


def test_a_missing_column_is_an_error_that_names_the_closest_heading(tmp_path):
    with pytest.raises(ReadingError) as error:
        read(tmp_path, "maille,code,date,valeurs\nnationale,FR,2021-03,1\n")
    assert str(error.value) == (
        "essai: f.csv: the column 'valeur' (valeur) is missing; the closest is 'valeurs'; "
        "present: 'maille', 'code', 'date', 'valeurs'."
    )


def test_a_needed_heading_written_twice_is_an_error(tmp_path):
    with pytest.raises(ReadingError, match=r"'valeur' \(valeur\) is there twice"):
        read(tmp_path, "maille,code,date,valeur,valeur\nnationale,FR,2021-03,1,2\n")


def test_headings_are_compared_without_the_spaces_around_and_with_any_space_inside(tmp_path):
    columns = {**COLUMNS, "territoire": "Code territoire"}
    text = "maille, Code\u00a0territoire ,date,valeur\nnationale,FR,2021-03,1\n"
    assert read(tmp_path, text, colonnes=columns).rows.num_rows == 1


def test_a_reject_keeps_at_most_200_characters_of_the_cell(tmp_path):
    reading = read(tmp_path, f"maille,code,date,valeur\nnationale,FR,2021-03,{'x' * 1000}\n")
    assert len(reading.rejects["contenu"][0].as_py()) == 200


def test_a_level_that_is_not_known_is_told_with_the_keys_that_would_allow_it(tmp_path):
    reading = read(tmp_path, "maille,code,date,valeur\nEPCI,200000172,2021-03,1\n,01,2021-03,2\n")
    unknown, empty = reading.rejects["motif"].to_pylist()
    assert "`valeurs_maille`" in unknown and "`filtre`" in unknown
    assert empty.startswith("La cellule est vide : une maille est nécessaire")


@pytest.mark.parametrize("written", ["12 (p)", "12,5", "(5)", "12 €", "1 234,5 k€"])
def test_a_number_that_cannot_be_read_is_no_remark_where_its_row_has_no_key(tmp_path, written):
    text = f"maille;code;date;valeur\ndepartementale;01;2021-03;1\n;;;{written}\n;;;12 communes\n;;;(1) Provisoire\n"
    reading = read(tmp_path, text, separateur=";")
    assert ([rule[1] for rule in rules(reading)], reading.sheets[0].notes) == ([3], 2)


def test_a_row_of_an_indicator_or_a_level_of_ours_is_no_remark(tmp_path):
    columns = {"indicateur": "quoi", "maille": "maille", "territoire": "code", "date": "date", "valeur": "valeur"}
    rows = "i;departementale;01;2021-03;1\nj;;;;secret\n;departementale;;;secret\nSource;;;;Insee\n"
    text = f"quoi;maille;code;date;valeur\n{rows}"
    reading = read(tmp_path, text, separateur=";", indicateur=None, colonnes=columns)
    assert ([rule[1] for rule in rules(reading)], reading.sheets[0].notes) == ([3, 4], 1)
