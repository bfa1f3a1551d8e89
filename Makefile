# `make help` lists the targets. They need Go 1.26, make and git; test-external
# also needs Node.js, jq, mandoc and pre-commit, race needs a C compiler.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# The targets of `check` read what the ones before them wrote.
.NOTPARALLEL:

# Without a tag the hash of the commit follows a number: SARIF wants versions
# that begin with one.
VERSION := $(or $(shell git describe --tags --dirty 2>/dev/null || git describe --always --dirty 2>/dev/null | sed 's/^/0.0.0-/'),dev)
LDFLAGS := -X github.com/ekslint/ekslint/internal/cli.version=$(VERSION)

CACHE := .cache
TOOLS := $(CACHE)/bin
GOLANGCI_LINT := $(TOOLS)/golangci-lint
GOTESTSUM := $(TOOLS)/gotestsum
ACTIONLINT := $(TOOLS)/actionlint
GORELEASER := $(TOOLS)/goreleaser-config
MULTITOOL := $(CACHE)/sarif-multitool
CONSUMERS := $(CACHE)/report-consumers
# A real API server and its etcd, which tests of the webhook start.
KUBE := $(CACHE)/kube

# Packages whose tests have the -update flag.
GOLDEN_PKGS := ./internal/deploy ./internal/ruletest ./internal/report ./internal/cli \
	./pkg/loader/awscli ./pkg/loader/cloudformation ./pkg/loader/eksctl ./pkg/loader/helm ./pkg/loader/terraform ./pkg/loader/tfhcl ./pkg/loader/tfplan
