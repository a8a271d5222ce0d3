# One line of help per target: the words after ##.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check bench fuzz rivals score compiled lock clean system browser environment dev map hooks

COMPILE = .venv/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: system environment map  ## install what is missing, load the registry, serve the map
	@bin/bootstrap compiled_once
	@exec .venv/bin/diachiso up

test: system browser dev map  ## install what is missing and run the tests (ARGS='-k codes')
	@.venv/bin/pytest -n auto --dist loadfile $(ARGS)

check: dev  ## format, lint, types, and who imports whom: what pre-commit and CI ask
	@.venv/bin/uv pip check --quiet --python .venv/bin/python || { echo "The lock files lag behind pyproject.toml: make lock"; exit 1; }
	@.venv/bin/ruff format --no-cache --check
	@.venv/bin/ruff check --no-cache
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench: system dev  ## run the measurements of bench/ that take minutes
	@for name in codes pilot geocode serving intake paging features tiles; do .venv/bin/python bench/$$name.py || exit 1; done

fuzz: dev  ## a million strings through the geocoder: the worst time, no crash (ARGS=50000 for fewer)
	@.venv/bin/python bench/fuzz.py $(ARGS)

rivals: system dev  ## addok and Nominatim beside diachiso on the same places (hours; see bench/rivals.py)
	@.venv/bin/python bench/rivals.py $(ARGS)

score: system dev  ## diachiso beside its peers on labelled rows, into docs/scoreboard.md (ARGS='--url URL')
	@bin/bootstrap compiled || echo "Going on with the source of the geocoder." >&2
	@.venv/bin/python bench/score.py $(ARGS)

compiled: environment  ## compile the inner modules of the geocoder: twice as fast (needs gcc and python3-dev)
	@bin/bootstrap compiled

lock: environment  ## write the lock files anew (UPGRADE=--upgrade for newer versions)
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@$(COMPILE) bin/build.in -o bin/build.lock
	@$(COMPILE) bin/node.in -o bin/node.lock
	@$(COMPILE) bin/compile.in -o bin/compile.lock

hooks: dev  ## let git run `make check` before each commit
	@.venv/bin/pre-commit install

clean:  ## delete all that was installed or loaded here, the private database too
	@bin/bootstrap clean

system:
	@bin/bootstrap system
browser:
	@bin/bootstrap browser
environment:
	@bin/bootstrap environment
dev:
	@bin/bootstrap environment dev
map: environment
	@bin/bootstrap map
