"""SDMX: messages of both kinds, the CSV forms, and what such a file must not do."""

import sys

import pytest

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.sdmx import SDMX
from barometre_pipeline.formats.sources import Source
from barometre_pipeline.readers.verification import refusal
from tests.small_deliveries import MARCH, a_delivery, read, rules, values

_SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas"
_URN = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=A:S"
COLUMNS = {"territoire": "REF_AREA", "date": "TIME_PERIOD", "valeur": "OBS_VALUE"}
COUNTRY = {"format": "sdmx", "maille": "nationale", "colonnes": COLUMNS}
ONE = [("nationale", "FR", MARCH, 7.1)]
STATUSES = [(3, "7.1", "A"), (4, "0", "M"), (5, "", "O")]


def header(version: str) -> str:
    place = (
        f"<common:Structure>{_URN}(1.0.0)</common:Structure>"
        if version == "v3_0"
        else '<common:Structure><Ref agencyID="A" id="S" version="1.0"/></common:Structure>'
    )
    return f"""<message:Header><message:ID>X</message:ID><message:Test>false</message:Test>
<message:Prepared>2022-04-01T00:00:00</message:Prepared><message:Sender id="A"/>
<message:Structure structureID="S" namespace="{_URN}(1.0):ObsLevelDim:TIME_PERIOD"
 dimensionAtObservation="TIME_PERIOD">{place}</message:Structure></message:Header>"""


