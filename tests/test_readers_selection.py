"""Which rows and columns of a file are kept, translated or ignored, as the catalogue says."""

from datetime import date

import pytest

from barometre_pipeline.errors import ReadingError
from tests.small_deliveries import MARCH, a_delivery, read, rules, values, xlsx, xml_row

AIN = ("departementale", "01", MARCH)
BY_CODE = {"territoire": "code", "date": "date", "valeur": "valeur"}


def cell(number, *cells):
    return xml_row(number, *cells)


def test_a_filter_keeps_the_rows_of_its_words_and_counts_the_others(tmp_path):
    text = "zone;type_valeur;date;valeur\nD01;vi;2020-03;1\nD01; VA ;2021-03;2\nD01;vc;2021-03;30\n"
    columns = {"zone": "zone", "date": "date", "valeur": "valeur"}
    reading = read(tmp_path, text, separateur=";", colonnes=columns, filtre={"type_valeur": "va"})
    assert values(reading) == [(*AIN, 2.0)]
    assert rules(reading) == []
    assert (reading.sheets[0].filtered, reading.sheets[0].rows) == (2, 1)


def test_a_filter_may_have_several_columns_words_patterns_numbers_and_the_empty_cell(tmp_path):
    text = "code,sexe,age,date,valeur\n01,,15,2021-03,1\n01,F,15,2021-03,2\n01,Total,15,2021-03,3\n01,,16,2021-03,4\n"
    given = {"maille": "departementale", "colonnes": BY_CODE, "filtre": {"sexe": ["", "/[A-E]/"], "age": 15}}
    assert values(read(tmp_path, text, **given)) == [(*AIN, 1.0)]
    given["filtre"] = {"sexe": "/T.*|F/"}
    assert [v[3] for v in values(read(tmp_path, text, **given))] == [2.0, 3.0]


def test_a_filter_on_a_column_that_is_missing_is_told_with_the_closest(tmp_path):
    text = "maille,code,type,date,valeur\ndepartementale,01,va,2021-03,2\n"
    with pytest.raises(ReadingError, match="the column 'types' \\(filtre\\) is missing; the closest is 'type'"):
        read(tmp_path, text, filtre={"types": "va"})


def test_a_filter_that_keeps_nothing_is_told(tmp_path):
    text = "maille,code,type,date,valeur\ndepartementale,01,va,2021-03,2\n"
    with pytest.raises(ReadingError, match="`filtre` keeps none of its 1 rows"):
        read(tmp_path, text, filtre={"type": "vx"})


def test_an_error_cell_in_the_column_of_a_filter_is_a_reject(tmp_path):
    rows = cell(1, "code", "type", "date", "valeur") + cell(2, "01", "va", "2021-03", 1)
    content = xlsx({"F": rows + cell(3, "02", "#N/A", "2021-03", 2)})
    given = {"format": "xlsx", "maille": "departementale", "colonnes": BY_CODE, "filtre": {"type": "va"}}
    reading = read(tmp_path, content, **given)
    assert values(reading) == [(*AIN, 1.0)]
    assert reading.sheets[0].filtered + reading.rejects.num_rows == 1


def test_the_files_own_words_are_translated_and_what_is_not_followed_is_counted(tmp_path):
    text = "code;date;valeur\n1;2022-03;5\n20A;2022-03;6\n69M;2022-03;7\n975;2022-03;8\nTotal;2022-03;9\n"
    given = {
        "separateur": ";",
        "colonnes": BY_CODE,
        "maille": "departementale",
        "valeurs_territoire": {"20a": "2A", "/tot.*/": "regionale/93"},
        "ignorer": {"territoires": ["69M", "/97[5-8]/", "01"]},
    }
    reading = read(tmp_path, text, **given)
    assert [v[:2] for v in values(reading)] == [("departementale", "01"), ("departementale", "2A")]
    assert rules(reading) == [("territoire_inconnu", 6, "code", "Total")]  # patterns mind the case
    assert (reading.sheets[0].ignored, reading.sheets[0].rows) == (2, 3)


