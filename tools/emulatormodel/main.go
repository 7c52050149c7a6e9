// Command emulatormodel brings the emulator's service models up to date with those that
// AWS publishes with its SDKs: it takes from each the operations that the emulator's own
// file has, and those that -add names, with the shapes that they reach.
//
// It promises the same output for the same models, byte for byte. It reads two layouts: a
// flat folder (sso-admin.json, sso-admin.paginators.json, ...) and botocore's own data
// folder (sso-admin/2020-07-20/service-2.json.gz, ...). Documentation texts, endpoints and
// waiters are left out.
//
// From the folder tools/:
//
//	go run ./emulatormodel -models "$(python3 -c 'import botocore, os; print(os.path.dirname(botocore.__file__))')/data"
//	go run ./emulatormodel -models ... -add sso-admin:ListApplications,sts:AssumeRole
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	models := flag.String("models", os.Getenv("ROLECALL_AWS_MODELS"), "folder of AWS service models")
	out := flag.String("out", "../emulator/internal/model/services", "folder of the emulator's files")
	add := flag.String("add", "", "operations to take more, as service:Operation, with commas between")
	flag.Parse()
	if err := run(*models, *out, *add); err != nil {
		fmt.Fprintln(os.Stderr, "emulatormodel:", err)
		os.Exit(1)
	}
}

func run(models, out, add string) error {
	if models == "" {
		return fmt.Errorf("find models: pass their folder with -models")
	}
	more := map[string][]string{}
	for _, name := range strings.FieldsFunc(add, func(r rune) bool { return r == ',' }) {
		service, operation, _ := strings.Cut(name, ":")
		more[service] = append(more[service], operation)
	}
	have, err := filepath.Glob(filepath.Join(out, "*.json"))
	if err != nil || len(have) == 0 {
		return fmt.Errorf("find the emulator's files in %q: %w", out, errors.Join(err, fs.ErrNotExist))
	}
	for _, name := range have {
		if err := update(models, name, more[strings.TrimSuffix(filepath.Base(name), ".json")]); err != nil {
			return err
		}
	}
	return nil
}

// update writes one of the emulator's files anew.
func update(models, name string, more []string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read what there is: %w", err)
	}
	var has model
	if err := json.Unmarshal(text, &has); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for _, operation := range more {
		has.Operations[operation] = nil
	}
	aws, err := load(models, strings.TrimSuffix(filepath.Base(name), ".json"))
	if err != nil {
		return err
	}
	part, err := aws.part(has.Operations)
	if err != nil {
		return fmt.Errorf("take %s: %w", name, err)
	}
	text, err = json.MarshalIndent(part, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
