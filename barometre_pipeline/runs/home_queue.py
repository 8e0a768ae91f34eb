"""The queue of an instance that several barometers share: one run at a time in each home, whatever the others do.

Dagster limits runs by a tag, which it takes from jobs and not from assets launched by themselves; and the label by
which it knows a run's code location counts for no limit. So each run that is put in the queue is tagged with it: a
location is a home. Remove this module when Dagster limits the runs of a code location.
"""

from __future__ import annotations

from dagster import DagsterRun, QueuedRunCoordinator, SubmitRunContext

from barometre_pipeline.runs.names import NAMED


class OneRunAHome(QueuedRunCoordinator):
    """Dagster's own queue; `LIMITS` is what its settings say."""

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        """Put a run in the queue, with the tag that the limit counts."""
        run = context.dagster_run
        if run.remote_job_origin:
            self._instance.add_run_tags(run.run_id, {NAMED: run.remote_job_origin.location_name})
        queued: DagsterRun = super().submit_run(context)
        return queued


# And what waits goes on waiting where the code is not there yet, as in the instance of one barometer.
LIMITS = {
    "tag_concurrency_limits": [{"key": NAMED, "value": {"applyLimitPerUniqueValue": True}, "limit": 1}],
    "max_user_code_failure_retries": 30,
    "user_code_failure_retry_delay": 20,
}
