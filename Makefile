# One target for each task. Targets set up what they need; nothing has to be run before.
.DEFAULT_GOAL := help
.PHONY: help run up up-elk down test test-docker new-service remove-service certs demo logs audit audit-elk lint \
	format bench docs lock clean
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export RUN_DIR ?= $(CURDIR)/.run
# Beside bs-whatweb. Each has a module `project`, so each is tested and checked in a process of its own.
SERVICES := $(filter-out bs-whatweb,$(patsubst services/%/service.toml,%,$(wildcard services/*/service.toml)))

help:  ## Lists what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/run  ## Runs the whole stack without Docker; Ctrl-C ends it
	@exec $(BIN)/python -m native

up:  ## Runs the whole stack with Docker Compose, in the background
	@docker/up

up-elk:  ## The same with the Elastic chain beside it; BROKER=kafka for Kafka (docs/elastic.md)
	@docker/up-elk

down:  ## Ends what `make up` and `make up-elk` started; all data stays
	@docker/ready
	@docker compose down --remove-orphans

test: .venv/dev  ## Runs every test that needs no Docker engine
	$(BIN)/python -m native.preflight rsyslog rsyslog-relp redis-server chromium
	$(BIN)/pytest $(ARGS)
	$(if $(ARGS),,$(if $(SERVICES),$(MAKE) --no-print-directory $(SERVICES:%=test-%)))

test-%: .venv/dev  # test-bs-foo: what holds for every service, and its own tests
	$(BIN)/pytest --override-ini "pythonpath=services/$* ." tests/service services/$*/tests $(ARGS)

test-docker: .venv/dev  ## Runs the tests on a Docker engine; starts one where there is none and it may
	docker/with-engine bash -c 'docker/base-images && DOCKER_TESTS=1 $(BIN)/pytest tests/docker $$ARGS'

new-service:  ## Makes a service from bs-whatweb: NAME=bs-foo PORT=5010 (docs/new-service.md)
	@$(PYTHON) -m native.new_service new "$$NAME" "$$PORT"

remove-service:  ## Undoes new-service: NAME=bs-foo
	@$(PYTHON) -m native.new_service remove "$$NAME" "$$FORCE"

certs:  ## Makes certificates for syslog over TLS; CENTRAL="names of the central" SENDER=host (docs/staging.md)
	@docker/certs central $(CENTRAL)
	@docker/certs sender $(SENDER)

demo: .venv/run  ## Sends a minute of traffic, failures and hostile requests among it, to the running stack
	@$(BIN)/python -m native.demo

logs:  ## Opens the archive in lnav, or follows it in colour
	@native/logs $(RUN_DIR)/archive

audit: .venv/run  ## Lines received, missing and doubled, for each process
	@[ -d $(RUN_DIR)/index ] || { echo "No index in $(RUN_DIR) yet. Start the stack: make run" >&2; exit 1; }
	@LOGDESK_ARCHIVE=$(RUN_DIR)/archive LOGDESK_INDEX=$(RUN_DIR)/index PYTHONPATH=services/logdesk \
		$(BIN)/python -m logdesk audit

audit-elk:  ## The same, of what Elasticsearch has
	@docker/ready
	@docker compose -f docker-compose.yml -f docker-compose-elk.yml run --rm --no-deps elastic-setup audit

lint: .venv/dev  ## Checks code, types, shell scripts, Dockerfiles, YAML, links
	$(BIN)/python -m native.preflight shellcheck
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(if $(SERVICES),$(MAKE) --no-print-directory $(SERVICES:%=types-%))
	git ls-files -z | xargs -0 grep -lIZ '^#!.*\(bash\|/sh\)' | xargs -0 shellcheck
	$(BIN)/hadolint services/*/Dockerfile* services/*.Dockerfile
	$(BIN)/yamllint --strict .
	$(BIN)/pytest --quiet tests/test_dockerfiles.py tests/docs/test_links.py
	if docker compose version &>/dev/null; then \
		DOCKER_TESTS=1 $(BIN)/pytest --quiet tests/docker/test_confinement.py -k "not running"; fi

types-%: .venv/dev  # types-bs-foo: mypy, where `project` is that service's
	cd services/$* && MYPYPATH=$(CURDIR) $(abspath $(BIN))/mypy --config-file $(CURDIR)/pyproject.toml .

format: .venv/dev  ## Formats the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev  ## Prints every performance table; ARGS="formatter --quick" for some of them
	$(BIN)/python -m native.preflight rsyslog rsyslog-relp chromium wrk
	$(BIN)/python -m bench $(ARGS)

docs:  ## Writes what is made from the code: field reference, Elasticsearch's mappings, Kibana's saved objects
	$(PYTHON) docs/make_fields.py
	$(PYTHON) docs/make_mappings.py
	$(PYTHON) docs/make_kibana.py

lock: .venv/dev  ## Writes the lock files anew: newest stable versions, with hashes
	$(LOCK) --upgrade --output-file requirements-dev.txt requirements-dev.in
	for file in requirements.in $(filter-out services/bugsink/%,$(wildcard services/*/requirements*.in)); do \
		$(LOCK) --constraint requirements-dev.txt --output-file $${file%.in}.txt $$file || exit; done
	$(LOCK) --upgrade --output-file services/bugsink/requirements.txt services/bugsink/requirements.in

# Bugsink pins its own gunicorn and Django, so it shares no versions with the rest. Extras stay in the lock: without
# them an older pip looks for `coverage[toml]` among the newest versions, not at the pinned one, and refuses it for want
# of a pin.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --custom-compile-command "make lock"

clean:  ## Removes what was made: virtual environments, archive, index, tracker's data
	rm -rf .venv .run

# What runs, then what tests it. A changed lock file installs again.
.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r $<
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/pip install --quiet --require-hashes -r $<
	touch $@
