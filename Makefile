# What to call while working on it; README's two commands set up all that is needed.
BIN = .venv/bin
LOCK = .lock/bin/uv pip compile --universal --quiet --annotation-style line --custom-compile-command "make lock" pyproject.toml
CATALOGUE = portal/translations/fr/LC_MESSAGES/messages.po
POT = /tmp/heardback.pot
FILE ?= tests/test_hiring.py

.PHONY: help test all one lint format texts demo lock
help:  ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test:  ## Run README's test command: on SQLite, within minutes
	$(BIN)/pytest -n 2

all: test  ## Run all that CI runs: then on PostgreSQL, then what is long
	$(BIN)/pytest -n 2 --postgresql -m postgresql
	$(BIN)/pytest -n 2 --postgresql --long -m long

one:  ## Run one file on SQLite, within seconds: make one FILE=tests/test_hiring.py
	$(BIN)/pytest $(FILE)

lint:  ## Check all that tests/test_rules.py checks: style, types, layers, spelling, words; name what is long
	$(BIN)/pytest -q tests/test_rules.py
	$(BIN)/python -m tests.tools.lengths

format:  ## Put code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

texts:  ## Take new texts into the French catalogue, and compile it; before and after translating
	$(BIN)/pybabel -q extract -F portal/translations/babel.cfg -k lazy_gettext -k marked --no-location --omit-header \
		--no-wrap --sort-output -o $(POT) .
	$(BIN)/pybabel -q update -i $(POT) -d portal/translations -l fr --no-wrap --no-fuzzy-matching --ignore-obsolete
	@# Dates in its head would conflict at every merge.
	sed -i '/^"POT-Creation-Date\|^"PO-Revision-Date\|^"Report-Msgid/d' $(CATALOGUE)
	$(BIN)/pybabel -q compile -d portal/translations -l fr

demo:  ## Start the product on sample data
	$(BIN)/flask demo

lock: .lock/bin/uv  ## Pin anew what pyproject.toml needs; add UPGRADE=--upgrade for newer releases
	$(LOCK) $(UPGRADE) --extra test --output-file requirements.txt
	$(LOCK) $(UPGRADE) --extra dev --constraint requirements.txt --output-file tests/requirements.txt

.lock/bin/uv:
	python3 -m venv .lock && .lock/bin/pip install --quiet uv==0.13.9
