"""A YAML file that people wrote, completed inside its mappings: not a character of theirs is changed.

Added lines are put after the last one of their mapping, or right after the brace that opens it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_MARK = "# Added by the barometer.\n"


def completed_inside(written: str, ours: Mapping[str, Any]) -> str:
    """Return the text with what its mappings lack of those of `ours`, at any depth; what it says otherwise stays so.

    Where that cannot be written without changing what else it says (anchors), the text comes back as it is.
    """
    root = yaml.compose(written, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return written
    said = yaml.safe_load(written)
    present = {name: part for name, part in ours.items() if name in said}
    completed = written
    for place, added in sorted(_additions(written, root, present), reverse=True):
        completed = completed[:place] + added + completed[place:]
    return completed if _reads_as(completed, _merged(said, present)) else written


def _additions(written: str, node: yaml.MappingNode, ours: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield what is to be added, and before which character."""
    theirs = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    for name, part in ours.items():
        if isinstance(part, Mapping) and isinstance(theirs.get(name), yaml.MappingNode):
            yield from _additions(written, theirs[name], part)
    lacking = {name: part for name, part in ours.items() if name not in theirs}
    if lacking:
        yield _in_braces(written, node, lacking) if node.flow_style else _in_lines(written, node, lacking)


def _in_braces(written: str, node: yaml.MappingNode, lacking: dict[str, Any]) -> tuple[int, str]:
    added = yaml.safe_dump(lacking, default_flow_style=True, allow_unicode=True, width=1_000, sort_keys=False)
    separator = ", " if node.value else ""
    return written.index("{", node.start_mark.index) + 1, added.strip()[1:-1] + separator


def _in_lines(written: str, node: yaml.MappingNode, lacking: dict[str, Any]) -> tuple[int, str]:
    indent = " " * node.value[0][0].start_mark.column
    added = textwrap.indent(_MARK + yaml.safe_dump(lacking, allow_unicode=True, sort_keys=False), indent)
    end = _end(node)
    if written[:end].endswith("\n"):
        return end, added
    line_end = written.find("\n", end)
    return (len(written), f"\n{added}") if line_end < 0 else (line_end + 1, added)


def _end(node: yaml.Node) -> int:
    """Return where the last word of a value ends; the mark of a block is after the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    return int(node.end_mark.index)


def _merged(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(theirs[name], part)
        for name, part in ours.items()
        if isinstance(part, Mapping) and isinstance(theirs.get(name), Mapping)
    }
    return {**ours, **theirs, **both}


def _reads_as(written: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return bool(yaml.safe_load(written) == wanted)
    except yaml.YAMLError:
        return False
