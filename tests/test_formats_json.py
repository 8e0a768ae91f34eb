"""JSON as services and tools write it: pages, one record a line, nested objects, GeoJSON, what is no number."""

import json

import pytest

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.readers import read_delivery
from tests.small_deliveries import COLUMNS, MARCH, a_catalogue, a_delivery, read, rules, values

RECORD = {"maille": "nationale", "code": "FR", "date": "2021-03-31", "valeur": 1.5}
ONE = [("nationale", "FR", MARCH, 1.5)]


def within(path: str) -> dict[str, str]:
    """The columns of a delivery whose keys are below this path."""
    return {role: f"{path}.{heading}" for role, heading in COLUMNS.items()}


def read_json(tmp_path, document, **keys):
    text = document if isinstance(document, str) else json.dumps(document)
    return read(tmp_path, text, format="json", **keys)


# -- a page is not the whole


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"total": 13}, r"13 records announced \(`total`\), 1 there"),
        ({"total_count": 13}, "13 records announced"),
        ({"count": "13"}, "13 records announced"),
        ({"nhits": 13}, "13 records announced"),
        ({"@odata.count": 13}, "13 records announced"),
        ({"meta": {"total": 13}}, r"13 records announced \(`meta.total`\)"),
        ({"meta": {"pagination": {"total": 13}}}, r"`meta\.pagination\.total`"),
        ({"total": {"value": 13}}, "13 records announced"),
        ({"next": "https://exemple.fr/?page=2"}, r"a next page is announced \(`next`\)"),
        ({"links": {"next": "?page=2"}}, r"`links\.next`"),
        ({"_links": {"next": {"href": "?page=2"}}}, r"`_links\.next`"),
        ({"@odata.nextLink": "?$skip=1"}, r"`@odata\.nextLink`"),
        ({"has_more": True}, "more is announced"),
        ({"last": False}, r"more is announced \(`last`\)"),
        ({"meta": {"isLastPage": False}}, r"more is announced \(`meta\.isLastPage`\)"),
        ({"incomplete_results": True}, "more is announced"),
        ({"partial": True}, "more is announced"),
        ({"done": False, "nextRecordsUrl": None}, "more is announced"),
        ({"continuationToken": "a1"}, "a next page is announced"),
        ({"resumptionToken": "a1"}, "a next page is announced"),
        ({"row_count": 13}, "13 records announced"),
        ({"total_rows": 13}, "13 records announced"),
        ({"total": 13, "offset": 12}, "13 records announced"),
        ({"offset": 12}, "begins after 12 records"),
        ({"page": 1, "total_pages": 3}, r"3 pages announced \(`total_pages`\)"),
        ({"hydra:totalItems": 13}, r"13 records announced \(`hydra:totalItems`\)"),
        ({"hydra:view": {"hydra:next": "/x?page=2"}}, r"`hydra:view\.hydra:next`"),
        *[({name: 13}, rf"13 records announced \(`{name}`\)") for name in ("nombre_total", "nb_resultats", "nbTotal")],
        *[({name: 13}, "13 records") for name in ("Nombre de résultats", "nombreEnregistrements", "total_lignes")],
        *[({name: 13}, "13 records") for name in ("nb_lignes", "totalNumberOfResults", "total_entries", "itemCount")],
        *[({name: "a1"}, rf"next page is announced \(`{name}`\)") for name in ("cursor", "curseur", "_scroll_id")],
        *[({name: "a1"}, "a next page") for name in ("next_offset", "nextCursorMark", "page_suivante", "lienSuivant")],
        ({"response_metadata": {"next_cursor": "a1"}}, r"`response_metadata\.next_cursor`"),
        ({"info": {"pages": 4, "next": None}}, r"4 pages announced \(`info\.pages`\)"),
        ({"continue": {"plcontinue": "1|x", "continue": "||"}}, r"a next page is announced \(`continue`\)"),
        ({"metadata": {"continue": "a1", "remainingItemCount": 3}}, r"`metadata\.continue`"),
        *[
            ({name: True}, "more is announced")
            for name in ("tronqué", "resultats_partiels", "moreAvailable", "truncated")
        ],
        ({"suite": "oui"}, r"more is announced \(`suite`\)"),
        ({"derniere_page": False}, "more is announced"),
        ({"derniere_page": 3}, "3 pages announced"),
        ({"nombre_de_pages": 3}, "3 pages announced"),
        ({"page": 2}, r"it is page 2 \(`page`\)"),
        ({"pagination": {"pageCourante": 3}}, "it is page 3"),
        ({"décalage": 100}, "begins after 100 records"),
        ({"offset": "itrAbc/recDef"}, r"more is announced \(`offset`\)"),
        ({"cursor": "a1", "has_more": True}, "announced"),
    ],
)
def test_a_document_that_says_that_it_is_not_whole_is_refused(tmp_path, beside, said):
    with pytest.raises(ReadingError, match=rf"essai: f\.json: says itself that it is not whole: .*{said}"):
        read_json(tmp_path, {**beside, "data": [RECORD]})


