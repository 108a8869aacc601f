# Everything here makes .venv by itself; Python 3.11 is all it needs.
PYTHON ?= python3.11
ARGS ?=
BIN := .venv/bin

# Compiling the whole project anew in every process would take longer than to start it.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run llm test check bench load chaos lock

help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.run ## Run Agora until Ctrl-C; options like ARGS="--port 9000"
	@exec $(BIN)/python manage.py up $(ARGS)

llm: .venv/.run ## Install what recommendations by an LLM service need; then set LLM_BASE_URL
	@$(PIP_INSTALL) -r requirements-llm.lock

test: .venv/.dev ## Run the whole test suite; a part of it with ARGS="tests/config"
	$(BIN)/python -m pytest $(ARGS)

check: .venv/.dev ## Check format, lint, types, settings and missing migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/.dev ## Measure, and write docs/benchmarks.md
	$(BIN)/python -m bench $(ARGS)

load: .venv/.dev ## Let visitors in who never stop to think, and write docs/load.md
	$(BIN)/python -m bench.visitors $(ARGS)

chaos: .venv/.dev ## Break everything at random and check all; MINUTES=10 SEED=number
	$(BIN)/python -m tests.faults.chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

MINUTES ?= 5
SEED ?=

lock: ## Pin requirements*.in anew into requirements*.lock; needs uv
	uv pip compile $(LOCK_OPTIONS) requirements.in -o requirements.lock
	uv pip compile $(LOCK_OPTIONS) requirements-llm.in -o requirements-llm.lock
	uv pip compile $(LOCK_OPTIONS) requirements-dev.in -o requirements-dev.lock

# No address of a package index belongs into the lock: everybody has a nearest one of their own.
LOCK_OPTIONS := --quiet --generate-hashes --python-version 3.11 --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock | $(BIN)/python
	@echo "Installing what Agora needs into .venv; this takes a minute, once."
	@$(PIP_INSTALL) -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run | $(BIN)/python
	@echo "Installing what the tests need into .venv."
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@