def test_a_code_with_its_level_is_that_territory_whatever_the_level_of_the_row(tmp_path):
    text = "code,date,valeur\nRégion sud,2021-03,5\n,2021-03,6\n"
    given = {"maille": "departementale", "colonnes": BY_CODE}
    reading = read(tmp_path, text, valeurs_territoire={"région SUD": "regionale/93", "": "nationale/FR"}, **given)
    assert [v[:2] for v in values(reading)] == [("regionale", "93"), ("nationale", "FR")]


def test_names_are_translated_or_ignored_beside_codes_that_say_nothing(tmp_path):
    text = "code,nom,date,valeur\n99,Étranger,2021-03,5\n98,Corse-du-sud (2A),2021-03,6\n"
    columns = BY_CODE | {"libelle": "nom"}
    given = {"maille": "departementale", "colonnes": columns, "valeurs_territoire": {"/Corse-du-sud .*/": "2A"}}
    reading = read(tmp_path, text, ignorer={"territoires": ["étranger"]}, **given)
    assert [v[:2] for v in values(reading)] == [("departementale", "2A")]
    assert reading.sheets[0].ignored == 1 and rules(reading) == []


def test_what_is_unknown_is_told_with_the_keys_that_would_allow_it(tmp_path):
    text = "indic,maille,code,date,valeur\nk,departementale,01,2021-03,1\ni,departementale,99,2021-03,2\n"
    columns = {"indicateur": "indic", "maille": "maille", "territoire": "code", "date": "date", "valeur": "valeur"}
    reading = read(tmp_path, text, indicateur=None, colonnes=columns)
    first, second = reading.rejects["motif"].to_pylist()
    assert "`valeurs_indicateur`" in first and "`ignorer: {indicateurs: […]}`" in first
    assert "`valeurs_territoire`" in second and "`ignorer: {territoires: […]}`" in second


def test_indicators_are_translated_and_ignored_in_a_column(tmp_path):
    text = "indic,maille,code,date,valeur\nNombre,departementale,01,2021-03,1\nAutre,departementale,01,2021-03,2\n"
    columns = {"indicateur": "indic", "maille": "maille", "territoire": "code", "date": "date", "valeur": "valeur"}
    given = {"valeurs_indicateur": {"NOMBRE": "i"}, "ignorer": {"indicateurs": ["autre"]}}
    reading = read(tmp_path, text, indicateur=None, colonnes=columns, **given)
    assert reading.rows["id_indicateur"].to_pylist() == ["i"]
    assert reading.sheets[0].ignored == 1 and rules(reading) == []


def test_headings_of_indicators_are_translated_and_ignored_too(tmp_path):
    text = "maille,code,date,Nombre,Autre,Commentaire\ndepartementale,01,2021-03,1,2,vu\n"
    given = {"valeurs_indicateur": {"nombre": "i"}, "ignorer": {"indicateurs": ["autre"], "colonnes": ["Commentaire"]}}
    columns = {"maille": "maille", "territoire": "code", "date": "date"}
    reading = read(
        tmp_path, text, indicateur=None, disposition="large", entetes="indicateur", colonnes=columns, **given
    )
    assert values(reading) == [(*AIN, 1.0)]
    assert rules(reading) == [] and reading.sheets[0].ignored_columns == ("Autre", "Commentaire")


def test_columns_are_ignored_only_where_they_are_nothing_else(tmp_path):
    text = "code;2021-03;Total;Commentaire\n01;5;5;ras\n"
    given = {"separateur": ";", "maille": "departementale", "colonnes": {"territoire": "code"}}
    wide = {"disposition": "large", "entetes": "date"}
    reading = read(tmp_path, text, ignorer={"colonnes": ["TOTAL", "/Comm.*/", "2021-03"]}, **wide, **given)
    assert values(reading) == [(*AIN, 5.0)]
    assert rules(reading) == []
    assert reading.sheets[0].ignored_columns == ("Total", "Commentaire")


def test_the_columns_of_a_long_file_that_nothing_uses_are_told(tmp_path):
    text = "maille,code,date,valeur,source,note\ndepartementale,01,2021-03,5,x,y\n"
    reading = read(tmp_path, text, ignorer={"colonnes": ["note"]})
    assert reading.sheets[0].unused_columns == ("source",)
    assert reading.sheets[0].ignored_columns == ("note",)


