"""The errors of the pipeline: sentences for people, each with an exit status.

    BarometreError            1   anything that stops a run
    ├── CatalogueError        2   the catalogue is wrong (every problem at once)
    ├── UsageError            2   the command or its environment is wrong
    ├── SourceError           1   a delivery cannot be fetched, or is not what it says
    ├── ReadingError          1   a delivery cannot be read
    ├── CheckError            1   a blocking rule of the quality gate failed
    └── PublicationError      1   the publication failed; the previous one stands

What goes wrong in one row is not an error: it is a rejected row (see readers).
"""


class BarometreError(Exception):
    """Something stops the run; its text says what, where, and what would be right."""

    exit_status = 1


class CatalogueError(BarometreError):
    """The catalogue is wrong: one line a problem (file: key: what would be right)."""

    exit_status = 2

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


class UsageError(BarometreError):
    """The command, an option or an environment variable is wrong."""

    exit_status = 2


class SourceError(BarometreError):
    """A delivery cannot be fetched, or is not what it says it is."""


class ReadingError(BarometreError):
    """A delivery cannot be read: an unknown column, a missing sheet, a damaged file."""


class CheckError(BarometreError):
    """A blocking rule failed: nothing is published."""


class PublicationError(BarometreError):
    """The publication could not be finished; running again finishes it."""
