"""Services in pages, against servers that behave as the real ones do: every row, or a sentence."""

import hashlib
import json
import threading

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import FetchOptions, fetch_deliveries
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.workers import read_apart
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from tests.api_servers import (
    ROWS,
    answer,
    asked,
    by_cursor,
    csv_by_link_header,
    django_rest,
    insee,
    opendatasoft,
    tabular_api,
)
from tests.loopback import loopback
from tests.small_deliveries import a_catalogue, a_delivery

EDITION = Edition(2022, 1)
QUICK = Limits(connect=1, read=1, deadline=10, longest=20, attempts=3, pause=0.05)
COLUMNS = {"territoire": "code", "date": "date", "valeur": "valeur"}
JSON = {"format": "json", "maille": "departementale", "colonnes": COLUMNS}


def fetched(tmp_path, delivery, limits=QUICK, **options):
    door = HttpDoor(Secrets(), limits)
    folder = tmp_path / "2022-T1"
    [outcome] = fetch_deliveries([delivery], None, folder, EDITION, options=FetchOptions(**options), door=door)
    return outcome


def paths_of(tmp_path, outcome):
    return [tmp_path / "2022-T1" / "essai" / fichier.nom for fichier in outcome.manifest.fichiers]


def rows_of(tmp_path, outcome, delivery):
    reading = read_delivery(delivery, paths_of(tmp_path, outcome), a_catalogue())
    assert reading.rejects.num_rows == 0
    return [row["valeur"] for row in reading.rows.to_pylist()]


def whole(tmp_path, server, path="/donnees", rows=ROWS, **keys):
    """Fetch and read a delivery of this server; return the names of its files, and check that each row is there."""
    delivery = a_delivery(**JSON | {"url": server.url + path} | keys)
    outcome = fetched(tmp_path, delivery)
    assert outcome.failure is None
    assert sorted(rows_of(tmp_path, outcome, delivery)) == [row["valeur"] for row in rows]
    return [fichier.nom for fichier in outcome.manifest.fichiers]


def refused(tmp_path, answers, path="/donnees", limits=QUICK, **keys):
    """Fetch a delivery that must fail; return the sentence."""
    with loopback(answers) as server:
        outcome = fetched(tmp_path, a_delivery(**JSON | {"url": server.url + path} | keys), limits)
    assert outcome.manifest is None
    assert not (tmp_path / "2022-T1" / "essai" / "manifest.json").exists()
    return outcome.failure


def in_pages(pages):
    """Build a server's function of documents by page: `page` is the parameter, links lead to the next one."""

    def answers(request):
        number = int(asked(request).get("page", 1))
        following = f"/donnees?page={number + 1}" if number < len(pages) else None
        answer(request, {"next": following} | pages[number - 1])

    return answers


# -- the shapes of real services, whole at any size