def test_merged_cells_hold_the_value_above_and_the_filter_comes_after(tmp_path):
    rows = (
        cell(1, "code", "date", "type", "valeur")
        + cell(2, "01", "2021-03", "va", 1)
        + cell(3, None, "2021-06", "va", 2)
    )
    content = xlsx({"F": rows + cell(4, "2A", "2021-03", "va", 3) + cell(5, None, "2021-06", "vc", 4)})
    given = {"format": "xlsx", "maille": "departementale", "colonnes": BY_CODE}
    reading = read(tmp_path, content, remplir=["code"], filtre={"type": "va"}, **given)
    assert [(v[1], v[3]) for v in values(reading)] == [("01", 1.0), ("01", 2.0), ("2A", 3.0)]
    assert reading.sheets[0].filtered == 1
    with pytest.raises(ReadingError, match="the column 'cod' \\(remplir\\) is missing"):
        read(tmp_path, content, remplir=["cod"], **given)


def test_a_filter_leaves_out_the_headings_that_are_there_again_but_not_those_of_other_columns(tmp_path):
    first = "type,maille,code,date,valeur,population\nva,nationale,FR,2021-03,5,70\n"
    again = "type,maille,code,date,{},{}\nva,nationale,FR,2021-06,6,71\n"
    reading = read(tmp_path, first + again.format("valeur", "population"), filtre={"type": "va"})
    assert ([one[3] for one in values(reading)], reading.sheets[0].filtered) == ([5, 6], 1)
    with pytest.raises(ReadingError, match="row 3 has the headings again, in another order: make two files of it"):
        read(tmp_path, first + again.format("population", "valeur"), filtre={"type": "va"})


@pytest.mark.parametrize("filled", [["maille", "code"], ["code", "maille"], ["code"]])
def test_a_territory_that_is_filled_down_holds_no_further_than_its_level(tmp_path, filled):
    text = "maille,code,date,valeur\nregionale,01,2021-03,1\n{0},,2021-06,2\n{1},,2021-03,3\n{2},,2021-06,4\n"
    below = ("", "departementale", "") if len(filled) > 1 else ("regionale", "departementale", "departementale")
    reading = read(tmp_path, text.format(*below) + "nationale,,2021-03,5\n", remplir=filled)
    assert [(one[0], one[3]) for one in values(reading)] == [("regionale", 1), ("regionale", 2), ("nationale", 5)]
    assert [rule[:3] for rule in rules(reading)] == [("territoire_inconnu", line, "code") for line in (4, 5)]


def reasons(reading):
    return reading.rejects["motif"].to_pylist()


def test_empty_cells_of_a_key_below_filled_ones_are_rejected_with_the_key_that_fills_down(tmp_path):
    text = "Indic,Code,Année,Mois,valeur\ni,01,2021,3,1\n,,,4,2\n,2A,2021,3,3\nj,,,6,4\n"
    columns = {"indicateur": "Indic", "territoire": "Code", "date": ["Année", "Mois"], "valeur": "valeur"}
    given = {"colonnes": columns, "indicateur": None, "maille": "departementale"}
    reading = read(tmp_path, text, **given)
    assert [rule[:3] for rule in rules(reading)] == [
        ("indicateur_hors_catalogue", 3, "Indic"),
        ("indicateur_hors_catalogue", 4, "Indic"),
        ("territoire_inconnu", 5, "Code"),
    ]
    assert all(
        "; `remplir: [Indic, Code, Année]` dirait que la valeur au-dessus vaut" in one for one in reasons(reading)
    )
    reading = read(tmp_path, text, remplir=["Indic", "Code"], **given)
    assert rules(reading) == [("date_illisible", 3, "Année, Mois", " 4"), ("date_illisible", 5, "Année, Mois", " 6")]
    assert all("; `remplir: [Année]` dirait" in one for one in reasons(reading))
    assert rules(read(tmp_path, text, remplir=["Indic", "Code", "Année"], **given)) == []


