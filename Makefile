# make demo shows Samspil, make test proves it. Needs make and Python 3.11 or newer with venv and pip, nothing else.

ARGS ?=
BIN := .venv/bin
READY := .venv/.ready

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-header

.PHONY: help demo test lint guarantees bench lock assets
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

demo: $(READY) ## the hub with its demo municipalities; ARGS="--once --json" for one run and its result
	@$(BIN)/samspil demo $(ARGS)

test: $(READY) ## all tests, on up to four cores; ARGS="tests/unit -k money" for some
ifeq ($(strip $(ARGS)),)
	@$(BIN)/pytest $(if $(SAMSPIL_TEST_DATABASE_URL),,-n auto --maxprocesses 4 --dist loadfile) -m "not alone"
	@$(BIN)/pytest -m alone
else
	@$(BIN)/pytest $(ARGS)
endif

lint: $(READY) ## ruff, mypy --strict and the layers of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

guarantees: $(READY) ## the sentences of docs/guarantees.md: each with its tests, and whether it holds
	@$(BIN)/python -m tests.guarantees $(ARGS)

bench: $(READY) ## the measurements
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(READY) ## solve the dependencies anew
	@$(COMPILE) --upgrade --group dev pyproject.toml -o requirements.lock
	@$(COMPILE) -c requirements.lock pyproject.toml -o requirements-run.lock

assets: ## build what the dashboard's pages load; needs npm, and its result is committed
	@cd monitoring/web/assets && npm ci --ignore-scripts --no-audit --no-fund && npm run build

# PYTHON is python3 if that is new enough, else the newest python3.x that is and can make environments.
PYTHON ?= $(shell for python in python3 python3.15 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    && echo $$python && break; done)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv and pip was found." \
	    "Install one (Debian and Ubuntu: apt-get install python3-venv) or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making .venv with $(PYTHON): once, about a minute" >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
	@touch $(READY)
