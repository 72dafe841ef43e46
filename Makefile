# The commands of this repository. `make` lists them. Each command sets up what it needs on a fresh machine.

# HOST_TOOLS=skip installs nothing on the machine. Tests that need missing programs are then skipped, with the reason.
HOST_TOOLS ?= install
# CONSOLE=skip starts onesixty without building the console beside it.
CONSOLE ?= build
PY := .venv/bin/python
# More than there are cores: a worker waits for half of the time, for a browser, a lease or a server.
WORKERS ?= 4
ROUNDS ?= 500
SEEDS ?= 500
FIRST ?= 0
ARGS ?=
PEERS = $(ARGS)

# Keep Python's bytecode, whatever the machine's default: the suite starts the product some hundred times.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo wheel test check lint format bench memory simulation faults docs console console-dev console-bench console-shots quick runtime dev interop

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime ## start onesixty (uses ONESIXTY_* variables and onesixty.toml), and build its console beside it if needed
	@[ "$(CONSOLE)" = skip ] || (scripts/console-beside $$$$ &); exec .venv/bin/onesixty serve $(ARGS)

wheel: runtime ## build the console and the wheel that contains it, in dist/
	@scripts/build-console
	@rm -f dist/onesixty-*.whl
	@$(PY) -m hatchling build -t wheel -d dist
	@scripts/check-wheel dist/onesixty-*.whl

demo: runtime ## start a demonstration: a week of traffic in a folder of its own (ARGS=--keep goes on with the last one)
	@[ "$(CONSOLE)" = skip ] || (scripts/console-beside $$$$ &); exec .venv/bin/onesixty demo $(ARGS)

test: dev interop ## run the whole suite (ARGS="tests/smpp -k codec" for part of it)
	@exec $(PY) -m pytest -n $(WORKERS) $(ARGS)

check: dev ## in two minutes: lint, the fast tests, and twenty seeds of the simulation
	@$(MAKE) --no-print-directory -j2 lint quick

lint: dev ## ruff, mypy --strict and the import contracts; changes nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

format: dev ## apply the fixes and the formatting that ruff can do
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: PEERS = benchmarks
bench: dev interop ## measure the complete message path beside Kannel on this machine (ARGS go to the benchmark)
	@exec $(PY) -m benchmarks $(ARGS)

memory: dev ## measure memory with a million waiting messages, and which are sent first (ARGS="--messages 100000")
	@exec $(PY) -m benchmarks.memory $(ARGS)

simulation: dev ## run more seeds of the simulation, with one node and with several (SEEDS=500 FIRST=0)
	@exec $(PY) -m pytest -n $(WORKERS) tests/simulation --seeds=$(SEEDS) --node-seeds=$(SEEDS) --first-seed=$(FIRST) $(ARGS)

faults: PEERS = tests/faults
faults: dev interop ## run many kills, freezes and failures (ROUNDS=500)
	@exec $(PY) -m pytest -n $(WORKERS) tests/faults --fault-rounds=$(ROUNDS) $(ARGS)

docs: dev ## build the documentation as a searchable site, in build/docs
	@.venv/bin/zensical build --strict

console: ## build the console (web/) into src/onesixty/console/dist; returns at once if nothing has changed
	@scripts/build-console

console-dev: ## serve the sources of the console; ONESIXTY_URL is the product (http://127.0.0.1:8160)
	@path=$$(scripts/setup-console --path) && cd web && PATH=$$path:$$PATH exec npx vite $(ARGS)

console-bench: dev console ## measure the console in a browser, on fast and slow machines and networks (ARGS="/messages --only phone")
	@path=$$(scripts/setup-console --path) && cd web && PATH=$$path:$$PATH exec node tests/bench.ts $(ARGS)

console-shots: dev console ## make the pictures of the README and the documentation from a demonstration
	@path=$$(scripts/setup-console --path) && cd web && PATH=$$path:$$PATH exec node tests/docs-shots.ts $(ARGS)

# Steps of the commands above. The setup steps return at once if there is nothing to do.

quick: dev
	@exec $(PY) -m pytest -n $(WORKERS) -m "not system and not slow" --seeds=20 --node-seeds=2 \
		--hypothesis-profile=quick $(ARGS)

runtime:
	@scripts/setup-venv runtime

dev:
	@scripts/setup-venv dev

interop: dev
	@if [ "$(HOST_TOOLS)" != skip ]; then scripts/setup-interop $(PEERS); fi
