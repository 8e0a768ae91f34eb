"""Puts 500 hostile files through the ordeal, and tells what each took. Run by `make bench-robustness`."""

import sys
import tempfile
from pathlib import Path

from tests.robustness.hostile import hostile
from tests.robustness.ordeal import survived

COUNT = 500


def main() -> int:
    """Print the faults as they are met, then the slowest and the largest; 1 where there are faults."""
    first, count = (int(n) for n in (*sys.argv[1:], 0, COUNT)[:2]) if len(sys.argv) > 2 else (0, COUNT)
    outcomes = []
    for number in range(first, first + count):
        with tempfile.TemporaryDirectory() as folder:
            one = survived(hostile(number), Path(folder))
        outcomes.append((number, one))
        for fault in one.faults:
            print(
                f"{number} {one.hostile.what}: {fault} ({one.seconds:.1f} s, {_mb(one.peak)}): {one.told[:300]}",
                flush=True,
            )
    faulty = sum(bool(one.faults) for _, one in outcomes)
    print(f"{count} hostile files, {faulty} with faults")
    for title, order in (("slowest", lambda o: o[1].seconds), ("largest", lambda o: o[1].peak)):
        print(title)
        for number, one in sorted(outcomes, key=order, reverse=True)[:8]:
            print(f"  {one.seconds:5.1f} s {_mb(one.peak):>8}  {number} {one.hostile.what}: {one.told[:100]}")
    return min(faulty, 1)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
