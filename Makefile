# Every target does its own set-up; only Python 3.11+, git and make need to be there.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
PYTEST_ARGS ?=
BENCH_ARGS ?=
DAMAGE_ARGS ?=
FUZZ_ARGS ?=
CHAOS_ARGS ?=
MONTH_ARGS ?=

.PHONY: help setup servers demo gallery test long check bench chaos burst month damage price findings fuzz learn lock matrix clean

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv with the locked dependencies
	@scripts/setup

servers: ## the same, and the real servers for the tests (as root on Debian or Ubuntu)
	@scripts/setup --servers

demo: setup ## watch a dozen messages become work orders
	@$(PYTHON) scripts/demo.py

gallery: setup ## write every letter into build/letters, to be looked at
	@$(PYTHON) scripts/gallery.py

test: servers ## run every test but the longest, on SQLite and on PostgreSQL
	@$(PYTHON) -m pytest -n 3 --dist worksteal -m "not long" $(PYTEST_ARGS)

long: servers ## run the tests that are too long, or too many, for each time
	@$(PYTHON) -m pytest -n 2 --dist worksteal -m long $(PYTEST_ARGS)

check: servers ## lint, types, layers, schema, and the wheel in a clean environment
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	scripts/check_schema
	$(PYTHON) scripts/matrix.py --check
	scripts/try_wheel

bench: servers ## measure speed and size beside mbsync and imapclient
	@$(PYTHON) scripts/bench.py $(BENCH_ARGS)

chaos: servers ## play N=300 random runs of orders and faults; SEED=... plays one again, docs/chaos.md tells more
	@$(PYTHON) -m tests.chaos $(or $(N),300) $(if $(SEED),--seed $(SEED)) $(CHAOS_ARGS)

burst: servers ## let N=1000 orders come within a minute, and print how long each took
	@$(PYTHON) -m tests.chaos.burst $(or $(N),1000)

month: setup ## play N=20 simulated months of orders, each judged by the rules; SEED=... plays one again
	@$(PYTHON) -m tests.month $(or $(N),20) $(if $(SEED),--seed $(SEED)) $(MONTH_ARGS)

damage: setup ## damage orders that read rightly, and count what would go out wrongly
	@$(PYTHON) scripts/damage.py $(DAMAGE_ARGS)

price: setup ## what each rule of doubt costs in orders that read rightly, and what it catches
	@$(PYTHON) scripts/price.py

findings: setup ## put the corpora through the demo site, and renew the figures in docs/findings.md
	@$(PYTHON) scripts/findings.py

fuzz: setup ## read N=100000 mutated messages: none may raise, hang or make an order of noise
	@$(PYTHON) scripts/fuzz.py $(FUZZ_ARGS)

matrix: setup ## make docs/faults.md of what the tests are marked with
	@$(PYTHON) scripts/matrix.py

learn: setup ## learn from tests/corpus what speaks for which intent, and which words are which value
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-learn.lock
	@$(PYTHON) scripts/learn.py
	@$(PYTHON) scripts/learn_spans.py

lock: setup ## renew the lock files from pyproject.toml
	scripts/lock $(LOCK_ARGS)

clean: ## remove what the other targets made
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
