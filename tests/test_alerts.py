"""Alerts reach real servers of mail and HTTP on loopback, once each, and tell in French what to do."""

import email
import email.policy
import importlib
import json
import socket
import sys
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from dagster import AssetCheckKey, AssetKey, DagsterInstance, DagsterRunStatus, build_sensor_context, job
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    ScheduleInstigatorData,
    TickData,
    TickStatus,
)
from dagster._utils.error import SerializableErrorInfo

from barometre_pipeline.alerts import messages
from barometre_pipeline.alerts.channels import channels_of
from barometre_pipeline.alerts.loading import told_where_it_fails
from barometre_pipeline.alerts.sensor import build_watch, tell
from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, barometre, build_definitions
from barometre_pipeline.errors import EditedFileError, UsageError
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.runs.names import PROCESS
from barometre_pipeline.schedules import NAME, Collection
from barometre_pipeline.settings import Settings
from tests.loopback import loopback
from tests.projects import (  # noqa: F401 - fixtures
    EDITION,
    NEXT,
    Project,
    both_published,
    failed,
    project,
    published,
    published_once,
    published_twice,
)
from tests.ui import QUIET

TEAM, SUPPLIER = "equipe@example.org", "eau@example.org"
PARTITION = {"dagster/partition": "2022-01-01", PROCESS: "1:1:here"}


class Mailbox:
    """What a mail server received; it refuses everything while it is `full`."""

    def __init__(self):
        self.received, self.full = [], False

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name is the server's
        if self.full:
            return "452 Insufficient system storage"
        self.received.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
        )
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [message["Subject"] for _, message in self.received]


