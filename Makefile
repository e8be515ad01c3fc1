# Python that makes the virtual environment: any of 3.10 to 3.13.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
# Extras of `make install`, and what `make test` needs so that no test skips itself.
EXTRAS ?= dev eval
TEST_EXTRAS ?= dev eval export coreml edge web tune track ocr retrieval
# One process a core, at most four; each file's tests stay in one process.
PARALLEL ?= -n auto --maxprocesses 4 --dist loadfile
SETUP = $(PYTHON) tools/bootstrap.py --venv $(VENV) --extras

.DEFAULT_GOAL := help
.PHONY: help install demo test check doctor clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install:  ## Set everything up; EXTRAS="web export" chooses extras
	@$(SETUP) $(EXTRAS)

demo:  ## Set up, then train and test a small safety detector and report on it
	@$(SETUP) eval
	@$(RUN) tools/demo.py

test:  ## Set up, then run the whole test suite; ARGS="-k name" chooses tests
	@$(SETUP) $(TEST_EXTRAS)
	@OMP_NUM_THREADS=1 $(RUN) -m pytest $(PARALLEL) $(ARGS)

check:  ## Set up, then lint, format check, types and spelling
	@$(SETUP) dev
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy
	$(VENV)/bin/codespell

doctor:  ## Say what of the stack works here
	@$(RUN) -m maxsight_mm doctor

clean:  ## Remove caches and builds, not .venv and not work_dirs
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
