"""What the analysts' file weighs and how long it takes: with the three official editions, and with forty."""

import time
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.reading import known_refs
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.edited_files.project import read_catalogue
from barometre_pipeline.settings import Settings
from barometre_pipeline.warehouse.definition import HISTORY, Definition
from barometre_pipeline.warehouse.filling import Filling
from barometre_pipeline.warehouse.plan import editions_table, plan_history
from barometre_pipeline.warehouse.snapshot import opened_work, put_in_place
from barometre_pipeline.warehouse.tables import COMPARISONS, EDITIONS, TABLES, Table
from barometre_pipeline.warehouse.updating import update_history
from tests.official_home import NAMES, backfilled  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

PUBLIC = Publication.parse(NAMES[-1])
MADE_UP = [f"{year}-T{quarter}" for year in range(2012, 2022) for quarter in range(1, 5)][1:38]  # 2012-T2 to 2021-T2
TYPICAL = """
    select i.libelle_indicateur, p.edition, p.statut, count(*)
    from progression as p
    join indicateurs as i using (edition, id_indicateur)
    join territoires as t using (edition, maille, code)
    where p.edition = (select edition from editions_derniere)
    group by all
    order by all
"""


def opened_and_asked(file: Path) -> float:
    """Return the seconds of processor that opening the file and a typical question take, the best of five."""
    taken = []
    for _ in range(5):
        start = time.process_time()
        with duckdb.connect() as connection:
            connection.execute(f"attach '{file}' as h (read_only)")
            connection.execute("use h")
            assert connection.execute(TYPICAL).fetchall()
        taken.append(time.process_time() - start)
    return min(taken)


def updated(settings: Settings, refs: Refs) -> tuple[list[str], float]:
    """Bring the history to these tags; return the editions that were put again, and the seconds of processor."""
    start = time.process_time()
    catalogues = catalogues_in(settings.catalogue, read_catalogue)
    done = update_history(settings, catalogues, Definition.read(), refs, PUBLIC)
    return done.editions, time.process_time() - start


def make_stale(settings: Settings, edition: str) -> None:
    """Forget of what the rows of an edition are made, so that they are put again."""
    with opened_work(settings.home.warehouse, HISTORY, afresh=False) as connection:
        connection.execute(f"update {HISTORY}.editions set empreinte = '' where edition = '{edition}'")
        counts = Filling(connection, Definition.read()).counts()
    put_in_place(settings.home.warehouse, counts, edition)


@pytest.fixture
def copied(backfilled, tmp_path) -> Settings:
    """The settings of a home whose warehouse may be changed."""
    home = tmp_path / "home"
    (home / "entrepot").mkdir(parents=True)
    (home / "entrepot" / "barometre.duckdb").write_bytes(backfilled.home.warehouse.read_bytes())
    for name in ("editions", "publication"):
        (home / name).symlink_to(backfilled.home.root / name)
    return backfilled.model_copy(update={"home": type(backfilled.home)(home)})


def test_three_editions_weigh_under_15_mb_and_answer_at_once(backfilled):
    assert backfilled.home.warehouse.stat().st_size < 15e6
    assert opened_and_asked(backfilled.home.warehouse) < 0.2


def test_an_edition_put_again_leaves_no_weight(copied):
    refs = known_refs(Depot.of(copied), copied.home.publication, offline=False)
    for edition in NAMES:
        make_stale(copied, edition)
        assert updated(copied, refs)[0] == [edition]
    assert copied.home.warehouse.stat().st_size < 15e6


def add_made_up(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Add to a table the rows of the editions that are made up, each those of an official one under another name."""
    columns = f"""select '"' || column_name || '"' from duckdb_columns()
        where database_name = '{HISTORY}' and table_name = '{table.name}' and not is_generated"""
    names = ", ".join(name for (name,) in connection.execute(columns).fetchall())
    for rank, (before, edition) in enumerate(pairwise([*MADE_UP, NAMES[0]])):
        if table in COMPARISONS:
            source, renamed = NAMES[1 + rank % 2], f"'{before}' as edition_avant, '{edition}' as edition_apres"
        else:
            source, renamed = NAMES[rank % 3], f"'{before}' as edition"
        rows = f"select * replace ({renamed}) from {table.name} where {table.edition} = '{source}'"
        connection.execute(f"insert into {table.name} ({names}) select {names} from ({rows})")


@pytest.fixture
def forty(copied) -> tuple[Settings, Refs]:
    """The settings of a home with the rows of forty editions, and the tags that say so."""
    refs = known_refs(Depot.of(copied), copied.home.publication, offline=False)
    commit = refs.tags[NAMES[-1]]
    refs = Refs(refs.branches, refs.tags | dict.fromkeys(MADE_UP, commit), refs.default_branch)
    definition, repository = Definition.read(), GitRepository(copied.home.publication, Depot.of(copied))
    plan = plan_history(repository, Publications.of(refs.tags), copied.home, definition.identity)
    with opened_work(copied.home.warehouse, HISTORY, afresh=False) as connection:
        connection.execute(f"use {HISTORY}")
        for table in (t for t in TABLES if t != EDITIONS):
            add_made_up(connection, table)
        filling = Filling(connection, definition)
        filling.set_editions(editions_table(plan, PUBLIC))
        counts = filling.counts()
    put_in_place(copied.home.warehouse, counts, NAMES[-1])
    (copied.home.warehouse.parent / "parquet").mkdir()
    return copied, refs


def test_forty_editions_are_light_answer_at_once_and_take_another_in_ten_seconds(forty):
    settings, refs = forty
    file = settings.home.warehouse
    assert updated(settings, refs)[0] == []
    assert file.stat().st_size < 150e6
    assert opened_and_asked(file) < 0.5
    make_stale(settings, NAMES[-1])
    editions, seconds = updated(settings, refs)
    assert editions == [NAMES[-1]] and seconds < 30  # of processor; ten on two cores where nothing else runs
    assert file.stat().st_size < 150e6
    assert opened_and_asked(file) < 0.5
