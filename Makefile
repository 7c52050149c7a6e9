# Short names for what .ci/run and go do. CI runs `make check`'s script itself.

.PHONY: build test check quick pages bench clean

build: ## both programs, in bin/
	go build -o bin/ ./cmd/...

test: ## all tests, with the searches small
	go test ./...

check: ## all that a change must pass
	bash .ci/run

quick: ## what takes seconds: format, vet, the rules of the architecture, links
	@test -z "$$(gofmt -l cmd internal emulator bench tools)" || { gofmt -l cmd internal emulator bench tools; exit 1; }
	go vet ./...
	go test ./internal/architecture
	go -C tools run ./doclinks ..

pages: ## generated pages and golden files anew
	go test ./internal/config ./internal/render ./docs/iam -update
	go test ./internal/cli -run TestReference -update
	go test ./internal/doctor -run Troubleshooting -update
	go test ./internal/tfprovider -run Documentation -update
	go test ./internal/directory/directorytest -run TestCallsPage -update
	UPDATE_DOCS=1 go test ./internal/cli -run FindingsDocs

bench: ## measurements, beside their floors
	go run ./bench

clean:
	rm -rf bin