def test_the_empty_cell_of_a_total_is_not_taken_for_a_merged_one(tmp_path):
    rows = "".join(f"01,2021-0{month},5\n" for month in range(1, 6))
    reading = read(tmp_path, f"code,date,valeur\n{rows},2021-06,30\n", colonnes=BY_CODE, maille="departementale")
    assert [rule[:2] for rule in rules(reading)] == [("territoire_inconnu", 7)]
    assert "remplir" not in reasons(reading)[0]


def test_an_empty_value_or_a_key_that_is_wrong_says_nothing_of_merged_cells(tmp_path):
    reading = read(
        tmp_path, "code,date,valeur\n01,2021-03,1\n99,2021-04,2\n,2021-05,\n", colonnes=BY_CODE, maille="departementale"
    )
    assert "remplir" not in "".join(reasons(reading))


def test_headings_on_several_rows_are_joined_and_an_upper_one_holds_to_its_right(tmp_path):
    rows = cell(1, "Un titre") + cell(3, "code", "2021", None, "2022") + cell(4, None, "03", "06", "03", "x")
    content = xlsx({"F": rows + cell(5, "01", 1, 2, 3)})
    given = {"format": "xlsx", "maille": "departementale", "colonnes": {"territoire": "code"}}
    wide = {"disposition": "large", "entetes": "date", "format_date": "%Y %m"}
    reading = read(tmp_path, content, lignes_entete=[3, 4], **wide, **given)
    assert [v[2:] for v in values(reading)] == [
        (date(2021, 3, 31), 1.0),
        (date(2021, 6, 30), 2.0),
        (date(2022, 3, 31), 3.0),
    ]
    assert reading.sheets[0].headings == ("code", "2021 03", "2021 06", "2022 03", "2022 x")


def test_what_stands_under_no_heading_of_its_own_is_not_read_under_one_further_left(tmp_path):
    rows = cell(1, "code", "2021", None, None) + cell(2, None, "03", "06", None)
    content = xlsx({"F": rows + cell(3, "01", 1, 2, 9)})
    given = {"format": "xlsx", "maille": "departementale", "colonnes": {"territoire": "code"}}
    reading = read(
        tmp_path, content, lignes_entete=[1, 2], disposition="large", entetes="date", format_date="%Y %m", **given
    )
    assert rules(reading) == [("valeur_illisible", 3, None, "01 | 1 | 2 | 9")]
    assert values(reading) == []


def test_a_row_of_headings_that_is_empty_is_told(tmp_path):
    with pytest.raises(ReadingError, match="row 2 \\(lignes_entete\\) is empty"):
        read(tmp_path, "maille,code,date,valeur\n\ndepartementale,01,2021-03,1\n", lignes_entete=[1, 2])


@pytest.mark.parametrize("shape", [{}, {"disposition": "large", "entetes": "date"}])
def test_a_filled_cell_under_an_empty_heading_puts_its_row_aside(tmp_path, shape):
    columns = {"maille": "maille", "territoire": "code"} | ({} if shape else {"date": "date", "valeur": "2021-03"})
    text = "maille,code,date,2021-03,\ndepartementale,01,2021-03,1,234\ndepartementale,2A,2021-03,2,\n,,,,une note\n"
    ignored = {"colonnes": ["date"] if shape else []}
    reading = read(tmp_path, text, colonnes=columns, ignorer=ignored, **shape)
    assert values(reading) == [("departementale", "2A", MARCH, 2.0)]
    assert [r for r in rules(reading) if r[0] == "valeur_illisible"] == [("valeur_illisible", 2, None, "234")]
    assert "`ignorer: {colonnes: ['']}`" in reading.rejects["motif"].to_pylist()[0]
    reading = read(tmp_path, text, colonnes=columns, ignorer={"colonnes": ["date", ""]}, **shape)
    assert len(values(reading)) == 2 and rules(reading) == []


def test_explanations_are_read_with_their_days(tmp_path):
    row = "departementale,01,2021-12-31,Le chantier a pris du retard.,2022-02-03,"
    text = f"maille,code,jusqu,texte,le,lien\n{row}\n,,,,,\n"
    columns = {"maille": "maille", "territoire": "code", "date_cible": "jusqu", "texte": "texte", "date": "le"}
    reading = read(tmp_path, text, contenu="explications", colonnes=columns | {"lien": "lien"})
    (row,) = reading.rows.to_pylist()
    assert (row["code"], row["texte"], row["lien"]) == ("01", "Le chantier a pris du retard.", None)
    assert (row["date_cible"], row["date"]) == (date(2021, 12, 31), date(2022, 2, 3))


