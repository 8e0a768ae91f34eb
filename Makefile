# Everything that one types: each target sets up what it needs.
PYTHON ?= python3
PORT ?= 3000
BAROMETRE_HOME ?= $(CURDIR)/var
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps
# It changes with each commit that is checked out; nothing in a tree without git.
COMMITS := $(wildcard $(shell git rev-parse --git-path logs/HEAD 2>/dev/null))

# Two workers of the tests a core: one that waits for a server or for a process leaves its core to the other.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

.PHONY: setup run test test-all dev lint docs bench bench-echelle bench-robustness lock

setup: $(READY)

$(PACKAGES): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@echo "Setting up $(VENV): a few minutes, once."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --requirement requirements.lock
	@touch $@

# Two seconds, again after each commit: the version is git's.
$(READY): $(PACKAGES) pyproject.toml build_version.py $(COMMITS)
	@$(PIP) --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q barometre_pipeline
	@touch $@

run: $(READY)
	@$(BIN)/barometre run --home $(BAROMETRE_HOME)

# What needs Python packages only, in a few minutes; without hostile files and long tests, which take their time.
test: $(READY)
	@$(BIN)/python -m pytest -m "not servers and not hostile and not long"
	@echo "Left to make test-all: hostile files, long tests, and what needs PostgreSQL, Chromium, nginx, sshd or Java (Spark)."

# All of it, servers too; it ends with what was skipped, and why.
test-all: $(READY)
	@$(BIN)/python -m pytest

# The UI, on the same instance as the runs made in a terminal.
dev: $(READY)
	@$(BIN)/barometre ui --home $(BAROMETRE_HOME) --port $(PORT)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/deptry .
	@$(BIN)/mypy

# docs/: the warehouse's tables, its picture, its questions and the lineage, after a change of their SQL or comments; the
# example of settings, after one of them; the list of what Dagster shows of each asset, which a test compares.
docs: $(READY)
	@$(BIN)/python -m barometre_pipeline.setting_example
	@$(BIN)/python -m barometre_pipeline.warehouse.documentation docs
	@$(BIN)/python -m tests.asset_specs

# One edition and its floor, then made-up ones of 1, 10 and 100 times its size; make bench GROWTH="1 10" leaves out the last.
bench: $(READY)
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.growth $(GROWTH)

# The tables of made-up editions of 1 and 10 times the official one's size on DuckDB and on a cluster of Spark on loopback,
# with the memory of each process; make bench-echelle SCALES="1 10 100" takes hours more.
bench-echelle: $(READY)
	@$(BIN)/python -m tests.scaling $(SCALES)

# Five hundred files made to harm, each beside a sound one: time, memory and sentence of each; kills; on Spark, editions
# and barometers drawn at random.
bench-robustness: $(READY)
	@$(BIN)/python -m tests.robustness
	@KILL_LOTS=10 $(BIN)/pytest tests/test_publication_killed.py
	@SPARK_EDITIONS="2021-T3 2021-T4" $(BIN)/pytest tests/test_spark_cluster.py
	@SPARK_WORLDS=10 $(BIN)/pytest tests/test_spark_worlds.py

# After a change of dependencies: versions and hashes for every supported Python, no addresses.
lock: $(READY)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-strip-extras --no-header --no-annotate --extra demonstration --extra kubernetes --extra postgres --extra s3 --extra sdmx --extra sftp --extra spark --group dev pyproject.toml \
		--output-file requirements.lock
