# Every target is one line over a tool or a script. A fresh machine needs Python 3.11 and make, nothing else.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
ENV := $(PYTHON) scripts/environment.py
BIN := .venv/bin
RUN := $(BIN)/python -m
DEMO := build/demo-env/bin/python -m
TEST := build/test-env/bin/python -m
SITE := NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs --quiet build --strict

.DEFAULT_GOAL := help
.PHONY: help setup demo imodels test test-thorough test-postgres coverage check check-static lint format types imports spec-fetch spec-diff spec-drift generate \
	generate-check inventory inventory-check reliance reliance-check unasync unasync-check api api-check docs docs-check pictures faults injected-faults bench migration wheel release \
	publish lock audit clean dev demo-env test-env

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | sort | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'

dev:
	@$(ENV) dev

demo-env:
	@$(ENV) demo

test-env:
	@$(ENV) test

setup: ## make the virtual environments from the lock files
	@$(ENV) dev generator

demo: demo-env ## run the main job: an authoring round trip on the embedded hub
	@PYTHONPATH=generated:facade:hub $(DEMO) scripts.demo

imodels: demo-env ## run the command line from the source (ARGS="hub serve --data-dir build/demo/hub")
	@PYTHONPATH=generated:facade:hub $(DEMO) itwin_imodels.cli $(ARGS)

test: test-env ## build the wheel, install it in a fresh environment, run the tests on it (ARGS="-k locks")
	$(TEST) scripts.run_tests $(ARGS)

test-thorough: test-env ## the same with everything that only takes long: further examples, scenarios in both colours
	IMODELS_TEST_THOROUGH=1 $(TEST) scripts.run_tests $(ARGS)

coverage: test-env ## the same, and what of the code they reach
	$(TEST) scripts.run_tests -n auto --cov --cov-report=term

test-postgres: test-env ## the same with the hub's state in PostgreSQL: the tests of tests/hub that depend on it
	HUB_TEST_DATABASE=postgresql HUB_FUZZ_EXAMPLES=2 $(TEST) scripts.run_tests -n 6 tests/hub $(ARGS)

check: check-static test test-postgres ## everything that CI runs

check-static: lint types imports generate-check inventory-check reliance-check unasync-check api-check docs-check ## all of check but the tests

lint: dev ## style, formatting and English
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(RUN) scripts.spec_format --check && $(RUN) scripts.prose

format: dev ## rewrite the source in the project's style
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format . && $(RUN) scripts.spec_format

types: dev ## static types of everything written by hand, and of the public surface as users see it
	$(RUN) scripts.check_types

imports: dev ## who may import what
	PYTHONPATH=generated:facade:hub $(BIN)/lint-imports

spec-fetch: dev ## download a definition, show what changed, replace ours (URL=address or file)
	@PYTHONPATH=generated:facade:hub $(RUN) scripts.spec_fetch $(if $(URL),'$(URL)')

spec-diff: dev ## what differs between two definitions (OLD=file NEW=file, ARGS=--whole)
	@PYTHONPATH=generated:facade:hub $(RUN) scripts.spec_diff $(if $(OLD),'$(OLD)') '$(NEW)' $(ARGS)

spec-drift: dev ## where recorded answers differ from the definition (FROM=folder that IMODELS_RECORD_DRIFT named)
	@PYTHONPATH=generated:facade:hub $(RUN) scripts.spec_drift '$(FROM)'

generate: setup ## make the low-level client from the definition, and what the inventory and docs/operations.md say of it
	$(RUN) scripts.generate
	$(RUN) scripts.inventory
	PYTHONPATH=generated:facade:hub $(RUN) scripts.docs operations.md

generate-check: setup ## is the committed client what the definition gives?
	$(RUN) scripts.generate --check

inventory: dev ## add a row to the inventory for each new operation of the definition
	$(RUN) scripts.inventory

inventory-check: dev ## does each operation of the definition have a row?
	$(RUN) scripts.inventory --check

reliance: dev ## write down what the facade sends and reads of each operation (review the difference)
	PYTHONPATH=generated:facade:hub $(RUN) scripts.reliance

reliance-check: dev ## is that the one written down, and does the definition promise all of it?
	PYTHONPATH=generated:facade:hub $(RUN) scripts.reliance --check

unasync: dev ## make the synchronous code from the asynchronous
	$(RUN) scripts.unasync

unasync-check: dev ## is the synchronous code what the asynchronous gives?
	$(RUN) scripts.unasync --check

api: dev ## write down the public API (review the difference)
	$(RUN) scripts.api_snapshot

api-check: dev ## is the public API the one written down?
	$(RUN) scripts.api_snapshot --check

docs: dev ## write the generated pages of docs/ and build the site into build/site, warnings being errors
	PYTHONPATH=generated:facade:hub $(RUN) scripts.docs
	$(SITE)

docs-check: dev ## are the generated pages of docs/ up to date, and does the site build?
	PYTHONPATH=generated:facade:hub $(RUN) scripts.docs --check
	$(SITE)

pictures: dev ## make the pictures of the site's first page from a real run (needs Chromium)
	PYTHONPATH=generated:facade:hub $(RUN) scripts.pictures

faults: dev ## run every cell of the fault matrix, for an hour or two, and record the outcomes for docs/faults.md
	PYTHONPATH=generated:facade:hub $(RUN) scripts.faults $(ARGS)

injected-faults: dev ## put each known fault into a copy of the project and check that its test fails (ARGS="hub locks")
	@$(RUN) scripts.injected_faults $(ARGS)

bench: dev ## run the benchmarks
	$(RUN) scripts.bench $(ARGS)

migration: dev ## write the step from the hub's tables so far to those of its schema (NAME="what it does")
	PYTHONPATH=generated:facade:hub $(RUN) scripts.migration '$(NAME)'

wheel: test-env ## build the wheel and the source distribution into dist/: the same bytes for the same commit
	$(TEST) scripts.wheel

release: dev ## set the version, cut the changelog, build the wheel, commit and tag (VERSION=x.y.z)
	$(RUN) scripts.release '$(VERSION)'

publish: dev ## upload the wheel to the index named by the environment (see CONTRIBUTING.md)
	$(RUN) scripts.publish

lock: dev ## resolve the dependencies anew (ARGS=--upgrade takes the newest)
	$(RUN) scripts.relock $(ARGS)

audit: dev ## check the lock files against a database of known vulnerabilities; needs the network
	$(RUN) scripts.audit

clean: ## remove everything that is made
	rm -rf .venv .venv-generator build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