def test_an_explanation_of_what_is_unknown_is_a_reject(tmp_path):
    rows = ("departementale,99,x,,", "departementale,01,y,hier,", "departementale,01,z,,javascript:x")
    text = "\n".join(("maille,code,texte,le,lien", *rows))
    columns = {"maille": "maille", "territoire": "code", "texte": "texte", "date": "le", "lien": "lien"}
    reading = read(tmp_path, text, contenu="explications", colonnes=columns)
    assert rules(reading) == [
        ("territoire_inconnu", 2, "code", "99"),
        ("date_illisible", 3, "le", "hier"),
        ("valeur_illisible", 4, "lien", "javascript:x"),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"filtre": {"type": "/(?=a)/"}}, "not a pattern of RE2"),
        ({"filtre": {"type": "/(a/"}}, "not a pattern of RE2"),
        ({"filtre": {"type": "/a)(b/"}}, "not a pattern of RE2"),
        ({"filtre": {"type": "/((a{1,900}){1,900}){1,900}/"}}, "not a pattern of RE2"),
        ({"filtre": {"type": []}}, "at least 1"),
        ({"filtre": {"type": None}}, "valid string"),
        ({"rejets_toleres": {"valeur_ilisible": 1}}, "'valeur_ilisible' is not a reason that can be allowed"),
        ({"rejets_toleres": {"valeur_illisible": -1}}, "greater than or equal to 0"),
        ({"ligne_entete": 1, "lignes_entete": [1, 2]}, "exclude one another"),
        ({"lignes_entete": [2, 1]}, "from the highest to the lowest"),
        ({"lignes_entete": [1, 2], "format": "json"}, "a json file has no rows of headings"),
        ({"cible_retenue": "prochaine"}, "only objectifs have targets"),
        ({"valeurs_territoire": {"Total": "FR", "TOTAL ": "FR"}}, "is there twice"),
        ({"ignorer": {"indicateurs": ["x"]}}, "no column and no heading says the indicator"),
        ({"ignorer": {"lignes": ["x"]}}, "Extra inputs"),
    ],
)
def test_a_mistake_in_these_keys_is_told(given, told):
    with pytest.raises(ValueError, match=told):
        a_delivery(**given)


def test_a_pattern_that_would_freeze_python_takes_no_time(tmp_path):
    text = (
        f"maille,code,type,date,valeur\ndepartementale,01,{'a' * 50_000}!,2021-03,2\ndepartementale,01,ok,2021-03,1\n"
    )
    assert [v[3] for v in values(read(tmp_path, text, filtre={"type": ["/(a+)+/", "ok"]}))] == [1.0]


@pytest.mark.parametrize(
    ("kept", "written"),
    [("réalisé", "realise"), ("Taux d'emploi", "Taux d\u2019emploi"), ("15-64 ans", "15 \u2013 64 ans")]
    + [("va", "va\u200b"), ("va", "\ufeffva"), ("01", "1"), ("1", "1.0")],
)
def test_a_row_whose_word_looks_like_one_that_the_filter_keeps_is_rejected_and_not_left_out(tmp_path, kept, written):
    text = f"code,date,valeur,type\n01,2021-02,1,{kept}\n01,2021-03,2,{written}\n01,2021-03,3,autre\n"
    given = {"maille": "departementale", "colonnes": BY_CODE}
    reading = read(tmp_path, text, filtre={"type": [kept]}, **given)
    assert rules(reading) == [("valeur_illisible", 3, "type", written)]
    assert f"se lit comme « {kept} », que `filtre` garde" in reading.rejects["motif"][0].as_py()
    assert read(tmp_path, text, filtre={"type": [kept, written]}, **given).rows["valeur"].to_pylist() == [1.0, 2.0]
    assert not rules(read(tmp_path, text, filtre={"type": f"/{kept}/"}, **given))


