# Two commands do everything on a machine with Python >= 3.11 and make: `make sweep` and `make test`.

PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin
# Start Ray, workers and servers, and kill them: one test at a time. Of the others two run side by side.
ALONE := tests/end_to_end tests/faults

.PHONY: help sweep test test-faults check format constraints clean
.DEFAULT_GOAL := help

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

sweep: $(VENV)/installed  ## Install, then run the quickstart sweep
	$(RUN)/seedwise run quickstart

test: $(VENV)/installed  ## Install, then run the tests
	$(RUN)/pytest --numprocesses 2 $(ALONE:%=--ignore=%)
	$(RUN)/pytest $(ALONE)

test-faults: $(VENV)/installed  ## Install, then try every fault, the long ones too, and write their table into docs/reliability.md
	rm -f .faults.jsonl
	SEEDWISE_FAULT_LEDGER=$(CURDIR)/.faults.jsonl $(RUN)/pytest tests/faults tests/orchestrator/record -m "campaign or not campaign"
	$(RUN)/python tests/ledger.py .faults.jsonl docs/reliability.md

check: $(VENV)/installed  ## Formatter, linter, strict types, tests
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(MAKE) test

format: $(VENV)/installed  ## Put the code into its format
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

constraints:  ## Pin anew: the newest versions that pyproject.toml allows, into constraints.txt
	rm -rf .venv-constraints && $(PYTHON) -m venv .venv-constraints
	.venv-constraints/bin/pip install --quiet --editable '.[dev]'
	(head -1 constraints.txt; .venv-constraints/bin/pip freeze --exclude-editable | sed 's/+[a-z0-9]*$$//') > .venv-constraints/new
	mv .venv-constraints/new constraints.txt && rm -rf .venv-constraints

clean:  ## Remove the virtual environment and caches; what runs have left in mlruns/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache build *.egg-info

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("seedwise needs Python 3.11 or newer, and %s is %s: make PYTHON=/path/to/python3.11" % (sys.executable, sys.version.split()[0]))'
	@echo "Installing into $(VENV), once; this downloads torch, Ray and MLflow, and takes some minutes ..."
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