@pytest.mark.parametrize(
    "beside",
    [
        {"next": None, "links": {"next": None, "prev": "?page=1"}},
        {"next": "", "total": 1, "count": 1, "nhits": 1, "offset": 0},
        {"meta": {"total": 1, "page": 1, "page_size": 20}},
        {"total": 0, "has_more": False},
        {"last": True, "done": True, "partial": False, "continuationToken": None},
        {"last": 1, "links": {"last": "?page=1"}, "complete": "2021-03"},
        {"total": 1234.5, "title": "next"},
        {"limit": 100, "rows": 50},
        {"cursor": "a1", "has_more": False},
        {"cursor": "a1", "total": 1, "curseur": None},
        {"_scroll_id": "a1", "hits": {"total": {"value": 1}}},
        {"nombre_total": 1, "nb_resultats": "1", "page": 1, "nb_pages": 1, "derniere_page": True, "suite": "non"},
        {"nb_observations": 12000, "nb_reponses": 500, "nb_entrees": 90, "next_update": "2022-06-01"},
        {"start": "2021-01-01", "end": "2021-12-31", "offset": "+01:00", "summary": {"total": 52000}},
    ],
)
def test_a_document_that_says_that_it_is_whole_is_read(tmp_path, beside):
    assert values(read_json(tmp_path, {**beside, "data": [RECORD]})) == ONE


def test_a_document_that_has_more_records_than_it_says_is_refused(tmp_path):
    records = [{**RECORD, "date": f"2021-0{month}"} for month in range(1, 6)]
    with pytest.raises(ReadingError, match=r"5 records there, and 2 announced \(`total`\), which is not the number of"):
        read_json(tmp_path, {"total": 2, "data": records})
    beyond = {"value": 2, "relation": "gte"}
    assert read_json(tmp_path, {"total": beyond, "data": records}).rows.num_rows == 5


def test_a_size_is_looked_for_all_along_the_root(tmp_path):
    document = {"response": {"numFound": 5, "docs": [RECORD]}}
    with pytest.raises(ReadingError, match="5 records announced"):
        read_json(tmp_path, document, racine="response.docs")


def test_a_total_within_the_records_or_of_another_list_says_nothing_of_the_whole(tmp_path):
    assert values(read_json(tmp_path, [{**RECORD, "count": 12, "next": "x"}])) == ONE
    assert values(read_json(tmp_path, {"total": 2, "jeux": [{"r": [RECORD]}, {"r": []}]}, racine="jeux.0.r")) == ONE


def test_the_features_service_that_links_to_its_next_page_is_refused(tmp_path):
    links = [{"rel": "self", "href": "?"}, {"rel": "next", "href": "?startindex=10"}]
    document = {"type": "FeatureCollection", "links": links, "features": [{"properties": RECORD}]}
    with pytest.raises(ReadingError, match="a next page is announced"):
        read_json(tmp_path, document, colonnes=within("properties"))


# -- one record a line


def test_one_record_a_line_is_read_and_blank_lines_count_for_nothing(tmp_path):
    wrong = json.dumps({**RECORD, "valeur": "x"})
    reading = read_json(tmp_path, f"{json.dumps(RECORD)}\r\n\r\n\n{wrong}\n\n")
    assert values(reading) == ONE
    assert rules(reading) == [("valeur_illisible", 4, "valeur", "x")]


