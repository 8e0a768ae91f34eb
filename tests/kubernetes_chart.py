"""What Dagster's Helm chart does with our values, said in our own words: neither the chart nor Helm can be had here.

Written from the chart in Dagster's repository, helm/dagster, as of 1.13: its values.schema.json and the models that it
is made from (schema/schema/charts), templates/configmap-instance.yaml with its helpers, and the subchart
dagster-user-deployments. Only the places that our values fill are said: a key that is not here is refused, be it one
that the chart would leave aside. What we do not give is the chart's own default, but beneath a list.

Held to the sources themselves, key by key, in November 2026. They bear no version until they are released: the models
read were those that know backfills and retryOnAssetOrOpFailure, the templates of 99dc34fc (configmap-instance) and of
068394ff (the code's context, which has the account since; the web servers, whose code locations may be a mapping).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

VALUES = Path(__file__).parents[1] / "deploy" / "kubernetes" / "values.yaml"
RELEASE, NAMESPACE = "barometre", "donnees"

# The chart's own, for what the values do not say.
_TICKS = {"failure": -1, "skipped": 7, "started": -1, "success": -1}

# A type; a list of what one item is; a mapping of what is accepted; OBJECT: Kubernetes' own, which the API judges.
OBJECT = object()


class Needing(dict[str, Any]):
    """A mapping of which some keys must be given: the chart asks for them, and has no default for them there."""

    def __init__(self, needed: dict[str, Any], others: dict[str, Any] | None = None) -> None:
        """Hold what is accepted, the needed first."""
        super().__init__(needed | (others or {}))
        self.needed = tuple(needed)


_TAG = {"tag": str}
_IMAGE = {"repository": str, "pullPolicy": ("Always", "IfNotPresent", "Never")}
_POD = {
    "env": [OBJECT],
    "envSecrets": [Needing({"name": str})],
    "podSecurityContext": OBJECT,
    "resources": OBJECT,
    "volumes": [OBJECT],
    "volumeMounts": [OBJECT],
    "startupProbe": OBJECT,
    "livenessProbe": OBJECT,
}
_CLASS = Needing({"module": str, "class": str, "config": OBJECT})
_LEVELS = ("CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "NOTSET")
ACCEPTED = {
    "global": {"dagsterHome": str, "postgresqlSecretName": str},
    "generatePostgresqlPasswordSecret": bool,
    "postgresql": {
        "enabled": bool,
        "postgresqlHost": str,
        "postgresqlUsername": str,
        "postgresqlDatabase": str,
        "postgresqlScheme": str,
        "service": {"port": int},
    },
    "dagster-user-deployments": {
        "enabled": bool,
        "deployments": [
            Needing(
                {"name": str, "image": Needing(_IMAGE, _TAG), "port": int},
                {"codeServerArgs": [str], "includeConfigInLaunchedRuns": {"enabled": bool}, **_POD},
            )
        ],
    },
    "dagsterWebserver": {
        "image": _IMAGE | _TAG,
        "enableReadOnly": bool,
        "service": {"type": str, "port": int},
        "readinessProbe": OBJECT,
        **_POD,
    },
    "dagsterDaemon": {
        "image": _IMAGE | _TAG,
        **_POD,
        "runCoordinator": {
            "enabled": bool,
            "type": ("CustomRunCoordinator",),
            "config": {"customRunCoordinator": _CLASS},
        },
        "runMonitoring": {
            "enabled": bool,
            "startTimeoutSeconds": int,
            "cancelTimeoutSeconds": int,
            "pollIntervalSeconds": int,
        },
        "runRetries": {"enabled": bool, "maxRetries": int, "retryOnAssetOrOpFailure": bool},
    },
    "runLauncher": {
        "type": ("K8sRunLauncher",),
        "config": {
            "k8sRunLauncher": {
                "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
                "loadInclusterConfig": bool,
                "kubeconfigFile": str,
                "runK8sConfig": {"podSpecConfig": OBJECT, "podTemplateSpecMetadata": OBJECT},
            }
        },
    },
    "computeLogManager": {"type": ("CustomComputeLogManager",), "config": {"customComputeLogManager": _CLASS}},
    "pythonLogs": {"managedPythonLoggers": [str], "pythonLogLevel": _LEVELS},
    "telemetry": {"enabled": bool},
    "retention": {
        "enabled": bool,
        "schedule": {"purgeAfterDays": int},
        "sensor": {"purgeAfterDays": {"skipped": int, "failure": int, "success": int}},
    },
    "additionalInstanceConfig": OBJECT,
}


def values() -> dict[str, Any]:
    return yaml.safe_load(VALUES.read_text("utf-8"))


def refused(given: Any, accepted: Any = ACCEPTED, place: str = "values") -> Iterator[str]:
    """Yield each place of the values that the chart would not take."""
    if accepted is OBJECT:
        return
    if isinstance(accepted, dict) and isinstance(given, dict):
        for key, value in given.items():
            if key in accepted:
                yield from refused(value, accepted[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}"
        if isinstance(accepted, Needing):
            yield from (f"{place}.{key} is not there" for key in accepted.needed if key not in given)
    elif isinstance(accepted, list) and isinstance(given, list):
        for rank, one in enumerate(given):
            yield from refused(one, accepted[0], f"{place}[{rank}]")
    elif isinstance(accepted, tuple):
        yield from () if given in accepted else (place,)
    elif not isinstance(accepted, type) or type(given) is not accepted:
        yield place


def instance_file(given: dict[str, Any]) -> dict[str, Any]:
    """Return the dagster.yaml that the chart puts into its ConfigMap."""
    daemon, launcher = given["dagsterDaemon"], given["runLauncher"]["config"]["k8sRunLauncher"]
    base, logs = given["postgresql"], given["computeLogManager"]["config"]["customComputeLogManager"]
    database = {
        "username": base["postgresqlUsername"],
        "password": {"env": "DAGSTER_PG_PASSWORD"},
        "hostname": base["postgresqlHost"],
        "db_name": base["postgresqlDatabase"],
        "port": base.get("service", {}).get("port", 5432),
        "params": {},
        "scheme": base["postgresqlScheme"],
    }
    kept = {"schedule_storage": "PostgresScheduleStorage", "run_storage": "PostgresRunStorage"}
    modules = {name: {"module": f"dagster_postgres.{name}", "class": kind} for name, kind in kept.items()}
    modules["event_log_storage"] = {"module": "dagster_postgres.event_log", "class": "PostgresEventLogStorage"}
    monitoring, retries = daemon["runMonitoring"], daemon["runRetries"]
    return {
        "scheduler": {"module": "dagster.core.scheduler", "class": "DagsterDaemonScheduler"},
        **{name: {**one, "config": {"postgres_db": database}} for name, one in modules.items()},
        "run_launcher": {
            "module": "dagster_k8s",
            "class": "K8sRunLauncher",
            "config": {
                "load_incluster_config": launcher.get("loadInclusterConfig", True),
                **({"kubeconfig_file": launcher["kubeconfigFile"]} if "kubeconfigFile" in launcher else {}),
                "job_namespace": NAMESPACE,
                "image_pull_policy": launcher["imagePullPolicy"],
                "service_account_name": f"{RELEASE}-dagster",
                "dagster_home": given["global"]["dagsterHome"],
                "instance_config_map": f"{RELEASE}-dagster-instance",
                "postgres_password_secret": given["global"]["postgresqlSecretName"],
                "run_k8s_config": {
                    "pod_spec_config": launcher["runK8sConfig"]["podSpecConfig"],
                    "pod_template_spec_metadata": launcher["runK8sConfig"]["podTemplateSpecMetadata"],
                },
            },
        },
        "run_coordinator": daemon["runCoordinator"]["config"]["customRunCoordinator"],
        "compute_logs": logs,
        "python_logs": {
            "python_log_level": given["pythonLogs"]["pythonLogLevel"],
            "managed_python_loggers": given["pythonLogs"]["managedPythonLoggers"],
        },
        "run_monitoring": {
            "enabled": monitoring["enabled"],
            "start_timeout_seconds": monitoring["startTimeoutSeconds"],
            "cancel_timeout_seconds": monitoring["cancelTimeoutSeconds"],
            "max_resume_run_attempts": 0,
            "poll_interval_seconds": monitoring["pollIntervalSeconds"],
            "free_slots_after_run_end_seconds": 0,
        },
        "run_retries": {
            "enabled": retries["enabled"],
            "max_retries": retries["maxRetries"],
            "retry_on_asset_or_op_failure": retries["retryOnAssetOrOpFailure"],
        },
        "telemetry": given["telemetry"],
        "sensors": {"use_threads": True, "num_workers": 4},
        "schedules": {"use_threads": True, "num_workers": 4},
        "retention": {
            "sensor": {"purge_after_days": {**_TICKS, **given["retention"]["sensor"]["purgeAfterDays"]}},
            "schedule": {"purge_after_days": given["retention"]["schedule"]["purgeAfterDays"]},
            "auto_materialize": {"purge_after_days": _TICKS},
        },
        **given["additionalInstanceConfig"],
    }


def context_of(given: dict[str, Any], deployment: dict[str, Any]) -> dict[str, Any]:
    """Return what the chart tells a code server of the pods of its runs, in DAGSTER_CONTAINER_CONTEXT."""
    assert deployment["includeConfigInLaunchedRuns"]["enabled"]
    told = {
        "image_pull_policy": deployment["image"]["pullPolicy"],
        "env_config_maps": [f"{RELEASE}-dagster-user-deployments-{deployment['name']}-user-env"],
        "env_secrets": [one["name"] for one in deployment["envSecrets"]],
        "volume_mounts": deployment["volumeMounts"],
        "volumes": deployment["volumes"],
        "resources": deployment["resources"],
        "namespace": NAMESPACE,
        "service_account_name": f"{RELEASE}-dagster-user-deployments-user-deployments",
        "env": deployment["env"],
        "run_k8s_config": {
            "pod_spec_config": {
                "automount_service_account_token": True,
                "security_context": deployment["podSecurityContext"],
            }
        },
    }
    return {"k8s": json.loads(json.dumps(told))}


def commands(given: dict[str, Any]) -> list[list[str]]:
    """Return the commands that the chart runs in our image, but for those of the runs."""
    deployments = given["dagster-user-deployments"]["deployments"]
    code = ["dagster", "code-server", "start", "-h", "0.0.0.0", "-p"]
    where = ["-w", "/dagster-workspace/workspace.yaml"]
    port = str(given["dagsterWebserver"].get("service", {}).get("port", 80))
    web = ["dagster-webserver", "-h", "0.0.0.0", "-p", port, *where, "--read-only"]  # the second UI's; the first's too
    servers = [[*code, str(one["port"]), *one["codeServerArgs"]] for one in deployments]
    return [*servers, web, ["dagster-daemon", "run", *where]]
