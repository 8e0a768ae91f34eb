"""The errors of the pipeline: sentences for people, each with an exit status.

    BarometreError            1   anything that stops a run
    ├── EditedFileError       2   a file that people edit is wrong: SQL, suite, template… (every problem at once)
    │   └── CatalogueError    2   the catalogue is
    ├── UsageError            2   the command or its environment is wrong
    ├── SourceError           1   a delivery cannot be fetched, or is not what it says
    ├── ReadingError          1   a delivery cannot be read
    ├── ModelError            1   an SQL model cannot compute its table from the data
    ├── CheckError            1   the rules of the quality gate cannot be evaluated
    │   └── StoppedError      1   a blocking one failed
    ├── MachineError          1   the machine fails: a full disk, a folder that may not be written, a damaged file
    ├── BuildError            1   what an edition was built into is missing, damaged, mixed or out of date
    └── PublicationError      1   the publication failed; the previous one stands

What goes wrong in one row is not an error: it is a rejected row (see readers).
"""

from collections.abc import Iterable
from typing import Self


class BarometreError(Exception):
    """Something stops the run; its text says what, where, and what would be right.

    `may_pass` says that the same may succeed in a moment: a server that does not answer. `livraisons` are the ids of
    the deliveries that are to blame, where that is known.
    """

    exit_status = 1
    may_pass = False
    livraisons: tuple[str, ...] = ()

    def of(self, livraisons: Iterable[str]) -> Self:
        """Say which deliveries are to blame."""
        self.livraisons = tuple(livraisons)
        return self


class EditedFileError(BarometreError):
    """What people edit is wrong: a sentence a problem (file, line: key: what would be right)."""

    exit_status = 2
    headline = "The project's files are wrong"
    most_told = 200  # a column that is wrong in 35,000 rows would hide the rest

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        more = len(problems) - self.most_told
        super().__init__("\n".join(problems[: self.most_told] + ([f"… and {more} more."] if more > 0 else [])))


class CatalogueError(EditedFileError):
    """The catalogue is wrong."""

    headline = "The catalogue is wrong"


class UsageError(BarometreError):
    """The command, an option or an environment variable is wrong."""

    exit_status = 2


class SourceError(BarometreError):
    """A delivery cannot be fetched, or is not what it says it is."""


class ReadingError(BarometreError):
    """A delivery cannot be read: an unknown column, a missing sheet, a damaged file."""


class ModelError(BarometreError):
    """An SQL model cannot compute its table from the data; the text names its file and line."""


class CheckError(BarometreError):
    """The rules could not be evaluated."""


class StoppedError(CheckError):
    """A blocking rule failed: nothing is published."""


class MachineError(BarometreError):
    """The machine does not let us work: nothing is wrong with what was asked, nor with the program."""


class BuildError(BarometreError):
    """What an edition was built into cannot be used: missing, damaged, mixed, stopped by the gate, or out of date."""


class PublicationError(BarometreError):
    """The publication could not be finished; running again finishes it."""
