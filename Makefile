# Short names for what .ci/run and go do. CI runs `make check`'s script itself.

.PHONY: build test check quick pages bench clean

build: ## both programs, in bin/
	go build -o bin/ ./cmd/...

test: ## all tests, with the searches small
	go test ./...

check: ## all that a change must pass
	bash .ci/run

quick: ## what takes seconds, once all is built: format, vet, the rules of the architecture, links
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...
	go test ./internal/architecture
	go -C tools run ./doclinks ..

pages: ## regenerates all generated pages and golden files, even where a test says that something is missing
	@status=0; for run in \
		"./internal/config ./internal/render ./docs/iam -update" \
		"./internal/cli -run TestReference -update" \
		"./internal/doctor -run Troubleshooting -update" \
		"./internal/tfprovider -run Documentation -update" \
		"./internal/directory/directorytest -run TestCallsPage -update" \
		"./internal/promises -run OrdinaryEditsAreDocumented -update" \
		"./emulator -run TestREADME -update" \
		"./internal/cli -run FindingsDocs -update"; \
	do echo "go test $$run"; go test $$run || status=1; done; exit $$status

bench: ## measurements, beside their floors
	go run ./bench

clean:
	rm -rf bin