def test_a_line_that_is_broken_is_named(tmp_path):
    with pytest.raises(ReadingError, match=r"f\.json: line 3 is not JSON \(.*, at its character 12\)"):
        read_json(tmp_path, f'{json.dumps(RECORD)}\n\n{{"maille": "n\n')


def test_a_line_that_is_no_record_is_named(tmp_path):
    with pytest.raises(ReadingError, match="line 2 is not an object with keys"):
        read_json(tmp_path, f"{json.dumps(RECORD)}\n3\n")


@pytest.mark.parametrize("extension", ["ndjson", "jsonl"])
def test_a_file_named_so_has_one_record_a_line_even_where_it_has_one(tmp_path, extension):
    path = tmp_path / f"f.{extension}"
    path.write_text(json.dumps(RECORD))
    assert values(read_delivery(a_delivery(url=path.name), [path], a_catalogue())) == ONE


@pytest.mark.parametrize("own", [{"type": "résumé"}, {**RECORD, "total": True}])
def test_a_last_line_that_is_none_like_the_others_is_a_reject_and_no_value(tmp_path, own):
    records = ({**RECORD, "valeur": 1}, {**RECORD, "date": "2021-04"}, {**own, "valeur": 3})
    text = "\n".join(map(json.dumps, records))
    reading = read_json(tmp_path, text)
    assert reading.rows["valeur"].to_pylist() == [1.0, 1.5]
    assert rules(reading)[0][1] == 3
    reading = read_json(tmp_path, text, colonnes={"valeur": "valeur"}, maille="nationale", date_constante="2021-03-31")
    assert rules(reading) == [("valeur_illisible", 3, "valeur", "3")]
    assert "n'est pas comme les autres" in reading.rejects["motif"][0].as_py()


def test_a_last_line_that_announces_more_records_is_believed(tmp_path):
    with pytest.raises(ReadingError, match=r"not whole: 5 records announced \(`total`\), 2 there, by its line 3"):
        read_json(tmp_path, f'{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n{{"total": 5}}')
    assert values(read_json(tmp_path, f'{json.dumps(RECORD)}\n{json.dumps(RECORD)}\n{{"total": 2}}')) == ONE * 2


# -- nested objects


def test_a_cell_may_be_named_by_the_path_that_leads_to_it(tmp_path):
    document = {"nhits": 1, "records": [{"recordid": "1", "fields": RECORD}], "facet_groups": []}
    reading = read_json(tmp_path, document, racine="records", colonnes=within("fields"))
    assert values(reading) == ONE
    assert read_json(tmp_path, [{"a": {"b": RECORD}}], colonnes=within("a.b")).rows.num_rows == 1


def test_a_reject_names_the_path(tmp_path):
    reading = read_json(tmp_path, [{"fields": {**RECORD, "valeur": "x"}}], colonnes=within("fields"))
    assert rules(reading) == [("valeur_illisible", 1, "fields.valeur", "x")]


def test_a_key_that_holds_a_dot_wins_over_a_path(tmp_path):
    record = {"maille": "nationale", "code": "FR", "date": "2021-03", "a.b": 1.5, "a": {"b": 2}}
    assert values(read_json(tmp_path, [record], colonnes={**COLUMNS, "valeur": "a.b"})) == ONE
    swapped = dict(reversed(record.items()))
    assert values(read_json(tmp_path, [swapped], colonnes={**COLUMNS, "valeur": "a.b"})) == ONE


def test_an_object_where_a_value_is_expected_is_rejected_and_not_missing(tmp_path):
    reading = read_json(tmp_path, [RECORD, {**RECORD, "date": "2021-04", "valeur": {"v": 2}}])
    assert rules(reading) == [("valeur_illisible", 2, "valeur", '{"v": 2}')]


def test_the_features_of_a_geojson_are_its_records(tmp_path):
    far = [[float(n), 45.0] for n in range(20_000)]
    feature = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": far}, "properties": RECORD}
    document = {"type": "FeatureCollection", "features": [feature], "bbox": [1, 2]}
    assert values(read_json(tmp_path, document, colonnes=within("properties"))) == ONE


