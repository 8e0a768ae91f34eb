"""Tells in plain words what DuckDB refuses in an SQL text that people wrote, with its line there.

DuckDB says which line where it knows it; elsewhere it is that of the first name that it quotes.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

import duckdb

# The fault is in the text or in what it does to the data; other errors of DuckDB's are the machine's.
FAULTS_OF_THE_TEXT = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConstraintException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.InvalidTypeException,
    duckdb.NotImplementedException,
    duckdb.OutOfRangeException,
    duckdb.ParserException,
    duckdb.PermissionException,
    duckdb.SyntaxException,
    duckdb.TypeMismatchException,
)

# What DuckDB says, and the same in plain words; its own suggestions follow.
_IN_PLAIN_WORDS = (
    (r'Referenced column "(.+?)" (?:was )?not found', 'there is no column "{0}"'),
    (r'Table "(.+?)" does not have a column named "(.+?)"', '"{0}" has no column "{1}"'),
    (r'Column "(.+?)" in (EXCLUDE|REPLACE|RENAME) list', 'there is no column "{0}" ({1})'),
    (r'Column "(.+?)" does not exist on (left|right) side of join', 'there is no column "{0}" on the {1} of the join'),
    (r'Table with name "?([^"]+?)"? does not exist', 'there is no table "{0}"'),
    (r'Referenced table "(.+?)" not found', 'there is no table or alias "{0}" here'),
    (r"Function with name \"?(\S+?)\"? does not exist", 'there is no function "{0}"'),
    (r'Type with name "?(\S+?)"? does not exist', 'there is no type "{0}"'),
    (r'syntax error at or near "(.*?)"', 'a syntax error at "{0}", or just before it'),
    (r"syntax error at end of input", "a syntax error: it ends in the midst of something"),
    (r"unterminated quoted identifier", 'a quote (") is not closed'),
    (r"unterminated string literal|unterminated quoted string", "a quote (') is not closed"),
    (r"No function matches the given name and argument types '(.+?)'\. ", "no function takes what {0} is given"),
    (r'column "(.+?)" must appear in the GROUP BY', 'the column "{0}" is neither grouped (group by) nor aggregated'),
    (r'Ambiguous reference to column name "(.+?)" \(use: (.+?)\)', '"{0}" is in several tables: write {1}'),
    (r'Cannot access (file|directory) "(.+?)"', 'it reads a {0} ("{1}"): SQL reads tables only'),
)
_OF_DUCKDB = ("pg_", "sqlite_", "duckdb_", "pragma_", "information_schema")  # its own tables, which no model reads
_SUGGESTIONS = re.compile(r"(?:Candidate (?:bindings|tables)|Did you mean)\W*(.+)", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """What is wrong in an SQL text: the line and, if it is known, the column, from 1; a sentence without full stop."""

    line: int
    what: str
    column: int | None = None


def fault_of(error: duckdb.Error, sql: str) -> Fault:
    """Return what an error says of a text, whose first line is the first of the statement."""
    text, _, place = str(error).partition("\n\nLINE ")
    said = text.partition("Error: ")[2] or text
    lines = sql.rstrip().count("\n") + 1
    number = re.match(r"\d+", place)
    line = min(int(number[0]), lines) if number else _line_of_a_name(said, sql)
    for pattern, words in _IN_PLAIN_WORDS:
        if found := re.search(pattern, said):
            told = words.format(*found.groups()) + _suggestion(said, found[found.lastindex or 0])
            return Fault(line, told, _column(place, sql, line))
    return Fault(line, " ".join(said.partition("\n")[0].split()).rstrip("."), _column(place, sql, line))


def _column(place: str, sql: str, line: int) -> int | None:
    """Return the column that DuckDB's mark (^) is under, in a line of which it may show a part: `12: …select 1`."""
    shown, _, marks = place.partition("\n")
    number, _, excerpt = shown.partition(": ")
    if "^" not in marks:
        return None
    begun = excerpt.removeprefix("...")
    within = marks.index("^") - len(f"LINE {number}: ") - (len(excerpt) - len(begun))
    start = sql.splitlines()[line - 1].find(begun.removesuffix("..."))
    return start + within + 1 if start >= 0 else None


def first_line_of_code(sql: str) -> int:
    """Return the first line that is no comment, from 1."""
    lines = sql.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("--")), 1)


def _line_of_a_name(said: str, sql: str) -> int:
    for name in re.findall(r'"([^"]+)"', said):
        for number, line in enumerate(sql.splitlines(), 1):
            if name in line.partition("--")[0]:
                return number
    return first_line_of_code(sql)


def _suggestion(said: str, name: str) -> str:
    suggested = _SUGGESTIONS.search(said)
    names = re.findall(r'"([^"]+)"', suggested[0]) if suggested else []
    names = [n for some in names for n in some.split(" or ") if not n.startswith(_OF_DUCKDB)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f'; the closest is "{near[0]}"'
    return f" (did you mean {', '.join(names)}?)" if names else ""
