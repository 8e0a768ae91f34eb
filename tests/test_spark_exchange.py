"""The exchange between Spark and this machine: a folder or an object store (moto's S3). Without Java.

What Spark itself writes is compared in the other tests of Spark, in folders: the jars by which it writes to `s3a://`
(hadoop-aws) are the cluster's.
"""

from dataclasses import replace
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.engines.spark.exchange import STAGED, Exchange
from barometre_pipeline.engines.spark.parquet import RANK, partitioned_by, rows_in, write_part, write_tables
from barometre_pipeline.errors import MachineError, UsageError
from barometre_pipeline.exchanges import exchange_to_fill, exchange_to_judge, exchange_to_stage, note_exchange
from barometre_pipeline.resources.deliveries import Fichier, Manifest
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage.loading import Received, load_raw
from barometre_pipeline.stage.raw_tables import RAW_TABLES
from barometre_pipeline.under_way import begin
from tests.moto_server import BUCKET, moto
from tests.small_deliveries import a_delivery, read

EDITION = Edition(2022, 1)
CELLS = {"maille": "VARCHAR", "code": "VARCHAR", "valeur": "DOUBLE"}
# As the order of publication may have it: levels come back.
MART = [
    ("regionale", "01", 1.0),
    (None, "x", 2.0),
    ("regionale", "1", -0.0),
    ("2021", "é b", None),
    ("regionale", "", 3.0),
]


@pytest.fixture(scope="module")
def s3():
    with moto() as server:
        yield server


@pytest.fixture(params=["folder", "file", "s3"])
def exchange(request, tmp_path, monkeypatch) -> Exchange:
    if request.param == "folder":
        return Exchange(str(tmp_path / "l’échange"))
    if request.param == "file":
        return Exchange(f"file://{tmp_path}/l échange")
    for name, value in request.getfixturevalue("s3").variables.items():
        monkeypatch.setenv(name, value)
    return Exchange(f"s3://{BUCKET}/l échange/{tmp_path.name}")


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        # Nothing may be downloaded at run time.
        opened.execute("set autoinstall_known_extensions = false")
        opened.execute("set autoload_known_extensions = false")
        yield opened


def made_by_spark(exchange: Exchange, rows: list[tuple]) -> None:
    """Write a mart as Spark does: a folder a level, the place of each row beside it."""
    for level in {row[0] for row in rows}:
        kept = [(code, valeur, rank) for rank, (maille, code, valeur) in enumerate(rows) if maille == level]
        types = pa.schema([("code", pa.string()), ("valeur", pa.float64()), (RANK, pa.int64())])
        columns = dict(zip(types.names, map(list, zip(*kept, strict=True)), strict=True))
        part = exchange.new_part("detail", f"maille={level or '__HIVE_DEFAULT_PARTITION__'}")
        with exchange.writing(part) as file:
            pq.write_table(pa.table(columns, types), file)


def a_received(folder, id_: str, *lines: str) -> Received:
    reading = read(folder, "maille,code,date,valeur\n" + "".join(f"{line}\n" for line in lines), id=id_)
    fichier = Fichier(
        nom="f.csv", url="f.csv", url_finale="f.csv", recupere_le="2022-04-15T06:00:00Z", taille=1, sha256="0" * 64
    )
    # As the processes that read hand rows over: texts in dictionaries, nulls among them.
    codes = pa.DictionaryArray.from_arrays(range(reading.rows.num_rows), [*reading.rows["code"].to_pylist(), None])
    reading = replace(reading, rows=reading.rows.set_column(7, "code", codes))
    return Received(a_delivery(id=id_), Manifest(livraison=id_, edition="2022-T1", fichiers=(fichier,)), reading)


def test_what_is_read_of_each_delivery_is_a_partition_of_its_own_the_moment_it_is_staged(
    exchange, connection, tmp_path
):
    received = [
        a_received(tmp_path, "une", "departementale,01,2021-03,1.5", "departementale,2A,2021-03,?"),
        a_received(tmp_path, "deux", "nationale,FR,2021-03,2", "nationale,FR,2021-06,3"),
    ]
    load_raw(connection, received, elsewhere=partial(write_part, exchange))
    places = [part.partition("raw__valeurs/")[2] for part in exchange.parts("raw.valeurs")]
    assert places == ["livraison=deux/part-0.parquet", "livraison=une/part-0.parquet"]
    for table in ("raw.valeurs", "raw.rejets"):
        columns = {name: type_ for name, type_, *_ in connection.execute(f"describe {table}").fetchall()}
        with exchange.read_by(connection):
            query = rows_in(exchange, table, columns, "livraison").replace(RANK, "rang")
            assert connection.execute(query).fetchall() == connection.execute(f"from {table}").fetchall()
    assert not exchange.holds("raw.objectifs")


def test_a_mart_comes_back_from_its_levels_in_the_order_of_publication(exchange, connection):
    made_by_spark(exchange, MART)
    with exchange.read_by(connection):
        connection.execute(f"create table detail as {rows_in(exchange, 'detail', CELLS, 'maille')}")
    assert repr(connection.execute("from detail").fetchall()) == repr(MART)
    described = connection.execute("describe detail").fetchall()
    assert {name: type_ for name, type_, *_ in described} == CELLS


