# The commands of this repository. `make` alone lists them. Each sets up what it needs on a fresh machine.

# HOST_TOOLS=skip leaves the machine as it is; what needs foreign peers is then skipped, and says so.
HOST_TOOLS ?= install
PY := .venv/bin/python
# HOST_TOOLS=skip leaves the machine as it is; what needs foreign peers is then skipped, and says so.
HOST_TOOLS ?= install
WORKERS ?= 2
ROUNDS ?= 500
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench faults runtime dev interop

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: runtime ## start onesixty (ONESIXTY_* variables and onesixty.toml are honoured)
	@exec .venv/bin/onesixty serve $(ARGS)

test: dev interop ## run the whole suite (ARGS="tests/smpp -k codec" for a part of it)
	@exec $(PY) -m pytest -n $(WORKERS) $(ARGS)

lint: dev ## ruff, mypy --strict and the import contracts; changes nothing
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

format: dev ## let ruff format and sort what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: dev interop ## the whole path beside Kannel on this machine (ARGS go to the benchmark)
	@exec $(PY) -m benchmarks $(ARGS)

faults: dev interop ## the long run of kills and failures (ROUNDS=500)
	@exec $(PY) -m pytest tests/faults --fault-rounds=$(ROUNDS) $(ARGS)

# Steps of the commands above. Both return at once when there is nothing to do.

runtime:
	@scripts/setup-venv runtime

dev:
	@scripts/setup-venv dev

interop: dev
	@if [ "$(HOST_TOOLS)" != skip ]; then scripts/setup-interop; fi