@pytest.fixture
def mailbox(monkeypatch):
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setenv("BAROMETRE_ALERTES_SMTP", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("BAROMETRE_ALERTES_DESTINATAIRES", TEAM)
    yield box
    server.stop()


def news_of(project: Project, since: datetime | None = None, catalogues: Catalogues | None = None) -> list[str]:
    """Tell what happened in the project's own instance; return the failures to send."""
    settings = Settings(home=project.home, catalogue=project.catalogue)
    now = datetime.now(UTC)
    with opened_instance(project.home / "dagster") as instance:
        began = (since or now - timedelta(hours=1)).isoformat()
        return tell(instance, settings, catalogues or catalogues_in(project.catalogue), began, now)


@pytest.mark.long
def test_a_publication_is_told_once_with_its_figures(published, mailbox):
    assert news_of(published) == news_of(published) == []
    ((to, message),) = mailbox.received
    assert to == [TEAM] and message["Subject"] == f"Édition {EDITION} publiée"
    text = message.get_content()
    assert "3\u00a0indicateurs mis à jour" in text and "À faire : relire le rapport." in text


def test_what_happened_before_the_first_look_is_not_told(published, mailbox):
    assert news_of(published, since=datetime.now(UTC)) == []
    assert mailbox.received == []


def test_a_failure_is_told_with_its_sentence_and_the_link(project, mailbox, monkeypatch):
    monkeypatch.setenv("BAROMETRE_ALERTES_LIEN", "https://dagster.example.org")
    (project.deliveries / "air.csv").unlink()
    failed(project.run(), "air.csv")
    assert news_of(project) == []
    assert mailbox.subjects == [f"Échec de l’édition {EDITION}"]
    text = mailbox.received[0][1].get_content()
    assert "air.csv" in text and "Voir : https://dagster.example.org/runs/" in text and "Traceback" not in text
    assert "Ministère : Ministère de l'Air" in text


def test_a_delivery_that_cannot_be_read_is_told_with_its_ministry(project, mailbox):
    (project.deliveries / "air.csv").write_text("rien,de,prévu\n1,2,3\n", "utf-8")
    failed(project.run())
    assert news_of(project) == []
    assert "Ministère : Ministère de l'Air" in mailbox.received[0][1].get_content()


@pytest.mark.long
def test_a_gate_that_blocks_is_told_as_such(project, mailbox):
    air = (project.deliveries / "air.csv").read_text("utf-8-sig")
    (project.deliveries / "air.csv").write_text(air.replace(",9,", ",neuf,"), "utf-8-sig")
    failed(project.run(), "Nothing is published")
    news_of(project)
    assert mailbox.subjects == [f"Édition {EDITION} bloquée par les contrôles"]


def test_checks_that_are_refused_are_no_gate_that_blocks(project, mailbox):
    settings = Settings(home=project.home, catalogue=project.catalogue)
    edition = build_definitions(settings, catalogues_in(project.catalogue)).resolve_job_def(JOB)
    chosen = edition.get_subset(asset_check_selection={AssetCheckKey(AssetKey("detail"), "cle_unique")})
    prepare_instance(project.home / "dagster")
    with opened_instance(project.home / "dagster") as instance:
        chosen.execute_in_process(
            instance=instance, tags={"dagster/partition": "2127-01-01"}, run_config=QUIET, raise_on_error=False
        )
    news_of(project)
    assert mailbox.subjects == ["Échec de l’édition 2127-T1"]


@pytest.mark.long
def test_a_withdrawal_is_told_once_with_its_reason_and_fails_by_no_mail_server(both_published, mailbox):
    options = ("--catalogue", both_published.catalogue, "--depot", both_published.depot, "--home", both_published.home)
    command = ("withdraw", NEXT, "--reason", "Une série est fausse", *options)
    mailbox.full = True
    status, _, errors = both_published.barometre(*command)
    assert status == 0 and "did not take the message" in errors
    mailbox.full = False
    for _ in range(2):
        assert both_published.barometre(*command)[0] == 0
    ((to, message),) = mailbox.received
    assert to == [TEAM] and message["Subject"] == f"Édition {NEXT} retirée"
    text = message.get_content()
    assert f"{NEXT} est retirée ; {EDITION} est publique. Motif : Une série est fausse" in text
    assert "À faire : prévenir ceux qui ont repris ses chiffres" in text


@pytest.mark.long
def test_a_late_delivery_is_told_to_its_supplier_too(published, mailbox, monkeypatch):
    monkeypatch.setenv("BAROMETRE_ALERTES_LIEN", "https://dagster.example.org")
    supplier = published.catalogue / "livraisons" / "air.yaml"
    supplier.write_text(f"contact: {SUPPLIER}\n{supplier.read_text('utf-8')}", "utf-8")
    (published.deliveries / "air.csv").unlink()
    status, _, errors = published.run("--allow-late", edition="2022-T2")
    assert status == 0, errors
    news_of(published)
    late = [(to, m) for to, m in mailbox.received if "en retard" in m["Subject"]]
    assert [(to, m["Subject"]) for to, m in late] == [
        ([TEAM, SUPPLIER], f"Livraison en retard : {name}, 2022-T2") for name in ("alertes", "alertes-objectifs")
    ]
    assert "Ministère : Ministère de l'Air" in late[0][1].get_content()
    assert "Voir : https://dagster.example.org/runs/" in late[0][1].get_content()


@pytest.mark.long
def test_a_catalogue_that_is_wrong_by_now_hides_no_news(published, mailbox):
    (published.deliveries / "air.csv").unlink()
    assert published.run("--allow-late", edition="2022-T2")[0] == 0
    moved = Catalogues(published.catalogue / "{edition}", catalogues_in(published.catalogue).latest)
    assert news_of(published, catalogues=moved) == []
    assert {"Livraison en retard : alertes, 2022-T2", "Édition 2022-T2 publiée"} <= set(mailbox.subjects)


def test_mail_has_the_date_and_the_identity_that_servers_ask_for(project, mailbox):
    assert project.barometre("alerts", "try")[0] == 0
    ((_, message),) = mailbox.received
    assert abs(message["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert message["Message-ID"].endswith("@example.org>")


def test_what_could_not_be_sent_is_sent_at_the_next_look(published, mailbox):
    mailbox.full = True
    (told,) = news_of(published)
    assert "127.0.0.1 did not take the message" in told and mailbox.received == []
    mailbox.full = False
    assert news_of(published) == [] and len(mailbox.received) == 1


@job
def anything():
    """A job of no step: only how long its runs last is looked at."""


@pytest.fixture
def instance(project):
    """An instance as a home has it, without a run."""
    prepare_instance(project.home / "dagster")
    with opened_instance(project.home / "dagster") as opened:
        yield opened


def test_a_run_that_waits_for_too_long_is_told(project, instance, mailbox):
    settings, now = Settings(home=project.home, catalogue=project.catalogue), datetime.now(UTC)
    instance.create_run_for_job(anything, tags=PARTITION, status=DagsterRunStatus.NOT_STARTED)
    # Of another project, in the same instance.
    theirs = {"dagster/partition": "2022-04-01"}
    instance.create_run_for_job(anything, tags=theirs, status=DagsterRunStatus.NOT_STARTED)
    for later in (timedelta(minutes=30), timedelta(minutes=90, seconds=5), timedelta(minutes=95)):
        assert tell(instance, settings, catalogues_in(project.catalogue), now.isoformat(), now + later) == []
    assert mailbox.subjects == [f"L’édition {EDITION} attend depuis 90 minutes"]


def test_a_run_of_a_partition_that_is_no_edition_is_told_as_it_was_asked_for(project, instance, mailbox):
    run = instance.create_run_for_job(anything, tags=PARTITION | {"dagster/partition": "abc"})
    instance.report_run_failed(run, "abc is not the key of an edition.")
    assert news_of(project) == []
    assert mailbox.subjects == ["Échec de l’édition abc"]


def test_a_webhook_takes_the_text_and_its_address_is_in_no_message(published, monkeypatch):
    answers = iter([404, 200])
    with loopback(lambda request: request.reply(next(answers))) as server:
        monkeypatch.setenv("BAROMETRE_ALERTES_WEBHOOK", f"{server.url}/hooks/secret-de-salon")
        (told,) = news_of(published)
        assert "answers 404" in told and "secret-de-salon" not in told
        assert news_of(published) == []
        assert [request.path for request in server.seen] == ["/hooks/secret-de-salon"] * 2


def test_the_webhooks_body_is_what_slack_and_mattermost_read(project, monkeypatch):
    bodies = []

    def answers(request):
        bodies.append(json.loads(request.rfile.read(int(request.headers["Content-Length"]))))
        request.reply()

    with loopback(answers) as server:
        monkeypatch.setenv("BAROMETRE_ALERTES_WEBHOOK", server.url)
        assert project.barometre("alerts", "try")[0] == 0
    assert list(bodies[0]) == ["text"] and bodies[0]["text"].startswith("Essai des alertes du baromètre")


def test_the_trial_goes_by_every_way_and_tells_the_one_that_fails(project, mailbox):
    assert project.barometre("alerts", "try") == (0, "courriel: sent.\n", "")
    mailbox.full = True
    failed(project.barometre("alerts", "try"), "did not take the message")


def test_a_mail_server_without_anyone_to_write_to_is_told_as_such(project, mailbox):
    project.monkeypatch.delenv("BAROMETRE_ALERTES_DESTINATAIRES")
    failed(project.barometre("alerts", "try"), "BAROMETRE_ALERTES_DESTINATAIRES is not: say who reads it.")


def test_the_figures_of_a_publication_agree_with_their_nouns():
    figures = {"indicateurs": 1, "valeurs_ajoutees": 1200, "valeurs_retirees": 1, "cibles_deplacees": 1, "alertes": 2}
    assert " ".join(messages.published("x", "2022-T1", "2022-T1", figures, None).sentence.split()) == (
        "2022-T1 est publiée : 1 indicateur mis à jour ; valeurs : 1 200 ajoutées, 0 révisée, 1 retirée ; "
        "1 cible déplacée, 2 alertes de qualité."
    )


def test_what_waits_for_its_review_is_not_said_to_be_published():
    told = messages.published("x", "2022-T1", "2022-T1", {}, None, review="revue")
    assert told.subject == "Édition 2022-T1 à relire" and "fusionner" in told.to_do
    assert told.sentence.startswith("2022-T1 attend sa relecture sur la branche revue :")


def test_the_trial_beats_where_a_heartbeat_alone_is_set(project):
    beat = project.home.parent / "battement"
    project.monkeypatch.setenv("BAROMETRE_ALERTES_BATTEMENT", str(beat))
    assert project.barometre("alerts", "try") == (0, "battement: sent.\n", "")
    assert beat.is_file()
    project.monkeypatch.setenv("BAROMETRE_ALERTES_BATTEMENT", str(beat / "sous-un-fichier"))
    failed(project.barometre("alerts", "try"), "Battement : ")


def test_without_a_way_the_trial_says_what_to_set(project):
    failed(project.barometre("alerts", "try"), "BAROMETRE_ALERTES_SMTP", status=2)
    assert channels_of(Settings(home=project.home)) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMTP", "smtp.example.org", "is not a mail server"),
        ("SMTP", "smtp://u:secret@example.org", "holds a password"),
        ("DESTINATAIRES", "equipe", "is no mail address"),
        ("WEBHOOK", "http://example.org/hook", "is not the https:// address"),
        ("BATTEMENT", "ftp://example.org", "is neither a file"),
    ],
)
def test_a_setting_that_no_alert_could_use_is_told(project, monkeypatch, name, value, said):
    monkeypatch.setenv(f"BAROMETRE_ALERTES_{name}", value)
    with pytest.raises(UsageError, match=said) as told:
        Settings.read()
    assert "secret" not in str(told.value)


def test_the_daemon_says_that_it_lives(project, monkeypatch, tmp_path):
    beat = tmp_path / "battement"
    monkeypatch.setenv("BAROMETRE_ALERTES_BATTEMENT", str(beat))
    watch = build_watch(Settings(home=project.home), catalogues_in(project.catalogue))
    with DagsterInstance.ephemeral() as instance:
        watch.evaluate_tick(build_sensor_context(instance=instance))
    assert datetime.fromisoformat(beat.read_text().strip()) <= datetime.now(UTC)


@pytest.mark.parametrize(("status", "told"), [(200, False), (404, True), (500, True)])
def test_a_heartbeat_that_is_not_taken_is_told(project, monkeypatch, status, told):
    with loopback(lambda request: request.reply(status)) as server, DagsterInstance.ephemeral() as instance:
        monkeypatch.setenv("BAROMETRE_ALERTES_BATTEMENT", f"{server.url}/ping/secret")
        watch = build_watch(Settings(home=project.home), catalogues_in(project.catalogue))
        said = watch.evaluate_tick(build_sensor_context(instance=instance)).skip_message
    assert (f"répond {status}" in said) == told and "secret" not in said


def test_a_schedule_that_did_not_launch_is_told(project, instance, mailbox):
    settings, catalogues = Settings(home=project.home, catalogue=project.catalogue), catalogues_in(project.catalogue)
    now = datetime(2022, 4, 15, 6, tzinfo=UTC)  # two hours after it was due
    place = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("barometre"), "__repository__")
    elsewhere = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("autre"), "__repository__")
    old = ScheduleInstigatorData("0 6 15 1,4,7,10 *", start_timestamp=(now - timedelta(days=90)).timestamp())
    theirs = RemoteInstigatorOrigin(elsewhere, NAME)
    instance.add_instigator_state(InstigatorState(theirs, InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, old))
    for began, told in ((now + timedelta(days=1), 0), (now - timedelta(days=90), 1)):
        on = ScheduleInstigatorData("0 6 15 1,4,7,10 *", start_timestamp=began.timestamp())
        state = InstigatorState(
            RemoteInstigatorOrigin(place, NAME), InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, on
        )
        (instance.add_instigator_state if not told else instance.update_instigator_state)(state)
        assert tell(instance, settings, catalogues, None, now) == []
        assert len(mailbox.received) == told
    assert "le 15/04/2022 à 06:00" in mailbox.received[0][1].get_content()


