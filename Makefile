# Wants only git, make and any python3; uv, the environment and the test servers are fetched when they are missing.
PYTHON := .venv/bin/python
LOCKED := pyproject.toml uv.lock .python-version

.DEFAULT_GOAL := help
.PHONY: help serve test check lint types messages bench clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

serve: .venv/to-serve ## Run everything on http://127.0.0.1:8000 (another port: make serve PORT=8080)
	@exec $(PYTHON) manage.py serve $(if $(PORT),--port $(PORT))

test: .venv/to-test ## Run every test, on SQLite and on PostgreSQL (some of them: make test ARGS="tests/mime -k charset")
	@bin/test-servers
	@$(PYTHON) -m tests.run $(ARGS)

check: lint types ## Run the quick checks: lint, types, and Django's own
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check

lint: .venv/to-test ## Check style and the direction of imports
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	.venv/bin/lint-imports

types: .venv/to-test ## Check types
	$(PYTHON) -m mypy .

messages: .venv/to-test ## Collect the words to translate, and compile the translations (wants gettext)
	$(PYTHON) manage.py makemessages --locale ja --no-wrap --add-location file --ignore 'tests/*' --ignore 'bench/*' --ignore 'var/*'
	$(PYTHON) manage.py compilemessages --locale ja --ignore '.*'

bench: .venv/to-test ## Measure pulling (bench/ has more; each prints its own figures)
	@bin/test-servers
	$(PYTHON) -m bench.pull

clean: ## Remove what was fetched or made, but never var/, where the mail is
	rm -rf .venv .tools .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* htmlcov test-results

.venv/to-serve: $(LOCKED)
	@bin/environment --no-dev --inexact
	@touch $@

.venv/to-test: $(LOCKED)
	@bin/environment
	@touch $@ .venv/to-serve
