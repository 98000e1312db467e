# OpenHouse Console. "make help" lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
export CGO_ENABLED ?= 0
DATA ?= data/demo
LISTEN ?= 127.0.0.1:8080
set ?= tenant
name ?=

ASSETS := assets/dist/manifest.json
ASSET_SOURCES := $(shell find assets/css assets/js -type f) assets/build.mjs assets/icons.json assets/package-lock.json $(wildcard ui/templates/*.html)

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | awk -F'\t' '{printf "  %-12s %s\n", $$1, $$2}'

.PHONY: run
run: build ## build all, and serve the console with demo data
	./bin/openhouse demo --data $(DATA) --listen $(LISTEN)

.PHONY: dev
dev: build ## like run, with a test clock that /dev/clock moves
	./bin/openhouse demo --data data/dev --listen $(LISTEN) --clock $$(date -u +%Y-%m-%dT%H:%M:%SZ)

.PHONY: build
build: $(ASSETS) ## build bin/openhouse, one static file
	$(GO) build -trimpath -ldflags "-s -w" -o bin/openhouse ./core/cmd/openhouse

.PHONY: assets
assets: $(ASSETS) ## build what browsers and PDFs are given

$(ASSETS): $(ASSET_SOURCES)
	npm --prefix assets ci --ignore-scripts --no-audit --no-fund
	npm --prefix assets run build
	@touch $(ASSETS)

# What tests send events with: a CloudEvents client and an OpenTelemetry exporter.
CLIENTS := core/internal/app/testdata/clients
$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json
	npm --prefix $(CLIENTS) ci --ignore-scripts --no-audit --no-fund

.PHONY: test
test: $(ASSETS) $(CLIENTS)/node_modules/.package-lock.json tools ## install what the tests need, and run all of them
	$(GO) test -timeout 40m $(FLAGS) ./...

.PHONY: tools
tools: ## install Chromium and poppler where they are missing and the system allows
	@.ci/tools

# SQLite's translated C is left out of the race detector's watch: each connection
# of it belongs to one goroutine at a time, and watched it takes four times as long.
# Not the driver: a package that uses sync.Map unwatched hides what it orders everywhere.
RACE := -race -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

.PHONY: check
check: lint ## the linters, then all tests under the race detector
	CGO_ENABLED=1 $(MAKE) test FLAGS="$(RACE)"

.PHONY: lint
lint: $(ASSETS) ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

.PHONY: bench
bench: $(ASSETS) ## the figures, each beside its baseline in the same run
	$(GO) test -run '^$$' -bench . -benchtime $(or $(time),1x) ./...

.PHONY: nightly
nightly: $(ASSETS) ## what takes too long for every change: a thousand kills, 1,500 power losses, every fuzz target
	$(GO) test ./core/internal/usage -run '^TestKill$$' -kills 1000 -timeout 60m
	$(GO) test ./tenants -run '^(TestPowerLoss|TestFailedSync)$$' -powerlosses 1500 -timeout 60m
	$(MAKE) fuzz time=$(or $(time),60s)

.PHONY: fuzz
fuzz: ## run every fuzz target for a while: make fuzz time=30s
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package 2>/dev/null | grep '^Fuzz' || true); do \
	    echo "$$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(or $(time),20s) -fuzzminimizetime 5x $$package; \
	  done; \
	done

.PHONY: golden
golden: $(ASSETS) ## rewrite the golden files; read the difference before you commit it
	@for package in $$(grep -rlE 'flag\.Bool\("update"' --include='*_test.go' . | xargs -n1 dirname | sort -u); do $(GO) test $$package -update; done

.PHONY: migration
migration: ## begin a migration: make migration set=tenant name=unit_notes
	@test -n "$(name)" || { echo "name= is missing"; exit 1; }
	@last=$$(ls migrations/$(set)/*.sql | sed -E 's|.*/([0-9]+)_.*|\1|' | sort | tail -n 1); \
	file=$$(printf 'migrations/%s/%05d_%s.sql' "$(set)" $$((10#$$last + 1)) "$(name)"); \
	printf -- '-- +goose Up\n\n-- +goose Down\n' > "$$file"; echo "$$file"

.PHONY: clean
clean: ## remove what was built, and the demo's data
	rm -rf bin data assets/node_modules $(filter-out assets/dist/.keep,$(wildcard assets/dist/*))
