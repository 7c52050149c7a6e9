// Command emulatormodel generates the emulator's table of operations and
// shapes from the service models that AWS publishes with its SDKs.
//
// It promises the same output for the same models, byte for byte, and it stops
// at whatever the table could not express, rather than leaving it out. It reads
// two layouts: a flat folder (sso-admin.json, sso-admin.paginators.json, ...)
// and botocore's own data folder (sso-admin/2020-07-20/service-2.json.gz, ...).
// It emits the operations of selection.go and the shapes that they reach;
// documentation texts, endpoints and waiters are left out.
//
// From the folder tools/:
//
//	go run ./emulatormodel -models "$(python3 -c 'import botocore, os; print(os.path.dirname(botocore.__file__))')/data"
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	models := flag.String("models", os.Getenv("ROLECALL_AWS_MODELS"), "folder of AWS service models")
	out := flag.String("out", "../emulator/internal/model", "folder of the generated Go files")
	flag.Parse()
	if err := run(*models, *out); err != nil {
		fmt.Fprintln(os.Stderr, "emulatormodel:", err)
		os.Exit(1)
	}
}

func run(models, out string) error {
	if models == "" {
		return fmt.Errorf("find models: give their folder with -models")
	}
	for _, sel := range selections {
		m, err := load(models, sel.service)
		if err != nil {
			return err
		}
		src, err := generate(m, sel)
		if err != nil {
			return fmt.Errorf("generate %q: %w", sel.service, err)
		}
		if err := os.WriteFile(filepath.Join(out, sel.file()), src, 0o644); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	return nil
}
