"""What was sent, by which way: a file of the home, so that a daemon started again sends nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from barometre_pipeline.alerts.channels import AlertError, Channel
from barometre_pipeline.alerts.messages import Alert
from barometre_pipeline.resources.atomic import read_record, write_record

_KEPT = 5_000  # alerts: some years of them


@dataclass(frozen=True)
class Sent:
    """The record: the ways by which each alert went, by its key, the last ones at the end."""

    path: Path

    def send(self, alerts: Iterable[Alert], channels: Sequence[Channel]) -> list[str]:
        """Send what was not; return a sentence for each failure, which the next call tries again."""
        record, failures = read_record(self.path), []
        for alert in alerts:
            done = record.get(alert.key, [])
            for channel in (c for c in channels if c.name not in done):
                try:
                    channel.send(alert)
                except AlertError as error:
                    failures.append(str(error))
                    continue
                done = [*done, channel.name]
                record[alert.key] = done
                write_record(self.path, dict(list(record.items())[-_KEPT:]))
        return list(dict.fromkeys(failures))
