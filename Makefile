# One word for each thing, the same for people and for CI. Needs only make and python3 (3.11 or newer).
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup runtime servers lint check test demo bench prove lock

# The system's Python first, where it will do: it is what a gateway is deployed with, and quicker
# than one that somebody built for himself without optimisation.
WILL_DO = import os, sys; from importlib.util import find_spec as has; \
  sys.exit(sys.version_info < (3, 11) or (os.getuid() > 0 and not has("ensurepip")))
PYTHON ?= $(shell /usr/bin/python3 -c '$(WILL_DO)' 2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input

# A stamp bears the digest of what it was made from, so that nothing is done twice.
digest = $(shell cat pyproject.toml $(1) | sha256sum | cut -c 1-16)
MADE := $(VENV)/.dabyl-venv
DEV := $(VENV)/.dabyl-dev-$(call digest,requirements-dev.lock)
RUNTIME := $(VENV)/.dabyl-runtime-$(call digest,requirements.lock)

# Other people's ONVIF clients, to try the simulated cameras with.
FOREIGN := tests/simulators/clients
CLIENTS := $(FOREIGN)/node_modules/.dabyl-$(call digest,$(FOREIGN)/package-lock.json)

# The judge of our pages' accessibility.
AXE := tests/web/axe
JUDGE := $(AXE)/node_modules/.dabyl-$(call digest,$(AXE)/package-lock.json)

# What `make check` runs, but for what needs a server (tests/conftest.py marks that).
PURE := $(wildcard tests/domain tests/house tests/adapters tests/simulators tests/store \
  tests/deploy tests/prove tests/simulation)

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: $(DEV) ## make .venv with everything a developer needs

runtime: $(if $(wildcard $(DEV)),,$(RUNTIME))

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Dabyl needs Python 3.11 or newer; this is $$($(PYTHON) --version)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/install python3-venv
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# The locks hold every package with its digests, so pip has nothing to decide (--no-deps). A start
# compiles nothing: where Python is told to keep no bytecode that would cost half a second each time.
define install
	@echo "installing $(1)"
	@$(PIP) install --require-hashes --no-deps -r $(1)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q adapters gateway simulators tests
	@rm -f $(2)-*
	@touch $@
endef

$(DEV): | $(MADE)
	$(call install,requirements-dev.lock,$(VENV)/.dabyl-dev)

$(RUNTIME): | $(MADE)
	$(call install,requirements.lock,$(VENV)/.dabyl-runtime)

servers: $(CLIENTS) $(JUDGE)
	@.ci/install mosquitto mosquitto-clients postgresql chromium prometheus systemd dbus

# npm's lock names no host either; nothing of it runs but for tests.
define modules
	@command -v node >/dev/null && command -v npm >/dev/null || .ci/install nodejs npm
	@command -v npm >/dev/null || exit 0; echo "installing $(1)/package-lock.json"; \
	  npm ci --silent --prefix $(1) && touch $@
endef

$(CLIENTS):
	$(call modules,$(FOREIGN))

$(JUDGE):
	$(call modules,$(AXE))

lint: setup
	@echo "ruff";         $(BIN)/ruff check --quiet .
	@echo "ruff format";  $(BIN)/ruff format --quiet --check .
	@echo "mypy";         $(BIN)/mypy --no-error-summary
	@echo "lint-imports"; layers=$$($(BIN)/lint-imports --no-logo) || { echo "$$layers"; exit 1; }

check: lint ## lint, types, layers, and the tests that need no server: about two minutes
	@echo "pure tests";   $(BIN)/pytest --quiet -n 2 -m "not servers and not serial and not load" $(PURE)

# Each worker begins in a part of its own (stories wait, pages compute) and helps where there is more.
# The second run is for tests that need the machine for themselves, if there are any.
ALONE := $(BIN)/pytest -n 0 -m "serial or load"
test: lint servers ## lint, types, layers, and every test, against real servers
	@echo "all tests"
	@$(BIN)/pytest -n 3 --dist worksteal -m "not serial and not load"; together=$$?; \
	 $(ALONE) --collect-only -qq >/dev/null; \
	 if [ $$? -eq 5 ]; then exit $$together; fi; \
	 echo "tests that run alone (exit code of the others: $$together)"; \
	 $(ALONE) && exit $$together

demo: runtime ## a school, a broker, the gateway and a centre, on this machine alone
	@$(BIN)/dabyl demo

bench: setup ## figures beside the floor of the same run
	@$(BIN)/python -m tests.bench

prove: setup ## the promise as figures, the long form of each: hours, in parts (PROVE="--only kill")
	@$(BIN)/python -m tests.prove $(PROVE)

# No index, host or path gets into a lock: whoever installs says where packages come from.
COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
  --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(UPGRADE)

lock: $(MADE) ## resolve the dependencies again (UPGRADE=--upgrade: to their newest)
	@$(BIN)/python -c 'import piptools' 2>/dev/null || $(PIP) install pip-tools
	@echo "resolving requirements.lock"
	@$(COMPILE) --build-deps-for editable --output-file requirements.lock pyproject.toml
	@echo "resolving requirements-dev.lock"
	@$(COMPILE) --build-deps-for editable --extra dev --constraint requirements.lock \
	  --output-file requirements-dev.lock pyproject.toml