def message(kind: str, version: str, data: str, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    names = {name: f"{_SCHEMAS}/{version}/{name}" for name in ("message", "common")}
    names |= {"generic": f"{_SCHEMAS}/{version}/data/generic", "ss": f"{_SCHEMAS}/{version}/data/structurespecific"}
    names |= {"ns1": f"{_URN}(1.0):ObsLevelDim:TIME_PERIOD", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    return f"{prolog}\n<message:{kind} {declared}>{header(version)}{data}</message:{kind}>"


def specific(observations: str, version: str = "v2_1", action: str = "Replace", **more) -> str:
    series = f'<Series FREQ="M" REF_AREA="FR" UNIT="PCT">{observations}</Series>'
    data = f"""<message:DataSet ss:structureRef="S" xsi:type="ns1:DataSetType" ss:dataScope="DataStructure"
 action="{action}" TITLE="Chômage">{series}</message:DataSet>"""
    return message("StructureSpecificData", version, data, **more)


OBSERVATIONS = '<Obs TIME_PERIOD="2021-03" OBS_VALUE="7.1" OBS_STATUS="A"/><Obs TIME_PERIOD="2021-04" OBS_VALUE="NaN"/>'
GENERIC = message(
    "GenericData",
    "v2_1",
    """<message:DataSet structureRef="S" action="Replace"><generic:Series><generic:SeriesKey>
<generic:Value id="FREQ" value="M"/><generic:Value id="REF_AREA" value="FR"/></generic:SeriesKey>
<generic:Obs><generic:ObsDimension value="2021-03"/><generic:ObsValue value="7.1"/>
<generic:Attributes><generic:Value id="OBS_STATUS" value="A"/></generic:Attributes></generic:Obs>
</generic:Series></message:DataSet>""",
)
MESSAGES = {"generic": GENERIC, "2.1": specific(OBSERVATIONS), "3.0": specific(OBSERVATIONS, "v3_0")}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_is_read_into_columns_named_by_the_ids(tmp_path, kind):
    content = MESSAGES[kind]
    assert values(read(tmp_path, content, **COUNTRY)) == ONE
    assert refusal(tmp_path / "f.sdmx", a_delivery(**COUNTRY)) is None
    (sheet,) = SDMX.read(Source(a_delivery(**COUNTRY), "f.xml", content.encode()))
    assert {"FREQ", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"} <= set(sheet.headings)


def test_codes_and_numbers_are_the_texts_that_the_message_has():
    content = specific(OBSERVATIONS.replace("7.1", "7.10")).replace('"FR"', '"01"').encode()
    (sheet,) = SDMX.read(Source(a_delivery(**COUNTRY), "f.xml", content))
    first = {heading: column[0] for heading, column in zip(sheet.headings, sheet.columns, strict=True)}
    assert first["REF_AREA"] == "01"
    assert first["OBS_VALUE"] == "7.10"
    assert first["TITLE"] == "Chômage"  # an attribute of the whole


@pytest.mark.parametrize("powers", [("0", "6"), ("3", "6"), ("", "6")])
def test_values_of_several_powers_of_ten_are_told_apart_in_both_forms(tmp_path, powers):
    rows = "".join(f"FR,2021-0{month},7.1,{power}\n" for month, power in enumerate(powers, 3))
    in_csv = read(tmp_path, f"REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n{rows}", **COUNTRY)
    given = [f'TIME_PERIOD="2021-0{m}" OBS_VALUE="7.1" UNIT_MULT="{p}"' for m, p in enumerate(powers, 3)]
    in_xml = read(tmp_path, specific("".join(f"<Obs {one}/>" for one in given)), **COUNTRY)
    for reading in (in_csv, in_xml):
        refused = [content for *_, content in rules(reading)]
        assert refused == [f"7.1 10^{power}" for power in powers if power not in ("", "0")]


def test_values_of_one_power_of_ten_are_read_as_they_are(tmp_path):
    header = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
    assert values(read(tmp_path, f"{header}FR,2021-03,7.1,6\n", **COUNTRY)) == ONE
    text = f"{header}FR,2021-03,7.1,6\nFR,2021-04,8,0\n"
    assert values(read(tmp_path, text, **COUNTRY, filtre={"UNIT_MULT": "6"})) == ONE


def test_a_value_whose_status_says_that_it_is_missing_is_rejected_in_both_forms(tmp_path):
    rows = "".join(f"FR,2021-0{month},{value},{status}\n" for month, value, status in STATUSES)
    in_csv = read(tmp_path, f"REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n{rows}", **COUNTRY)
    given = [f'TIME_PERIOD="2021-0{m}" OBS_VALUE="{v or "NaN"}" OBS_STATUS="{s}"' for m, v, s in STATUSES]
    in_xml = read(tmp_path, specific("".join(f"<Obs {one}/>" for one in given)), **COUNTRY)
    for reading in (in_csv, in_xml):
        assert (values(reading), [rule[3] for rule in rules(reading)]) == (ONE, ["0"])
        assert "que OBS_STATUS (M) dit manquante ; un `filtre` de OBS_STATUS" in reading.rejects["motif"][0].as_py()
    only = read(tmp_path, specific("".join(f"<Obs {one}/>" for one in given)), filtre={"OBS_STATUS": "A"}, **COUNTRY)
    assert (values(only), rules(only)) == (ONE, [])


def test_a_namespace_that_a_data_set_declares_itself_is_no_attribute():
    content = specific(OBSERVATIONS).replace("<message:DataSet ", '<message:DataSet xmlns:ns2="urn:x" ').encode()
    (sheet,) = SDMX.read(Source(a_delivery(**COUNTRY), "f.xml", content))
    assert "TITLE" in sheet.headings and "xmlns" not in sheet.headings


def test_an_element_within_an_observation_is_no_value(tmp_path):
    nested = OBSERVATIONS.replace('OBS_STATUS="A"/>', 'OBS_STATUS="A"><REF_AREA x="1"/></Obs>', 1)
    reading = read(tmp_path, specific(nested), **COUNTRY)
    assert [(r[1], r[2]) for r in rules(reading)] == [(1, "REF_AREA")]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_a_message_is_read_in_the_encoding_that_it_declares(tmp_path, encoding):
    content = specific(OBSERVATIONS, prolog=f'<?xml version="1.0" encoding="{encoding}"?>').encode(encoding)
    assert values(read(tmp_path, content, **COUNTRY)) == ONE


def test_the_observations_of_several_data_sets_are_numbered_one_after_the_other(tmp_path):
    whole = specific('<Obs TIME_PERIOD="2021-03" OBS_VALUE="7.1"/>')
    start, end = whole.index("<message:DataSet"), whole.index("</message:StructureSpecificData")
    second = whole[start:end].replace("2021-03", "2021-04").replace("7.1", "x")
    reading = read(tmp_path, whole[:end] + second + whole[end:], **COUNTRY)
    assert values(reading) == ONE
    assert rules(reading) == [("valeur_illisible", 2, "OBS_VALUE", "x")]


def bomb() -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(12))
    return specific('<Obs TIME_PERIOD="2021-03" OBS_VALUE="&e11;"/>', prolog=f"<!DOCTYPE x [{entities}]>")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bomb(), "declares its own entities"),
        (specific(OBSERVATIONS, action="Delete"), "observations to delete"),
        (specific("")[:-40], "is not a readable SDMX-ML message"),
        ("<svg/>", "is XML and not an SDMX-ML message of data"),
        ("<sdmx " * 100_000, "is XML and not an SDMX-ML message of data"),
        (specific("<a>" * 10_000), "is not a readable SDMX-ML message"),
    ],
)
def test_a_message_that_cannot_be_taken_is_refused_in_a_sentence(tmp_path, content, said):
    with pytest.raises(ReadingError, match=rf"essai: f\.sdmx: .*{said}"):
        read(tmp_path, content, **COUNTRY)


