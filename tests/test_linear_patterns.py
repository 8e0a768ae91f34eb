"""No pattern that runs on received bytes may explode: each is tried on repeated beginnings of what it looks for."""

import importlib
import itertools
import pkgutil
import re
import time

import pytest

import barometre_pipeline.formats
import barometre_pipeline.readers
from barometre_pipeline.formats.signatures import Sample

ROOMS = (barometre_pipeline.formats, barometre_pipeline.readers)
UNITS = [
    "<!--",
    "<!-- -->",
    "<!-- --> ",
    " ",
    "\t\n",
    "<?xml ",
    "<",
    ">",
    "a",
    "1",
    "1 ",
    "12 345",
    "0,",
    "1.",
    "-",
    "+",
    "e",
    "1e1",
]
UNITS += [
    "2021-",
    "2021-03",
    "2021-03-31T",
    "T1 ",
    "1er ",
    "janv. ",
    '"',
    "'",
    "=",
    "/",
    "(",
    "\\",
    "%",
    "é",
    "\u00a0",
    "\u202f",
]
UNITS += [
    "<row ",
    "<c ",
    "<c r='A1' ",
    '<c r="A1" t="e">',
    '<c r="A1" t="e"><v>',
    "<v>",
    " r='",
    "<x:row r='1'",
    "</c",
    "A1",
    ".",
    ":",
    "AA",
]
UNITS += [
    "<table:table-cell ",
    'table:number-rows-repeated="',
    "office:value-type=",
    "<text:p>",
    "#",
    "[",
    "]",
    "#,##0",
    "0%",
    "REF_AREA: ",
    "{",
    "_",
]
SIZES = [*range(4, 36, 4), *(40 * 2**n for n in range(7))]  # up to 2,560: an explosion is seen while it is small
LONGEST = 0.3  # second


def patterns() -> dict[str, re.Pattern]:
    found = {}
    for room in ROOMS:
        for info in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                several = (
                    value.values()
                    if isinstance(value, dict)
                    else value
                    if isinstance(value, (list, tuple))
                    else [value]
                )
                for rank, one in enumerate(several):
                    if isinstance(one, re.Pattern):
                        found[f"{info.name.removeprefix('barometre_pipeline.')}.{name}.{rank}"] = one
    return found


def seconds(pattern: re.Pattern, text: str) -> float:
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    pattern.match(subject)
    pattern.fullmatch(subject)
    for _ in itertools.islice(pattern.finditer(subject), 100_000):
        pass
    return time.process_time() - start


@pytest.mark.parametrize("name", patterns())
def test_a_pattern_takes_time_in_proportion_to_what_it_reads(name):
    pattern = patterns()[name]
    for unit in UNITS:
        for size in SIZES:
            text = (unit * (size // len(unit) + 1))[:size]
            for end in ("", "!"):
                assert seconds(pattern, text + end) < LONGEST, f"{unit!r} over {size} characters"


def test_a_page_is_recognised_below_comments_in_no_time(tmp_path):
    path = tmp_path / "f"
    for content, is_page in {
        "<!-- a -->" * 60: False,
        "<!-- a -->\n" * 60 + "<html>": True,
        "\ufeff <?xml version='1.0'?> <!-- a --> <!DOCTYPE html>": True,
        "<!-- a": False,
        "<?xml " * 600: False,
        "<!--" * 1000: False,
        "<!---->" * 500 + "x": False,
    }.items():
        path.write_text(content, encoding="utf-8")
        start = time.process_time()
        with path.open("rb") as file:
            assert Sample.of(file).is_page(None) is is_page, content[:40]
        assert time.process_time() - start < 0.5
