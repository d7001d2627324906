# Commands of the project; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
# One profile for programs and tests: what is tested is what ships.
CARGO_PROFILE := --release
# No command names a package: each choice of packages would have dependencies built once more, with other features.
TESTBED := cargo run --quiet $(CARGO_PROFILE) --bin testbed --

## up: start a local Kubernetes, install the operator, apply an example and show the module at work
##     (CLUSTER=current IMAGE_REPOSITORY=… uses the current kubectl context instead, and there, where set, the
##     broker at AMQP_URL, as pods see it, whose events are shown by AMQP_URL_HERE, as this machine sees it)
.PHONY: up
up: prerequisites
	@$(TESTBED) up $(if $(CLUSTER),--cluster $(CLUSTER)) $(if $(IMAGE_REPOSITORY),--image-repository $(IMAGE_REPOSITORY))

## demo: show the module at work again: a login, a call, its events
.PHONY: demo
demo:
	@$(TESTBED) demo

## down: end what `make up` started and leave nothing behind
.PHONY: down
down:
	@$(TESTBED) down

## check: the quick half of the tests: format, lints, unit tests, stale generated files
.PHONY: check
check:
	@tests/run.sh check

## test: every test, closed by one summary
.PHONY: test
test: prerequisites
	@tests/run.sh all

## matrix: the API-server tests on each of the newest four minors of Kubernetes, whose programs are built once
##     (MINORS='1.34' chooses among the older ones)
.PHONY: matrix
matrix: prerequisites
	@tests/run.sh matrix

## fuzz: fuzz what reads tokens and keys, SECONDS (60 by default) for each target
.PHONY: fuzz
fuzz: prerequisites
	@tests/fuzz.sh $(or $(SECONDS),60)

## coverage: line coverage of the crates by all tests that run in the test process (cargo-tarpaulin)
.PHONY: coverage
coverage: prerequisites
	@tests/coverage.sh

## bench: measure cc-lite beside what would run instead, and write the figures into bench/README.md (80 minutes)
##     (PARTS='tokens requests lists stream events logins operator nodes' chooses)
.PHONY: bench
bench:
	@tests/prerequisites.sh wrk $$(command -v java > /dev/null || echo default-jre-headless) $$(command -v mvn > /dev/null || echo maven)
	@cargo build --quiet $(CARGO_PROFILE) --workspace --bins
	@cargo run --quiet $(CARGO_PROFILE) --bin bench -- $(PARTS)

## crds: write the generated CustomResourceDefinition to crds/ and into the chart
.PHONY: crds
crds:
	@cargo run --quiet $(CARGO_PROFILE) --bin comms-operator -- crd > crds/commsmodules.yaml.new
	@mv crds/commsmodules.yaml.new crds/commsmodules.yaml
	@mkdir -p charts/comms-operator/files && cp crds/commsmodules.yaml charts/comms-operator/files/commsmodules.yaml

## values: write the chart's table of values, as values.yaml describes them, into its README
.PHONY: values
values:
	@$(TESTBED) chart-readme > charts/comms-operator/README.md.new
	@mv charts/comms-operator/README.md.new charts/comms-operator/README.md

## app: build the wallboard from sdk/wallboard into the service's sources, which are built without npm
.PHONY: app
app: sdk/node_modules
	@cd sdk && npm run --silent wallboard

sdk/node_modules: sdk/package-lock.json
	@cd sdk && npm ci --silent && touch node_modules

## generate: write what the npm package takes from the API's and the events' documents of the service
.PHONY: generate
generate: sdk/node_modules
	@CC_LITE_PROGRAM=$$($(TESTBED) program cc-lite) && export CC_LITE_PROGRAM && cd sdk && npm run --silent generate

## rotation: record a rotation on a cluster and draw it for docs/key-rotation.md
.PHONY: rotation
rotation: prerequisites
	@RECORD_ROTATION=$(CURDIR)/docs/key-rotation.json cargo test --quiet $(CARGO_PROFILE) --workspace --test node -- \
	  keys_rotate_under_load
	@$(TESTBED) draw-rotation docs/key-rotation.json > docs/key-rotation.svg

## stale: check that what `make crds`, `make values`, `make app`, `make generate` and `make rotation` write is what is committed
.PHONY: stale
stale: sdk/node_modules
	@cd sdk && npm run --silent wallboard -- --check
	@CC_LITE_PROGRAM=$$($(TESTBED) program cc-lite) && export CC_LITE_PROGRAM && cd sdk && \
	  npm run --silent generate -- --check
	@crd=$$(mktemp) && trap 'rm -f "$$crd"' EXIT && \
	  cargo run --quiet $(CARGO_PROFILE) --bin comms-operator -- crd > "$$crd" && \
	  for file in crds/commsmodules.yaml charts/comms-operator/files/commsmodules.yaml; do \
	    cmp --silent "$$crd" $$file || { echo "$$file is stale: run 'make crds' and commit it."; exit 1; }; \
	  done
	@$(TESTBED) chart-readme | cmp --silent - charts/comms-operator/README.md || \
	  { echo "charts/comms-operator/README.md is stale: run 'make values' and commit it."; exit 1; }
	@$(TESTBED) draw-rotation docs/key-rotation.json | cmp --silent - docs/key-rotation.svg || \
	  { echo "docs/key-rotation.svg is stale: run 'make rotation' and commit it."; exit 1; }

## images: build the container images and print their names, archives and sizes
.PHONY: images
images: prerequisites
	@$(TESTBED) images

## install-plugin: install `kubectl comms` and its completion into PREFIX/bin (/usr/local by default)
.PHONY: install-plugin
install-plugin:
	@cargo build --quiet $(CARGO_PROFILE) --workspace --bins --message-format json-render-diagnostics \
	  | sed -n 's|.*"executable":"\([^"]*/kubectl-comms\)".*|\1|p' \
	  | { read -r program && install -D -m 755 "$$program" "$(PREFIX)/bin/kubectl-comms"; }
	@ln -sf kubectl-comms "$(PREFIX)/bin/kubectl_complete-comms"
	@echo "$(PREFIX)/bin/kubectl-comms is installed: kubectl comms --help"

## prerequisites: check for Rust, Go, Node.js and a C compiler, and install the Debian packages that are missing
.PHONY: prerequisites
prerequisites:
	@tests/prerequisites.sh

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \{0,1\}//p' $(MAKEFILE_LIST)
