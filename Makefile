# The commands of this repository. `make` alone lists them. Each sets up what it needs on a fresh machine.

# HOST_TOOLS=skip leaves the machine as it is; what needs foreign peers is then skipped, and says so.
HOST_TOOLS ?= install
PY := .venv/bin/python
WORKERS ?= 3
ROUNDS ?= 500
SEEDS ?= 500
FIRST ?= 0
ARGS ?=
PEERS = $(ARGS)

# What Python compiles is kept, whatever the machine's default: the suite starts the product some hundred times.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check lint format bench memory simulation faults docs quick runtime dev interop

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime ## start onesixty (ONESIXTY_* variables and onesixty.toml are honoured)
	@exec .venv/bin/onesixty serve $(ARGS)

test: dev interop ## run the whole suite (ARGS="tests/smpp -k codec" for a part of it)
	@exec $(PY) -m pytest -n $(WORKERS) $(ARGS)

check: dev ## in two minutes: lint, the tests that start nothing, and twenty seeds of the simulation
	@$(MAKE) --no-print-directory -j2 lint quick

lint: dev ## ruff, mypy --strict and the import contracts; changes nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

format: dev ## let ruff format and sort what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: PEERS = benchmarks
bench: dev interop ## the whole path beside Kannel on this machine (ARGS go to the benchmark)
	@exec $(PY) -m benchmarks $(ARGS)

memory: dev ## memory with a million messages waiting, and what goes first (ARGS="--messages 100000")
	@exec $(PY) -m benchmarks.memory $(ARGS)

simulation: dev ## more seeds of the simulation, of one node and of several (SEEDS=500 FIRST=0)
	@exec $(PY) -m pytest -n $(WORKERS) tests/simulation --seeds=$(SEEDS) --node-seeds=$(SEEDS) --first-seed=$(FIRST) $(ARGS)

faults: PEERS = tests/faults
faults: dev interop ## the long run of kills, freezes and failures (ROUNDS=500)
	@exec $(PY) -m pytest -n $(WORKERS) tests/faults --fault-rounds=$(ROUNDS) $(ARGS)

docs: dev ## build the documentation as a site with a search, in build/docs
	@.venv/bin/zensical build --strict

# Steps of the commands above. Those that set up return at once when there is nothing to do.

quick: dev
	@exec $(PY) -m pytest -n $(WORKERS) -m "not system and not slow" --seeds=20 --node-seeds=2 \
		--hypothesis-profile=quick $(ARGS)

runtime:
	@scripts/setup-venv runtime

dev:
	@scripts/setup-venv dev

interop: dev
	@if [ "$(HOST_TOOLS)" != skip ]; then scripts/setup-interop $(PEERS); fi
