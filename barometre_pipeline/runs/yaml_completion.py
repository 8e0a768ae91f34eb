"""A YAML file that people wrote, completed inside its mappings: not a character of theirs is changed.

Added lines are put after the last one of their mapping, or right after the brace that opens it; what a name without a
value lacks, after its colon.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_MARK = "# Added by the barometer.\n"


def completed_inside(written: str, ours: Mapping[str, Any]) -> str:
    """Return the text with what its mappings lack of `ours`, at any depth; what it says otherwise stays so.

    Where that cannot be written without changing what else it says (anchors), the text comes back as it is.
    """
    root = yaml.compose(written, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return written
    completed = written
    for place, added in sorted(_additions(written, root, ours), reverse=True):
        completed = completed[:place] + added + completed[place:]
    return completed if reads_as(completed, _merged(yaml.safe_load(written), ours)) else written


def reads_as(written: str, wanted: Mapping[str, Any]) -> bool:
    """Tell whether a text says this, and nothing else."""
    try:
        return bool(yaml.safe_load(written) == wanted)
    except yaml.YAMLError:
        return False


def _additions(written: str, node: yaml.MappingNode, ours: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield what is to be added, and before which character."""
    theirs = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    for name, part in ours.items():
        if isinstance(part, Mapping) and isinstance(theirs.get(name), yaml.MappingNode):
            yield from _additions(written, theirs[name], part)
        elif isinstance(part, Mapping) and name in theirs and _is_empty(theirs[name]):
            yield theirs[name].start_mark.index, f" {_braced(part)}"
    lacking = {name: part for name, part in ours.items() if name not in theirs}
    if lacking:
        yield _in_braces(written, node, lacking) if node.flow_style else _in_lines(written, node, lacking)


def _in_braces(written: str, node: yaml.MappingNode, lacking: dict[str, Any]) -> tuple[int, str]:
    separator = ", " if node.value else ""
    return written.index("{", node.start_mark.index) + 1, _braced(lacking)[1:-1] + separator


def _braced(part: Mapping[str, Any]) -> str:
    return yaml.safe_dump(part, default_flow_style=True, allow_unicode=True, width=1_000, sort_keys=False).strip()


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.start_mark.index == node.end_mark.index


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
    unsaid = {name: part for name, part in ours.items() if isinstance(part, Mapping) and theirs.get(name) is None}
    return {**ours, **theirs, **both, **unsaid}
