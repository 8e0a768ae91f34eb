"""What the steps of a run print, in files of the instance that the UI shows.

Dagster's own manager has what is printed go on to the terminal as well, by four processes a run. Of a run of the UI
nobody looks there; one that somebody waits for at a terminal prints there, and is not caught. Remove this module when
Dagster's manager can keep what is printed without sending it on.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import StringSource
from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION, LocalComputeLogManager
from dagster._serdes import ConfigurableClassData

from barometre_pipeline.runs.failures import TERMINAL

# What keeps none of it. Dagster has no public name for this class; its own documentation gives this one.
NOWHERE = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}


class PrintedInFiles(LocalComputeLogManager):
    """The files of Dagster's default manager, `storage/RUN/compute_logs/`, filled by the run alone."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return what the settings of the instance say: its folder."""
        return {"home": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> PrintedInFiles:
        """Return the manager that the settings of the instance describe."""
        return cls(str(Path(config_value["home"]) / "storage"), inst_data=inst_data)

    def folder_of(self, run: str) -> Path:
        """Return the folder of what this run printed."""
        return Path(self._base_dir) / run

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Generator[CapturedLogContext, None, None]:
        """Have what this process prints in the files of a run, but for one of a terminal."""
        extensions = (*(IO_TYPE_EXTENSION[kind] for kind in (ComputeIOType.STDOUT, ComputeIOType.STDERR)), "complete")
        out, err, complete = (Path(self.get_captured_local_path(log_key, extension)) for extension in extensions)
        out.parent.mkdir(parents=True, exist_ok=True)
        if self._is_of_a_terminal(log_key[0]):
            yield CapturedLogContext(log_key)
        else:
            with redirect_to_file(sys.stdout, out), redirect_to_file(sys.stderr, err):
                yield CapturedLogContext(log_key)
        complete.touch()

    def _is_of_a_terminal(self, run: str) -> bool:
        record = self._instance.get_run_by_id(run)
        return record is not None and TERMINAL in record.tags