@pytest.mark.parametrize(("status", "told"), [("FAILURE", 1), ("STARTED", 1), ("SUCCESS", 0), ("SKIPPED", 0)])
def test_a_tick_that_failed_did_not_launch(project, instance, mailbox, status, told):
    settings, catalogues = Settings(home=project.home, catalogue=project.catalogue), catalogues_in(project.catalogue)
    now = datetime(2022, 4, 15, 6, tzinfo=UTC)  # two hours after it was due
    origin = RemoteInstigatorOrigin(
        RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("barometre"), "__repository__"), NAME
    )
    on = ScheduleInstigatorData("0 6 15 1,4,7,10 *", start_timestamp=(now - timedelta(days=90)).timestamp())
    state = InstigatorState(origin, InstigatorType.SCHEDULE, InstigatorStatus.RUNNING, on)
    instance.add_instigator_state(state)
    fired = (now - timedelta(hours=2)).timestamp()
    # What Dagster asks of each status.
    more = {"FAILURE": {"error": SerializableErrorInfo("", [], None)}, "SUCCESS": {"run_ids": []}}.get(status, {})
    tick = TickData(
        state.instigator_origin_id,
        NAME,
        InstigatorType.SCHEDULE,
        TickStatus(status),
        fired,
        selector_id=state.selector_id,
        **more,
    )
    instance.create_tick(tick)
    assert tell(instance, settings, catalogues, None, now) == []
    assert len(mailbox.received) == told


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2022-04-15T04:00+00:00", "2022-04-15T06:00+02:00"),
        ("2022-04-15T03:59+00:00", "2022-01-15T06:00+01:00"),
        ("2022-01-02T00:00+00:00", "2021-10-15T06:00+02:00"),
    ],
)
def test_the_schedule_was_last_due_at_six_in_paris(now, due):
    collection = Collection.of(Settings())
    assert collection.last_due(datetime.fromisoformat(now)) == datetime.fromisoformat(due)


