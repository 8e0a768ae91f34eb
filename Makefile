# Everything that one types: each target sets up what it needs.
PYTHON ?= python3
BAROMETRE_HOME ?= $(CURDIR)/var
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps

.PHONY: setup run test dev lint bench lock

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@echo "Setting up $(VENV): a few minutes, once."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q barometre_pipeline
	@touch $@

run: $(READY)
	@$(BIN)/barometre run --home $(BAROMETRE_HOME)

test: $(READY)
	@$(BIN)/python -m pytest

# The UI, on the same instance as the runs made in a terminal.
dev: $(READY)
	@$(BIN)/barometre ui --home $(BAROMETRE_HOME)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

bench: $(READY)
	@$(BIN)/python tests/bench.py

# After a change of dependencies: versions and hashes for every supported Python, no addresses.
lock: $(READY)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-strip-extras --no-header --no-annotate --group dev pyproject.toml --output-file requirements.lock
