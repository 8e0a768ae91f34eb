"""Reads a YAML file whole: plain dictionaries and lists, and the line of each key and item.

How it is put together is in `yaml_composer`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from barometre_pipeline.documents.places import KeyPath, Place
from barometre_pipeline.documents.texts import read_text
from barometre_pipeline.documents.yaml_composer import Composer, Container
from barometre_pipeline.errors import EditedFileError

# What PyYAML says, in the words of those who write the files.
_IN_PLAIN_WORDS = {
    "found character that cannot start any token": "a word cannot begin so (a tab, @, %, `): "
    "indent with spaces, and put such a text between quotes",
    "mapping values are not allowed in this context": "': ' makes a key where none can be: "
    "put the text between quotes, or check how far the lines are indented",
    "found a tab character that violates indentation": "a tab: indent with spaces",
    "found a tab character where an indentation space is expected": "a tab: indent with spaces",
    "could not find expected ':'": "a key needs ': ' after it",
    "did not find expected key": "a key is expected here: check how far the lines are indented, and the quotes",
    "did not find expected '-' indicator": "an item ('- ') is expected here: check how far the lines are indented",
    "did not find expected ',' or ']'": "a list that begins with [ needs ',' between its items and ']' at its end",
    "did not find expected ',' or '}'": "what begins with { needs ',' between its keys and '}' at its end",
    "did not find expected node content": "a value is expected here",
    "found unexpected end of stream": "a quote is not closed",
}


@dataclass
class Document:
    """A YAML file as it was read. `problems` are what is wrong in it beside what a model will say."""

    name: str
    data: Any = None
    problems: list[str] = field(default_factory=list)
    containers: dict[int, Container] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int:
        """Return the line where a path begins; of one that is not there, that of what should hold it."""
        here, line = self.data, 1
        if id(here) in self.containers:
            line = self.containers[id(here)].line
        for part in path:
            container = self.containers.get(id(here))
            if container is None or part not in container.lines:
                break
            line, here = container.lines[part], container.value[part]
        return line

    def text_line(self, path: KeyPath) -> int:
        """Return the line where a text begins: below its key where it is written as a block."""
        holder = self._holder(path)
        return self.line(path) + (1 if holder and path[-1] in holder.blocks else 0)

    def is_told(self, path: KeyPath) -> bool:
        """Tell whether the value of a path is already among the problems."""
        holder = self._holder(path)
        return holder is not None and path[-1] in holder.told

    def place(self, *path: Any, label: str = "") -> Place:
        """Return the place of what a path leads to."""
        data = self.data
        for part in path:
            data = data[part]
        return Place(
            self.name, label, data, lambda more: self.line((*path, *more)), lambda more: self.is_told((*path, *more))
        )

    def _holder(self, path: KeyPath) -> Container | None:
        here = self.data
        for part in path[:-1]:
            container = self.containers.get(id(here))
            if container is None or part not in container.lines:
                return None
            here = container.value[part]
        return self.containers.get(id(here)) if path else None


def read_yaml(path: Path, name: str) -> Document:
    """Read a YAML file; EditedFileError calls it `name`."""
    return parsed(read_text(path, name), name)


def parsed(text: str, name: str) -> Document:
    """Read the text of a YAML file; EditedFileError where it is not YAML, or too deep or long to be taken."""
    composer = Composer(name)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        while loader.check_event():
            composer.take(loader.get_event())
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error)
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        opening = getattr(error, "context_mark", None) if problem == "found unexpected end of stream" else None
        line = (opening or mark).line + 1 if mark else 1
        raise EditedFileError([f"{name}, line {line}: is not YAML: {_IN_PLAIN_WORDS.get(problem, problem)}."]) from None
    finally:
        loader.dispose()
    return Document(name, composer.data, composer.problems, composer.containers)
