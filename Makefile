# Each target makes the environment that it needs and does not repeat the work the second time.
#   make quickstart   five systems on real data, compared
#   make test         the tests
#   make test-parity  only the tests against peer libraries
#   make test-slow    the long ones: kills, power cuts, full disks, stress, fuzz
#   make check        all gates: style, types, layers, generated docs, tests with coverage
#   make bench        the benchmarks, peers in the same run
#
# PYTHON=...           the interpreter to build .venv from (3.11 or newer; found by itself when not given)
# TORCH_INDEX_URL=...  an extra package index for torch, such as the CPU-only one that pytorch.org's "Get started" page names
# TORCH=...            the words for pip that install torch, where an index is not enough
# TEST_CORES=...       how pytest spreads the tests; empty for one process, in which the first failure is easiest to follow

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
BIN := $(VENV)/bin
TORCH_INDEX_URL ?=
TORCH ?= torch==2.13.0 $(if $(TORCH_INDEX_URL),--extra-index-url $(TORCH_INDEX_URL))
PIP := $(BIN)/python -m pip install --quiet --constraint constraints.txt
TEST_CORES ?= --numprocesses auto --maxprocesses 4 --dist loadfile
BENCH_VENVS := $(patsubst benchmarks/requirements-%.txt,.venv-bench-%,$(wildcard benchmarks/requirements-*.txt))
BENCHMARKS := $(shell grep -l 'import.*write_section' benchmarks/*.py 2>/dev/null)
PINS := pyproject.toml constraints.txt

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore
export TOKENIZERS_PARALLELISM := false
ifeq ($(origin IRLOOM_DATA),undefined)
ifneq ($(wildcard ../shared/data),)
export IRLOOM_DATA := $(abspath ../shared/data)
endif
endif

.PHONY: help quickstart test test-parity parity test-slow slow check fix docs results bench bench-venvs size clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1|\2/p' Makefile | column -t -s'|'

quickstart: $(VENV)/.demo ## five systems on real data, compared: table, run files and report under runs/quickstart
	$(BIN)/irloom run configs/experiments/quickstart.yaml --output runs/quickstart

test: $(VENV)/.dev ## the tests, on up to four cores
	$(BIN)/python -m pytest $(TEST_CORES)

test-parity: $(VENV)/.dev ## only the tests against peer libraries
	$(BIN)/python -m pytest -m "parity and not slow" -rs

parity: test-parity

test-slow: $(VENV)/.dev ## only the tests that take more than a minute: kills and power cuts at every fail point, stress, fuzz
	$(BIN)/python -m pytest -m slow

slow: test-slow

check: $(VENV)/.dev ## all gates; .ci/run calls it
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python docs/methods.py --check
	$(BIN)/python -m pytest --cov $(TEST_CORES)

fix: $(VENV)/.dev ## what ruff can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/.dev ## writes docs/methods.md again, from the registry
	$(BIN)/python docs/methods.py

results: $(VENV)/.demo ## writes docs/results.md again; needs the test collections under IRLOOM_DATA
	$(BIN)/python docs/results.py

bench: $(VENV)/.dev bench-venvs ## the benchmarks; each writes its section of benchmarks/RESULTS.md
	set -e; for script in $(BENCHMARKS); do echo "== $$script"; $(BIN)/python $$script; done

bench-venvs: $(BENCH_VENVS:%=%/.done) ## the peers of the benchmarks, in environments of their own

size: ## the size of an environment with irloom and no extras, pip included
	@rm -rf $(VENV)-size && $(MAKE) --no-print-directory VENV=$(VENV)-size $(VENV)-size/.core
	@du -sb $(VENV)-size | awk '{printf "%.0f MB in files\n", $$1 / 1e6; exit $$1 >= 350e6}'
	@rm -rf $(VENV)-size

clean: ## removes the environments and caches that these targets made
	rm -rf $(VENV) $(VENV)-size .venv-bench-* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage

$(VENV)/.python:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash .ci/venv
	@touch $@

$(VENV)/.core: $(VENV)/.python $(PINS)
	@echo "Installing irloom without extras into $(VENV) ..."
	@$(PIP) .
	@touch $@

$(VENV)/.demo: $(VENV)/.python $(PINS)
	@echo "Installing torch, irloom and the demo's encoder into $(VENV), some two minutes ..."
	@$(PIP) $(TORCH)
	@$(PIP) --editable ".[demo]"
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	@echo "Installing the development tools into $(VENV) ..."
	@$(PIP) --editable ".[demo,dev]"
	@touch $@

.venv-bench-lucene/.done: PEER_TORCH := $(TORCH)

.venv-bench-%/.done: benchmarks/requirements-%.txt
	@PYTHON="$(PYTHON)" VENV=.venv-bench-$* bash .ci/venv
	@echo "Installing the peers of $< into .venv-bench-$* ..."
	@.venv-bench-$*/bin/python -m pip install --quiet $(PEER_TORCH) --requirement $<
	@touch $@
