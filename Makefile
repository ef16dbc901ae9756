# Targets contain no logic of their own; they only call tools and scripts. A fresh machine needs only Python 3.11 or later, and make.

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

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | sort | awk -F'|' '{printf "  %-16s %s\n", $$1, $$2}'

dev:
	@$(ENV) dev

demo-env:
	@$(ENV) demo

test-env:
	@$(ENV) test

setup: ## create the virtual environments from the lock files
	@$(ENV) dev generator

demo: demo-env ## run the main workflow against an in-process hub
	@PYTHONPATH=generated:facade:hub $(DEMO) scripts.demo

imodels: demo-env ## run the command line from the source (ARGS="hub serve --data-dir build/demo/hub")
	@PYTHONPATH=generated:facade:hub $(DEMO) itwin_imodels.cli $(ARGS)

test: test-env ## build the wheel, install it into a separate environment and run the tests against it (ARGS="-k locks")
	$(TEST) scripts.run_tests $(ARGS)

test-thorough: test-env ## run all tests, including those marked thorough, and all scenarios on both clients
	IMODELS_TEST_THOROUGH=1 $(TEST) scripts.run_tests $(ARGS)

coverage: test-env ## run the tests with a report of code coverage
	$(TEST) scripts.run_tests -n auto --cov --cov-report=term

test-postgres: test-env ## run the tests of tests/hub that depend on the database, with the hub's state in PostgreSQL
	HUB_TEST_DATABASE=postgresql $(TEST) scripts.run_tests -n 6 tests/hub $(ARGS)

check: check-static test test-postgres ## run everything that CI runs

check-static: lint types imports generate-check inventory-check reliance-check unasync-check api-check docs-check ## run the checks of 'make check' except the tests

lint: dev ## check style, formatting and English
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(RUN) scripts.spec_format --check && $(RUN) scripts.prose

format: dev ## format the source in the project's style
	$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format . && $(RUN) scripts.spec_format

types: dev ## check the types of all hand-written code, and of the public surface as users see it
	$(RUN) scripts.check_types

imports: dev ## check which packages import which
	PYTHONPATH=generated:facade:hub $(BIN)/lint-imports

spec-fetch: dev ## download a definition, show what changes, and replace the committed one (URL=address or file)
	@PYTHONPATH=generated:facade:hub $(RUN) scripts.spec_fetch $(if $(URL),'$(URL)')

spec-diff: dev ## compare two definitions (OLD=file NEW=file, ARGS=--whole)
	@PYTHONPATH=generated:facade:hub $(RUN) scripts.spec_diff $(if $(OLD),'$(OLD)') '$(NEW)' $(ARGS)

spec-drift: dev ## show where recorded responses differ from the definition (FROM=folder of IMODELS_RECORD_DRIFT)
	@PYTHONPATH=generated:facade:hub $(RUN) scripts.spec_drift '$(FROM)'

generate: setup ## generate the low-level client from the definition, complete the inventory, write docs/operations.md
	$(RUN) scripts.generate
	PYTHONPATH=generated:facade:hub $(RUN) scripts.inventory
	PYTHONPATH=generated:facade:hub $(RUN) scripts.docs operations.md

generate-check: setup ## check that the committed client matches the definition
	$(RUN) scripts.generate --check

inventory: dev ## add new operations to the inventory, and record where operations are implemented
	PYTHONPATH=generated:facade:hub $(RUN) scripts.inventory

inventory-check: dev ## check that the inventory contains each operation, and where it is implemented
	PYTHONPATH=generated:facade:hub $(RUN) scripts.inventory --check

reliance: dev ## record what the facade sends to and reads from each operation (review the diff)
	PYTHONPATH=generated:facade:hub $(RUN) scripts.reliance

reliance-check: dev ## check that the record is up to date and that the definition contains all of it
	PYTHONPATH=generated:facade:hub $(RUN) scripts.reliance --check

unasync: dev ## generate the synchronous code from the asynchronous code
	$(RUN) scripts.unasync

unasync-check: dev ## check that the synchronous code matches the asynchronous code
	$(RUN) scripts.unasync --check

api: dev ## record the public API (review the diff)
	$(RUN) scripts.api_snapshot

api-check: dev ## check that the public API matches its record
	$(RUN) scripts.api_snapshot --check

docs: dev ## generate pages of docs/ and build the site into build/site, with warnings as errors
	PYTHONPATH=generated:facade:hub $(RUN) scripts.docs
	$(SITE)

docs-check: dev ## check that the generated pages of docs/ are up to date and that the site builds
	PYTHONPATH=generated:facade:hub $(RUN) scripts.docs --check
	$(SITE)

pictures: dev ## create the pictures of the site's first page from a real run (needs Chromium)
	PYTHONPATH=generated:facade:hub $(RUN) scripts.pictures

faults: dev ## run the whole fault matrix, for one to two hours, and record the outcomes for docs/faults.md
	PYTHONPATH=generated:facade:hub $(RUN) scripts.faults $(ARGS)

injected-faults: dev ## inject each known fault into a copy of the project and check that its test fails (ARGS="hub locks")
	@$(RUN) scripts.injected_faults $(ARGS)

bench: dev ## run the benchmarks
	$(RUN) scripts.bench $(ARGS)

migration: dev ## write a migration from the tables of the existing migrations to the hub's schema (NAME="what it does")
	PYTHONPATH=generated:facade:hub $(RUN) scripts.migration '$(NAME)'

wheel: test-env ## build the wheel and the source distribution into dist/, reproducibly
	$(TEST) scripts.wheel

release: dev ## set the version and the changelog section, build the wheel, commit and tag (VERSION=x.y.z)
	$(RUN) scripts.release '$(VERSION)'

publish: dev ## build the wheel and upload it to the index that the environment specifies (see CONTRIBUTING.md)
	$(RUN) scripts.publish

lock: dev ## resolve the dependencies again (ARGS=--upgrade for the newest versions)
	$(RUN) scripts.relock $(ARGS)

audit: dev ## check the lock files against a database of known vulnerabilities; needs the network
	$(RUN) scripts.audit

clean: ## remove environments, builds and caches
	rm -rf .venv .venv-generator build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
