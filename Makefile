# One command each: install, start, check, test, bench. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q
# On a machine that others use too, `make test RERUNS=1` gives a failed integration or e2e test a second try, and says so.
RERUNS ?= 0
PATIENT := $(if $(filter-out 0,$(RERUNS)),-p pytest_rerunfailures --reruns $(RERUNS) -rR)
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install dev start check format unit integration fuzz e2e test bench conformance clean

help:  ## This list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: .venv/.installed  ## kubectl, minikube, kind and kajitori in .venv/bin, and the system packages they need
	@scripts/install

dev: .venv/.installed-dev  ## The same, with what checks and tests need
	@scripts/install --tests

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -m compileall -q src
	@touch $@

.venv/.installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	$(BIN)/python -m compileall -q src
	@touch $@ .venv/.installed

start: install  ## A cluster, an application in it, and its answer
	@scripts/start

check: dev  ## Style, types, layers, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m kajitori.api.stubs --verify
	$(BIN)/python scripts/update-protos --verify

format: dev  ## Rewrite the code as the formatter likes it
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

unit: dev  ## Fast tests, no root
	$(PYTEST) tests/unit

integration: dev  ## Real clients against a real API server
	$(PYTEST) $(PATIENT) tests/integration

fuzz: dev  ## Requests that nobody means; FUZZ_SECONDS and FUZZ_SEED widen it
	$(PYTEST) tests/fuzz

e2e: dev  ## Real clusters with real containers; needs root
	$(PYTEST) $(PATIENT) tests/e2e

test: check unit integration fuzz e2e  ## Everything

bench: dev  ## Figures beside their targets
	@missed=0; for script in bench/api.py bench/kubectl.py bench/cluster.py; do \
	  $(BIN)/python "$$script" || missed=1; done; exit $$missed

# FOCUS is a regular expression of test names, CONFORMANCE further words (see python -m tests.upstream --help).
FOCUS ?= \[Conformance\]
conformance: dev  ## Upstream's conformance suite (Debian's source, built with Debian's Go) against a cluster; needs root
	$(BIN)/python -m tests.upstream run --focus '$(FOCUS)' $(CONFORMANCE)

clean:  ## What tests and builds left (clusters stay)
	-@$(BIN)/python -m tests.images down
	rm -rf build .mypy_cache .ruff_cache .import_linter_cache