def test_the_setting_says_when_the_schedule_fires_and_turns_it_on(project, monkeypatch):
    monkeypatch.setenv("BAROMETRE_CALENDRIER", "2 18:30")
    settings = Settings.read({"home": project.home, "catalogue": project.catalogue})
    schedule = build_definitions(settings, catalogues_in(project.catalogue)).resolve_schedule_def(NAME)
    assert (schedule.cron_schedule, schedule.default_status.value) == ("30 18 2 1,4,7,10 *", "RUNNING")
    due = Collection.of(settings).last_due(datetime(2022, 4, 2, 17, tzinfo=UTC))
    assert due.isoformat() == "2022-04-02T18:30:00+02:00"


@pytest.mark.long
def test_a_pipeline_that_does_not_load_is_told_once_with_its_reason(project, mailbox, monkeypatch):
    (project.catalogue / "mesures" / "eau.yaml").write_text("id: [\n", "utf-8")
    monkeypatch.setenv("BAROMETRE_HOME", str(project.home))
    monkeypatch.setenv("BAROMETRE_CATALOGUE", str(project.catalogue))
    for _ in range(2):
        with pytest.raises(EditedFileError):
            barometre.load_fn()
    assert mailbox.subjects == ["Le baromètre ne se charge plus dans Dagster"]
    assert "eau.yaml" in mailbox.received[0][1].get_content()


