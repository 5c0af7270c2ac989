# Everything a newcomer runs. Each target makes the virtual environment it needs, with
# nothing but python3 and make on the machine. PYTHON=python3.13 chooses another Python.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# pip says nothing unless something goes wrong, and never asks.
PIP = -m pip --disable-pip-version-check --no-input --quiet

OLD_SANDBOX = .venvs/localstripe-1.13.8
NEW_SANDBOX = .venvs/localstripe-1.15.10
SANDBOXES = $(OLD_SANDBOX)/.installed $(NEW_SANDBOX)/.installed

.PHONY: help demo test coverage lint format bench compat clean

help:
	@echo "make demo      the main job: replay offline, catch the drift, accept it"
	@echo "make test      all tests"
	@echo "make coverage  the same, and which branches they do not take"
	@echo "make lint      ruff, mypy --strict, import-linter"
	@echo "make format    let ruff put the code in form"
	@echo "make bench     the benchmarks, side by side with the peers"
	@echo "make compat    the tests of vcrpy and pytest-recording, with undrift in their place"
	@echo "make clean     remove environments and caches"

demo: $(VENV)/.installed $(SANDBOXES)
	@$(BIN)/python examples/stripe/demo.py

test: $(VENV)/.installed $(SANDBOXES)
	$(BIN)/python -m pytest -n auto --dist loadfile

coverage: $(VENV)/.installed $(SANDBOXES)
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n auto --dist loadfile
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed
	$(BIN)/python -m pip --disable-pip-version-check --no-input --quiet install --group bench
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.drift

compat: $(VENV)/.installed
	$(BIN)/python -m benchmarks.compat

clean:
	rm -rf .venv .venvs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .undrift
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last: an environment whose making was interrupted is made again.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) install --upgrade 'pip>=25.1'
	$(BIN)/python $(PIP) install --editable '.[all]' --group test --group lint
	@touch $@

# localstripe, a stand-in for Stripe's API, in two versions between which its answers changed.
.venvs/localstripe-%/.installed:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python $(PIP) install 'localstripe==$*' 'setuptools'
	@touch $@
