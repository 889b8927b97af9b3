# What to call while working on it; README's two commands set up all that is needed.
BIN = .venv/bin
LOCK = .lock/bin/uv pip compile --universal --quiet --annotation-style line --custom-compile-command "make lock" pyproject.toml
FILE ?= tests/test_hiring.py

.PHONY: help test one lint format demo lock
help:  ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test:  ## Run README's test command
	$(BIN)/pytest -n 2 --postgresql

one:  ## Run one file on SQLite, within seconds: make one FILE=tests/test_hiring.py
	$(BIN)/pytest $(FILE)

lint:  ## Check all that tests/test_rules.py checks: style, types, layers, spelling, words
	$(BIN)/pytest -q tests/test_rules.py

format:  ## Put code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo:  ## Start the product on sample data
	$(BIN)/flask demo

lock: .lock/bin/uv  ## Pin anew what pyproject.toml needs; add UPGRADE=--upgrade for newer releases
	$(LOCK) $(UPGRADE) --extra test --output-file requirements.txt
	$(LOCK) $(UPGRADE) --extra dev --constraint requirements.txt --output-file tests/requirements.txt

.lock/bin/uv:
	python3 -m venv .lock && .lock/bin/pip install --quiet uv==0.13.9
