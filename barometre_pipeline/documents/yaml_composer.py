"""Puts a YAML file together from the marks that PyYAML reads: dictionaries, lists, and the line of each key and item.

PyYAML's own way keeps the last of two equal keys in silence, forgets the lines, and lets nested brackets or repeated
aliases exhaust the memory. What a word stands for is in `yaml_words`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from barometre_pipeline.documents.yaml_words import value_of
from barometre_pipeline.errors import EditedFileError

DEEPEST = 50  # brackets in brackets
MOST_VALUES = 500_000  # aliases counted as often as they are written

Values = dict[str, Any] | list[Any]

_MERGE = "<<"
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


@dataclass
class Container:
    """A mapping or a list, with the lines of its keys or items.

    `blocks` are the keys of texts written below them (|), `told` those whose value is among the problems.
    """

    value: Values
    line: int
    anchor: str | None = None
    lines: dict[Any, int] = field(default_factory=dict)  # those of merged keys too
    written: set[Any] = field(default_factory=set)  # the keys that stand in the mapping itself
    blocks: set[Any] = field(default_factory=set)
    told: set[Any] = field(default_factory=set)
    size: int = 1
    height: int = 1
    key: str | None = None  # of a mapping: the key whose value comes next
    key_line: int = 0


class Composer:
    """Puts the events of one YAML file together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: Any = None
        self.containers: dict[int, Container] = {}  # by the id() of their value, which they keep alive
        self.problems: list[str] = []
        self._open: list[Container] = []
        self._anchors: dict[str, Any] = {}
        self._values = 0
        self._documents = 0
        self._takes: dict[type[yaml.Event], Callable[[Any, int], None]] = {
            yaml.DocumentStartEvent: self._document,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
        }

    def take(self, event: yaml.Event) -> None:
        """Take the next event of PyYAML's."""
        take = self._takes.get(type(event))
        if take:
            take(event, event.start_mark.line + 1 if event.start_mark else 1)

    def _document(self, event: yaml.Event, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._refuse(line, "a second document begins here ('---'); a file holds one")

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._awaits_key():
            self._key(event.value, line)
            return
        value = event.value
        try:
            if event.tag not in _PLAIN_TAGS:
                raise ValueError(f"{str(event.tag).replace('tag:yaml.org,2002:', '!!')} means nothing here; remove it")
            if event.implicit[0]:
                value = value_of(value)
        except ValueError as error:
            self._tell(line, f"{self._spelled_key()}{error}")
            if self._open:
                self._open[-1].told.add(self._slot())
        if self._open and event.style == "|":
            self._open[-1].blocks.add(self._slot())
        if event.anchor:
            self._anchors[event.anchor] = value
        self._add(value, line)

    def _alias(self, event: yaml.AliasEvent, line: int) -> None:
        if self._awaits_key():
            self._refuse(line, "a key is a word or a text, not an alias")
        if any(event.anchor == container.anchor for container in self._open):
            self._refuse(line, f"the alias *{event.anchor} stands inside what it names")
        if event.anchor not in self._anchors:
            self._refuse(line, f"the alias *{event.anchor} names nothing above (&{event.anchor})")
        self._add(self._anchors[event.anchor], line)

    def _begin(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if self._awaits_key():
            self._refuse(line, "a key is a word or a text, not a list nor keys and values; put it between quotes")
        if len(self._open) >= DEEPEST:
            self._refuse(line, f"more than {DEEPEST} levels of brackets or indentation")
        if event.tag not in _PLAIN_TAGS:
            self._tell(line, f"{str(event.tag).replace('tag:yaml.org,2002:', '!!')} means nothing here; remove it")
        value: Values = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(Container(value, line, event.anchor))

    def _end(self, event: yaml.Event, line: int) -> None:
        done = self._open.pop()
        self.containers[id(done.value)] = done
        if done.anchor:
            self._anchors[done.anchor] = done.value
        self._add(done.value, done.line)

    def _key(self, key: str, line: int) -> None:
        top = self._open[-1]
        if key in top.written and key != _MERGE:
            self._tell(line, f"the key {key!r} is given twice (line {top.lines[key]})")
        top.written.add(key)
        top.key, top.key_line = key, line

    def _add(self, value: Any, line: int) -> None:
        """Put a value where it belongs: into what is open, else it is the whole document."""
        self._values += 1
        inner = self.containers.get(id(value))
        if not self._open:
            self.data = value
            return
        top = self._open[-1]
        top.size += inner.size if inner else 1
        top.height = max(top.height, 1 + (inner.height if inner else 0))
        if max(top.size, self._values) > MOST_VALUES or top.height > DEEPEST:
            self._refuse(line, f"more than {MOST_VALUES:,} values, or {DEEPEST} levels, aliases counted")
        if isinstance(top.value, list):
            top.lines[len(top.value)] = line
            top.value.append(value)
            return
        key, top.key = top.key, None
        if key == _MERGE:
            self._merge(top, value, line)
        elif key is not None:
            top.value[key], top.lines[key] = value, top.key_line

    def _merge(self, top: Container, value: Any, line: int) -> None:
        """Take the keys of other mappings, those that are written here or earlier excepted."""
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                self._tell(line, "<<: the alias of keys and values is needed, as in <<: *commun")
                continue
            lines = self.containers[id(source)].lines
            for key in [k for k in source if k not in top.value]:
                top.value[key], top.lines[key] = source[key], lines[key]

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _slot(self) -> Any:
        top = self._open[-1]
        return len(top.value) if isinstance(top.value, list) else top.key

    def _spelled_key(self) -> str:
        return f"{self._open[-1].key}: " if self._open and self._open[-1].key else ""

    def _tell(self, line: int, sentence: str) -> None:
        self.problems.append(f"{self.name}, line {line}: {sentence}.")

    def _refuse(self, line: int, sentence: str) -> NoReturn:
        raise EditedFileError([*self.problems, f"{self.name}, line {line}: {sentence}."])