def test_a_wrong_setting_and_an_error_of_no_sentence_of_ours_are_told_too(project, mailbox, monkeypatch):
    monkeypatch.setenv("BAROMETRE_HOME", str(project.home))
    monkeypatch.setenv("BAROMETRE_CALENDRIER", "tous les jours")
    with pytest.raises(UsageError, match="BAROMETRE_CALENDRIER"):
        barometre.load_fn()
    monkeypatch.delenv("BAROMETRE_CALENDRIER")
    monkeypatch.setenv("BAROMETRE_CATALOGUE", str(project.catalogue))
    monkeypatch.setitem(sys.modules, "sqlglot.lineage", None)  # as where a package is not whole
    with pytest.raises(ImportError, match=r"sqlglot\.lineage"), told_where_it_fails():
        importlib.import_module("sqlglot.lineage")
    assert mailbox.subjects == ["Le baromètre ne se charge plus dans Dagster"] * 2
    texts = [message.get_content() for _, message in mailbox.received]
    assert "BAROMETRE_CALENDRIER" in texts[0] and "ModuleNotFoundError" in texts[1]


def test_what_hinders_the_telling_hides_no_error(project, mailbox, monkeypatch):
    project.home.write_text("a file where the home should be", "utf-8")
    monkeypatch.setenv("BAROMETRE_HOME", str(project.home))
    with pytest.raises(ZeroDivisionError), told_where_it_fails():
        raise ZeroDivisionError
    assert mailbox.received == []
