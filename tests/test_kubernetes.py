"""The values for Dagster's Helm chart: what the chart and Dagster take of them, and the pod of a run."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from dagster import DagsterRun
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.instance import DagsterInstance
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

from barometre_pipeline.runs.home_queue import LIMITS
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.settings import Settings
from tests import kubernetes_chart as chart
from tests.loopback import loopback
from tests.postgres_server import postgres  # noqa: F401 - a fixture
from tests.projects import project  # noqa: F401 - a fixture

DEPLOY = chart.VALUES.parents[1]
GUIDE = (DEPLOY.parent / "docs" / "exploitation.md").read_text("utf-8")
DOCKERFILE = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8")
SETTINGS = {Settings.variable(name) for name in Settings.model_fields}
SECRETS = {Settings.variable(n) for n, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}


def pods() -> list[dict]:
    given = chart.values()
    return [*given["dagster-user-deployments"]["deployments"], given["dagsterWebserver"], given["dagsterDaemon"]]


def test_the_chart_takes_every_value():
    assert list(chart.refused(chart.values())) == []
    assert list(chart.refused({"dagsterDaemon": {"runQueue": 1}, "telemetry": {"enabled": "no"}})) == [
        "values.dagsterDaemon.runQueue",
        "values.telemetry.enabled",
    ]


def test_what_the_chart_asks_for_beneath_a_list_and_of_a_class_of_ours_is_missed():
    given = {"computeLogManager": {"config": {"customComputeLogManager": {"module": "m", "class": "c"}}}}
    given |= {"dagster-user-deployments": {"deployments": [{"name": "lyon", "image": {"repository": "barometre"}}]}}
    assert list(chart.refused(given)) == [
        "values.computeLogManager.config.customComputeLogManager.config is not there",
        "values.dagster-user-deployments.deployments[0].image.pullPolicy is not there",
        "values.dagster-user-deployments.deployments[0].port is not there",
    ]


def test_what_the_values_set_are_settings_and_no_secret_is_written_there():
    written = chart.VALUES.read_text("utf-8")
    for pod in pods():
        for variable in pod.get("env", ()):
            assert variable["name"] in SETTINGS
            if variable["name"] in SECRETS:
                assert set(variable) == {"name", "valueFrom"}
    assert set(re.findall(r"(?:BAROMETRE|DATAGOUV)_[A-Z_]+", written)) <= SETTINGS
    assert not re.search(r"(?i)password: *\S|mot_de_passe: *\S", written)


def test_kubernetes_writes_no_password_into_what_the_code_says_of_its_runs():
    """It fills `$(…)` in the variable that has that context, which Dagster keeps with each run and its Job."""
    given = chart.values()
    for deployment in given["dagster-user-deployments"]["deployments"]:
        assert "$(" not in json.dumps(chart.context_of(given, deployment))


def test_the_guide_makes_the_secret_of_the_database_with_the_keys_that_are_read():
    given = chart.values()
    (deployment,) = given["dagster-user-deployments"]["deployments"]
    (address,) = [one for one in deployment["env"] if one["name"] == "BAROMETRE_POSTGRES"]
    read = address["valueFrom"]["secretKeyRef"]
    assert read["name"] == given["global"]["postgresqlSecretName"]
    made = re.search(rf"generic {read['name']} (?:.|\\\n)*?(?=\n\w)", GUIDE)[0]
    # The first one is the chart's own.
    assert re.findall(r"--from-literal=([\w-]+)=", made) == ["postgresql-password", read["key"]]


def test_the_chart_is_of_the_version_that_is_locked():
    lock = (DEPLOY.parent / "requirements.lock").read_text("utf-8")
    (locked,) = re.findall(r"^dagster==(\S+)", lock, re.M)
    told = f"--version {locked} --values deploy/kubernetes/values.yaml"
    assert told in chart.VALUES.read_text("utf-8") and told in GUIDE


def test_every_pod_has_the_home_and_the_account_of_the_image():
    claim = yaml.safe_load((DEPLOY / "kubernetes" / "accueil.yaml").read_text("utf-8"))
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    ((number, _),) = re.findall(r"--uid (\d+) --home-dir (\S+)", DOCKERFILE)
    printed = chart.values()["computeLogManager"]["config"]["customComputeLogManager"]["config"]["home"]
    assert f"ENV DAGSTER_HOME={printed}" in DOCKERFILE  # in the home, where it is without Kubernetes
    for pod in pods():
        home, mount = pod["volumes"][0], pod["volumeMounts"][0]
        assert home["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert mount["name"] == home["name"] and f"{mount['mountPath']}/dagster" == printed
        assert pod["podSecurityContext"]["runAsUser"] == pod["podSecurityContext"]["fsGroup"] == int(number)
        assert pod["resources"]["limits"]["memory"] and pod["resources"]["requests"]["memory"]


def test_every_pod_has_a_folder_of_its_own_for_the_file_of_the_instance():
    """In the home, the folder that Kubernetes makes to put the file there would be root's: no run could print in it."""
    for pod in pods():
        volume, (home, mount) = pod["volumes"][1], pod["volumeMounts"][:2]
        assert volume == {"name": mount["name"], "emptyDir": {}}
        assert mount["mountPath"] == chart.values()["global"]["dagsterHome"]
        assert not mount["mountPath"].startswith(home["mountPath"])


