# Two commands on a fresh machine: `make run` and `make test`. The rest is for those who work on it.
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run demo test check bench lock fmt docs

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 20

setup: .venv/.ready ## make .venv with everything the application needs

setup-dev: .venv/.ready-dev ## the same with everything that tests and checks need

.venv/.ready: requirements.txt scripts/setup
	@scripts/setup requirements.txt
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	@scripts/setup requirements.txt requirements-dev.txt
	@touch $@

run: setup ## serve on http://127.0.0.1:3030 until Ctrl-C
	@echo "Just looking? 'make demo' fills a household with made-up bills."
	@exec $(PYTHON) manage.py serve

demo: setup ## the same with demo data and a sign-in
	@exec $(PYTHON) scripts/demo.py

test: setup-dev ## all tests, on SQLite and on a Postgres of their own
	@scripts/test

check: setup-dev ## lint, types, imports, migrations, manual, then all tests
	@scripts/check

bench: setup-dev ## compare our speed with a bare floor
	@$(PYTHON) -m benchmarks

docs: setup-dev ## the manual on http://127.0.0.1:8055
	@$(PYTHON) -m mkdocs serve --config-file mkdocs/mkdocs.yml --dev-addr 127.0.0.1:8055

lock: ## write requirements*.txt from requirements*.in, with hashes
	@scripts/lock

fmt: setup-dev ## format and mend what can be mended
	@$(PYTHON) -m ruff check --fix --quiet . || true
	@$(PYTHON) -m ruff format .