def test_a_row_that_another_filter_leaves_out_needs_no_sure_word(tmp_path):
    text = "code,date,valeur,type,age\n01,2021-02,1,réalisé,15\n01,2021-03,2,realise,30\n"
    given = {"maille": "departementale", "colonnes": BY_CODE, "filtre": {"type": "réalisé", "age": 15}}
    assert not rules(read(tmp_path, text, **given))


def test_a_remark_beside_the_table_of_a_workbook_is_one_and_beside_a_row_the_catalogue_may_ignore_it(tmp_path):
    rows = xml_row(1, "code", "date", "valeur") + xml_row(2, "01", "2021-03", 5, None, "vérifié le 2 mai")
    content = xlsx({"A": rows + xml_row(3, None, None, None, None, "Source : Insee, 2021")})
    given = {"format": "xlsx", "maille": "departementale", "colonnes": BY_CODE}
    reading = read(tmp_path, content, **given)
    assert [rule[:2] for rule in rules(reading)] == [("valeur_illisible", 2)]
    assert "`ignorer: {colonnes: ['']}` dirait de ne pas lire ce qui est à côté" in reading.rejects["motif"][0].as_py()
    ignoring = read(tmp_path, content, ignorer={"colonnes": [""]}, **given)
    assert (rules(ignoring), ignoring.rows["valeur"].to_pylist()) == ([], [5.0])


def test_a_row_too_long_of_a_csv_is_rejected_whatever_is_ignored(tmp_path):
    given = {"maille": "departementale", "colonnes": BY_CODE, "ignorer": {"colonnes": [""]}}
    assert rules(read(tmp_path, "code,date,valeur\n01,2021-03,1,5\n", **given))


def test_a_mark_of_a_missing_value_is_no_explanation_and_no_address(tmp_path):
    columns = {"territoire": "code", "texte": "texte", "date": "date", "lien": "lien"}
    text = "code,texte,date,lien\n01,n.c.,2021-05-06,-\n2A,Retard,-,N.C.\n971,#REF!,,\n"
    given = {"contenu": "explications", "maille": "departementale", "colonnes": columns, "manquants": ["-", "n.c."]}
    reading = read(tmp_path, text, **given)
    assert [(row["code"], row["texte"], row["lien"]) for row in reading.rows.to_pylist()] == [("2A", "Retard", None)]
    assert rules(reading) == [("valeur_illisible", 4, "texte", "#REF!")]


def test_the_rows_below_a_word_that_begins_a_block_are_not_left_out_in_silence(tmp_path):
    rows = "Ensemble,01,2021-02,1\n,01,2021-03,2\nFemmes,01,2021-02,3\n,01,2021-03,4\n"
    given = {"maille": "departementale", "colonnes": BY_CODE}

    def found(text: str = rows, **more):
        reading = read(tmp_path, f"sexe,code,date,valeur\n{text}", **given | more)
        return reading.rows["valeur"].to_pylist(), [rule[:3] for rule in rules(reading)]

    assert found(filtre={"sexe": "Ensemble"}) == ([1.0], [("valeur_illisible", 3, "sexe")])
    assert found(filtre={"sexe": "Ensemble"}, remplir=["sexe"]) == ([1.0, 2.0], [])
    assert found(filtre={"sexe": "/Ensemble/"}) == ([1.0], [])
    assert found(filtre={"sexe": ["Ensemble", ""]}) == ([1.0, 2.0, 4.0], [])
    records = (
        '[{"sexe": "E", "code": "01", "date": "2021-02", "valeur": 1}, {"code": "01", "date": "2021-03", "valeur": 2},'
    )
    records += (
        '{"sexe": "F", "code": "01", "date": "2021-02", "valeur": 3}, {"code": "01", "date": "2021-03", "valeur": 4}]'
    )
    assert not rules(read(tmp_path, records, format="json", filtre={"sexe": "E"}, **given))
    # A sign in some rows begins no block.
    signs = "x,01,2021-02,1\n,01,2021-03,2\nx,01,2021-04,3\n,01,2021-05,4\n"
    assert found(signs, filtre={"sexe": "x"}) == ([1.0, 3.0], [])
