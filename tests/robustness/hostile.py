"""Hostile files, the same for the same number: bombs, lies, long lines, deep nesting, real files cut and flipped.

What reading each of them must leave behind is in `ordeal`.
"""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.demonstration import file_of
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.format import Table
from tests.small_deliveries import _OFFICE, a_delivery, xlsx, xml_row, zipped

HEAD = b"maille,code,date,valeur\n"
ROW = b"departementale,01,2021-03-31,12.5\n"


@dataclass(frozen=True)
class Hostile:
    """A file, how its delivery is described, and what was done to it."""

    what: str
    content: bytes
    format: str
    keys: dict = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"hostile.{'zip' if self.content[:2] == b'PK' and self.format in ('csv', 'json') else self.format}"


XLSB = Path(__file__).parents[1] / "files" / "sheetjs.xlsb"


@cache
def real_file(kind: str, rows: int = 300) -> bytes:
    """A sound file of this format, as the demonstration writes it; it writes no .xlsb."""
    if kind == "xlsb":
        return XLSB.read_bytes()
    row = {"maille": "departementale", "code": "01", "date": "2021-03-31", "valeur": 1234.5}
    return file_of(a_delivery(format=kind), [Table("Données", list(row), [list(row.values())] * rows)])


def hostile(number: int) -> Hostile:
    """The hostile file of this number; those of consecutive numbers are of different kinds."""
    random = Random(number)
    damages = [(kind, damage) for damage in DAMAGES for kind in FORMATS]
    rank = number % (len(damages) + len(TRICKS))
    if rank < len(TRICKS):
        return TRICKS[rank](random)
    kind, damage = damages[rank - len(TRICKS)]
    return Hostile(f"{kind} {damage.__name__}", damage(bytearray(real_file(kind)), random), kind)


# What is done to the bytes of a real file.


def cut(content: bytearray, random: Random) -> bytes:
    return bytes(content[: random.randrange(1, len(content))])


def flipped(content: bytearray, random: Random) -> bytes:
    for _ in range(random.choice([1, 2, 8, 64])):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return bytes(content)


def with_lying_numbers(content: bytearray, random: Random) -> bytes:
    """Extreme integers where lengths, counts and offsets may stand: at the beginning and at the end."""
    for _ in range(4):
        number = random.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 0xFFFFFF])
        span = min(len(content) - 4, 600)
        at = random.randrange(span) if random.random() < 0.5 else len(content) - 4 - random.randrange(span)
        content[at : at + 4] = struct.pack(random.choice("<>") + "I", number)
    return bytes(content)


def torn(content: bytearray, random: Random) -> bytes:
    """A piece taken out, or put in again elsewhere."""
    start, size = random.randrange(len(content)), random.randrange(1, 2000)
    piece = bytes(content[start : start + size])
    if random.random() < 0.5:
        del content[start : start + size]
    else:
        at = random.randrange(len(content))
        content[at:at] = piece * random.choice([1, 3, 50])
    return bytes(content)


DAMAGES = (cut, flipped, with_lying_numbers, torn)


# Made from nothing.


def _csv(what: str, content: bytes, **keys) -> Hostile:
    return Hostile(f"csv {what}", content, "csv", keys)


def wide_row(random: Random) -> Hostile:
    return _csv("of a row of millions of cells", zipped({"f.csv": HEAD + b"," * random.choice([10**6, 10**7])}))


def wide_heading(random: Random) -> Hostile:
    names = ",".join(f"c{n}" for n in range(random.choice([10**4, 10**6])))
    return _csv("of very many headings", zipped({"f.csv": f"{names}\n{HEAD.decode()}"}))


def long_cell(random: Random) -> Hostile:
    letter = random.choice([b"9", b" ", b"a", "é".encode(), b"\xcc\x81", b"-", b"0"])
    return _csv("of a cell of megabytes", HEAD + b"departementale,01,2021-03-31," + letter * 5_000_000 + b"\n")


def long_keys(random: Random) -> Hostile:
    text = random.choice([b"0", b"2021-", b"T1 ", b"1er ", b" -", b"a"]) * random.choice([10**3, 10**5])
    place = random.choice([b"%s,01,2021-03-31,1", b"departementale,%s,2021-03-31,1", b"departementale,01,%s,1"])
    return _csv("of long keys", HEAD + b"\n".join(place % text for _ in range(3)))


def open_quotes(random: Random) -> Hostile:
    return _csv("of quotes", HEAD + random.choice([b'"', b'""', b'"a', b'",']) * 2_000_000)


def many_lines(random: Random) -> Hostile:
    line = random.choice([b"\n", b"\r", b",\n", b"x\n", b",,,\n", ROW])
    return _csv("of millions of lines", zipped({"f.csv": HEAD + line * 5_000_000}))


def distinct_names(random: Random) -> Hostile:
    rows = b"\n".join(b"departementale,nom%d,2021-03-31,1" % n for n in range(100_000))
    return _csv("of names that no territory has", HEAD + rows)


