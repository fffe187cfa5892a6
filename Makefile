# Two commands matter: `make run` opens the app, `make test` checks it. Both set up what they need.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run dev test lint bench soak readme clean

run: $(VENV)/.run
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

dev: $(VENV)/.run
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT) --server.fileWatcherType auto

# Three runs beside each other: the browser's tests mostly wait for the browser, so the others step back a little for them.
# What the first two found is shown at the end.
TEST := $(BIN)/python -m pytest -m "not soak"
test: $(VENV)/.dev
	bash scripts/chromium.sh
	@$(TEST) -p no:cacheprovider tests/browser > $(VENV)/browser.log 2>&1 & browser=$$!; \
	nice -n 3 $(TEST) -p no:cacheprovider tests/pages > $(VENV)/pages.log 2>&1 & pages=$$!; \
	nice -n 3 $(TEST) --ignore=tests/browser --ignore=tests/pages; others=$$?; \
	wait $$pages; stories=$$?; wait $$browser; found=$$?; \
	for part in pages browser; do echo "tests/$$part:"; cat $(VENV)/$$part.log; done; exit $$((others + stories + found))

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

soak: $(VENV)/.dev
	bash scripts/chromium.sh
	MML_SOAK=1 $(BIN)/python -m pytest

bench: $(VENV)/.dev
	bash scripts/chromium.sh
	$(BIN)/pip install --quiet -r requirements-bench.txt
	$(BIN)/python -m benchmarks

readme: $(VENV)/.dev
	bash scripts/chromium.sh
	$(BIN)/python scripts/readme_pictures.py

clean:
	rm -rf $(VENV)

# The marks are files, so that a second call has nothing to do until the requirements change.
$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("MML Explorers needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.run
