# One line of help per target: the words after ##.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check bench score lock clean system environment dev map hooks

COMPILE = .venv/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: system environment map  ## install what is missing, load the registry, serve the map
	@exec .venv/bin/diachiso up

test: system dev map  ## install what is missing and run the tests (ARGS='-k codes')
	@.venv/bin/pytest -n auto --dist loadfile $(ARGS)

check: dev  ## format, lint, types, and who imports whom: what pre-commit and CI ask
	@.venv/bin/uv pip check --quiet --python .venv/bin/python || { echo "The lock files lag behind pyproject.toml: make lock"; exit 1; }
	@.venv/bin/ruff format --check
	@.venv/bin/ruff check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: system dev  ## run every measurement of bench/
	@ls bench/*.py >/dev/null 2>&1 || echo "Nothing to measure in bench/ yet."
	@for file in bench/*.py; do [ ! -e "$$file" ] || .venv/bin/python "$$file" || exit 1; done

score: system dev  ## diachiso beside its peers on labelled rows, into docs/scoreboard.md (ARGS='--url URL')
	@.venv/bin/python bench/score.py $(ARGS)

lock: environment  ## write the lock files anew (UPGRADE=--upgrade for newer versions)
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@$(COMPILE) bin/build.in -o bin/build.lock
	@$(COMPILE) bin/node.in -o bin/node.lock

hooks: dev  ## let git run `make check` before each commit
	@.venv/bin/pre-commit install

clean:  ## delete all that was installed or loaded here, the private database too
	@bin/bootstrap clean

system:
	@bin/bootstrap system
environment:
	@bin/bootstrap environment
dev:
	@bin/bootstrap environment dev
map: environment
	@bin/bootstrap map