# What `make generate` writes, as git pathspecs.
GENERATED := docs/rules '*_gen.go' README.md schema deploy/chart/files deploy/manifests
# What test-external makes SARIF of. The public repositories are there for developers only.
SARIF_INPUTS := testdata/clusters testdata/rules $(sort $(wildcard ../shared/corpus/*/))
# The generator of benchmark clusters, beside this repository.
BENCH_GEN := ../shared/bench/gen
FUZZTIME := 60s

##@ Use

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/ekslint, as a release is built
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ekslint ./cmd/ekslint

# Exit code 1 means findings, and the demo's cluster is made of mistakes: anything else is a failure.
.PHONY: demo
demo: build ## check a bundled cluster full of real mistakes, write demo.sarif
	@status=0; \
	bin/ekslint check testdata/clusters/demo --format text --format sarif=demo.sarif || status=$$?; \
	if [ $$status -ne 1 ]; then echo "demo: exit code $$status, expected 1 (findings)" >&2; exit 1; fi
	@printf '\nThe same findings for GitHub code scanning: %s\n' '$(CURDIR)/demo.sarif'

.PHONY: release-files
release-files: build ## write the completions and manual pages of a release
	test/release/files.sh bin/ekslint $(CACHE)/release

##@ Test

.PHONY: test
test: $(GOTESTSUM) $(KUBE)/.stamp ## run every test that needs Go only, and name those that are skipped
	EKSLINT_KUBE='$(CURDIR)/$(KUBE)' $(GOTESTSUM) --format pkgname -- ./...

.PHONY: test-webhook
test-webhook: $(KUBE)/.stamp ## run the tests of the webhook, against a real API server
	EKSLINT_KUBE='$(CURDIR)/$(KUBE)' go test -count=1 ./internal/webhook/...

.PHONY: bench-webhook
bench-webhook: build $(KUBE)/.stamp ## measure the webhook beside a real API server, with a large cluster: minutes
	@mkdir -p $(CACHE)/bench
	go build -C $(BENCH_GEN) -o '$(CURDIR)/$(CACHE)/bench/gen' .
	$(CACHE)/bench/gen -out $(CACHE)/bench/n500 -ns 500 -dep 20
	EKSLINT_KUBE='$(CURDIR)/$(KUBE)' go test ./internal/webhook -run '^$$' -bench Load -benchtime 1x -timeout 30m

.PHONY: kube
kube: $(KUBE)/.stamp ## build kube-apiserver and etcd for the tests, once: some minutes

.PHONY: test-external
test-external: build test-packages release-files $(MULTITOOL)/.stamp $(CONSUMERS)/.stamp $(GORELEASER) ## have what we write read by programs that are not ours (Node.js, mandoc, pre-commit)
	MULTITOOL_DIR=$(MULTITOOL) test/sarif-multitool/run.sh bin/ekslint $(CACHE)/sarif $(SARIF_INPUTS)
	CONSUMERS_DIR=$(CURDIR)/$(CONSUMERS) test/report-consumers/run.sh bin/ekslint $(CACHE)/reports testdata/clusters testdata/rules
	$(GORELEASER) .goreleaser.yaml
	test/release/check.sh $(CACHE)/release
	test/release/scratch.sh bin/ekslint testdata/formats
	test/pre-commit/run.sh bin/ekslint $(CACHE)/pre-commit

# Debian's packages, where they can be installed. What is missing otherwise is named by the test that needs it.
.PHONY: test-packages
test-packages:
	@missing=(); for program in jq mandoc pre-commit; do command -v $$program >/dev/null || missing+=($$program); done; \
	if [ $${#missing[@]} -eq 0 ] || ! command -v apt-get >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" -eq 0 ]; then root=; elif sudo -n true 2>/dev/null; then root=sudo; \
	else echo "test-external needs $${missing[*]}: apt-get install $${missing[*]}" >&2; exit 0; fi; \
	$$root apt-get update -qq && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$${missing[@]}" >/dev/null

.PHONY: race
race: ## run the tests under the race detector (C compiler)
	CGO_ENABLED=1 go test -race ./...

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (60s) each
	@grep -rl --include='*_test.go' --exclude-dir='.?*' '^func Fuzz' . | sort | while read -r file; do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "== $$name in $$(dirname "$$file")"; \
			go test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) </dev/null; \
		done; \
	done

.PHONY: cover
cover: ## measure what the tests reach, into .cache/cover.html
	@mkdir -p $(CACHE)
	go test -coverpkg=./... -coverprofile=$(CACHE)/cover.out ./...
	go tool cover -html=$(CACHE)/cover.out -o $(CACHE)/cover.html
	@go tool cover -func=$(CACHE)/cover.out | tail -n 1

.PHONY: bench
bench: build ## measure time and memory of whole runs, beside their budgets
	@mkdir -p $(CACHE)/bench
	go build -o $(CACHE)/bench/decode ./test/bench/decode
	@if [ -d $(BENCH_GEN) ]; then go build -C $(BENCH_GEN) -o '$(CURDIR)/$(CACHE)/bench/gen' .; \
	else echo "bench: no $(BENCH_GEN), large clusters are left out" >&2; fi
	go run ./test/bench -bin bin/ekslint -decode $(CACHE)/bench/decode -gen $(CACHE)/bench/gen -dir $(CACHE)/bench
	go test ./internal/cli -run '^$$' -bench . -benchmem

##@ Change

.PHONY: lint
lint: $(GOLANGCI_LINT) $(ACTIONLINT) ## run the linters and look for unformatted files
	$(GOLANGCI_LINT) run ./...
	$(ACTIONLINT) -shellcheck= -pyflakes= .github/workflows/*.yml docs/examples/github/*.yml

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## format the Go files
	$(GOLANGCI_LINT) fmt

.PHONY: generate
generate: ## write the rule registry, docs/rules, the schema of configs, the manifests of deploy/ and the README's tables anew
	go generate ./...

# Compares the files before and after, not with the last commit: it works while the tree is being edited, too.
.PHONY: generated-fresh
generated-fresh: ## fail when a generated file is not what generate writes
	@mkdir -p $(CACHE)
	@$(call hash_generated) >$(CACHE)/generated.before
	@$(MAKE) --no-print-directory generate
	@$(call hash_generated) >$(CACHE)/generated.after
	@diff -u $(CACHE)/generated.before $(CACHE)/generated.after >&2 || { \
		git --no-pager diff --stat -- $(GENERATED) >&2; \
		echo 'generated files were stale (above); they are now fresh: commit them' >&2; exit 1; }

hash_generated = git ls-files --cached --others -- $(GENERATED) | sort -u | \
	while read -r file; do if [ -f "$$file" ]; then echo "$$(git hash-object --no-filters "$$file") $$file"; fi; done

.PHONY: golden
golden: ## rewrite the expected outputs of tests; read the diff before you commit it
	go test $(GOLDEN_PKGS) -update

# Ends with test, so that its result is the last thing to be read.
.PHONY: check
check: lint generated-fresh demo test-external test ## everything that CI runs

.PHONY: clean
clean: ## remove what was built and measured; downloaded tools stay (rm -rf .cache)
	rm -rf bin demo.sarif $(CACHE)/bench $(CACHE)/sarif $(CACHE)/reports $(CACHE)/release $(CACHE)/cover.* $(CACHE)/generated.*

# The tools have a module of their own and are built once: about a minute. go
# leaves a file alone that is up to date, hence the touch.
$(GOLANGCI_LINT): tools/go.mod tools/go.sum
	@echo 'building the tools of tools/go.mod, once'
	@mkdir -p $(TOOLS)
	go build -C tools -o '$(CURDIR)/$(TOOLS)/' tool
	@touch $@

# The version is that of the libraries in go.mod, as the API server tells it to its clients.
$(KUBE)/.stamp: test/kube/go.mod test/kube/go.sum
	@echo 'building kube-apiserver and etcd of test/kube/go.mod, once'
	@mkdir -p $(KUBE)
	go build -C test/kube -trimpath -ldflags '-s -w' -o '$(CURDIR)/$(KUBE)/etcd' go.etcd.io/etcd/server/v3
	go build -C test/kube -trimpath -o '$(CURDIR)/$(KUBE)/kube-apiserver' \
		-ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$$(go list -C test/kube -m -f '{{.Version}}' k8s.io/kubernetes)" k8s.io/kubernetes/cmd/kube-apiserver
	@touch $@

# The tests need this one alone.
$(GOTESTSUM): tools/go.mod tools/go.sum
	@mkdir -p $(TOOLS)
	go build -C tools -o '$(CURDIR)/$@' gotest.tools/gotestsum
	@touch $@

$(ACTIONLINT): tools/actionlint/go.mod tools/actionlint/go.sum
	@mkdir -p $(TOOLS)
	go build -C tools/actionlint -o '$(CURDIR)/$@' github.com/rhysd/actionlint/cmd/actionlint
	@touch $@

$(GORELEASER): tools/goreleaser/go.mod tools/goreleaser/go.sum tools/goreleaser/main.go
	@mkdir -p $(TOOLS)
	go build -C tools/goreleaser -o '$(CURDIR)/$@' .
	@touch $@

$(MULTITOOL)/.stamp: test/sarif-multitool/package.json test/sarif-multitool/package-lock.json
	$(npm_ci)
	chmod u+x $(MULTITOOL)/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool
	@touch $@

# The reporter for mocha is there for its schema: mocha itself, its peer, is not needed.
$(CONSUMERS)/.stamp: test/report-consumers/package.json test/report-consumers/package-lock.json
	$(npm_ci) --legacy-peer-deps
	@touch $@

define npm_ci
@command -v npm >/dev/null || { echo 'test-external needs Node.js with npm: https://nodejs.org (the tests that need Go only: make test)' >&2; exit 1; }
@mkdir -p $(@D)
cp $^ $(@D)/
npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error
endef
