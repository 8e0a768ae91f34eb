"""What a hostile file goes through, beside a sound one: fetched, verified, stored, read, as a run does it."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.readers import workers
from barometre_pipeline.stage.loading import read_received
from tests.robustness.hostile import HEAD, ROW, Hostile
from tests.small_deliveries import a_catalogue, a_delivery

MOST_SECONDS = 60
MOST_MEMORY = 1_000_000_000  # bytes
EDITION = Edition(2022, 1)
SOUND = a_delivery(id="temoin", url="temoin.csv")
CATALOGUE = a_catalogue()


@dataclass(frozen=True)
class Outcome:
    """What became of a hostile file: a sentence or a number of rows, and what that took."""

    hostile: Hostile
    told: str
    seconds: float
    peak: int  # bytes, of the largest process
    faults: tuple[str, ...]


def survived(hostile: Hostile, folder: Path) -> Outcome:
    """Put a file through the ordeal; `faults` is empty where only itself was refused, or it was read, within bounds."""
    source = folder / "source"
    source.mkdir(parents=True)
    (source / hostile.name).write_bytes(hostile.content)
    (source / SOUND.url).write_bytes(HEAD + ROW)
    delivery = a_delivery(id="hostile", url=hostile.name, format=hostile.format, **hostile.keys)
    began = time.monotonic()
    workers.forget_peak()
    try:
        told, sound = _went_through(delivery, source, folder)
    except Exception as error:
        told, sound = f"{type(error).__name__}: {error}", False
        return Outcome(hostile, told, time.monotonic() - began, workers.peak(), ("raises what is no sentence",))
    seconds, peak = time.monotonic() - began, workers.peak()
    found = {
        "lasts too long": seconds > MOST_SECONDS,
        "takes too much memory": peak > MOST_MEMORY,
        "shows a traceback": "Traceback" in told,
        "fails on what was not foreseen": "did not foresee" in told,
        "loses its process": "was lost" in told,
        "is not read in time": "is not read after" in told or "is not verified after" in told,
        "shows control characters": any(ord(c) < 32 and c != "\n" for c in told),
        "costs the sound delivery": not sound,
        "leaves files behind": (folder / "lecture").exists(),
    }
    return Outcome(hostile, told, seconds, peak, tuple(fault for fault, is_so in found.items() if is_so))


def _went_through(delivery, source: Path, folder: Path) -> tuple[str, bool]:
    """Return what was told of the hostile delivery, and whether the sound one was read."""
    outcomes = fetch_deliveries([SOUND, delivery], source, folder / "livraisons", EDITION)
    stored = tuple(d for d, o in zip((SOUND, delivery), outcomes, strict=True) if not o.blocking)
    rows, told = {}, outcomes[1].failure or ""
    try:
        for one in read_received(replace(CATALOGUE, livraisons=stored), folder / "livraisons", folder / "lecture"):
            rows[one.livraison.id] = one.reading.rows.num_rows
            if one.livraison.id == delivery.id:
                told = f"{one.reading.rows.num_rows} rows, {one.reading.rejects.num_rows} rejects"
    except ReadingError as error:
        told = str(error)
    return told, rows.get(SOUND.id) == 1