def test_the_pod_of_the_code_has_the_file_of_the_instance_that_the_chart_gives_to_the_others():
    """`barometre status` and `barometre run` are given there, and would make a file of their own."""
    given = chart.values()
    launcher = chart.instance_file(given)["run_launcher"]["config"]
    for code in given["dagster-user-deployments"]["deployments"]:
        volume, mount = code["volumes"][2], code["volumeMounts"][2]
        assert volume == {"name": mount["name"], "configMap": {"name": launcher["instance_config_map"]}}
        assert mount["mountPath"] == f"{launcher['dagster_home']}/dagster.yaml" and mount["subPath"] == "dagster.yaml"


def test_each_server_listens_where_an_account_that_is_not_root_may():
    """From 1024 on: not every cluster lets it below."""
    for command in chart.commands(chart.values()):
        assert all(int(port) >= 1024 for option, port in pairwise(command) if option == "-p"), command


def test_the_ui_is_ready_when_the_port_that_it_listens_on_answers():
    web = chart.values()["dagsterWebserver"]
    assert web["readinessProbe"]["httpGet"]["port"] == web["service"]["port"]


def test_the_image_has_the_commands_that_the_chart_runs():
    for program, *arguments in chart.commands(chart.values()):
        path = Path(sys.executable).with_name(program)
        options = [part for part in arguments if part.startswith("-")]
        words = [part for part in arguments[:2] if not part.startswith("-")]
        told = subprocess.run([path, *words, "--help"], capture_output=True, text=True, check=True).stdout
        assert all(re.search(rf"(?<![\w-]){option}\b", told) for option in options), (program, options)


@pytest.fixture
def cluster(tmp_path, postgres, monkeypatch, project):
    """The chart's instance on a real database, its launcher before an API of Kubernetes that notes what it is asked.

    Give the instance, the values, and the bodies of what was asked.
    """
    asked: list[dict] = []

    def answer(request) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"] or 0))
        asked.append(json.loads(body))
        request.reply(201, body, Content_Type="application/json")

    base = urlsplit(postgres)
    with loopback(answer) as api:
        config = tmp_path / "kubeconfig"
        kube = {"clusters": [{"name": "c", "cluster": {"server": api.url}}], "users": [{"name": "u", "user": {}}]}
        contexts = [{"name": "x", "context": {"cluster": "c", "user": "u"}}]
        config.write_text(json.dumps({**kube, "contexts": contexts, "current-context": "x"}))
        written = chart.VALUES.read_text("utf-8").replace("/srv/barometre/var", str(project.home))
        written = written.replace("/srv/barometre/instance", str(tmp_path / "instance"))
        given = yaml.safe_load(written)
        given["postgresql"] |= {"postgresqlHost": "127.0.0.1", "postgresqlDatabase": "postgres"}
        given["postgresql"]["service"] = {"port": base.port}
        launcher = given["runLauncher"]["config"]["k8sRunLauncher"]
        launcher |= {"loadInclusterConfig": False, "kubeconfigFile": str(config)}
        monkeypatch.setenv("DAGSTER_PG_PASSWORD", base.password)
        folder = tmp_path / "instance"
        folder.mkdir()
        (folder / "dagster.yaml").write_text(yaml.safe_dump(chart.instance_file(given)), "utf-8")
        with opened_instance(folder) as instance:
            yield instance, given, asked


