"""The exchange of a build under way, on Spark (`engines.spark.exchange`): which of its tables are this build's.

A mark is written there and in the build's own record: what an earlier build left there, or this one before another
engine changed it, is not taken for it.
"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from barometre_pipeline.editions import Edition
from barometre_pipeline.engines.spark.exchange import STAGED, Exchange
from barometre_pipeline.home import BuildFolder
from barometre_pipeline.resources.atomic import discard, read_record, write_record
from barometre_pipeline.setting_rules import DUCKDB
from barometre_pipeline.settings import Settings

_NOTED = "echange"


def exchange_to_stage(settings: Settings, edition: Edition) -> Exchange | None:
    """Return the exchange, emptied, where the deliveries' rows are written as they are read; None on DuckDB."""
    if settings.engine == DUCKDB:
        return None
    exchange = Exchange.of(settings, edition)
    exchange.begin(uuid4().hex)
    return exchange


def exchange_to_fill(settings: Settings, edition: Edition) -> Exchange | None:
    """Return the exchange where the models are written, with what this build's reading wrote there; None on DuckDB."""
    building = settings.home.building(edition)
    if settings.engine == DUCKDB:
        discard(settings.home.spark(edition))  # what an earlier run left there is of other tables
        note_exchange(building, None)
        return None
    exchange = Exchange.of(settings, edition)
    exchange.begin(uuid4().hex, kept=STAGED if _is_of(exchange, building) else ())
    note_exchange(building, exchange)
    return exchange


def exchange_to_judge(settings: Settings, edition: Edition, warehouse: Path) -> Exchange:
    """Return the exchange where the rules are evaluated, with the tables of the build whose file this is, if any."""
    exchange, building = Exchange.of(settings, edition), settings.home.building(edition)
    if warehouse != building.warehouse or not _is_of(exchange, building):
        exchange.discard()
    return exchange


def note_exchange(building: BuildFolder, exchange: Exchange | None) -> None:
    """Note, in the record of a build under way, that its tables are those of the exchange; of none, where None."""
    begun = {name: value for name, value in read_record(building.begun).items() if name != _NOTED}
    write_record(building.begun, {**begun, **({_NOTED: exchange.mark} if exchange else {})})


def _is_of(exchange: Exchange, building: BuildFolder) -> bool:
    noted: str | None = read_record(building.begun).get(_NOTED)
    return noted is not None and noted == exchange.mark
