# Practice Tracker: `make demo` shows it, `make test` proves it. Everything is installed into
# .venv at the root, from requirements.lock, with uv when there is one and pip otherwise.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.practice-installed
BUF := protos/node_modules/.bin/buf
IMAGES := build/contract

# A file to play in the demo, or `mic`; empty plays a bundled performance.
AUDIO ?=
# A folder with labelled recordings for the accuracy benchmark; empty generates a small one.
CORPUS ?=
# More arguments for pytest: make test TESTS=tests/rpc
TESTS ?=
# More arguments for the load benchmark: make load LOAD="--streams 100,300,600"
LOAD ?=
GHZ := build/bin/ghz
GHZ_VERSION := v0.120.0

UV := $(shell command -v uv 2>/dev/null || { test -x $(BIN)/uv && echo $(BIN)/uv; })
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done)
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo run test check lint format types imports stubs contract bench ghz load services train proto lock

help: ## Say what can be made.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP) ## Make the environment in .venv (the other targets do it by themselves).

$(STAMP): requirements.lock pyproject.toml
ifeq ($(PYTHON),)
	@echo "Practice Tracker needs Python 3.11 or newer, and none was found on the PATH." >&2
	@echo "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2
	@exit 1
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11, which Practice Tracker needs." >&2; exit 1; }
ifeq ($(UV),)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make environments: install its venv package (python3-venv)." >&2; exit 1; }
	@echo "Installing into $(VENV) (about a minute, once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
else
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@echo "Installing into $(VENV) (up to a minute, once) …"
	@# Bytecode now: without it numba alone takes seconds at every start.
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode \
		--only-binary :all: -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endif
	@touch $@
endif

demo: $(STAMP) ## Start a server and stream a performance to it (AUDIO=FILE or AUDIO=mic).
	@$(BIN)/practice demo $(if $(AUDIO),"$(AUDIO)")

run: $(STAMP) ## Start the server and keep it up.
	@$(BIN)/practice serve

test: $(STAMP) ## Run the tests.
	$(BIN)/python -m pytest $(TESTS)

check: lint format types imports stubs contract ## Check style, types, imports, stubs and contract.

lint: $(STAMP)
	$(BIN)/ruff check

format: $(STAMP)
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

stubs: $(STAMP)
	$(BIN)/python protos/generate.py --check

contract: $(STAMP) $(BUF)
	$(BIN)/python protos/generate.py --images $(IMAGES)
	cd protos && ../$(BUF) lint ../$(IMAGES)/contract.binpb --config buf.yaml --path practice
	cd protos && ../$(BUF) breaking ../$(IMAGES)/contract.binpb \
		--against ../$(IMAGES)/baseline.binpb --config buf.yaml --path practice

$(BUF): protos/package-lock.json
	@command -v npm >/dev/null 2>&1 || { \
		echo "Checking the contract needs buf, which comes with npm: install Node.js 18 or newer." >&2; \
		exit 1; }
	cd protos && npm ci --silent
	@touch $@

proto: $(STAMP) $(BUF) ## Generate the stubs; a compatible contract becomes the new baseline.
	$(BIN)/python protos/generate.py
	@$(MAKE) --no-print-directory contract
	$(BIN)/python protos/generate.py --baseline

# $(call compile,INPUT,OUTPUT): pin by hash, for every platform, without saying where from.
compile = $(UV) pip compile $(1) --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
	$(LOCK_FLAGS) --output-file $(2)

lock: ## Pin the newest versions that pyproject.toml allows (LOCK_FLAGS=--upgrade).
	@test -n "$(UV)" || { echo "Locking needs uv: run make setup first, which brings it." >&2; exit 1; }
	$(call compile,pyproject.toml --all-extras --no-emit-package pyaudio,requirements.lock)
	$(call compile,pyproject.toml --extra server --constraint requirements.lock,requirements-server.lock)
	echo pyaudio | $(call compile,-,requirements-mic.lock)

train: $(STAMP) ## Make the beat network's weights and model card from nothing (an hour or two).
	$(BIN)/python -m analysis_engine.training.train

bench: $(STAMP) ## Measure accuracy (CORPUS=DIR) and throughput; tables, and JSON in benchmarks/out.
	$(BIN)/python -m benchmarks.accuracy $(CORPUS)
	$(BIN)/python -m benchmarks.throughput

load: $(STAMP) $(GHZ) ## Measure live streams under load beside a bare echo server (LOAD=ARGUMENTS).
	$(BIN)/python -m benchmarks.load --ghz $(GHZ) $(LOAD)

services: $(STAMP) ## Measure calls of the persistence services on SQLite and PostgreSQL.
	$(BIN)/python -m benchmarks.services.calls
	$(BIN)/python -m benchmarks.services.student_year

ghz: $(GHZ)

$(GHZ):
	@command -v go >/dev/null 2>&1 || { \
		echo "Loading the server needs ghz, which is built here: install Go 1.22 or newer." >&2; \
		exit 1; }
	GOBIN=$(CURDIR)/$(dir $(GHZ)) go install github.com/bojand/ghz/cmd/ghz@$(GHZ_VERSION)
