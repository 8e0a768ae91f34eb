"""The bare work of an edition, which `make bench` holds the product against: `bare`, `data`, `plain`.

`bare` reads the deliveries with the product's readers, runs the SQL, writes the same files and gives them to git in one
stream: no orchestration, no quality rule (their results are those of the product's build), no verification; `data` is
that without the site and the documentation. `plain` writes the official tree as one would by hand, with pandas and
openpyxl. Each is a process of its own, which prints its seconds by stage: `python -m tests.floor bare|data|plain HOME
CATALOGUE FOLDER`, HOME being one where the product has run (`tests.part_run data` for `data`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd

from barometre_pipeline.builds import MANIFEST, SUMS, read_sums
from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import BuildFolder, Home
from barometre_pipeline.publish.begun import documentation_begun, site_begun
from barometre_pipeline.publish.companions import companions_of
from barometre_pipeline.publish.companions.contents import Begun
from barometre_pipeline.publish.companions.tables import companion_models, make_companion_tables
from barometre_pipeline.publish.tree import writing
from barometre_pipeline.publish.tree.counting import Part, published_schema
from barometre_pipeline.publish.tree.layout import plan_files
from barometre_pipeline.publish.tree.manifest import provenance_of
from barometre_pipeline.publish.tree.queries import published_rows
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.quality.alerts import TABLES as RESULTS
from barometre_pipeline.resources.duckdb_files import literal, open_warehouse, read_warehouse
from barometre_pipeline.sql_models import LAYERS, OF_AN_EDITION, read_models
from barometre_pipeline.stage.loading import load_catalogue_tables, load_previous, load_raw, read_received
from barometre_pipeline.stage.published import Published
from barometre_pipeline.transform import run_models

EDITION = Edition.parse("2022-T1")
_TIMES: dict[str, float] = {}


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Keep the seconds that a stage takes."""
    began = time.perf_counter()
    yield
    _TIMES[stage] = time.perf_counter() - began


class Unverified:
    """Stands where the product verifies what it writes."""

    def __init__(self, *_of: object) -> None: ...

    def verify(self, *_what: object) -> None:
        """Verify nothing."""

    finish = verify


def bare(
    home: Home, catalogue_folder: Path, folder: Path, begun: tuple[Begun, ...] = (site_begun, documentation_begun)
) -> None:
    """Do the work of an edition, from its stored deliveries to a git repository."""
    build, catalogue = home.build(EDITION), load_catalogue(catalogue_folder)
    everything, schema = read_models(layers=tuple(LAYERS)), public_schema(catalogue.mailles)
    with open_warehouse(folder / "edition.duckdb") as connection:
        with timed("stage"):
            load_raw(connection, read_received(catalogue, home.deliveries(EDITION), folder / "lecture"))
            load_catalogue_tables(connection, catalogue_tables(catalogue, EDITION))
            load_previous(connection, Published())
        with timed("transform"):
            for _ in run_models(connection, [m for m in everything if m.layer in OF_AN_EDITION]):
                pass
        connection.execute(f"attach {literal(build.warehouse)} as produit (read_only)")
        for table in RESULTS:
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create or replace table {table} as from produit.{table}")
        with timed("fichiers"):
            make_companion_tables(connection, companion_models(everything, list(schema.tables)))
            provenance = provenance_of(connection, EDITION, build.report)
            companions = companions_of(True, begun=begun)
            writing.Verification = Unverified  # type: ignore[assignment,attr-defined]
            writing.write_files(
                connection, catalogue, schema, EDITION, folder / "files", provenance, companions=companions
            )
            writing.write_parquet(connection, schema, folder / "parquet")
    with timed("depot"):
        commit(folder / "files", folder / "depot.git")
    refuse_other_files(build, folder / "files")


def commit(files: Path, depot: Path) -> None:
    """Give all these files to a new repository in one stream."""
    subprocess.run(["git", "init", "-q", "--bare", depot], check=True)
    with subprocess.Popen(
        ["git", "-C", depot, "fast-import", "--quiet"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as git:
        assert git.stdin
        git.stdin.write(b"commit refs/heads/main\ncommitter b <b@localhost> 0 +0000\ndata 0\n")
        for path in sorted(p for p in files.rglob("*") if p.is_file()):
            content = path.read_bytes()
            git.stdin.write(f"M 100644 inline {path.relative_to(files)}\ndata {len(content)}\n".encode())
            git.stdin.write(content + b"\n")
    assert git.returncode == 0


def refuse_other_files(build: BuildFolder, files: Path) -> None:
    """Refuse to compare times of other work: the files must be those of the product's build."""
    theirs, ours = (read_sums((folder / SUMS).read_text("utf-8")) for folder in (build.files, files))
    other = sorted(path for path in theirs.keys() | ours.keys() if theirs.get(path) != ours.get(path))
    if other not in ([], [MANIFEST]):
        raise SystemExit(f"{len(other)} files are not those of the product: {', '.join(other[:5])}…")


def plain(home: Home, catalogue_folder: Path, folder: Path) -> None:
    """Write the official tree with pandas and openpyxl, from the marts of the product's build."""
    catalogue, formats = load_catalogue(catalogue_folder), ("csv", "json", "xlsx")
    with timed("fichiers"), read_warehouse(home.build(EDITION).warehouse) as connection:
        schema = published_schema(connection, public_schema(catalogue.mailles))
        rows: dict[tuple[str, str | None], pd.DataFrame] = {}
        for table, maille in schema.frames:
            query = published_rows(
                table,
                schema.columns(table, maille),
                schema.tables[table].ordre,
                f"where maille = {literal(maille)}" if maille else "",
                ("id_secteur as _secteur", "code as _code") if maille else (),
            )
            rows[table, maille] = connection.sql(query).df()
        for planned in (f for f in plan_files(connection, catalogue, schema).files if f.format in formats):
            target = folder / planned.path
            target.parent.mkdir(parents=True, exist_ok=True)
            frames = {sheet: _part(rows[part.table, part.maille], part) for sheet, part, _ in planned.parts}
            match planned.format:
                case "xlsx":
                    with pd.ExcelWriter(target, engine="openpyxl") as workbook:
                        for sheet, frame in frames.items():
                            frame.to_excel(workbook, sheet_name=sheet, index=False)
                case "csv":
                    next(iter(frames.values())).to_csv(target, index=False)
                case _:
                    next(iter(frames.values())).to_json(target, orient="records", force_ascii=False)


def _part(rows: pd.DataFrame, part: Part) -> pd.DataFrame:
    kept = rows
    for column, wanted in (("_secteur", part.secteur), ("_code", part.code)):
        if wanted is not None:
            kept = kept[kept[column] == wanted]
    return kept.drop(columns=["_secteur", "_code"], errors="ignore")


if __name__ == "__main__":
    what, at, catalogue_at, into = sys.argv[1:]
    {"bare": bare, "data": partial(bare, begun=()), "plain": plain}[what](
        Home(Path(at)), Path(catalogue_at), Path(into)
    )
    print(json.dumps(_TIMES))
