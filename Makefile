# Kassette: make help. Works with GNU make 3.81 and /bin/sh.
SHELL := /bin/sh
GO ?= go
GO_MIN := 1.26
BUILD := build
PLUGINS := ideal card bancontact paypal robokassa bambora terminal
ADAPTERS := woocommerce magento
ADAPTER_FILES := $(ADAPTERS:%=$(BUILD)/plugins/%.wasm)
PLUGIN_FILES := $(PLUGINS:%=$(BUILD)/plugins/%.wasm) $(ADAPTER_FILES)
# What a plugin's bytes are built of: any change there makes them anew.
PLUGIN_SOURCES := $(shell find plugins platforms/*/adapter platforms/internal/paylink sdk/guest sdk/contract -name '*.go' ! -name '*_test.go' 2>/dev/null) $(shell find plugins platforms/*/adapter -name '*.svg' -o -name '*.json' 2>/dev/null) go.mod
GUEST_BUILD = GOOS=wasip1 GOARCH=wasm $(GO) build -buildmode=c-shared -trimpath -buildvcs=false -ldflags "-s -w"
FUZZTIME ?= 10s

.PHONY: help run test check fuzz bench bench-sandbox build tools plugins shop-woocommerce shop-magento screenshots go-version fmt

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

go-version:
	@command -v $(GO) >/dev/null 2>&1 || { \
		echo "Go is not installed. Kassette needs Go $(GO_MIN) or newer: https://go.dev/dl (or apt-get install golang, brew install go)."; exit 1; }
	@v=$$($(GO) env GOVERSION | sed 's/^go//; s/[^0-9.].*//'); \
	major=$${v%%.*}; rest=$${v#*.}; minor=$${rest%%.*}; \
	if [ "$$major" -lt 1 ] || { [ "$$major" -eq 1 ] && [ "$$minor" -lt 26 ]; }; then \
		echo "Go $$v is too old: Kassette needs Go $(GO_MIN) or newer. Get it at https://go.dev/dl, or run: go install golang.org/dl/go1.26.0@latest && go1.26.0 download"; exit 1; fi

run: go-version ## the demo: gateway, simulators and shop in one process
	@if [ ! -x $(BUILD)/demo ]; then echo "[1/3] Building the demo. The first build takes two to four minutes; later ones take seconds."; else echo "[1/3] Building the demo."; fi
	@mkdir -p $(BUILD) && $(GO) build -o $(BUILD)/demo ./examples/demo
	@echo "[2/3] Building the plugins to WebAssembly."
	@$(MAKE) --no-print-directory plugins
	@echo "[3/3] Starting."
	@exec $(BUILD)/demo

plugins: $(PLUGIN_FILES) ## the plugins, as WebAssembly, in build/plugins

$(BUILD)/plugins/%.wasm: $(PLUGIN_SOURCES)
	@mkdir -p $(BUILD)/plugins
	@echo "  $*.wasm"
	@$(GUEST_BUILD) -o $@.tmp ./plugins/$* && mv $@.tmp $@

$(ADAPTER_FILES): $(BUILD)/plugins/%.wasm: $(PLUGIN_SOURCES)
	@mkdir -p $(BUILD)/plugins
	@echo "  $*.wasm"
	@$(GUEST_BUILD) -o $@.tmp ./platforms/$*/adapter && mv $@.tmp $@

build: go-version plugins ## the kassette command and the plugins, in build/
	@mkdir -p $(BUILD)
	$(GO) build -trimpath -o $(BUILD)/kassette ./host/cmd/kassette

shop-woocommerce: ## the extension for WooCommerce, as a zip to install, in build/
	@mkdir -p $(BUILD)/woocommerce && rm -rf $(BUILD)/woocommerce/kassette $(BUILD)/kassette-woocommerce.zip
	@cp -r platforms/woocommerce/plugin $(BUILD)/woocommerce/kassette
	@out=$$(cd $(BUILD) && pwd)/kassette-woocommerce.zip; cd $(BUILD)/woocommerce && zip -q -X -r "$$out" kassette && echo "$$out"

shop-magento: ## the module for Magento, as a zip to install, in build/
	@mkdir -p $(BUILD) && rm -f $(BUILD)/kassette-magento.zip
	@out=$$(cd $(BUILD) && pwd)/kassette-magento.zip; cd platforms/magento/module && zip -q -X -r "$$out" . && echo "$$out"

test: go-version plugins ## all tests, with the race detector; says what was skipped
	@$(GO) test -race -timeout 15m -json ./... | $(GO) run ./.ci/report

check: go-version ## formatting, vet (also for wasip1), lint, layers, tidy, generated files
	@out=$$(gofmt -s -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted; run 'make fmt':"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	GOOS=wasip1 GOARCH=wasm $(GO) vet ./sdk/contract ./sdk/guest ./plugins/... ./platforms/*/adapter ./examples/hello-plugin
	@if command -v golangci-lint >/dev/null 2>&1; then golangci-lint run --allow-parallel-runners ./...; else echo "golangci-lint not found: 'make tools' installs it"; exit 1; fi
	$(GO) test -count=1 -run 'TestLayers|TestEveryPackageHasADoc' ./host
	$(GO) test -count=1 -run 'TestSchemas' ./sdk/contract
	$(GO) mod tidy -diff
	cd host/bench/sandbox && $(GO) vet ./... && GOOS=wasip1 GOARCH=wasm $(GO) vet ./guests/go ./guests/wasmrpc && $(GO) test ./...
	@echo "check: all well"

fmt: ## format the code
	gofmt -s -w $$(git ls-files '*.go')

# Without a bound of its own the shortening of what is new takes all of FUZZTIME.
fuzz: go-version ## each fuzz target for FUZZTIME (10s)
	@for p in $$($(GO) list ./...); do \
		dir=$$($(GO) list -f '{{.Dir}}' $$p); \
		for f in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go 2>/dev/null | sed 's/^func //'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$p || exit 1; \
		done; done

bench: go-version plugins ## benchmarks; writes the table in docs/bench.md
	$(GO) run ./host/bench/table

bench-sandbox: go-version ## the sandbox beside its peers; writes the tables in docs/bench-sandbox.md
	cd host/bench/sandbox && $(GO) run .

screenshots: go-version plugins ## the pictures of README and guides, made from the running demo and shops
	$(GO) test -count=1 -run TestScreenshots ./examples/demo -screenshots ../../docs/img
	$(GO) test -count=1 -run 'TestGuide$$' ./platforms/woocommerce ./platforms/magento -screenshots ../../docs/img

tools: ## redis-server, chromium, golangci-lint and axe-core, as the tests need them
	@sh .ci/tools
