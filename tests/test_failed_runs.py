"""The first screen of a run that failed: its sentence, once, without a stack; nothing red for what waits for it."""

import pytest

from barometre_pipeline.runs.instance import opened_instance
from tests.projects import failed, project  # noqa: F401 - a fixture
from tests.ui import answer

EVENTS = """query($id: ID!) { runOrError(runId: $id) { ... on Run { status eventConnection { events {
    __typename
    ... on MessageEvent { message level stepKey }
    ... on ErrorEvent { error { message stack errorChain { error { message } } } }
} } } } }"""


@pytest.mark.long
def test_a_failed_run_shows_its_sentence_alone_and_once(project):
    (project.deliveries / "air.csv").unlink()
    outcome = project.run()
    failed(outcome, "air.csv")
    with opened_instance(project.home / "dagster") as instance:
        (run,) = instance.get_runs()
        shown = answer(instance, EVENTS, id=run.run_id)["runOrError"]
    events = shown["eventConnection"]["events"]
    red = [e for e in events if e["level"] in ("ERROR", "CRITICAL")]
    assert shown["status"] == "FAILURE"
    assert [(e["__typename"], e["stepKey"]) for e in red] == [
        ("ExecutionStepFailureEvent", "extract"),
        ("RunFailureEvent", None),
    ]
    failure, ended = red
    assert failure["error"]["message"] in outcome[2]
    assert (failure["error"]["stack"], failure["error"]["errorChain"]) == ([], [])
    assert ended["error"] is None
    assert sum(str(e).count("there is no file air.csv") for e in events) == 2  # two deliveries read it