def test_a_mart_without_rows_has_its_columns(exchange, connection):
    connection.execute(f"create table detail as {rows_in(exchange, 'detail', CELLS, 'maille')}")
    assert {name: type_ for name, type_, *_ in connection.execute("describe detail").fetchall()} == CELLS


def test_a_table_of_duckdb_goes_there_and_comes_back(exchange, connection, tmp_path):
    connection.execute("create schema catalogue; create table catalogue.mailles as select ['a', null] as l, 1 as n")
    write_tables(connection, ["catalogue.mailles"], exchange)
    with exchange.read_by(connection):
        assert connection.execute(
            rows_in(exchange, "catalogue.mailles", {"n": "INTEGER", "l": "VARCHAR[]"})
        ).fetchall() == [(1, ["a", None])]
    exchange.fetch(["catalogue.mailles"], tmp_path / "ici")
    assert pq.read_table(tmp_path / "ici/catalogue__mailles/part-0.parquet").num_rows == 1


def test_a_new_mark_takes_away_all_but_what_was_staged(exchange):
    made_by_spark(exchange, MART)
    write_part(exchange, "raw.rejets", "une", RAW_TABLES["raw.rejets"].columns.empty_table())
    exchange.begin("deux", kept=STAGED)
    assert exchange.mark == "deux"
    assert exchange.holds("raw.rejets") and not exchange.holds("detail")
    exchange.begin("trois")
    assert exchange.mark == "trois" and not exchange.holds("raw.rejets")
    exchange.discard()
    exchange.discard()
    assert exchange.mark is None


def test_marts_that_have_levels_are_partitioned_by_level_and_nothing_else_is():
    by = {m.name: partitioned_by(m, ("maille", "code")) for m in read_models()}
    assert by["detail"] == by["synthese"] == "maille"
    assert by["int_series"] is by["stg_valeurs"] is None
    assert {partitioned_by(m, ("ordre",)) for m in read_models()} == {None}


def test_spark_is_told_the_address_that_hadoop_has():
    assert Exchange("s3://b/x").on_spark("raw.valeurs") == "s3a://b/x/raw__valeurs"
    assert Exchange("gs://b/x").on_spark("detail") == "gs://b/x/detail"
    assert (
        Exchange("file:///mnt/x").on_spark("detail") == Exchange("/mnt/x").on_spark("detail") == "file:///mnt/x/detail"
    )


def test_what_is_wrong_with_a_store_is_told_with_its_address(s3, monkeypatch, connection):
    for name, value in s3.variables.items():
        monkeypatch.setenv(name, value)
    connection.execute("create table detail as select 1 as n")
    with pytest.raises(MachineError, match=r"s3://absent/x cannot be read or written: .*bucket does not exist"):
        Exchange("s3://absent/x").begin("mark")
    with pytest.raises(MachineError, match=r"s3://absent/x cannot be read or written: "):
        write_tables(connection, ["detail"], Exchange("s3://absent/x"))
    with pytest.raises(UsageError, match=r"BAROMETRE_SPARK_DOSSIER: inconnu:// cannot be read"):
        Exchange("inconnu://b/x").begin("mark")


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("BAROMETRE_ENGINE", "local[2]")
    monkeypatch.setenv("BAROMETRE_SPARK_DOSSIER", str(tmp_path / "partage"))
    return Settings.read({"home": tmp_path / "home"})


def test_what_a_build_staged_serves_its_models_and_no_other_build(settings):
    building = settings.home.building(EDITION)
    building.root.mkdir(parents=True)
    staged = exchange_to_stage(settings, EDITION)
    assert staged.folder == settings.home.root.parent / "partage" / "2022-T1"
    write_part(staged, "raw.rejets", "une", RAW_TABLES["raw.rejets"].columns.empty_table())
    begin(building, "catalogue")
    note_exchange(building, staged)
    filled = exchange_to_fill(settings, EDITION)
    assert filled.holds("raw.rejets")
    filled.new_part("detail")
    assert exchange_to_judge(settings, EDITION, building.warehouse).holds("detail")
    assert not exchange_to_fill(settings, EDITION).holds("detail")  # models that are run again
    begin(building, "catalogue")  # another build
    assert not exchange_to_fill(settings, EDITION).holds("raw.rejets")


def test_tables_that_another_engine_made_again_are_not_looked_for_in_the_exchange(settings):
    building, on_duckdb = settings.home.building(EDITION), settings.model_copy(update={"engine": "duckdb"})
    building.root.mkdir(parents=True)
    begin(building, "catalogue")
    exchange_to_fill(settings, EDITION).new_part("detail")
    assert exchange_to_stage(on_duckdb, EDITION) is exchange_to_fill(on_duckdb, EDITION) is None
    assert not exchange_to_judge(settings, EDITION, building.warehouse).holds("detail")


def test_a_build_in_place_is_judged_on_its_own_tables(settings):
    building = settings.home.building(EDITION)
    building.root.mkdir(parents=True)
    begin(building, "catalogue")
    exchange_to_fill(settings, EDITION).new_part("detail")
    assert not exchange_to_judge(settings, EDITION, settings.home.build(EDITION).warehouse).holds("detail")
