# Everything from a fresh clone: `make` sets up and regenerates the embedded default, `make test` sets up and tests.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: all setup test lint docs lock clean

UV := 0.13.9
BIN := .venv/bin

all: setup
	$(BIN)/snakemake --cores all all

test: setup
	$(BIN)/pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: setup
	$(BIN)/mkdocs build --strict

setup: .venv/installed

# --no-config and the cleared variables: the lock's hashes alone say what is installed, wherever it is run.
.venv/installed: requirements.txt pyproject.toml
	test -x $(BIN)/uv || { python3 -m venv .venv && $(BIN)/python -m pip install --quiet uv==$(UV); }
	$(BIN)/uv pip install --no-config --python $(BIN)/python --compile-bytecode --require-hashes --requirement requirements.txt
	$(BIN)/uv pip install --no-config --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

# The lock names no registry host, so that any mirror serves it.
lock: setup
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --custom-compile-command "make lock" --extra all --group dev --output-file requirements.txt pyproject.toml

clean:
	rm -rf .venv results .snakemake site
