package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// writeFile writes a file that only the user can read, in one step: a reader
// finds the old one or the new one, never half of it.
func writeFile(name string, write func(io.Writer) error) error {
	if err := replaceFile(name, write); err != nil {
		return cannotWrite(name, err)
	}
	return nil
}

func replaceFile(name string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone after the rename
	if err := errors.Join(write(tmp), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// createFiles writes new files; where one of them is there already, none is.
func createFiles(dir string, files map[string]string) error {
	for name := range files {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return diag.Diagnostic{Severity: diag.Error, Code: CodeFileExists, Summary: fmt.Sprintf("%q already exists", filepath.Join(dir, name)),
				Detail: "Nothing was written.", Hint: "Choose another folder, or remove the file."}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cannotWrite(dir, err)
	}
	for name, text := range files {
		if err := createFile(filepath.Join(dir, name), text); err != nil {
			return cannotWrite(filepath.Join(dir, name), err)
		}
	}
	return nil
}

func createFile(name, text string) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

func cannotWrite(name string, err error) error {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeFile, Summary: fmt.Sprintf("cannot write %q", name), Detail: err.Error(),
		Hint: "Check that the folder exists and that you have permission to write to it."}
}
