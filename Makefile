# Everything a person or CI does with this checkout. Python 3.11 or newer and make are all that must be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test check format lint types layers corpus corpus-peers bench bench-peers fuzz attacks audit soak hostile wheel clean

help:          ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,postgres]'
	@touch $(READY)

demo: $(READY) ## a ticket's whole life by real mail on this machine, then stays up
	$(BIN)/mailgateway demo $(ARGS)

test: $(READY) ## every test that this machine can run; says what to install for the rest
	$(BIN)/pytest -n 2 $(ARGS)

check: format lint types layers test ## all gates

format: $(READY)
	$(BIN)/ruff format --check .

lint: $(READY)
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

corpus: $(READY) ## how right real mails are read, per set and source; ARGS=--diff shows what is wrong
	$(BIN)/python -m bench.corpus $(ARGS)

corpus-peers: $(READY) ## the same mails read by other libraries, each in an environment of its own
	$(BIN)/python -m bench.peers

bench: $(READY) ## how fast it is, as ratios; renews docs/performance.md; ARGS="accept pipeline" for some of it
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m bench $(ARGS)

bench-peers:   ## the same mails in roundup and django-helpdesk, each in an environment of its own
	$(MAKE) bench ARGS=desks

fuzz: $(READY) ## broken mails for every reader, 60 s each; ARGS="--target parse --seconds 1200"
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz $(ARGS)

audit: $(READY) ## known weaknesses of all that is pinned; asks PyPI, so it is no part of `check`
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[audit]'
	$(BIN)/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

attacks: $(READY) ## what forgers and strangers try, what happened, and who was told
	$(BIN)/python -m tests.attacks

soak: $(READY) ## half an hour of mail and of 200 kills, then a count; ARGS="--minutes 5 --kills 40 --seed 2"
	$(BIN)/python -m tests.soak $(ARGS)

hostile: $(READY) ## every attack of the tests on a running service: answer, memory, what other mail waits
	$(BIN)/python -m bench.hostile $(ARGS)

wheel: $(READY) ## dist/*.whl
	rm -rf dist
	$(BIN)/python -m build --wheel --sdist --outdir dist .

clean:         ## away with everything that was made
	rm -rf $(VENV) .peers dist build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .fuzz
