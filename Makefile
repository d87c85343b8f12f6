# What a newcomer, a reviewer and CI run. Needs make, pip and Python 3.11 or newer; every line can be pasted by hand.
.DEFAULT_GOAL := help
.PHONY: help setup test test-mta test-browser check lint types imports sequences unit demo fmt soak bench clean

# The newest Python that can make a virtual environment; looked up only when one has to be made.
PYTHON = $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
INSTALLED := .venv/.installed
# Durable tests share one Temporal server per file, so a file stays on one worker.
PARALLEL ?= -n auto --dist loadfile
# The order of tests and the cases of generated ones stay, so that only a change can turn `make test` red.
SEED ?= 1

help:  ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

setup: $(INSTALLED)  ## Make .venv and install everything into it, if anything has changed

$(INSTALLED): pyproject.toml constraints.txt
	@test -x .venv/bin/python || test -n "$(PYTHON)" || \
		{ echo "No Python 3.11 or newer with venv found: install python3.11 (and python3.11-venv), then try again." >&2; exit 1; }
	@echo "Installing into .venv (about a minute the first time)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(INSTALLED)

test: setup  ## Everything CI runs: lint, types, imports, sequences and all tests
	@failed=; for part in lint types imports sequences unit; do \
		echo "== $$part"; $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
	if test -n "$$failed"; then echo "make test: FAILED:$$failed"; exit 1; fi; \
	echo "make test: all green (lint, types, imports, sequences, tests)"

check: setup lint types imports sequences  ## The same without the tests, in seconds

lint:  ## Style and format
	.venv/bin/ruff check . && .venv/bin/ruff format --check .

types:  ## mypy --strict over everything, tests included
	.venv/bin/mypy .

imports:  ## The one direction of imports
	.venv/bin/lint-imports --no-logo

sequences:  ## Check layout and rules of sequences/, and run their tests
	.venv/bin/rapport fmt --check sequences && .venv/bin/rapport check sequences && .venv/bin/rapport test sequences

unit:  ## All of pytest, on all cores
	.venv/bin/pytest -q $(PARALLEL) --randomly-seed=$(SEED)

# The mail servers are not started by the system: the tests start their own, in a folder of their own.
test-mta: setup  ## The tests against a real Postfix and Dovecot; installs both (Debian or Ubuntu, as root)
	@command -v postfix >/dev/null && command -v sievec >/dev/null || \
		{ printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		postfix dovecot-core dovecot-imapd dovecot-lmtpd dovecot-sieve; }
	.venv/bin/pytest -q -rs tests/mta

test-browser: setup  ## The pages in a real Chromium; installs it (Debian or Ubuntu, as root)
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }
	.venv/bin/pytest -q -n0 -rs tests/browser

demo: setup  ## Walk real people through real sequences on a real Temporal server, in minutes
	.venv/bin/rapport demo

fmt: setup  ## Format code and sequences, and fix what ruff can fix
	.venv/bin/ruff check --fix . && .venv/bin/ruff format . && .venv/bin/rapport fmt sequences

soak: setup  ## Kill processes for 20 minutes, then far more generated cases and another order of tests; 40 minutes in all
	@failed=; for part in soak-evenings soak-kills soak-walks soak-rules soak-order; do \
		echo "== $$part, from $$(date +%H:%M)"; $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
	if test -n "$$failed"; then echo "make soak: FAILED:$$failed"; exit 1; fi; \
	echo "make soak: all green, at $$(date +%H:%M)"

# The five parts of soak. -s shows each evening when it is over: after a minute and a half.
soak-evenings:
	@echo "Evenings of kills for $${RAPPORT_SOAK_MINUTES:-20} minutes"
	.venv/bin/pytest -q -s -m soak tests/kill

soak-kills:
	@echo "Every other kill test once: about three minutes"
	.venv/bin/pytest -q --timeout=300 -k "not killed_anywhere" tests/kill

# A case takes a second; without a limit of its own, one that hangs would hang for ever.
soak-walks: CASES = $${RAPPORT_TEST_DIFFERENTIAL_CASES:-150}
soak-walks:
	@echo "$(CASES) made-up walks, simulated and on a real Temporal server: a second each"
	RAPPORT_TEST_DIFFERENTIAL_CASES=$(CASES) .venv/bin/pytest -q --timeout=900 tests/durable/test_differential.py

soak-rules:
	@echo "2,000 made-up cases for each rule: three to four minutes"
	.venv/bin/pytest -q $(PARALLEL) -m hypothesis --hypothesis-profile=soak --timeout=600 tests/unit tests/api

# The seed stands in the second line of the output; `make unit SEED=…` plays it again.
soak-order:
	@echo "Every test once more, in another order: seven minutes"
	.venv/bin/pytest $(PARALLEL) -m "not soak" --ignore=tests/kill

bench: setup  ## What it costs beside doing it by hand, into bench/results.json; fails when a goal is missed
	.venv/bin/python -m bench.run

clean:  ## Remove caches, builds and the demo's state; .venv and .rapport stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .demo build dist *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
