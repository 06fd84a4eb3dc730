# Everything a developer types. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.PHONY: help demo serve test check format soak bench lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(INSTALLED)  ## Judge a real drop for every covered market, then serve the API (SERVE=0: do not serve)
	@$(BIN)/governance demo $(if $(filter 0,$(SERVE)),--no-serve)

serve: $(INSTALLED)  ## Serve the API on http://127.0.0.1:8000/docs
	@$(BIN)/governance serve

# A process a core, each with database servers of its own, so four are enough. A file stays whole in
# one of them, for what its tests share; in the order of their names the long ones come early.
ALL_CORES := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(DEV_INSTALLED)  ## Run all tests on all cores; where a server part is absent, a skip says so
	$(BIN)/pytest $(ALL_CORES)

check: $(DEV_INSTALLED)  ## Format, lint, types, imports, rules, policies: seconds
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/governance rules lint
	$(BIN)/governance rules test
	$(BIN)/governance policies check
	$(BIN)/governance policies test

format: $(DEV_INSTALLED)  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: $(DEV_INSTALLED)  ## The long checks of `make test` at full size
	GOVERNANCE_SOAK=1 $(BIN)/pytest -m soak

bench: $(DEV_INSTALLED)  ## Compare with peers, side by side in one run
	$(BIN)/python benchmarks/decide.py
	$(BIN)/python benchmarks/audit.py --decisions 100000
	$(BIN)/python benchmarks/vetting.py
	$(BIN)/python benchmarks/planning.py

lock: $(DEV_INSTALLED)  ## Write the lock files anew from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
		--custom-compile-command "make lock" --group dev pyproject.toml -o requirements-dev.lock

clean:  ## Remove what the targets above made
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing (the first time takes a minute) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(DEV_INSTALLED): $(INSTALLED) requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@