@pytest.mark.parametrize(("size", "rows"), [(1, ROWS[:9]), (7, ROWS), (20, ROWS), (50, ROWS), (50, ROWS[:50])])
def test_tabular_api_is_whole_at_any_page_size(tmp_path, size, rows):
    with loopback(lambda request: tabular_api(request, rows)) as server:
        names = whole(tmp_path, server, f"/api/resources/x/data/?page_size={size}&date__sort=asc", rows)
        assert len(names) == -(-len(rows) // size)
        assert all("date__sort=asc" in request.path for request in server.seen)


@pytest.mark.parametrize(("limit", "rows"), [(1, ROWS[:9]), (None, ROWS), (7, ROWS), (100, ROWS), (100, ROWS[:100])])
def test_opendatasoft_is_whole_at_any_page_size(tmp_path, limit, rows):
    path = "/api/explore/v2.1/catalog/datasets/x/records?where=a%20%3E%201"
    with loopback(lambda request: opendatasoft(request, rows)) as server:
        names = whole(tmp_path, server, path + (f"&limit={limit}" if limit else ""), rows)
        assert len(names) == -(-len(rows) // (limit or 10))
        assert all("where=a%20%3E%201" in request.path for request in server.seen)


def test_the_former_opendatasoft_names_its_own_offset(tmp_path):
    def answers(request):
        start, rows = int(asked(request).get("start", 0)), int(asked(request).get("rows", 10))
        found = [{"fields": row} for row in ROWS[start : start + rows]]
        document = {"nhits": len(ROWS), "parameters": {"rows": rows, "start": start}, "records": found}
        answer(request, document | {"facet_groups": []})

    keys = {"racine": "records", "colonnes": {role: f"fields.{heading}" for role, heading in COLUMNS.items()}}
    with loopback(answers) as server:
        assert len(whole(tmp_path, server, "/api/records/1.0/search/?rows=50", **keys)) == 3


@pytest.mark.parametrize(("size", "rows"), [(1, ROWS[:9]), (25, ROWS), (136, ROWS), (137, ROWS), (500, ROWS)])
def test_a_django_rest_api_is_whole_at_any_page_size(tmp_path, size, rows):
    with loopback(lambda request: django_rest(request, rows, size)) as server:
        names = whole(tmp_path, server, rows=rows)
    count = -(-len(rows) // size)
    assert names == (["donnees"] if count == 1 else [f"donnees.page-{n + 1:04}" for n in range(count)])


def test_insees_sdmx_comes_in_one_message(tmp_path):
    columns = {"territoire": "REF_AREA", "date": "TIME_PERIOD", "valeur": "OBS_VALUE"}
    with loopback(insee) as server:
        url = f"{server.url}/series/sdmx/data/SERIES_BDM/001565183?startPeriod=2021-01"
        delivery = a_delivery(url=url, format="sdmx", maille="nationale", colonnes=columns)
        outcome = fetched(tmp_path, delivery)
    assert rows_of(tmp_path, outcome, delivery) == [97.5 + rank for rank in range(24)]


def test_csv_pages_follow_the_link_header(tmp_path):
    with loopback(csv_by_link_header) as server:
        names = whole(tmp_path, server, "/export.csv", format="csv")
    assert names == [f"export.page-{n:04}.csv" for n in (1, 2, 3, 4)]


def test_a_bare_list_follows_the_link_header(tmp_path):
    def answers(request):
        page = int(asked(request).get("page", 1))
        links = {"Link": f'<http://{request.headers["Host"]}/donnees?page={page + 1}>; rel="next"'} if page < 3 else {}
        answer(request, ROWS[(page - 1) * 50 : page * 50], **links)

    with loopback(answers) as server:
        assert len(whole(tmp_path, server)) == 3


def test_odata_is_followed_by_its_next_link(tmp_path):
    def answers(request):
        skip = int(asked(request).get("$skip", 0))
        more = {"@odata.nextLink": f"donnees?$skip={skip + 60}"} if skip + 60 < len(ROWS) else {}
        answer(request, {"@odata.context": "x", "@odata.count": len(ROWS), "value": ROWS[skip : skip + 60]} | more)

    with loopback(answers) as server:
        assert len(whole(tmp_path, server)) == 3


def test_features_are_followed_by_the_links_beside_them(tmp_path):
    """OGC API Features, whose links are a list."""

    def answers(request):
        start = int(asked(request).get("startindex", 0))
        links = [{"rel": "self", "href": "?"}, {"rel": "next", "href": f"/donnees?startindex={start + 50}"}]
        features = [{"type": "Feature", "properties": row} for row in ROWS[start : start + 50]]
        said = {"numberMatched": len(ROWS), "numberReturned": len(features)}
        document = {"type": "FeatureCollection", "links": links[: 1 + (start < 100)], "features": features}
        answer(request, document | said)

    colonnes = {role: f"properties.{heading}" for role, heading in COLUMNS.items()}
    with loopback(answers) as server:
        assert len(whole(tmp_path, server, colonnes=colonnes)) == 3


def test_a_service_that_links_to_a_next_page_for_ever_ends_with_its_total(tmp_path):
    """CKAN does."""

    def answers(request):
        offset = int(asked(request).get("offset", 0))
        result = {"records": ROWS[offset : offset + 100], "total": len(ROWS)}
        result["_links"] = {"start": "/donnees", "next": f"/donnees?offset={offset + 100}"}
        answer(request, {"success": True, "result": result})

    with loopback(answers) as server:
        assert len(whole(tmp_path, server, racine="result.records")) == 2


# -- what the catalogue says of pages


def test_a_cursor_is_read_and_sent_back_until_it_stays_the_same(tmp_path):
    cursor = {"curseur": {"lire": "header.curseurSuivant", "ecrire": "curseur"}}
    with loopback(by_cursor) as server:
        names = whole(tmp_path, server, "/donnees?curseur=*", racine="lignes", pagination=cursor)
    assert len(names) == 5  # the sixth page has no record: nothing is kept of it


@pytest.mark.parametrize("size", [10, 137])
def test_pages_by_number_end_with_an_empty_one(tmp_path, size):
    def answers(request):
        page = int(asked(request).get("p", 0))
        answer(request, ROWS[page * size : (page + 1) * size])

    with loopback(answers) as server:
        assert len(whole(tmp_path, server, "/donnees?p=0", pagination={"page": "p"})) == -(-137 // size)


def test_a_count_of_each_page_does_not_end_pages_by_number(tmp_path):
    def answers(request):
        page = int(asked(request).get("page", 1))
        found = ROWS[(page - 1) * 50 : page * 50]
        answer(request, {"count": len(found), "results": found})

    with loopback(answers) as server:
        assert len(whole(tmp_path, server, "/donnees?page=1", pagination={"page": "page"})) == 3


def test_a_total_that_the_catalogue_names_ends_pages_by_number(tmp_path):
    """The page after the last one is a 404."""
    with loopback(lambda request: django_rest(request, next=None)) as server:
        assert len(whole(tmp_path, server, "/donnees?page=1", pagination={"page": "page", "total": "count"})) == 6


@pytest.mark.parametrize(("asked_for", "most"), [(50, 100), (100, 30), (137, 137)])
def test_a_service_that_gives_fewer_rows_than_asked_is_followed_to_its_end(tmp_path, asked_for, most):
    def answers(request):
        skip, limit = int(asked(request).get("skip", 0)), min(int(asked(request)["n"]), most)
        answer(request, ROWS[skip : skip + limit])

    keys = {"requete": {"parametres": {"n": asked_for}}, "pagination": {"decalage": "skip", "limite": "n"}}
    with loopback(answers) as server:
        whole(tmp_path, server, **keys)


@pytest.mark.parametrize("status", [400, 404])
def test_a_page_that_is_not_found_after_a_short_one_is_the_end(tmp_path, status):
    """As in Django's."""
    with loopback(lambda request: answer_bare(request, status)) as server:
        pagination = {"page": "page", "limite": "taille"}
        assert len(whole(tmp_path, server, "/donnees?taille=50&page=1", pagination=pagination)) == 3


def answer_bare(request, status):
    page, size = int(asked(request).get("page", 1)), int(asked(request)["taille"])
    found = ROWS[(page - 1) * size : page * size]
    answer(request, found or {"detail": "Invalid page."}, 200 if found else status)


def test_a_link_and_a_total_are_found_where_the_catalogue_says(tmp_path):
    def answers(request):
        page = int(asked(request).get("page", 1))
        around = {"suite": {"adresse": f"/donnees?page={page + 1}"} if page < 3 else None, "n": {"tous": len(ROWS)}}
        answer(request, {"valeurs": ROWS[(page - 1) * 50 : page * 50]} | around)

    with loopback(answers) as server:
        assert len(whole(tmp_path, server, pagination={"suivant": "suite.adresse", "total": "n.tous"})) == 3


def test_a_post_is_turned_to_its_next_pages_in_its_body(tmp_path):
    def answers(request):
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        assert request.headers["Content-Type"] == "application/json" and body["filtre"] == "a"
        answer(request, {"hits": {"total": len(ROWS), "hits": ROWS[body["from"] : body["from"] + body["size"]]}})

    requete = {"methode": "POST", "corps": {"from": 0, "size": 60, "filtre": "a"}}
    keys = {"requete": requete, "pagination": {"decalage": "from", "limite": "size"}, "racine": "hits.hits"}
    with loopback(answers) as server:
        assert len(whole(tmp_path, server, **keys)) == 3
        assert {request.command for request in server.seen} == {"POST"}


@pytest.mark.parametrize("way", [{"page": "page"}, {"decalage": "skip"}])
def test_a_short_page_in_the_middle_does_not_end_the_pages(tmp_path, way):
    def answers(request):
        page, skip = int(asked(request)["page"]), int(asked(request).get("skip", 0))
        start = skip or [0, 50, 80, 130, 137][page]
        answer(request, ROWS[start : min(start + 50, 80 if start < 80 else 130 if start < 130 else 137)])

    path, keys = "/donnees?taille=50&page=0", {"pagination": way | {"limite": "taille"}}
    with loopback(answers) as server:
        assert len(whole(tmp_path, server, path, **keys)) == 4


def in_forties(request, total, rows=ROWS, after=200):
    """Answer by 40 rows, by number (`p`) or by offset, with this total; a page after the last one has a status."""
    start = 40 * int(asked(request)["p"]) if "p" in asked(request) else int(asked(request).get("offset", 0))
    found = rows[start : start + 40]
    answer(request, {"total": total, "results": found}, 200 if found else after)


@pytest.mark.parametrize(
    ("path", "total", "keys"),
    [
        ("/donnees?p=0", 40, {"pagination": {"page": "p"}}),
        ("/donnees", 40, {"pagination": {"decalage": "offset", "total": "total"}}),
        ("/donnees", 80, {}),
    ],
)
def test_a_total_that_is_low_at_the_edge_of_a_page_is_refused(tmp_path, path, total, keys):
    failure = refused(tmp_path, lambda request: in_forties(request, total), path, **keys)
    assert "has 40 records more than the total that page 1 announces" in failure


@pytest.mark.parametrize("after", [200, 400, 404])
@pytest.mark.parametrize("total", [80, 80.0])
def test_a_total_that_is_right_at_the_edge_of_a_page_ends_the_pages(tmp_path, total, after):
    with loopback(lambda request: in_forties(request, total, ROWS[:80], after)) as server:
        names = whole(tmp_path, server, "/donnees?p=0", ROWS[:80], pagination={"page": "p"})
        assert (len(names), len(server.seen)) == (2, 3)


def counted_from_one(request):
    """Answer 40 rows of 80, after those before `start`, which is 1 for the first."""
    start = int(asked(request).get("start", 1)) - 1
    answer(request, {"total": 80, "results": ROWS[:80][start : start + 40]})


def test_an_offset_that_counts_from_one_is_asked_so_or_refused(tmp_path):
    failure = refused(tmp_path, counted_from_one, pagination={"decalage": "start"})
    assert "begins with the last record of page 1" in failure and "write start=1 in the address" in failure
    with loopback(counted_from_one) as server:
        assert whole(tmp_path, server, "/donnees?start=1", rows=ROWS[:80], pagination={"decalage": "start"})


def test_a_service_that_gives_its_last_page_again_has_no_other(tmp_path):
    with loopback(lambda request: answer(request, {"total": 137, "results": ROWS})) as server:
        assert whole(tmp_path, server, "/donnees?p=1", pagination={"page": "p"}) == ["donnees"]


ASTRAY = [
    ({"suivant": "suiv"}, "has nothing at 'suiv' that leads to a next page, where `pagination.suivant` says so"),
    ({"suivant": "liens"}, "has nothing at 'liens'"),
    ({"curseur": {"lire": "meta.suite", "ecrire": "c"}}, "has nothing at 'meta.suite'"),
    ({"suivant": "suiv", "limite": "n"}, "has nothing at 'suiv'"),
]


@pytest.mark.parametrize(("pagination", "said"), ASTRAY)
def test_a_path_that_leads_to_no_next_page_is_refused(tmp_path, pagination, said):
    document = {"suite": "/donnees?p=2", "liens": {"a": "/donnees?p=2"}, "results": ROWS[:20]}
    failure = refused(tmp_path, lambda r: answer(r, document), "/donnees?n=20", pagination=pagination)
    assert said in failure


@pytest.mark.parametrize(
    ("said", "keys"), [({"total": 20.0}, {}), ({"suite": None}, {}), ({}, {"limite": "n"}), ({"n": 20}, {"total": "n"})]
)
def test_a_service_may_say_nothing_of_a_next_page_where_one_is_all(tmp_path, said, keys):
    with loopback(lambda request: answer(request, said | {"results": ROWS[:20]})) as server:
        whole(tmp_path, server, "/donnees?n=50", ROWS[:20], pagination={"suivant": "suite"} | keys)


# -- kept as received, asked again each time


def test_each_page_is_kept_as_it_was_received(tmp_path):
    bodies = []

    def answers(request):
        write = request.wfile.write
        request.wfile.write = lambda body: (bodies.append(body), write(body))
        django_rest(request, size=50)

    with loopback(answers) as server:
        outcome = fetched(tmp_path, a_delivery(**JSON, url=server.url + "/donnees.json"))
        url = f"{server.url}/donnees.json"
    kept = [path.read_bytes() for path in paths_of(tmp_path, outcome)]
    assert len(kept) == 3 and set(kept) <= set(bodies)
    assert [f.sha256 for f in outcome.manifest.fichiers] == [hashlib.sha256(body).hexdigest() for body in kept]
    assert [f.url for f in outcome.manifest.fichiers] == [url] * 3
    assert [f.url_finale for f in outcome.manifest.fichiers] == [url, f"{url}?page=2", f"{url}?page=3"]


def test_pages_are_asked_again_and_the_same_contents_are_nothing_new(tmp_path):
    def answers(request):
        assert "If-None-Match" not in request.headers
        django_rest(request, rows=rows, size=50)

    rows = list(ROWS)
    with loopback(answers) as server:
        delivery = a_delivery(**JSON, url=server.url + "/donnees")
        first, again = fetched(tmp_path, delivery), fetched(tmp_path, delivery)
        assert (first.reused, again.reused, again.manifest) == (False, True, first.manifest)
        rows[-1] = rows[-1] | {"valeur": -1.0}  # of the last page only
        changed = fetched(tmp_path, delivery)
    assert (changed.reused, rows_of(tmp_path, changed, delivery)[-1]) == (False, -1.0)


def test_pages_are_read_again_from_what_is_stored(tmp_path):
    with loopback(lambda request: django_rest(request, size=50)) as server:
        delivery = a_delivery(**JSON, url=server.url + "/donnees")
        fetched(tmp_path, delivery)
    outcome = fetched(tmp_path, delivery, from_snapshot=True)
    reading = read_apart(delivery, paths_of(tmp_path, outcome), a_catalogue(), EDITION, tmp_path)
    assert reading.rows.num_rows == len(ROWS)


def test_a_page_that_is_alone_is_still_refused_when_it_is_read(tmp_path):
    alone = tmp_path / "f.page-0001.json"
    alone.write_text(json.dumps({"total": 137, "results": ROWS[:20]}))
    delivery = a_delivery(**JSON, url=alone.name)
    outcome = fetch_deliveries([delivery], tmp_path, tmp_path / "2022-T1", EDITION)[0]
    with pytest.raises(Exception, match=r"f-page-0001\.json: says itself that it is not whole.*with `pagination`"):
        read_delivery(delivery, paths_of(tmp_path, outcome), a_catalogue())


# -- a service that fails, lies or goes round in circles


def test_too_many_requests_on_the_second_page_are_waited_for(tmp_path):
    waited = []

    def answers(request):
        if "page=2" in request.path and not waited:
            waited.append(request)
            request.reply(429, Retry_After="1")
        else:
            django_rest(request)

    with loopback(answers) as server:
        assert len(whole(tmp_path, server)) == 6


def test_a_page_that_is_cut_in_the_middle_is_asked_again(tmp_path):
    cut = []

    def answers(request):
        if "page=3" in request.path and not cut:
            cut.append(request)
            request.reply(body=b'{"count": 137, "resu', Content_Length="4000")
            request.close_connection = True
        else:
            django_rest(request)

    with loopback(answers) as server:
        assert len(whole(tmp_path, server)) == 6


def test_a_page_that_stays_cut_costs_the_delivery_and_leaves_what_is_stored(tmp_path):
    def answers(request):
        if broken and "page=3" in request.path:
            request.reply(body=b"{", Content_Length="4000")
            request.close_connection = True
        else:
            django_rest(request)

    broken = []
    with loopback(answers) as server:
        delivery = a_delivery(**JSON, url=server.url + "/donnees")
        first = fetched(tmp_path, delivery)
        broken.append(True)
        failure = fetched(tmp_path, delivery).failure
    assert "/donnees?page=3 is truncated" in failure
    assert all(path.exists() for path in paths_of(tmp_path, first))


REPEATING = {
    "the same page again": in_pages([{"results": ROWS[:20]}, {"results": ROWS[:20], "page": 2}, {"results": ROWS}]),
    "an offset that is ignored": lambda request: answer(request, {"total_count": 137, "results": ROWS[:10]}),
}


@pytest.mark.parametrize("how", REPEATING)
def test_a_page_that_repeats_itself_is_refused(tmp_path, how):
    failure = refused(tmp_path, REPEATING[how])
    assert "page 2 (http://127.0.0.1" in failure
    assert "is the same as page 1: its service repeats itself; say how its pages are followed" in failure


def test_a_refused_page_is_kept_for_people_with_the_reason(tmp_path):
    refused(tmp_path, REPEATING["the same page again"])
    folder = tmp_path / "2022-T1" / "essai" / "refuse"
    assert json.loads((folder / "donnees.page-0002").read_text())["page"] == 2
    assert "repeats itself" in json.loads((folder / "refus.json").read_text())["motif"]


def test_links_that_go_round_in_circles_are_refused(tmp_path):
    def answers(request):
        page = int(asked(request).get("page", 1))
        answer(request, {"results": ROWS[page * 10 : page * 10 + 10], "next": f"/donnees?page={page % 3 + 1}"})

    assert "leads back to a page that was asked already" in refused(tmp_path, answers, "/donnees?page=1")


def test_pages_without_end_are_bounded(tmp_path):
    def answers(request):
        page = int(asked(request).get("page", 1))
        answer(request, {"results": [ROWS[0] | {"valeur": page}], "next": f"/donnees?page={page + 1}"})

    failure = refused(tmp_path, answers, pagination={"maximum": 12})
    assert "page 12 (" in failure and "is not the last one, and 12 pages are allowed" in failure


@pytest.mark.parametrize(("announced", "said"), [(140, "137 records came in 6, and 140"), (130, "137 records came")])
def test_a_total_that_lies_is_refused(tmp_path, announced, said):
    failure = refused(tmp_path, lambda request: django_rest(request, count=announced))
    assert f"is the last one: {said}" in failure and "are announced (`count`)" in failure


def test_an_offset_that_ends_before_its_total_is_refused(tmp_path):
    failure = refused(tmp_path, lambda request: opendatasoft(request, total_count=150), "/records?limit=100")
    assert "137 records came in 3, and 150 are announced (`total_count`)" in failure


def test_a_total_that_changes_from_a_page_to_the_next_is_refused(tmp_path):
    def answers(request):
        django_rest(request, count=137 if "page=4" not in request.path else 138)

    assert "announces 138 records (`count`), page 1 137: they changed meanwhile" in refused(tmp_path, answers)


def test_a_total_may_be_told_by_the_first_page_only(tmp_path):
    with loopback(in_pages([{"total": 137, "results": ROWS[:60]}, {"results": ROWS[60:]}])) as server:
        assert len(whole(tmp_path, server)) == 2


def test_a_total_that_is_not_where_the_catalogue_says_is_told(tmp_path):
    failure = refused(tmp_path, django_rest, "/donnees?page=1", pagination={"page": "page", "total": "meta.total"})
    assert "has no number at 'meta.total', where pagination.total says one" in failure


def test_a_count_of_each_page_is_no_total(tmp_path):
    pages = [{"count": 60, "results": ROWS[:60]}, {"count": 60, "results": ROWS[60:120]}]
    with loopback(in_pages([*pages, {"count": 17, "results": ROWS[120:]}])) as server:
        assert len(whole(tmp_path, server)) == 3


def test_a_last_page_that_announces_more_is_refused(tmp_path):
    failure = refused(tmp_path, in_pages([{"results": ROWS[:60]}, {"results": ROWS[60:], "has_more": True}]))
    assert "is the last one that can be followed, and announces more (`has_more`)" in failure


def test_a_document_that_is_not_whole_and_cannot_be_followed_is_refused_when_it_is_read(tmp_path):
    with loopback(lambda request: answer(request, {"results": ROWS[:20], "nextCursor": "abc"})) as server:
        delivery = a_delivery(**JSON, url=server.url + "/donnees")
        outcome = fetched(tmp_path, delivery)
    with pytest.raises(Exception, match=r"a next page is announced \(`nextCursor`\).*with `pagination`"):
        rows_of(tmp_path, outcome, delivery)


def test_a_page_that_is_no_json_is_refused_and_kept(tmp_path):
    def answers(request):
        request.reply(body=b"<html>oups</html>") if "page=2" in request.path else django_rest(request)

    assert ", page 2 (" in (failure := refused(tmp_path, answers)) and "is not JSON" in failure
    assert (tmp_path / "2022-T1/essai/refuse/donnees.page-0002").read_bytes() == b"<html>oups</html>"


def test_all_the_pages_together_are_within_the_size_allowed(tmp_path):
    failure = refused(tmp_path, django_rest, taille_maximale=5000)
    assert ", page 4 (" in failure and "is, with those before it, bigger than the 0 MB allowed" in failure


@pytest.mark.parametrize("link", ["http://[", "//[::1/a"])
def test_a_link_that_is_no_address_is_told(tmp_path, link):
    failure = refused(tmp_path, in_pages([{"results": ROWS[:20], "next": link}]))
    assert "has a link to a next page that is no address" in failure


def test_a_first_page_that_did_not_change_is_asked_again_where_it_has_others_by_now(tmp_path):
    """A list says nothing of its size: only the header Link does."""

    def answers(request):
        page = int(asked(request).get("page", 1))
        links = {"Link": '</donnees?page=2>; rel="next"'} if grown and page == 1 else {}
        same = request.headers["If-None-Match"] == '"v1"'
        request.reply(304, ETag='"v1"', **links) if same else answer(
            request, ROWS[page * 5 : page * 5 + 5], ETag='"v1"', **links
        )

    grown = []
    with loopback(answers) as server:
        delivery = a_delivery(**JSON, url=server.url + "/donnees")
        assert len(fetched(tmp_path, delivery).manifest.fichiers) == 1
        assert fetched(tmp_path, delivery).manifest.fichiers[0].etag == '"v1"'
        grown.append(True)
        outcome = fetched(tmp_path, delivery)
    assert rows_of(tmp_path, outcome, delivery) == [row["valeur"] for row in ROWS[5:15]]


@pytest.mark.parametrize("url", ["http://[::1/a.json", "http://a..b/a.json", "http:///a.json", "http://x y/a.json"])
def test_an_address_that_is_none_costs_its_delivery_only(tmp_path, url):
    outcome = fetched(tmp_path, a_delivery(**JSON, url=url))
    assert "is not a URL that can be asked for" in outcome.failure


def test_a_link_to_another_scheme_is_not_followed(tmp_path):
    answers = in_pages([{"results": ROWS[:20], "next": "file:///etc/passwd"}])
    assert "leads its next page to a file: address, which is not followed" in refused(tmp_path, answers)


def test_a_link_to_an_internal_address_is_not_followed(tmp_path):
    answers = in_pages([{"results": ROWS[:20], "next": "http://169.254.169.254/latest/meta-data"}])
    assert "leads to 169.254.169.254, which is no public address (link-local): refused" in refused(tmp_path, answers)
    kept = (tmp_path / "2022-T1/essai/refuse/donnees").read_bytes()
    assert b"latest/meta-data" in kept  # the page that led there


def test_many_pages_may_take_longer_than_one(tmp_path):
    def answers(request):
        asleep.wait(0.2)
        django_rest(request)

    asleep = threading.Event()
    with loopback(answers) as server:
        delivery = a_delivery(**JSON, url=server.url + "/donnees")
        assert fetched(tmp_path, delivery, Limits(connect=1, read=1, deadline=0.8, longest=20)).failure is None


def test_pages_beyond_the_longest_time_are_told_so(tmp_path):
    def answers(request):
        page = int(asked(request).get("page", 1))
        asleep.wait(0.2)
        answer(request, {"results": [ROWS[0] | {"valeur": page}], "next": f"/donnees?page={page + 1}"})

    asleep = threading.Event()
    failure = refused(tmp_path, answers, limits=Limits(connect=1, read=1, deadline=0.7, longest=1.1, pause=0.05))
    assert "is not the last one, and the 1 s allowed for all of them have passed: ask for larger ones" in failure
