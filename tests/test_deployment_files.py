"""What deploy/ holds: units, Compose, the example of settings, and a proxy that asks who one is."""

import base64
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from barometre_pipeline.runs.instance import opened_instance
from barometre_pipeline.setting_example import example
from barometre_pipeline.settings import Settings
from tests.loopback import loopback
from tests.ports import await_port, free_port
from tests.projects import project, published, published_once  # noqa: F401 - fixtures

DEPLOY = Path(__file__).parents[1] / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
GUIDE = (DEPLOY.parent / "docs" / "exploitation.md").read_text("utf-8")
OURS = ("code", "webserver", "consultation", "daemon")


def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text("utf-8"))


def test_the_example_has_every_setting():
    assert (DEPLOY / ".env.example").read_text("utf-8") == example(), "make docs"
    assert all(f"#{Settings.variable(name)}=" in example() for name in Settings.model_fields)


def test_compose_is_what_its_published_schema_says():
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([program, "--builtin-schema", "vendor.compose-spec", COMPOSE], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("part", OURS)
def test_a_service_of_compose_runs_the_command_of_its_unit(part):
    (line,) = re.findall(
        r"^ExecStart=(.+)$", (DEPLOY / "systemd" / f"barometre-{part}.service").read_text("utf-8"), re.M
    )
    _, *unit = shlex.split(line)
    service = compose()["services"][part]
    program, *command = service["command"]
    places = {"--code", "--host", "--port"}
    assert program == "barometre" and _without(unit, places) == _without(command, places)
    assert set(service["environment"]) <= {Settings.variable(name) for name in Settings.model_fields}


def test_a_command_typed_on_the_machine_has_the_account_and_the_settings_of_the_units():
    command = (DEPLOY / "systemd" / "barometre").read_text("utf-8")
    assert subprocess.run(["sh", "-n", DEPLOY / "systemd" / "barometre"]).returncode == 0
    for unit in (DEPLOY / "systemd").glob("*.service"):
        said = dict(line.partition("=")[::2] for line in unit.read_text("utf-8").splitlines() if "=" in line)
        assert f"--uid={said['User']} --working-directory={said['WorkingDirectory']}" in command
        of_another = "-%i" if "@" in unit.name else ""
        named = command.replace("${BAROMETRE_NOM:+-$BAROMETRE_NOM}", of_another).replace('"', "")
        assert f"--property=EnvironmentFile={said['EnvironmentFile']} " in named
        assert f'{said["ExecStart"].split()[0]} "$@"' in command


def test_the_containers_have_the_keys_of_ssh_and_neither_git_nor_the_image_does():
    image = (DEPLOY / "compose" / "Dockerfile").read_text("utf-8")
    ((number, folder),) = re.findall(r"--uid (\d+) --home-dir (\S+)", image)
    for part in OURS:
        assert f"../ssh:{folder}/.ssh:ro" in compose()["services"][part]["volumes"]
    assert f"chown -R {number} deploy/ssh" in GUIDE
    assert "deploy/ssh" in (DEPLOY / "compose" / "Dockerfile.dockerignore").read_text("utf-8").split()
    kept = [one.rstrip("/") for one in (DEPLOY.parent / ".gitignore").read_text("utf-8").split()]
    assert {"deploy/ssh", ".env"} <= set(kept)


def test_a_home_that_was_saved_as_the_guide_says_goes_on_elsewhere(published, tmp_path):
    there, archive = tmp_path / "retabli", tmp_path / "barometre.tar.gz"
    there.mkdir()
    for way, home in (("create", published.home), ("extract", there)):
        (said,) = re.findall(rf"`(tar --{way} [^`]+)`", GUIDE)
        command = said.replace("ACCUEIL", str(home)).replace(archive.name, str(archive))
        subprocess.run(shlex.split(command), check=True)
    shutil.rmtree(published.home)
    published.home, commit = there, published.git("rev-parse", "HEAD")
    code, _, errors = published.run()
    assert code == 0 and "Nothing new" in errors and published.git("rev-parse", "HEAD") == commit, errors
    with opened_instance(there / "dagster") as instance:
        assert len({run.run_id for run in instance.get_runs()}) > 1  # those of before too
    assert published.barometre("status", "--home", there, "--depot", published.depot)[0] == 0


def _without(command: list[str], options: set[str]) -> list[str]:
    """Return a command without these options and their values."""
    named = [rank for rank, part in enumerate(command) if part in options]
    return [part for rank, part in enumerate(command) if not {rank, rank - 1} & set(named)]


def test_each_service_waits_for_what_it_asks_and_is_looked_at():
    services = compose()["services"]
    assert set(services) == {"postgres", *OURS}
    for name, service in services.items():
        assert "healthcheck" in service, name
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"} and "healthcheck" in services[other]
    # Only the proxy of this machine reaches the UI.
    assert all(port.startswith("127.0.0.1:") for s in services.values() for port in s.get("ports", ()))


@pytest.fixture
def proxy(tmp_path):
    """nginx with the example as it is, but for its places; give its address by the UI behind."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if nginx is None:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    port, folder = free_port(), tmp_path
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=essai"]
    subprocess.run(
        [*key, "-keyout", folder / "barometre.key", "-out", folder / "barometre.crt"], check=True, capture_output=True
    )
    for name in ("pilotage", "consultation"):
        secret = subprocess.run(["openssl", "passwd", "-6", name], check=True, capture_output=True, text=True).stdout
        (folder / f"barometre.{name}").write_text(f"ada:{secret}")
    folder.chmod(0o755)
    with loopback(lambda r: r.reply(body=str(r.headers["Authorization"]).encode())) as ui:
        text = (DEPLOY / "nginx" / "barometre.conf").read_text("utf-8").replace("/etc/nginx/", f"{folder}/")
        text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
        text = text.replace("http://127.0.0.1:3000", ui.url).replace("http://127.0.0.1:3001", ui.url)
        paths = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; user root; events {{}}"
            f"http {{ access_log off; {paths}\n{text}\n}}",
            "utf-8",
        )
        with subprocess.Popen([nginx, "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.PIPE) as process:
            try:
                await_port(port, "nginx")
                yield f"https://127.0.0.1:{port}/"
            finally:
                process.terminate()


def asked(address: str, name: str, password: str | None) -> tuple[int, str]:
    context = ssl._create_unverified_context()  # the test's own certificate
    request = urllib.request.Request(address, headers={"Host": name})
    if password:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"ada:{password}".encode()).decode())
    try:
        with urllib.request.urlopen(request, context=context, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


@pytest.mark.servers
def test_the_proxy_asks_who_one_is_and_keeps_the_password(proxy):
    launching, looking = "barometre.example.org", "barometre-consultation.example.org"
    assert asked(proxy, launching, None)[0] == asked(proxy, looking, None)[0] == 401
    assert asked(proxy, launching, "pilotage") == asked(proxy, looking, "consultation") == (200, "None")
    assert asked(proxy, launching, "consultation")[0] == 401
