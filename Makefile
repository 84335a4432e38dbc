# Outdial: every command starts here. `make demo` on a fresh Debian 12 is enough.

SHELL := /bin/sh
PYTHON := .venv/bin/python
RUN_DIR := $(CURDIR)/.run
PYTEST_ARGS ?=
# Tests start our programs some hundred times: without byte code each start compiles them anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup asterisk chromium demo demo-desk serve test test-fast lint bench bench-bridge bench-engine bench-import \
	bench-hopper bench-dnc bench-pacing bench-pacing-300 bench-pacing-live bench-pacing-odd bench-desktop bench-reports \
	bench-wall bench-export stop \
	clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv with the locked packages (repeated: under a second)
	@.ci/setup

asterisk: setup ## Install Asterisk 22 into .run/asterisk (root on Debian; half a minute, once)
	@$(PYTHON) -m cli.embedded.asterisk_install --root $(RUN_DIR)/asterisk \
		--mirror "$(OUTDIAL_DEBIAN_MIRROR)"

chromium: ## Install Debian's Chromium for the tests in a browser, if there is none
	@.ci/chromium

demo: setup ## Start everything with sample data and print the address to open
	@$(MAKE) --no-print-directory asterisk \
		|| echo "demo: without Asterisk (the reason is above), so calls run on the ARI simulator"
	@.venv/bin/outdial demo

demo-desk: setup ## Take the calls of simulated people yourself, in a browser, until Ctrl+C
	@$(MAKE) --no-print-directory asterisk
	@.venv/bin/outdial demo --desk

serve: setup ## Start the web interface on the embedded services
	@.venv/bin/outdial serve

test: setup asterisk chromium lint ## Run lint and every test, on the real Asterisk and in a browser too
	$(PYTHON) -m pytest tests --ignore=tests/telephony --ignore=tests/e2e --ignore=tests/browser -n 3 --dist worksteal $(PYTEST_ARGS)
	@# A browser is five busy programs: beside it the dialer's tests would see a slow machine, not a slow dialer.
	$(PYTHON) -m pytest tests/browser -m "not sound" -n 2 --dist worksteal $(PYTEST_ARGS)
	@# A whole day of 5,000 calls wants both processors: its agents would idle beside other tests.
	$(PYTHON) -m pytest tests/e2e $(PYTEST_ARGS)
	@# After the rest, since it listens to audio in real time; three Asterisks, since it mostly waits.
	$(PYTHON) -m pytest tests/telephony -n 3 --dist worksteal $(PYTEST_ARGS)
	@# One after the other: a browser with sound wants a processor for itself.
	$(PYTHON) -m pytest tests/browser -m sound $(PYTEST_ARGS)

test-fast: setup ## Run the tests that need no servers
	$(PYTHON) -m pytest tests/unit tests/architecture $(PYTEST_ARGS)

lint: setup ## Check style, types and the direction of imports
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy --explicit-package-bases tests bench
	.venv/bin/lint-imports

bench: bench-engine bench-desktop bench-wall bench-bridge bench-import bench-export bench-reports bench-hopper bench-dnc bench-pacing bench-pacing-300 bench-pacing-odd bench-pacing-live ## Run every benchmark

bench-bridge: setup asterisk ## Measure answer-to-agent time on the real Asterisk
	$(PYTHON) -m bench.bridge

bench-import: setup ## Measure the import of a million dirty rows
	$(PYTHON) -m bench.imports

bench-export: setup ## Measure the export of a million results as CSV, XLSX, SPSS and Parquet (5 GB in .run, ten minutes)
	$(PYTHON) -m bench.exports

bench-hopper: setup ## Measure claims from ten million leads (12 GB in .run for ten minutes)
	$(PYTHON) -m bench.hopper

bench-pacing-live: setup asterisk ## Compare pacing on the real Asterisk with the laboratory (22 minutes for each public)
	$(PYTHON) -m bench.pacing_live

bench-pacing: setup ## Measure pacing in virtual time (40 minutes on two idle cores; goes on after a cut)
	OPENBLAS_NUM_THREADS=1 $(PYTHON) -m bench.pacing

bench-pacing-odd: setup ## Measure pacing on days of odd shapes (10 minutes on two idle cores)
	OPENBLAS_NUM_THREADS=1 $(PYTHON) -m bench.pacing_odd_days

bench-pacing-300: setup ## Measure pacing with 300 agents, in virtual and in real time (15 minutes)
	OPENBLAS_NUM_THREADS=1 $(PYTHON) -m bench.pacing_300

bench-reports: setup ## Measure the standard reports on 20 million attempts (15 GB in .run for an hour)
	$(PYTHON) -m bench.reports

bench-dnc: setup ## Measure a do-not-call list of 250 million numbers (5 GB in .run for three minutes)
	$(PYTHON) -m bench.dnc

bench-desktop: setup ## Measure how soon a call is on the screens of 100 operators (4 minutes)
	$(PYTHON) -m bench.desktop

bench-wall: setup ## Measure what the live wall of 300 agents costs (5 minutes)
	$(PYTHON) -m bench.wall

bench-engine: setup ## Measure the engine without telephony
	$(PYTHON) -m bench.engine

stop: ## Stop the embedded services; their data stays
	@if [ -x $(PYTHON) ] && [ -d $(RUN_DIR) ]; then $(PYTHON) -m cli.embedded --run-dir $(RUN_DIR); fi

clean: stop ## Delete the environment, all embedded data and caches
	rm -rf .venv .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
