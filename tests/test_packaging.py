"""The package as it is installed: its wheel, its version, its dependencies."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from barometre_pipeline.package_files import code_identity

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def ran(*command: object, **options: object) -> subprocess.CompletedProcess:
    """Run a command with no setting of ours, nor the checkout on Python's path."""
    ours = ("BAROMETRE_", "DATAGOUV_", "DAGSTER_", "PYTHON")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, env=clean, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation")
    done = ran(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of an environment that holds the wheel, and finds what it depends on in the present one."""
    folder = tmp_path_factory.mktemp("environment")
    assert ran(sys.executable, "-m", "venv", "--without-pip", folder).returncode == 0
    programs = folder / "bin"
    options = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    done = ran(sys.executable, "-m", "pip", "--python", programs / "python", "install", *options, wheel)
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob("lib/python*/site-packages")
    # A path alone: the .pth files of the folder that it names are not read, so that the checkout stays out.
    (packages / "dependencies.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    return programs


def test_a_wheel_publishes_the_demonstration_from_an_empty_folder(wheel, installed, tmp_path):
    done = ran(installed / "barometre", "run", "2022-T1", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    manifest = json.loads((tmp_path / "var" / "publication" / "manifeste.json").read_text(encoding="utf-8"))
    assert manifest["demonstration"] is True
    assert manifest["code"] == wheel.name.split("-")[1]
    assert list(tmp_path.iterdir()) == [tmp_path / "var"]


def test_a_wheel_has_the_identity_of_its_checkout(installed, tmp_path):
    code = "from barometre_pipeline import package_files as p; print(p.__file__, p.code_identity())"
    file, identity = ran(installed / "python", "-c", code, cwd=tmp_path).stdout.split()
    assert Path(file).is_relative_to(installed.parent)
    assert identity == code_identity()


def test_the_identity_changes_with_a_byte_of_sql_and_not_with_what_python_leaves(tmp_path):
    code = "from barometre_pipeline.package_files import code_identity; print(code_identity())"
    for name in ("barometre_pipeline", "dbt_like_sql", "expectations"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    first, again = (ran(sys.executable, "-c", code, cwd=tmp_path).stdout.strip() for _ in range(2))
    assert any(tmp_path.rglob("__pycache__"))
    with (tmp_path / "dbt_like_sql" / "marts" / "detail.sql").open("a") as file:
        file.write("\n")
    changed = ran(sys.executable, "-c", code, cwd=tmp_path).stdout.strip()
    assert first == again == code_identity() != changed


def test_a_wheel_has_one_folder_and_no_test(wheel):
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"barometre_pipeline"}
    assert [name for name in names if "test" in name or "__pycache__" in name] == []


@pytest.fixture
def sources(tmp_path) -> Path:
    """A git repository of one commit, with what the version is made by."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in ("pyproject.toml", "build_version.py"):
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Essai", "-c", "user.email=essai@example.org", "-c", "commit.gpgsign=false")
    done = ran("git", "-C", folder, *who, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "Essai")
    return git(folder, "rev-parse", "--short=12", "HEAD")


def version_of(folder: Path) -> str:
    done = ran(sys.executable, "-m", "versioningit", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_tagged_commit_has_its_tags_version(sources):
    git(sources, "tag", "v1.2.3")
    assert version_of(sources) == "1.2.3"


def test_a_commit_after_a_tag_says_how_far_it_is_and_which_it_is(sources):
    git(sources, "tag", "v1.2.3")
    commit(sources)
    last = commit(sources)
    assert version_of(sources) == f"1.2.3.post2+g{last}"
    assert str(Version(version_of(sources))) == version_of(sources)


def test_an_edited_tree_has_the_version_of_its_commit_and_no_date(sources):
    git(sources, "tag", "v1.2.3")
    (sources / "pyproject.toml").open("a").write("# edited\n")
    assert version_of(sources) == "1.2.3"
    last = commit(sources)
    (sources / "pyproject.toml").open("a").write("# edited\n")
    assert version_of(sources) == f"1.2.3.post1+g{last}"


def test_a_clone_of_depth_one_without_tags_names_its_commit(sources, tmp_path):
    last = commit(sources)
    git(sources, "tag", "2022-T1")  # no version of ours
    assert version_of(sources) == f"0.1.0.post1+g{last}"
    git(tmp_path, "clone", "--quiet", "--depth", "1", sources.as_uri(), "shallow")
    assert version_of(tmp_path / "shallow") == f"0.1.0.post0+g{last}"


def test_a_tree_without_git_says_that_it_does_not_know(sources):
    shutil.rmtree(sources / ".git")
    assert version_of(sources) == "0.1.0+unknown"


def test_the_version_option_imports_no_engine(tmp_path):
    code = (
        "import sys; sys.argv = ['barometre', '--version']\n"
        "from barometre_pipeline.cli.start import main; main()\n"
        "assert not {'dagster', 'great_expectations', 'duckdb'} & set(sys.modules)"
    )
    done = ran(sys.executable, "-c", code, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    told = dict(re.split(r" {2,}| (?=\S+$)", line, maxsplit=1) for line in done.stdout.splitlines())
    assert list(told) == ["barometre", "code", "Python", "DuckDB", "Dagster", "Great Expectations"]
    assert told["code"] == code_identity()[:12]


def test_the_program_has_what_it_frees_go_back_to_the_machine_unless_told_otherwise():
    code = (
        "import contextlib, sys; sys.argv = ['barometre', '--help']\n"
        "from barometre_pipeline.cli.start import main\n"
        "with contextlib.suppress(SystemExit): main()\n"
        "import os, pyarrow; print(pyarrow.default_memory_pool().backend_name, os.environ['MALLOC_ARENA_MAX'])"
    )
    otherwise = {"ARROW_DEFAULT_MEMORY_POOL": "mimalloc", "MALLOC_ARENA_MAX": "8"}
    for told, expected in (({}, "system 2"), (otherwise, "mimalloc 8")):
        done = ran(sys.executable, "-c", f"import os; os.environ.update({told!r})\n{code}", cwd=ROOT)
        assert done.stdout.splitlines()[-1] == expected, done.stderr


def locked() -> dict[str, Version]:
    return {
        name: Version(version)
        for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", LOCK.read_text(), re.MULTILINE)
    }


def test_the_lock_holds_what_the_package_and_its_developers_ask_for():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(one for name in extras if name != "gs" for one in extras[name])]
    asked += [*settings["dependency-groups"]["dev"], *settings["build-system"]["requires"]]
    pinned = locked()
    for requirement in map(Requirement, asked):
        name = requirement.name.lower().replace("_", "-")
        assert name in pinned and pinned[name] in requirement.specifier, f"make lock: {requirement}"


def test_the_lock_names_no_address():
    assert re.findall(r"https?://|--(extra-)?index-url|--find-links", LOCK.read_text()) == []


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_wheels_for_each_python(python, tmp_path):
    wheels = tmp_path / "requirements.lock"  # PySpark is published as its source alone, of Python only
    wheels.write_text(re.sub(r"^pyspark\b.*\n(    .*\n)+", "", LOCK.read_text(), flags=re.MULTILINE))
    options = ("--quiet", "--dry-run", "--only-binary", ":all:", "--require-hashes", "--target", tmp_path / "target")
    done = ran(sys.executable, "-m", "uv", "pip", "install", *options, "--python-version", python, "-r", wheels)
    if done.returncode and not os.environ.get("CI") and re.search("error sending request|dns error", done.stderr):
        pytest.skip("no package registry answers here")
    assert (done.returncode, done.stderr) == (0, "")
