# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
MONTHS ?= 2013-01..2013-04
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run ui notebook docs test lint format bench lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 18

setup: .venv/ready ## make .venv with the locked dependencies

.venv/ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Assetbook needs Python 3.11, 3.12 or 3.13; none is on the PATH. Name one: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv with $(PYTHON); the first time takes some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src assets resources sensors definitions.py
	$(BIN)/assetbook home > .env
	@touch $@

run: setup ## deliver the first months of flights and materialize everything
	@$(BIN)/python -m assets.nycflights13 --months $(MONTHS)
	@$(BIN)/assetbook run
	@echo
	@echo "What to open next"
	@echo "  the report   $$(ls -d data/records/flights/delay_report/*/ | tail -n 1)notebook.html"
	@echo "  the last run $(BIN)/assetbook show delay_model"
	@echo "  the tables   $(BIN)/assetbook sql 'select origin, avg(arr_delay) from flights group by 1'"
	@echo "  the UI       make ui, then http://127.0.0.1:3000"

ui: setup ## Dagster's UI and daemon on http://127.0.0.1:3000, and MLflow's UI
	@$(BIN)/assetbook ui

notebook: setup ## JupyterLab in this workspace
	@$(BIN)/jupyter labextension disable "@jupyterlab/apputils-extension:announcements" 2>/dev/null # asks for a subscription
	@$(BIN)/jupyter lab --ip 127.0.0.1

docs: setup ## build these documents as a site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "The documents: site/index.html"

test: setup ## the tests
	@$(BIN)/python -m pytest

lint: setup ## ruff and mypy
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: setup ## let ruff format the code
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: setup .venv-peers/ready ## speed, as ratios against named peers
	@$(BIN)/python -m benchmarks

.venv-peers/ready: benchmarks/peers.lock | .venv/ready
	@echo "Setting up .venv-peers for what cannot be installed beside Assetbook."
	$(BIN)/python -m venv .venv-peers
	.venv-peers/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r benchmarks/peers.lock
	.venv-peers/bin/python -m compileall -q .venv-peers/lib
	@touch $@

lock: ## compile requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --quiet --output-file requirements.lock

clean: ## remove the environment and all data
	rm -rf .venv .venv-peers data .env