def test_a_large_message_is_refused_with_the_key_that_raises_the_limit(tmp_path):
    content = specific(OBSERVATIONS * 50_000)
    with pytest.raises(ReadingError, match=r"needs more than 64 MB .* `memoire_maximale`"):
        read(tmp_path, content, **COUNTRY, memoire_maximale=64)


def test_the_library_is_asked_for_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pysdmx.io.xml.sdmx21.reader.generic", None)
    with pytest.raises(ReadingError, match=r"pip install 'barometre-pipeline\[sdmx\]'"):
        read(tmp_path, GENERIC, **COUNTRY)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE\nM,FR,2021-03,7.1\n",
        "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nA:F(1.0),FR,2021-03,7.1\nA:F(1.0),FR,2021-04,NaN\n",
        "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,TIME_PERIOD,OBS_VALUE\ndataflow,A:F(1.0),I,FR,2021-03,7.1\n",
        "DATAFLOW,REF_AREA: Area,TIME_PERIOD: Time,OBS_VALUE\nA:F(1.0): Flow,FR: France,2021-03,7.1\n",
    ],
)
def test_the_csv_forms_are_read_by_the_same_ids(tmp_path, text):
    assert values(read(tmp_path, text, **COUNTRY)) == ONE
    assert refusal(tmp_path / "f.sdmx", a_delivery(**COUNTRY)) is None


def test_an_observation_to_delete_is_no_value(tmp_path):
    text = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,TIME_PERIOD,OBS_VALUE\ndataflow,A:F(1.0),D,FR,2021-03,7.1\n"
    with pytest.raises(ReadingError, match="line 2: announces an observation to delete"):
        read(tmp_path, text, **COUNTRY)


def test_a_file_of_sdmx_is_a_csv_too(tmp_path):
    text = "FREQ,TIME_PERIOD,OBS_VALUE\nM,2021-03,7.1\n"
    columns = {"date": "TIME_PERIOD", "valeur": "OBS_VALUE"}
    assert values(read(tmp_path, text, format="csv", maille="nationale", colonnes=columns)) == ONE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<a/>", "is XML and not an SDMX-ML message"),
        (specific("").encode()[:-9], "is truncated SDMX-ML"),
        (b"[{}]", "is JSON"),
    ],
)
def test_at_reception_another_file_is_refused(tmp_path, content, said):
    (tmp_path / "f.sdmx").write_bytes(content)
    assert said in refusal(tmp_path / "f.sdmx", a_delivery(**COUNTRY))
