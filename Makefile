# LanChat: `make run` starts it, `make demo` shows two people on one machine, `make test` runs every check.

SHELL   := /bin/bash
PYTHON  ?= python3
VENV    := .venv
PY      := $(VENV)/bin/python
# What is installed depends on these files and on the place of the checkout.
STATE   := $(shell { pwd; cat setup.cfg pyproject.toml package.json; } | sha256sum | cut -c 1-16)
RUN     := $(VENV)/ready-to-run.$(STATE)
TEST    := $(VENV)/ready-to-test.$(STATE)
NODE    := node_modules/ready.$(STATE)
LEFTOUT  = $(shell cat $(VENV)/left-out 2> /dev/null)
JSTESTS  = $(wildcard tests/js/*.test.js tests/rtc/*.test.js)
# The parts of a test run that need browsers or networks.
page    := tests/page tests/rtc
lan     := tests/lan $(addprefix tests/doctor/test_,firewalls.py machines.py people.py privacy.py)
boot    := tests/systemd
deb     := tests/packaging
notes   := tests/desktop/test_notifications.py tests/desktop/test_notifications_dunst.py
PYTEST   = $(PY) -m pytest $(foreach part,$(LEFTOUT),$(addprefix --ignore=,$($(part))))
# How many tests run at a time; those that measure how long something takes run before, one by one.
WORKERS ?= 2

.PHONY: help run demo test tools lint types js python docs fuzz soak bench deb pictures clean
.SILENT:

help:
	echo 'make run       start LanChat (options: make run ARGS="--name Ada"; see --help)'
	echo 'make demo      two people on this machine, in two browser windows'
	echo 'make test      every check: lint, types, Python, JavaScript, browsers, networks'
	echo 'make fuzz      throw malformed and mutated frames at both codecs and the core for ten minutes'
	echo 'make soak      60,000 messages between three machines while links, wires and daemons fail'
	echo 'make bench     measure LanChat beside reference programs: twenty minutes; one of them: make bench BENCH=message;'
	echo '               writes bench/results and docs/benchmarks.md, or with ARGS="--results DIR" only to a folder'
	echo 'make deb       build a Debian package into dist/'
	echo 'make docs      write what is generated anew: documents, manual, completions, types of the page'
	echo 'make pictures  take the pictures of the README anew'

run: $(RUN)
	exec $(VENV)/bin/lanchatd $(ARGS)

demo: $(RUN)
	exec $(PY) tests/demo.py

test: tools
	$(MAKE) --no-print-directory lint types js python
	echo 'All checks passed$(if $(LEFTOUT),; left out: $(LEFTOUT)).'

tools: $(TEST)
	.ci/tools > $(VENV)/left-out

lint: $(TEST)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports --no-logo

types: $(TEST)
	$(PY) -m mypy

js:
	$(if $(filter js,$(LEFTOUT)),echo 'JavaScript: left out',$(MAKE) --no-print-directory js-checks)

.PHONY: js-checks
js-checks: $(NODE)
	node_modules/.bin/tsc -p tsconfig.json
	$(if $(JSTESTS),node --test $(JSTESTS))

# axe-core, for the tests of the page, and ws, for pages without a picture, come from npm.
python: $(TEST) $(if $(shell command -v npm),$(NODE))
	$(if $(ARGS),$(PYTEST) $(ARGS),$(PYTEST) -m alone && $(PYTEST) -m 'not alone' --numprocesses $(WORKERS))

fuzz: $(TEST)
	$(PY) -m tests.protocol.fuzz --minutes 10 $(ARGS)

soak: $(TEST) $(NODE)
	$(PY) -m tests.lan.soak $(ARGS)

# What it is measured beside comes with the tools of the tests; a reference that is not there is told of and left out.
bench: bench-name tools $(NODE)
	$(PY) -m bench $(BENCH) $(ARGS)

# Before anything is installed for it.
BENCHES = $(shell sed -n 's/^BENCHES.*= (\(.*\))/\1/p' bench/__main__.py | tr -d '",')
.PHONY: bench-name
bench-name:
	$(foreach name,$(filter-out $(BENCHES),$(BENCH)),echo "There is no bench '$(name)'; choose from $(BENCHES)." >&2; exit 2;)

# From a copy: the build leaves its traces beside the sources.
deb:
	.ci/tools deb
	rm -rf build/deb; mkdir -p build/deb/lanchat dist
	tar -c --exclude-from=debian/source/left-out . | tar -x -C build/deb/lanchat
	cd build/deb/lanchat && dpkg-buildpackage --build=binary --no-sign > ../log 2>&1 || { tail -30 ../log; exit 1; }
	mv build/deb/*.deb dist/ && ls dist/*.deb

docs: $(TEST)
	$(PY) -m lanchatd.protocol.describe
	$(PY) -m docs.manual
	$(PY) -m lanchatd.doctor.document > docs/doctor.md

pictures: $(TEST)
	$(PY) -m tests.page.screenshots --front docs/pictures

clean:
	rm -rf $(VENV) node_modules build dist *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    f"LanChat needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.11")'
	PYTHON=$(PYTHON) .ci/tools python
	$(PYTHON) -m venv --clear $(VENV)

$(RUN): | $(VENV)/bin/python
	echo 'Installing LanChat into $(VENV)'
	$(PY) -m pip install --quiet --disable-pip-version-check --editable .
	rm -f $(VENV)/ready-to-*; touch $@

$(TEST): | $(VENV)/bin/python
	echo 'Installing LanChat and its tests into $(VENV)'
	$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	rm -f $(VENV)/ready-to-*; touch $@ $(RUN)

$(NODE): package.json
	npm install --no-save --no-package-lock --loglevel=error
	rm -f node_modules/ready.*; touch $@
