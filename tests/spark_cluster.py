"""A standalone cluster of Spark on loopback: a master and workers of one core, processes of the test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.ports import await_port, free_port

_HERE = ("--host", "127.0.0.1")


@contextmanager
def spark_cluster(folder: Path, workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Run the cluster until the end of the `with`; give its address and its workers."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
    }

    def start(*command: str) -> subprocess.Popen:
        deploy = [str(home / "bin/spark-class"), *(f"org.apache.spark.deploy.{command[0]}", *command[1:])]
        process = subprocess.Popen(deploy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        stack.callback(_end, process)
        return process

    with ExitStack() as stack:
        start("master.Master", *_HERE, "--port", str(port), "--webui-port", "0")
        await_port(port, "Spark's master", 120)
        each = ("--cores", "1", "--memory", "1g", "--webui-port", "0")
        places = [str(folder / f"worker-{n}") for n in range(1, workers + 1)]
        yield address, [start("worker.Worker", *_HERE, *each, "--work-dir", place, address) for place in places]


@contextmanager
def spark_connect_server(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Run a server of Spark Connect on loopback, which runs Spark in its own process; give its address."""
    import pyspark

    home, port = Path(pyspark.__file__).parent, free_port()
    given = {
        **settings,
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
    }
    command = [str(home / "bin/spark-submit"), "--master", "local[2]"]
    command += [part for name, value in given.items() for part in ("--conf", f"{name}={value}")]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        await_port(port, "Spark Connect", 120)
        yield f"sc://127.0.0.1:{port}"
    finally:
        _end(process)


def executor_of(worker: subprocess.Popen) -> int | None:
    """Return the process that a worker started to run what the driver sends, where it did."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            parent = status.read_text().partition("PPid:\t")[2].partition("\n")[0]
            command = status.with_name("cmdline").read_bytes()
        except OSError:  # it has ended since
            continue
        if parent == str(worker.pid) and b"ExecutorBackend" in command:
            return int(status.parent.name)
    return None


def kill(pid: int) -> None:
    """Kill a process of the test's own, and wait until it is no more."""
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
