# The two commands are `make demo` and `make test`; the others serve them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := requirements.txt
DEV := requirements-dev.txt
PINS := constraints.txt
PIP := -m pip install --quiet --disable-pip-version-check -c $(PINS)

.PHONY: demo run test smoke bench month picture lint types format contracts lock clean

demo: $(VENV)/.run ## the whole hub with the sandbox, always afresh; prints one address
	@$(BIN)/python run.py demo

run: $(VENV)/.run ## the hub with hub.toml, without the sandbox
	@$(BIN)/python run.py serve

test: $(VENV)/.dev ## lint, types, import contracts, all tests
	@$(BIN)/python .ci/check.py

smoke: $(VENV)/.run ## the demo's stack, headless, driven end to end
	@$(BIN)/python -m bench.smoke

bench: $(VENV)/.dev ## figures beside their yardsticks (bench/README.md)
	@$(BIN)/python -m bench

month: $(VENV)/.dev ## 20 000 orders with known exceptions, a month on each chat platform, and what became of them
	@$(BIN)/python -m bench.month $(MONTH)

picture: $(VENV)/.dev ## docs/phones.png and docs/card-life.png, taken anew
	@$(BIN)/python -m bench.picture

lint: $(VENV)/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(VENV)/.dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

types: $(VENV)/.dev
	@$(BIN)/mypy .

contracts: $(VENV)/.dev
	@$(BIN)/lint-imports

lock: ## pin again what the requirements bring along
	@rm -rf var/lock && $(PYTHON) -m venv var/lock
	@var/lock/bin/python -m pip install --quiet --disable-pip-version-check -r $(DEV)
	@sed -n 1p $(PINS) > var/lock/pins && var/lock/bin/python -m pip freeze >> var/lock/pins
	@mv var/lock/pins $(PINS) && rm -rf var/lock

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing (Debian: apt-get install python3-venv)"; exit 1; }

$(VENV)/.run: $(RUN) $(PINS) | $(BIN)/python
	@echo "Installing the requirements (once) …"
	@$(BIN)/python $(PIP) -r $(RUN)
	@touch $@

$(VENV)/.dev: $(RUN) $(DEV) $(PINS) | $(BIN)/python
	@echo "Installing the requirements (once) …"
	@$(BIN)/python $(PIP) -r $(DEV)
	@touch $@ $(VENV)/.run
