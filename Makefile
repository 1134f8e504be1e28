# make serve   run coopgraph here (makes .venv, publishes the bundled data, serves on :8000)
# make test    the tests, in as many processes as there are cores (or PROCESSES=1)
# make torture a thousand killed publishers and two hundred power cuts; prints what came of them
# make check   style, types, floors, hygiene of the standard
# make clients install the clients that run on Node (npm ci), for the tests that drive them
# make bench   the small benchmarks
# make rival   install morph-kgc for bench/ingest.py to compare with, in .venv-morph-kgc
# make docs    write the reference pages that are derived from the code
# make vendor  fetch again what others made: the editor, maps, outlines of countries
# make lock    pin the newest versions

PYTHON ?= python3
PROCESSES ?= auto
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RIVAL := .venv-morph-kgc

.PHONY: serve test torture check clients bench rival docs vendor lock clean
.DEFAULT_GOAL := serve

# The checkout itself is put on the path by a .pth file: nothing is built to run from it.
$(VENV)/serve.stamp: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "coopgraph needs Python 3.11 or later; name one with: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/python -c 'import sysconfig, pathlib; pathlib.Path(sysconfig.get_path("purelib"), "coopgraph.pth").write_text("$(CURDIR)\n")'
	printf '#!/bin/sh\nexec "%s/$(BIN)/python" -m coopgraph "$$@"\n' "$(CURDIR)" > $(BIN)/coopgraph
	chmod +x $(BIN)/coopgraph
	touch $@

# owlready2, for the reasoner HermiT inside it, comes as source alone; it needs no compiler.
$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/serve.stamp
	$(PIP) install --require-hashes --only-binary :all: --no-binary owlready2 -r requirements-dev.lock
	touch $@

serve: $(VENV)/serve.stamp
	$(BIN)/coopgraph serve

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n $(PROCESSES)

torture: $(VENV)/dev.stamp
	$(BIN)/python -m tests.torture --kills 1000 --cuts 200

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/coopgraph standard check

clients:
	npm ci --prefix tests/clients

# It pins other versions of what is in $(VENV).
$(RIVAL)/made.stamp: bench/morph-kgc.lock
	test -x $(RIVAL)/bin/python || $(PYTHON) -m venv $(RIVAL)
	$(RIVAL)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: -r bench/morph-kgc.lock
	touch $@

rival: $(RIVAL)/made.stamp

bench: $(VENV)/dev.stamp $(RIVAL)/made.stamp
	$(BIN)/python bench/ingest.py --organizations 10000
	$(BIN)/python bench/reason.py --organizations 2000 --owlrl 100
	$(BIN)/python bench/validate.py --organizations 2000 --pyshacl 500
	$(BIN)/python bench/sparql.py --organizations 2000

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/reference.py

vendor: $(VENV)/dev.stamp
	$(BIN)/python deploy/vendor.py

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" bench/morph-kgc.in -o bench/morph-kgc.lock

clean:
	rm -rf $(VENV) $(RIVAL) dist build
