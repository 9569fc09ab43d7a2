# The front door. `make demo` sets everything up and shows a pose; `make test` runs every check.
PYTHON ?= python3
BIN := .venv/bin
# Pictures of a test run or a lesson need no windows, and TensorFlow's C++ side no pages of log.
export MPLBACKEND ?= agg
export TF_CPP_MIN_LOG_LEVEL ?= 3
# Where compiled modules are not kept, each process of a test compiles TensorFlow again.
unexport PYTHONDONTWRITEBYTECODE

# The Python that Colab has, where it is there.
COLAB_PYTHON ?= $(shell python3.13 -c "import sys; print(sys.executable)" 2>/dev/null || echo $(PYTHON))
COLAB := .venv-colab/bin
IN_COLAB := POSEKIT_COLAB=1 POSEKIT_MODELS=$(CURDIR)/models

# In a container people often are root, which JupyterLab asks to be told.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# Two processes, and each file of tests in one of them. The browsers need the machine for themselves.
JOBS ?= -n 2 --dist loadfile

.PHONY: help demo lab check test test-colab test-extras run-all coverage browsers notebooks bench lint js page constraints clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

demo: .venv/installed   ## set up, fetch MoveNet, find the pose in two sample pictures
	@$(BIN)/posekit models get lightning thunder multipose --saved-model-of lightning > /dev/null  # all that the notebooks need, and
	@$(BIN)/posekit models get litert.js > /dev/null || true       # MoveNet in the browser itself, where npm is there
	@$(BIN)/posekit demo
	@echo "Ready for that: all models of the notebooks are here."

lab: .venv/installed    ## open JupyterLab on the first notebook
	$(BIN)/jupyter lab $(AS_ROOT) --ServerApp.jpserver_extensions="{'posekit_lab': True}" notebooks/00_start_here.ipynb

check: lint             ## lint, types and the fast tests, in about a minute
	$(BIN)/python -m pytest -q $(JOBS) -m "not slow"

test: lint browsers     ## lint, types, unit tests, notebooks, everything
	$(BIN)/python -m pytest $(JOBS) -m "not browser" --durations=25
	$(BIN)/python -m pytest -m browser --durations=10

test-colab: .venv-colab/installed   ## all notebooks and the Python side of the widgets, with the versions that Google Colab ships
	$(COLAB)/pip install -q --no-deps --force-reinstall .                # the code as it is now; as a user, so not editable
	$(IN_COLAB) $(COLAB)/pytest tests/test_colab.py tests/widgets
	$(IN_COLAB) $(COLAB)/pytest --nbval-lax -p no:cacheprovider notebooks

test-extras: .venv/tested           ## each extra alone, from a wheel in a fresh environment
	@$(BIN)/posekit models get lightning --saved-model > /dev/null       # the environments without TensorFlow use this file
	POSEKIT_EXTRAS=1 $(BIN)/python -m pytest --durations=10 tests/test_wheel.py tests/evaluation/test_outsiders.py

run-all: .venv/tested browsers   ## every lesson by Run All in JupyterLab and Chromium; RUNS=10 times
	POSEKIT_RUN_ALL=$(or $(RUNS),1) $(BIN)/python -m pytest -q tests/browser/test_run_all.py

coverage: .venv/tested  ## which lines the fast tests reach
	$(BIN)/python -m pytest -q -m "not slow" --cov --cov-report=term

browsers:        ## the browsers of the tests, from Debian's packages where they are missing and that is possible
	@sh tests/browser/install

lint: .venv/tested      ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@sh .ci/js

js: .venv/tested          ## types, style and unit tests of the JavaScript
	@sh .ci/js
	$(BIN)/python -m pytest -q tests/frontend

notebooks: .venv/tested ## run the notebooks afresh and keep their outputs
	$(BIN)/python notebooks/refresh.py

page: .venv/installed   ## the page that needs no server, for any static host, in docs/_build/html/live
	$(BIN)/python -m posekit.web.static_page docs/_build/html/live

bench: .venv/installed  ## how fast it is on this machine
	$(BIN)/posekit bench

constraints: .venv/tested   ## resolve the newest versions anew, for all Pythons
	$(BIN)/uv pip compile -q --universal --upgrade --python-version 3.10 --all-extras --group dev --no-annotate --no-header \
		pyproject.toml -o constraints.new
	(sed -n 1p constraints.txt; cat constraints.new) > constraints.tmp && mv constraints.tmp constraints.txt && rm constraints.new

clean:           ## remove what the other targets made, models included
	rm -rf .venv .venv-colab out .mypy_cache .ruff_cache .pytest_cache
	git clean -qfdX models

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt uv

# uv works on all cores. It does not read pip's settings: where a package comes from there, pip installs.
.venv/installed: .venv/bin/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e ".[all]" || \
		$(BIN)/python -m pip install -q -c constraints.txt -e ".[all]"
	@touch $@

.venv/tested: .venv/installed
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt --group dev || \
		($(BIN)/python -m pip install -q "pip>=25.1" && $(BIN)/python -m pip install -q -c constraints.txt --group dev)
	@touch $@

# First what Colab ships, then posekit as its first cell installs it; tests/test_colab.py reads the report of what that changed.
.venv-colab/installed: pyproject.toml tests/colab.txt
	$(COLAB_PYTHON) -m venv --clear .venv-colab
	$(COLAB)/python -m pip install -q -r tests/colab.txt
	$(COLAB)/pip install -q --report .venv-colab/report.json ".[notebooks,video,convert,motion,evaluate,batch]"
	$(COLAB)/pip install -q -c tests/colab.txt nbval pytest
	@touch $@
