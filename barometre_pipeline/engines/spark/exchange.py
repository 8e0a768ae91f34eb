"""The exchange: where Spark and this machine both read and write the tables of an edition, each a folder of Parquet.

A folder that the machines of the cluster share, or an object store. What this machine does there goes through fsspec,
DuckDB's reading and writing too: no extension of DuckDB's is downloaded at run time. What is written is in `parquet`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from barometre_pipeline.editions import Edition
from barometre_pipeline.engines.spark.translation import spark_name
from barometre_pipeline.errors import BarometreError, MachineError, UsageError
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.settings import Settings

_LOCAL = "file"
_ON_SPARK = {"s3": "s3a"}  # where Hadoop's connector has another name than fsspec's back end
_MARK = "construction.txt"
# The tables whose rows come from deliveries, each a partition: written here as they are read.
STAGED = ("raw.valeurs", "raw.objectifs", "raw.explications", "raw.engagements", "raw.actions", "raw.rejets")


@dataclass(frozen=True)
class Exchange:
    """The tables of an edition at an address: a path, or `s3://bucket/path` and whatever else fsspec has."""

    address: str

    @classmethod
    def of(cls, settings: Settings, edition: Edition) -> Exchange:
        """Return that of an edition: below the folder of the settings, else in the home."""
        if settings.spark_dossier is None:
            return cls(str(settings.home.spark(edition)))
        return cls(f"{settings.spark_dossier.rstrip('/')}/{edition}")

    @property
    def scheme(self) -> str:
        """Return the name that fsspec has for the kind of store."""
        return self.address.partition("://")[0].lower() if "://" in self.address else _LOCAL

    @property
    def folder(self) -> Path | None:
        """Return the folder in which the tables are, None where that is an object store."""
        if self.scheme != _LOCAL:
            return None
        return Path(self.address.partition("://")[2] or self.address).absolute()

    @cached_property
    def files(self) -> Any:
        """Return the file system of fsspec; UsageError where its library is not there."""
        import fsspec  # comes with the extra; not needed where the models run on DuckDB

        more = {"auto_mkdir": True} if self.folder else {}
        try:  # Spark writes there too: nothing that was listed before is believed
            return fsspec.filesystem(self.scheme, use_listings_cache=False, skip_instance_cache=True, **more)
        except (ImportError, ValueError) as error:
            raise UsageError(f"BAROMETRE_SPARK_DOSSIER: {self.scheme}:// cannot be read: {error}.") from None

    def place(self, table: str) -> str:
        """Return the folder of a table, as fsspec has it."""
        return f"{self._root}/{spark_name(table)}"

    def on_spark(self, table: str) -> str:
        """Return the address of the folder of a table, as Spark has it."""
        return f"{_ON_SPARK.get(self.scheme, self.scheme)}://{self.place(table)}"

    def holds(self, table: str) -> bool:
        """Tell whether a table was written."""
        with self._told():
            return bool(self.files.exists(self.place(table)))

    @contextmanager
    def writing(self, file: str) -> Iterator[BinaryIO]:
        """Open a file that is written here."""
        with self._told(), self.files.open(file, "wb") as target:
            yield target

    def new_part(self, table: str, partition: str = "") -> str:
        """Return the name of a file that may be written in the folder of a table, or in that of a partition."""
        place = f"{self.place(table)}/{partition}".rstrip("/")
        if self.folder:
            Path(place).mkdir(parents=True, exist_ok=True)
        return self._named(f"{place}/part-0.parquet")

    def parts(self, table: str) -> list[str]:
        """Return the Parquet files of a table, in the order in which they were written, as DuckDB reads them."""
        with self._told():
            found = sorted(path for path in self.files.find(self.place(table)) if path.endswith(".parquet"))
        return [self._named(path) for path in found]

    @contextmanager
    def read_by(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Have a connection of DuckDB read and write here; the keys are those of the store's own variables."""
        if self.folder:
            yield
            return
        connection.register_filesystem(self.files)
        try:
            with self._told():
                yield
        finally:
            names = self.files.protocol
            connection.unregister_filesystem(names if isinstance(names, str) else names[0])

    def begin(self, mark: str, kept: Collection[str] = ()) -> None:
        """Empty the place but for the tables that are `kept`, and mark it: its tables are those of one build."""
        if not kept:
            self.discard()
        with self._told():
            names = {spark_name(table) for table in kept}
            for path in self.files.ls(self._root, detail=False) if kept else ():
                if path.rstrip("/").rpartition("/")[2] not in names:
                    self.files.rm(path, recursive=True)
            self.files.pipe_file(f"{self._root}/{_MARK}", mark.encode())

    @property
    def mark(self) -> str | None:
        """Return the mark of the build whose tables are here, None where there is none."""
        place = f"{self._root}/{_MARK}"
        with self._told():
            return self.files.cat_file(place).decode() if self.files.exists(place) else None

    def discard(self) -> None:
        """Take away whatever is here."""
        if self.folder:
            discard(self.folder)
            return
        with self._told():
            if self.files.exists(self._root):
                self.files.rm(self._root, recursive=True)

    def fetch(self, tables: Iterable[str], folder: Path) -> None:
        """Copy tables into a folder of this machine."""
        with self._told():
            for table in tables:
                for path in self.files.find(self.place(table)):
                    target = folder / spark_name(table) / path.removeprefix(f"{self.place(table)}/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    self.files.get_file(path, str(target))

    def _named(self, path: str) -> str:
        return path if self.folder else f"{self.scheme}://{path}"

    @property
    def _root(self) -> str:
        return str(self.folder or self.address.partition("://")[2])

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of which address an error of a store is; those of a folder say it themselves."""
        try:
            yield
        except BarometreError:
            raise
        except Exception as error:
            if self.folder:
                raise
            raise MachineError(f"{self.address} cannot be read or written: {error}") from error
