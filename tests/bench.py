"""Times `barometre run` of one edition against its floor, and against plain pandas and openpyxl. Run by `make bench`.

The official 2022-T1 where its folder is beside the project. Each round runs the product in a home of its own, then the
bare work of the same edition (`tests.floor`), so that both meet the same machine; medians of the rounds, and their
ratio. Without that folder, the demonstration deliveries, and no floor. Not a test: it measures and asserts nothing.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from tests.timed_run import timed, timed_run

EDITION = "2022-T1"
OFFICIAL = Path(__file__).parents[2] / "shared" / "editions" / EDITION
PLACES = ["--catalogue", OFFICIAL / "catalogue", "--sources", OFFICIAL / "livraisons"] if OFFICIAL.is_dir() else []
ROUNDS = 3

Figures = dict[str, float]


def one_round(folder: Path) -> tuple[Figures, Figures]:
    """Return the seconds by stage, and the memory in MB, of the product and of the bare work."""
    home = folder / "home"
    product, peak = timed_run(EDITION, home, *PLACES)
    return product | {"peak memory": peak / 1e6}, by_hand("bare", home, folder / "bare") if PLACES else {}


def by_hand(how: str, home: Path, folder: Path) -> Figures:
    """Return the seconds by stage, and the memory in MB, of the work done without the product."""
    folder.mkdir()
    printed, whole, peak = timed([sys.executable, "-m", "tests.floor", how, home, OFFICIAL / "catalogue", folder])
    stages: Figures = json.loads(printed)
    return stages | {"start and end": whole - sum(stages.values()), "whole run": whole, "peak memory": peak / 1e6}


def main() -> None:
    """Run, and print the medians."""
    rounds: list[tuple[Figures, Figures]] = []
    for n in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(one_round(Path(folder)))
            if PLACES and n == ROUNDS - 1:
                by_pandas = by_hand("plain", Path(folder) / "home", Path(folder) / "plain")["whole run"]
    product, bare = (
        {name: statistics.median(one[side][name] for one in rounds) for name in rounds[0][side]} for side in (0, 1)
    )
    print(f"{'official' if PLACES else 'demonstration'} {EDITION}, median of {ROUNDS} rounds")
    print(f"  {'':<15} {'product':>10} {'bare work':>10} {'ratio':>7}")
    for name, figure in product.items():
        floor = bare.get(name)
        told = f"{floor:>10.2f} {figure / floor:>7.2f}" if floor else ""
        print(f"  {name:<15} {figure:>10.2f} {told}".rstrip(), "MB" if name == "peak memory" else "s")
    if PLACES:
        print(f"  pandas and openpyxl, the official tree alone: {by_pandas:.1f} s,", end=" ")
        print(f"{by_pandas / product['whole run']:.1f} times the product")


if __name__ == "__main__":
    main()