def prefixes(random: Random) -> Hostile:
    piece = random.choice(
        [
            b"<!-- -->",
            b"<!--",
            b"<!-- --",
            b"<!DOCTYPE ",
            b"<?xml ",
            b"<?xml ?>",
            b"< ",
            b" \n",
            b"\xef\xbb\xbf",
            b"<a ",
        ]
    )
    return Hostile("prefixes", piece * random.choice([60, 2000, 100_000]) + ROW, random.choice(list(FORMATS)))


def wrong_encoding(random: Random) -> Hostile:
    encoding = random.choice(["utf-16", "utf-32", "utf-7", "punycode", "idna", "shift_jis", "cp037", "unicode_escape"])
    return _csv(f"in {encoding}", HEAD + bytes(random.randrange(256) for _ in range(20_000)), encodage=encoding)


def _json(what: str, content: bytes, **keys) -> Hostile:
    return Hostile(f"json {what}", content, "json", keys)


def deep_json(random: Random) -> Hostile:
    opened = random.choice([b"[", b'{"a":', b'[{"maille":', b'{"a":['])
    return _json("of deep nesting", opened * random.choice([500, 100_000]))


def huge_numbers(random: Random) -> Hostile:
    number = random.choice([b"9" * 100_000, b"1e999999", b"-0." + b"0" * 100_000 + b"1", b"1e-99999", b"NaN"])
    row = b'{"maille":"departementale","code":"01","date":"2021-03-31","valeur":%s}' % number
    return _json("of a huge number", b"[" + row + b"]")


def empty_records(random: Random) -> Hostile:
    return _json("of millions of empty records", zipped({"f.json": b"[" + b"{}," * 4_000_000 + b"{}]"}))


def many_keys(random: Random) -> Hostile:
    records = [{f"c{n}_{k}": 1 for k in range(100)} for n in range(2000)]
    return _json("of ever new keys", json.dumps(records).encode())


def surrogates(random: Random) -> Hostile:
    text = random.choice([rb"\ud800", rb"\udfff\ud800", rb"\u0000", rb"\u202e"]).decode()
    return _json(
        "of odd characters", f'[{{"maille":"{text}","code":"{text}","date":"{text}","valeur":"{text}"}}]'.encode()
    )


_BOMB = '<!DOCTYPE x [<!ENTITY a "{}">{}]>'.format(
    "x" * 1000, "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
)
_HEADINGS = xml_row(1, "maille", "code", "date", "valeur")


def _xlsx(what: str, rows: str, **members: str) -> Hostile:
    return Hostile(f"xlsx {what}", xlsx({"S": rows}, **members), "xlsx")


def far_cells(random: Random) -> Hostile:
    place = random.choice(["XFD1048576", "A1048576", "ZZZ1", "A99999999", "AAAAAAAAAA1", "A0", "", "A-1", "1A"])
    return _xlsx(f"with a cell at {place!r}", f'{_HEADINGS}<row r="2"><c r="{place}"><v>1</v></c></row>')


def lying_rows(random: Random) -> Hostile:
    rows = "".join(
        f'<row r="{random.choice([0, 1, 2**31, 2**63, -1, 1048577])}"><c><v>1</v></c></row>' for _ in range(9)
    )
    return _xlsx("whose rows lie", _HEADINGS + rows)


def entity_bomb(random: Random) -> Hostile:
    sheet = _BOMB + f"<worksheet><sheetData>{_HEADINGS}<row><c t='str'><v>&i;</v></c></row></sheetData></worksheet>"
    member = random.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
    return _xlsx(f"with entities in {member}", _HEADINGS, **{member: sheet})


def unclosed_tags(random: Random) -> Hostile:
    piece = random.choice(
        ["<c ", '<c t="e" ', '<row r="1" ', "<v>", "<c r='A1' t=\"e\">", '<c t="s"><v>', "<", ' r="1']
    )
    return _xlsx("of tags that never end", piece * random.choice([10**4, 10**6]))


def long_formula(random: Random) -> Hostile:
    formula = "1+" * 500_000
    return _xlsx(
        "with a very long formula", f'{_HEADINGS}<row r="2"><c r="A2" t="e"><f>{formula}</f><v>#N/A</v></c></row>'
    )


def absent_strings(random: Random) -> Hostile:
    return _xlsx(
        "of absent strings", f'{_HEADINGS}<row r="2"><c r="A2" t="s"><v>{random.choice([5, -1, 2**40])}</v></c></row>'
    )


def many_formats(random: Random) -> Hostile:
    count = 40_000
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="0.{"#" * 990}{n}"/>' for n in range(count))
    styles = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(count))
    used = random.choice([0, count])
    rows = "".join(f'<row r="{n + 2}"><c r="D{n + 2}" s="{n}"><v>1</v></c></row>' for n in range(used))
    sheet = f"<styleSheet><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>"
    return _xlsx("of very many number formats", _HEADINGS + rows, **{"xl/styles.xml": sheet})


