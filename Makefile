# zhengtu. Needs make and Python >= 3.11; everything else is installed into .venv from the hashed locks.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.8
PYTEST_ARGS ?=

RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
LAUNCHER := $(BIN)/zhengtu

LOCK_FLAGS := -q --universal --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock" --python-version 3.11

.PHONY: setup demo test test-long check lint bench chaos lock clean

setup: $(RUNTIME) $(LAUNCHER)

demo: setup
	@exec $(LAUNCHER) demo $(DEMO_ARGS)

# A choice of tests (PYTEST_ARGS) may leave one of the two runs empty, with which pytest ends as 5.
CHOSEN := $(if $(PYTEST_ARGS),|| test $$$$? -eq 5)

test: $(DEVELOPMENT) $(LAUNCHER)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser and not long" $(PYTEST_ARGS) $(CHOSEN)
	$(BIN)/python -m pytest -m browser $(PYTEST_ARGS) $(CHOSEN)

# kill -9 at every await 300 times, and the bench in small.
test-long: $(DEVELOPMENT)
	$(BIN)/python -m pytest -n 2 -m long $(PYTEST_ARGS) $(CHOSEN)

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# Every fault at full size, for minutes; the results are added to var/chaos.jsonl. ZHENGTU_CHAOS_SEED repeats a run.
chaos: $(DEVELOPMENT)
	ZHENGTU_CHAOS=full $(BIN)/python -m pytest -n 0 -s tests/chaos $(CHAOS_ARGS)

# BENCH_ARGS=--quick for a look.
bench: $(DEVELOPMENT)
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

lock: $(UV)
	$(UV) pip compile $(LOCK_FLAGS) pyproject.toml -o requirements.lock
	$(UV) pip compile $(LOCK_FLAGS) --extra dev --extra bench pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更新的版本：make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "不能建立 $(VENV)；Debian 和 Ubuntu 请先安装 python3-venv" >&2; exit 1; }

$(UV): | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

# The stamps are newer than the lock that they stand for, so a second run does nothing.
$(RUNTIME): requirements.lock | $(UV)
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	@touch $@

$(DEVELOPMENT): requirements-dev.lock | $(UV)
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@ $(RUNTIME)

# Runs the checkout itself: nothing is built, so nothing has to be fetched that no hash vouches for.
$(LAUNCHER): Makefile | $(BIN)/python
	@printf '#!/bin/sh\nPYTHONPATH="%s$${PYTHONPATH:+:$$PYTHONPATH}" exec "%s/$(BIN)/python" -P -m bot "$$@"\n' \
		"$(CURDIR)" "$(CURDIR)" > $@
	@chmod +x $@
