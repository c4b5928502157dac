# Every recipe is a small script in make/ or a module; `make help` lists the targets.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
BED := /usr/bin/python3 -m tests.bed
export PATH := $(CURDIR)/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# What the test host is told, exactly as it was given: make would otherwise expand a `$` in it, here, in the environment
# of the recipes and in the flags that it hands down.
MAKEOVERRIDES :=
BED_VARIABLES := CMD BED_NAME BED_PORT BED_ENV BED_KEEP BED_FILES BED_SOURCE
define exactly
GIVEN_$(1) := $$(value $(1))
override $(1) := $$(GIVEN_$(1))
export $(1)
endef
$(foreach variable,$(BED_VARIABLES),$(eval $(call exactly,$(variable))))

# With -C, make itself writes "Leaving directory" after all that a recipe has printed; `up` is told which process to outlast.
ifneq ($(findstring w,$(firstword -$(MAKEFLAGS))),)
outlast_make := OUTLAST=$$PPID
endif

.PHONY: help setup run bed bed-exec bed-stop web dist lint check test test-full bench lock api-types conformance preflight-dev \
	clean clean-dev clean-integration clean-btrfs clean-containers clean-all

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s %s\n", $$1, $$2 }' Makefile

setup: ## install all that running and testing need: Debian packages, .venv, the web page's packages
	@make/setup.sh

run: ## Town OS in a machine of its own with a demonstration repository, until Ctrl-C (as root)
	@make/run.sh

bed: ## boot a test machine in the background; prints where it is as JSON (BED_NAME, BED_PORT, BED_ENV, BED_KEEP, BED_FILES)
	@$(outlast_make) exec make/bed.sh

bed-exec: ## run CMD in the test machine's shell
	@$(BED) exec

bed-stop: ## take the test machine down
	@$(BED) stop

web: setup ## build the web page
	@$(PYTHON) zipapp/webpage.py build

dist: setup ## build dist/townos.pyz
	@$(PYTHON) zipapp/build.py

lint: setup ## style, types and the conformance table
	@make/lint.sh

check: setup ## lint and the quick tests
	@make/check.sh

test: setup ## everything, with real systemd, podman, btrfs and a browser (as root)
	@make/test.sh

test-full: ## test, and clean up whatever happens
	@make/test_full.sh

bench: dist ## the measurements behind every claim about speed and memory
	@$(PYTHON) -m tests.bench

api-types: setup ## write the page's types from the description of the HTTP interface
	@make/api_types.sh

conformance: setup ## write the tests' marks into docs/conformance.md
	@$(PYTHON) -m tests.conformance --write

lock: setup ## resolve the dependencies anew and pin them with hashes
	@make/lock.sh

preflight-dev: setup ## check that this machine can develop Town OS
	@$(BED) preflight

clean: ## remove what was built
	@make/clean.sh built

clean-dev: ## stop this checkout's machines, then remove what was built and the caches
	@make/clean.sh beds built caches

clean-integration: ## stop this checkout's test machines, whatever state they are in
	@make/clean.sh test-beds

clean-btrfs: ## detach and remove the btrfs images of machines that are not up
	@make/clean.sh btrfs

clean-containers: ## stop the machines of every checkout on this computer
	@make/clean.sh every-bed

clean-all: ## all of these, and what setup installed in the checkout
	@make/clean.sh every-bed btrfs built caches installed