def test_dagster_takes_the_instance_of_the_chart_and_we_add_nothing_to_its_file(cluster, tmp_path, postgres):
    instance, _, _ = cluster
    assert isinstance(instance, DagsterInstance)
    assert type(instance.run_launcher).__name__ == "K8sRunLauncher"
    assert type(instance.compute_log_manager).__name__ == "PrintedInFiles"
    assert instance.run_coordinator.inst_data.config_dict == LIMITS
    assert instance.run_retries_enabled and not instance.run_retries_max_retries > 2
    file = tmp_path / "instance" / "dagster.yaml"
    before = file.read_text("utf-8")
    # The file of a ConfigMap cannot be written: what the commands in a pod would add has to be there.
    assert prepare_instance(file.parent, Settings(BAROMETRE_POSTGRES=postgres).postgres_address) == []
    assert file.read_text("utf-8") == before


def launched(cluster) -> tuple[DagsterRun, dict]:
    """Launch 2022-T1 by the launcher; return the run, and the container of the Job that the cluster is asked for."""
    instance, given, asked = cluster
    (deployment,) = given["dagster-user-deployments"]["deployments"]
    image = f"{deployment['image']['repository']}:{deployment['image']['tag']}"
    pointer = ModuleCodePointer("barometre_pipeline.definitions", "barometre", None)
    repository = RepositoryPythonOrigin(
        sys.executable, pointer, image, container_context=chart.context_of(given, deployment)
    )
    origin = JobPythonOrigin("edition", repository)
    run = instance.add_run(DagsterRun("edition", job_code_origin=origin, tags={"dagster/partition": "2022-01-01"}))
    instance.run_launcher.launch_run(LaunchRunContext(run, None))
    (job,) = asked
    return run, job


def test_a_run_is_a_pod_with_the_home_the_settings_and_the_resources_of_its_code(cluster, project):
    run, job = launched(cluster)
    pod = job["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    (deployment,) = cluster[1]["dagster-user-deployments"]["deployments"]
    assert container["image"] == "barometre:latest" and container["resources"] == deployment["resources"]
    assert container["args"][1:5] == ["-m", "dagster", "api", "execute_run"] and run.run_id in container["args"][-1]
    names = [one["name"] for one in container["env"]]
    assert {"DAGSTER_PG_PASSWORD", "BAROMETRE_POSTGRES"} <= set(names)
    assert {"secretRef": {"name": "barometre-reglages"}} in container["envFrom"]
    assert {"name": "accueil", "mountPath": str(project.home)} in container["volumeMounts"]
    assert {"name": "instance", "emptyDir": {}} in pod["spec"]["volumes"]
    paths = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert len(paths) == len(set(paths))  # Kubernetes refuses two mounts in one place
    assert pod["spec"]["securityContext"]["runAsUser"] == 999 and pod["spec"]["restartPolicy"] == "Never"
    assert "mot-de-passe-du-test" not in json.dumps(job)


@pytest.mark.long
def test_what_the_pod_runs_makes_the_edition_in_the_home(cluster, project, postgres):
    run, job = launched(cluster)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    # As the secrets of the cluster give them.
    environment = {n: v for n, v in os.environ.items() if n != "DAGSTER_HOME"}
    environment |= {"BAROMETRE_CATALOGUE": str(project.catalogue), "BAROMETRE_SOURCES": str(project.deliveries)}
    secret = {"postgresql-password": urlsplit(postgres).password, "adresse": postgres}
    for one in container["env"]:
        environment[one["name"]] = one.get("value") or secret[one["valueFrom"]["secretKeyRef"]["key"]]
    done = subprocess.run(container["args"], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert cluster[0].get_run_by_id(run.run_id).is_success
    assert (project.home / "publication").is_dir() and (project.home / "identite").is_file()
    assert any((project.home / "dagster" / "storage" / run.run_id / "compute_logs").iterdir())
