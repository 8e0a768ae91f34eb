"""Dagster's own SQLite event log, with its connections kept open between two events.

Dagster opens and closes a connection for each event, and the last one to close a SQLite file folds its journal
in: with some three hundred events a run, that took a fifth of an edition's time. Remove this module, and its lines
in `instance`, when Dagster keeps its connections.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from dagster import Field, StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

_KEPT = 4  # files: that of all the runs, and those of the last ones read
_BUSY_SECONDS = 60


class KeptOpenEventLog(SqliteEventLogStorage):
    """An event log in the same files as Dagster's default one."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return what the settings of the instance say: its folder, or, as earlier versions wrote, the log's own."""
        return {"home": Field(StringSource, is_required=False), "base_dir": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> KeptOpenEventLog:
        """Return the log that the settings of the instance describe."""
        folder = config_value.get("base_dir") or str(Path(config_value["home"]) / "history" / "runs")
        return cls(folder, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        # The lock is the original's: one thread at a time, so one connection a file is enough.
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._engines[shard] = _opened(self.conn_string_for_shard(shard))
        self._engines.move_to_end(shard)
        while len(self._engines) > _KEPT:
            _, oldest = self._engines.popitem(last=False)
            oldest.dispose()
        return self._engines[shard]

    def has_table(self, table_name: str) -> bool:
        """Tell whether the log of all the runs has this table: asked at every other event; what is there stays."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def delete_events(self, run_id: str) -> None:
        """Forget the events of a run, and remove the file that it had."""
        super().delete_events(run_id)
        with self._db_lock:
            if run_id in self._engines:
                self._engines.pop(run_id).dispose()
            self._initialized_dbs.discard(run_id)
            file = Path(self.path_for_shard(run_id))
            for one in (file, *(file.with_name(f"{file.name}-{part}") for part in ("wal", "shm"))):
                one.unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _opened(address: str) -> Engine:
    arguments = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(address, poolclass=StaticPool, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def lighter_commits(connection: SqliteConnection, _: object) -> None:
        # With a write-ahead journal the file stays whole; a power cut may lose the last events of a run's log.
        connection.execute("pragma synchronous = normal")

    return engine
