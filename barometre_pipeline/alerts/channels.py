"""By which ways people are told: mail (SMTP), and a webhook as Slack, Mattermost and Tchap's bots take it.

Each way either sends, or raises AlertError with a sentence that holds no secret.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

from barometre_pipeline.alerts.messages import Alert
from barometre_pipeline.errors import BarometreError
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings

_SECONDS = 20  # that a server may take: the daemon waits meanwhile
_PORTS = {"smtp": 25, "smtps": 465}


class AlertError(BarometreError):
    """A message could not be sent."""


class Channel(Protocol):
    """A way to tell people."""

    @property
    def name(self) -> str:
        """Return what it is called where it is remembered what went by it."""

    def send(self, alert: Alert) -> None:
        """Send one alert; AlertError where it cannot be."""


@dataclass(frozen=True)
class Mail:
    """Mail by one SMTP server: encrypted from the start (smtps), or as soon as the server offers it."""

    server: str
    password: str | None
    sender: str
    recipients: tuple[str, ...]
    name: str = "courriel"

    def send(self, alert: Alert) -> None:
        """Send the alert to the usual recipients and to those of its own."""
        to = tuple(dict.fromkeys((*self.recipients, *alert.to)))
        if not to:
            raise AlertError(
                "BAROMETRE_ALERTES_SMTP is set, and BAROMETRE_ALERTES_DESTINATAIRES is not: say who reads it."
            )
        message = EmailMessage()
        message["Subject"], message["From"] = alert.subject, self.sender
        message["To"] = ", ".join(to)
        # Without them, servers make a message suspect, or refuse it.
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2] or "localhost")
        message.set_content(f"{alert.text}\n")
        try:
            self._deliver(message)
        except (OSError, smtplib.SMTPException) as error:
            raise AlertError(f"The mail server {self.host} did not take the message: {_words(error)}.") from None

    @property
    def host(self) -> str:
        """Return the server's name."""
        return urlsplit(self.server).hostname or ""

    def _deliver(self, message: EmailMessage) -> None:
        parts = urlsplit(self.server)
        port = parts.port or _PORTS[parts.scheme]
        if parts.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, port, timeout=_SECONDS)
        with server:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if parts.username and self.password:
                server.login(unquote(parts.username), self.password)
            server.send_message(message)


@dataclass(frozen=True)
class Webhook:
    """An address that takes a text in JSON, secret in itself: it is in no message."""

    address: str
    secrets: Secrets
    name: str = "webhook"

    def send(self, alert: Alert) -> None:
        """Send the alert as one text."""
        host = urlsplit(self.address).hostname or ""
        with HttpDoor(self.secrets, Limits(attempts=1), trusted=(host,)) as door:
            try:
                answer = door.call("POST", self.address, headers={}, json={"text": f"{alert.subject}\n\n{alert.text}"})
            except BarometreError as error:
                raise AlertError(f"The webhook of {host} {self.secrets.scrub(str(error))}.") from None
        if not 200 <= answer.status < 300:
            raise AlertError(f"The webhook of {host} answers {answer.status}: see BAROMETRE_ALERTES_WEBHOOK.")


def channels_of(settings: Settings) -> list[Channel]:
    """Return the ways that are set; alerts are on as soon as there is one."""
    found: list[Channel] = []
    if settings.alertes_smtp:
        secret = settings.alertes_smtp_mot_de_passe
        password = secret.get_secret_value() if secret else None
        recipients = addresses(settings.alertes_destinataires)
        sender = settings.alertes_expediteur or next(iter(recipients), "barometre@localhost")
        found.append(Mail(settings.alertes_smtp, password, sender, recipients))
    if settings.alertes_webhook:
        found.append(Webhook(settings.alertes_webhook.get_secret_value(), Secrets(*settings.secret_values)))
    return found


def addresses(text: str | None) -> tuple[str, ...]:
    """Return the addresses of a list with commas."""
    return tuple(one.strip() for one in (text or "").split(",") if one.strip())


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