def one_part(random: Random) -> Hostile:
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(random.choice([1000, 60_000])))
    rows = '<row r="1"/>' * random.choice([1, 100])
    book = f'<workbook xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    return _xlsx("whose sheets are one part", rows, **{"xl/workbook.xml": book})


def filled_xlsx(random: Random) -> Hostile:
    rows = "".join(f'<row r="{n}">' + "<c><v>1</v></c>" * 100 + "</row>" for n in range(2, 20_000))
    return _xlsx("of millions of cells", _HEADINGS + rows)


_ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="S">{}</table:table></office:spreadsheet></office:body></office:document-content>'
)
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def _ods(what: str, content: str) -> Hostile:
    return Hostile(f"ods {what}", zipped({"mimetype": _ODS_TYPE, "content.xml": content}), "ods")


def repeated_ods(random: Random) -> Hostile:
    count = random.choice([10**5, 10**7, 2**31, 2**64, -1])
    cell = f'<table:table-cell table:number-columns-repeated="{count}"><text:p>1</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="{random.choice([1, 1000, count])}">{cell}</table:table-row>'
    return _ods("of repeated cells", _ODS.format(row))


def deep_ods(random: Random) -> Hostile:
    tag = random.choice(["text:p", "table:table", "table:table-row", "text:span"])
    return _ods("of deep nesting", _ODS.format(f"<{tag}>" * random.choice([1000, 200_000])))


def entity_ods(random: Random) -> Hostile:
    cell = "<table:table-row><table:table-cell><text:p>&i;</text:p></table:table-cell></table:table-row>"
    return _ods("with entities", _BOMB + _ODS.format(cell))


def _parquet(what: str, table: pa.Table, **options) -> Hostile:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return Hostile(f"parquet {what}", file.getvalue(), "parquet")


def repeated_parquet(random: Random) -> Hostile:
    text = random.choice(["1", "x" * 100_000])
    columns = {n: pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int32()), [text]) for n in COLUMNS}
    return _parquet("of one text a million times", pa.table(columns), compression="zstd")


def nested_parquet(random: Random) -> Hostile:
    kind, value = pa.int32(), 1
    for _ in range(random.choice([10, 60])):
        kind, value = pa.list_(kind), [value]
    return _parquet("of deep lists", pa.table({n: pa.array([value], kind) for n in COLUMNS}))


def wide_parquet(random: Random) -> Hostile:
    return _parquet("of ten thousand columns", pa.table({f"c{n}": [1] for n in range(10_000)}))


COLUMNS = ("maille", "code", "date", "valeur")


def zip_bomb(random: Random) -> Hostile:
    return _csv("in a bomb", _zipped_zeros(random.choice([100, 510])))


@cache
def _zipped_zeros(megabytes: int) -> bytes:
    return zipped({"f.csv": bytes(megabytes * 1_000_000)})


def many_members(random: Random) -> Hostile:
    return _csv("among thousands of members", zipped({f"{n}.csv": b"" for n in range(random.choice([5000, 25_000]))}))


def odd_names(random: Random) -> Hostile:
    name = random.choice(
        ["../f.csv", "/f.csv", "\x1b[31mf.csv", "a\nb.csv", "C:f.csv", "f.csv/", "con.csv", "é" * 9000]
    )
    return _csv("under an odd name", zipped({name: HEAD + ROW}))


def nested_zip(random: Random) -> Hostile:
    content = zipped({"f.csv": HEAD + ROW})
    for _ in range(random.choice([1, 5])):
        content = zipped({"f.zip": content})
    return _csv("in zips in zips", content)


def lying_zip(random: Random) -> Hostile:
    content = bytearray(zipped({"f.csv": HEAD + ROW * 1000}))
    entry = content.rindex(b"PK\x01\x02")
    at = entry + random.choice([8, 10, 16, 20, 24, 28, 30, 42])  # flags, method, checksum, sizes, lengths, offset
    content[at : at + 2] = random.randbytes(2)
    return _csv("in a zip that lies", bytes(content))


def stored_twice(random: Random) -> Hostile:
    file = io.BytesIO()
    method = random.choice([zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED])
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("f.csv", HEAD + ROW * 100_000)
        archive.writestr("g.csv", HEAD + ROW)
    return _csv("beside another", file.getvalue())


TRICKS: tuple[Callable[[Random], Hostile], ...] = (
    *(wide_row, wide_heading, long_cell, long_keys, open_quotes, many_lines, distinct_names, prefixes, wrong_encoding),
    *(deep_json, huge_numbers, empty_records, many_keys, surrogates),
    *(far_cells, lying_rows, entity_bomb, unclosed_tags, long_formula, absent_strings, filled_xlsx),
    *(many_formats, one_part),
    *(repeated_ods, deep_ods, entity_ods, repeated_parquet, nested_parquet, wide_parquet),
    *(zip_bomb, many_members, odd_names, nested_zip, lying_zip, stored_twice),
)
