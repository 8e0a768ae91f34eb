"""Times `barometre run` of one edition against its floor, and against plain pandas and openpyxl. Run by `make bench`.

The official 2022-T1 where its folder is beside the project. Each round runs the product in a home of its own, then the
bare work of the same edition (`tests.floor`), each as a whole and as the data run (without the site and the
documentation), so that all meet the same machine; medians of the rounds, and their ratios. Then three editions by one
command. Without the editions, the demonstration deliveries, and no floor. Not a test: it measures and asserts nothing.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.timed_run import Timed, timed, timed_run

EDITION = "2022-T1"
EDITIONS = "2021-T3 2021-T4 2022-T1"
OFFICIAL = Path(__file__).parents[2] / "shared" / "editions"
PLACES = (
    ["--catalogue", OFFICIAL / "{edition}" / "catalogue", "--sources", OFFICIAL / "{edition}" / "livraisons"]
    if OFFICIAL.is_dir()
    else []
)
ROUNDS = 3
WHOLE = "whole run"
PRODUCT, BARE, DATA, BARE_DATA = "product", "bare work", "data run", "bare data"
DATA_RUN = (sys.executable, "-m", "tests.part_run", "data")

Figures = dict[str, float]


def one_round(folder: Path) -> dict[str, Figures]:
    """Return the seconds by stage, and the memory in MB, of the product and of the bare work, whole and data alone."""
    found = {PRODUCT: _with_memory(*timed_run(EDITION, folder / "home", *PLACES))}
    if PLACES:
        found[BARE] = by_hand("bare", folder / "home", folder / "bare")
        found[DATA] = _with_memory(*timed_run(EDITION, folder / "data-home", *PLACES, program=DATA_RUN))
        found[BARE_DATA] = by_hand("data", folder / "data-home", folder / "data")
    return found


def by_hand(how: str, home: Path, folder: Path) -> Figures:
    """Return the seconds by stage, and the memory in MB, of the work done without the product."""
    folder.mkdir()
    catalogue = OFFICIAL / EDITION / "catalogue"
    done = timed([sys.executable, "-m", "tests.floor", how, home, catalogue, folder])
    stages: Figures = json.loads(done.printed)
    return _with_memory(
        stages | {"start and end": done.seconds - sum(stages.values()), WHOLE: done.seconds},
        Timed(peak=done.peak),
    )


def _with_memory(stages: Figures, done: Timed) -> Figures:
    return stages | {"memory": done.peak / 1e6} | {f"  {kind}": peak / 1e6 for kind, peak in done.peaks.items()}


def main() -> None:
    """Run, and print the medians, their ratios, and what is held against the whole run and the data run."""
    rounds: list[dict[str, Figures]] = []
    by_pandas = 0.0
    for n in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(one_round(Path(folder)))
            if PLACES and n == ROUNDS - 1:
                by_pandas = by_hand("plain", Path(folder) / "home", Path(folder) / "plain")[WHOLE]
    medians = {
        side: {name: statistics.median(one[side].get(name, 0) for one in rounds) for name in figures}
        for side, figures in rounds[0].items()
    }
    print(f"{'official' if PLACES else 'demonstration'} {EDITION}, median of {ROUNDS} rounds")
    _tell(PRODUCT, medians[PRODUCT], BARE, medians.get(BARE, {}))
    if not PLACES:
        return
    _tell(DATA, medians[DATA], BARE_DATA, medians[BARE_DATA])
    whole, data = medians[PRODUCT][WHOLE], medians[DATA][WHOLE]
    print(f"  the whole run: {whole / data:.2f} times the data run")
    print(
        f"  pandas and openpyxl, the official tree alone: {by_pandas:.1f} s, {by_pandas / data:.1f} times the data run"
    )
    with tempfile.TemporaryDirectory() as folder:
        again = timed_run(EDITION, Path(folder) / "home", *PLACES)[0][WHOLE]
        unchanged = timed_run(EDITION, Path(folder) / "home", *PLACES)[0][WHOLE]
        three = timed_run(EDITIONS, Path(folder) / "three", *PLACES)[0][WHOLE]
    print(f"  an unchanged run: {unchanged:.1f} s of {again:.1f}")
    print(f"  {EDITIONS}, by one command: {three:.1f} s, {three / again:.2f} times one")


def _tell(one: str, figures: Mapping[str, float], other: str, floor: Mapping[str, float]) -> None:
    print(f"  {'':<24} {one:>10} {other:>10} {'ratio':>7}")
    for name, figure in figures.items():
        told = f"{floor[name]:>10.2f} {figure / floor[name]:>7.2f}" if floor.get(name) else ""
        print(f"  {name:<24} {figure:>10.2f} {told}".rstrip(), "MB" if name.startswith(("memory", " ")) else "s")


if __name__ == "__main__":
    main()
