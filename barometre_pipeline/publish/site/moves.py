"""Moves from point to point as the commands of a path of SVG, in as few bytes as they can be: thousands are drawn."""

from __future__ import annotations

from collections.abc import Iterable

Move = tuple[float, float]


def as_commands(moves: Iterable[Move]) -> str:
    """Return moves as relative commands; one along an axis is one number, and goes on as far as it is straight."""
    line, command = "", ""
    for x, y in _straight(moves):
        letter, numbers = ("h", (x,)) if y == 0 else ("v", (y,)) if x == 0 else ("l", (x, y))
        written = "".join(f"{number:g}" if number < 0 else f" {number:g}" for number in numbers)
        line += written if letter == command == "l" else letter + written.lstrip()
        command = letter
    return line


def _straight(moves: Iterable[Move]) -> list[Move]:
    """Return moves, those that go on the same way along an axis made one."""
    found: list[Move] = []
    for x, y in moves:
        a, b = found[-1] if found else (0, 0)
        if (x == a == 0 and y * b > 0) or (y == b == 0 and x * a > 0):
            found[-1] = (a + x, b + y)
        else:
            found.append((x, y))
    return found
