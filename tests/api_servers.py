"""What real services answer, page after page, for servers on loopback: tabular-api, Opendatasoft, Django REST, INSEE.

Each is a function of the request; the shapes, defaults and limits are those of the services themselves.
"""

import json
from urllib.parse import parse_qs, urlsplit

ROWS = [
    {"code": "01", "date": f"{1990 + rank // 12}-{rank % 12 + 1:02}-28", "valeur": float(rank)} for rank in range(137)
]


def asked(request) -> dict[str, str]:
    """The parameters of a request."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}


def answer(request, document, status=200, **headers) -> None:
    """Answer a JSON document."""
    request.reply(status, json.dumps(document).encode(), Content_Type="application/json; charset=utf-8", **headers)


def here(request) -> str:
    """The address of the request without its parameters, as a service writes it in its links."""
    return f"http://{request.headers['Host']}{urlsplit(request.path).path}"


def tabular_api(request, rows=ROWS, **changed) -> None:
    """tabular-api of data.gouv.fr: 20 rows a page, 50 at most, `links.next` and `meta.total`."""
    page, size = int(asked(request).get("page", 1)), int(asked(request).get("page_size", 20))
    if size > 50:
        answer(request, {"errors": [{"title": "Invalid query string", "detail": "Page size exceeds 50"}]}, 400)
        return
    others = [part for part in urlsplit(request.path).query.split("&") if part and not part.startswith("page")]

    def link(number):
        return f"{here(request)}?{'&'.join([*others, f'page={number}', f'page_size={size}'])}"

    first = (page - 1) * size
    data = [{"__id": rank, **row} for rank, row in enumerate(rows[first : first + size], first + 1)]
    links = {"profile": f"{here(request)}profile/", "swagger": f"{here(request)}swagger/"}
    links |= {
        "next": link(page + 1) if first + size < len(rows) else None,
        "prev": link(page - 1) if page > 1 else None,
    }
    meta = {"page": page, "page_size": size, "total": len(rows)}
    answer(request, {"data": data, "links": links, "meta": meta} | changed)


def opendatasoft(request, rows=ROWS, **changed) -> None:
    """Opendatasoft's Explore API v2.1: 10 rows a page, 100 at most, no link, an offset that ends at 10,000."""
    offset, limit = int(asked(request).get("offset", 0)), int(asked(request).get("limit", 10))
    if limit > 100 or offset + limit > 10_000:
        said = f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= 100 is expected."
        answer(request, {"message": said, "error_code": "InvalidRESTParameterError"}, 400)
        return
    answer(request, {"total_count": len(rows), "results": rows[offset : offset + limit]} | changed)


def django_rest(request, rows=ROWS, size=25, **changed) -> None:
    """Django REST framework: `count` is of all pages, and the page after the last one is a 404."""
    page = int(asked(request).get("page", 1))
    last = -(-len(rows) // size)
    if page > last:
        answer(request, {"detail": "Invalid page."}, 404)
        return

    def link(number):
        return f"{here(request)}?page={number}" if 1 <= number <= last else None

    found = rows[(page - 1) * size : page * size]
    document = {"count": len(rows), "next": link(page + 1), "previous": link(page - 1), "results": found}
    answer(request, document | changed)


def insee(request) -> None:
    """INSEE's SDMX of the BDM: a structure-specific message of a series, never in pages."""
    ids = urlsplit(request.path).path.rpartition("/")[2].split("+")
    observations = "".join(
        f'<Obs TIME_PERIOD="{2021 + rank // 12}-{rank % 12 + 1:02}" OBS_VALUE="{97.5 + rank}" OBS_STATUS="A" '
        'OBS_QUAL="DEF" OBS_TYPE="A"/>'
        for rank in range(24)
    )
    series = "".join(
        f'<Series IDBANK="{one}" FREQ="M" TITLE_FR="Indice" LAST_UPDATE="2022-04-15" UNIT_MEASURE="SO" UNIT_MULT="0" '
        f'REF_AREA="FR" DECIMALS="1">{observations}</Series>'
        for one in ids
    )
    schemas = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<message:StructureSpecificData xmlns:ss="{schemas}/data/structurespecific" xmlns:footer="{schemas}/message/footer"
 xmlns:ns1="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=FR1:SERIES_BDM(1.0)"
 xmlns:message="{schemas}/message" xmlns:common="{schemas}/common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<message:Header><message:ID>bdm</message:ID><message:Test>false</message:Test>
<message:Prepared>2022-04-20T10:00:00</message:Prepared><message:Sender id="FR1"/>
<message:Structure structureID="FR1_SERIES_BDM_1_0" namespace="urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=\
FR1:SERIES_BDM(1.0)" dimensionAtObservation="TIME_PERIOD"><common:Structure>\
<Ref agencyID="FR1" id="SERIES_BDM" version="1.0"/></common:Structure></message:Structure></message:Header>
<message:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" ss:structureRef="FR1_SERIES_BDM_1_0">{series}\
</message:DataSet></message:StructureSpecificData>"""
    request.reply(body=body.encode(), Content_Type="application/vnd.sdmx.structurespecificdata+xml;version=2.1")


def csv_by_link_header(request, rows=ROWS, size=40) -> None:
    """A CSV in pages, which only the Link header tells (RFC 8288), with a relative address."""
    page = int(asked(request).get("page", 1))
    lines = [f"{row['code']},{row['date']},{row['valeur']}\n" for row in rows[(page - 1) * size : page * size]]
    links = [f'<?page={page + 1}>; rel="next"'] if page * size < len(rows) else []
    links.append('<?page=1>; rel="first"')
    request.reply(body=("code,date,valeur\n" + "".join(lines)).encode(), Link=", ".join(links), Content_Type="text/csv")


def by_cursor(request, rows=ROWS, size=30) -> None:
    """A service whose mark of the next page stays the same at the end, as INSEE's Sirene and Solr do."""
    start = asked(request).get("curseur", "*")
    first = 0 if start == "*" else int(start[1:])
    found = rows[first : first + size]
    following = f"c{first + len(found)}" if found else start
    answer(request, {"header": {"curseur": start, "curseurSuivant": following}, "lignes": found})