@pytest.mark.parametrize("date", ["date", "valeurs.date"])
def test_a_list_in_each_record_is_refused_with_its_path_and_what_is_expected(tmp_path, date):
    record = {"maille": "nationale", "code": "FR", "valeurs": [{"date": "2022-03-31", "valeur": 1}]}
    message = (
        rf"the column '{date}' is within 'valeurs', which is a list in each record: one record a value is expected"
    )
    with pytest.raises(ReadingError, match=message):
        read_json(tmp_path, [record], colonnes={**COLUMNS, "date": date, "valeur": date.replace("date", "valeur")})


def test_a_list_that_nothing_uses_does_no_harm(tmp_path):
    assert values(read_json(tmp_path, [{**RECORD, "mots": ["a"], "autres": [{"x": 1}]}])) == ONE


@pytest.mark.parametrize("racine", [None, "data"])
def test_the_split_form_of_pandas_is_refused_with_its_path_and_what_is_expected(tmp_path, racine):
    document = {"columns": list(RECORD), "data": [list(RECORD.values())]}
    with pytest.raises(ReadingError, match=r"record 1 in 'data' is a list .* headings must be in each record"):
        read_json(tmp_path, document, racine=racine)


# -- what is no number, what is no text


@pytest.mark.parametrize(("written", "shown"), [("1e999", "1e999"), ("-1E400", "-1E400"), ("9" * 5000, "9" * 200)])
def test_an_impossible_number_is_rejected_with_its_record(tmp_path, written, shown):
    text = json.dumps([RECORD, {**RECORD, "valeur": 12345}]).replace("12345", written)
    reading = read_json(tmp_path, text)
    assert values(reading) == ONE
    assert rules(reading) == [("valeur_illisible", 2, "valeur", shown)]


def test_a_negative_zero_is_a_number(tmp_path):
    assert read_json(tmp_path, json.dumps([RECORD]).replace("1.5", "-0")).rows["valeur"].to_pylist() == [0.0]


@pytest.mark.parametrize("role", ["valeur", "code", "date", "maille"])
def test_half_a_character_is_rejected_with_its_record(tmp_path, role):
    reading = read_json(tmp_path, [RECORD, {**RECORD, role: "1\ud800"}])
    assert values(reading) == ONE
    assert [(line, shown) for _, line, _, shown in rules(reading)] == [(2, "1\\ud800")]


def test_half_a_character_in_a_key_or_a_cell_that_nothing_uses_does_no_harm(tmp_path):
    assert values(read_json(tmp_path, [{**RECORD, "\udfff": 1, "note": "\ud800"}])) == ONE


def test_the_only_text_of_a_field_that_may_have_several_is_that_text(tmp_path):
    record = {"maille": "departementale", "code": ["01"], "date": "2021-03-31", "valeur": 1.5}
    reading = read(tmp_path, json.dumps([record, record | {"code": ["01", "2A"]}]), format="json")
    assert values(reading) == [("departementale", "01", MARCH, 1.5)]
    assert rules(reading) == [("territoire_inconnu", 2, "code", '["01", "2A"]')]


@pytest.mark.parametrize(("lines", "place"), [(False, "record 2"), (True, "line 2")])
def test_a_key_that_has_another_case_in_some_records_is_told_and_its_value_is_not_missing(tmp_path, lines, place):
    records = [{"code": "FR", "date": "2021-03", "valeur": 5}, {"code": "FR", "date": "2021-04", "Valeur": 6}]
    text = "\n".join(map(json.dumps, records)) if lines else json.dumps(records)
    columns = {"territoire": "code", "date": "date", "valeur": "valeur"}
    with pytest.raises(ReadingError, match=f"the column 'valeur' is written 'Valeur' in {place}"):
        read_json(tmp_path, text, colonnes=columns, maille="nationale")
    both = json.dumps([record | {"valeur": 5, "VALEUR": 1} for record in records])
    assert len(values(read_json(tmp_path, both, colonnes=columns, maille="nationale"))) == 2
