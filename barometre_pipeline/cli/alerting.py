"""`barometre alerts`: what sends them, tried from the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from barometre_pipeline.alerts.channels import AlertError, channels_of
from barometre_pipeline.alerts.heartbeat import beat
from barometre_pipeline.alerts.messages import TRIAL
from barometre_pipeline.cli.options import read_settings
from barometre_pipeline.errors import BarometreError, UsageError

app = typer.Typer(help="Alerts by mail and webhook.", no_args_is_help=True)


@app.command("try")
def try_() -> None:
    """Send a trial message by every way that is set, and a heartbeat.

    Example: BAROMETRE_ALERTES_SMTP=smtp://localhost:25 BAROMETRE_ALERTES_DESTINATAIRES=a@b.fr barometre alerts try
    """
    settings = read_settings()
    channels = channels_of(settings)
    if not channels and not settings.alertes_battement:
        raise UsageError(
            "No alert is set: give BAROMETRE_ALERTES_SMTP with BAROMETRE_ALERTES_DESTINATAIRES, "
            "BAROMETRE_ALERTES_WEBHOOK, or BAROMETRE_ALERTES_BATTEMENT."
        )
    failures = []
    if settings.alertes_battement:
        if silent := beat(settings, datetime.now(UTC)):
            failures.append(silent)
        else:
            typer.echo("battement: sent.")
    for channel in channels:
        try:
            channel.send(TRIAL)
            typer.echo(f"{channel.name}: sent.")
        except AlertError as error:
            failures.append(str(error))
    if failures:
        raise BarometreError("\n".join(failures))
