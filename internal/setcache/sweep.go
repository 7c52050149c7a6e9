package setcache

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// LoadSweep reads the log. A line that was cut off while it was written ends it.
func (f Folder) LoadSweep(instanceARN string) ([]identitycenter.SweptPair, error) {
	data, err := f.read(f.sweepPath(instanceARN))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of a deep read: %w", err)
	}
	var pairs []identitycenter.SweptPair
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var p identitycenter.SweptPair
		if dec.Decode(&p) != nil {
			return pairs, nil
		}
		pairs = append(pairs, p)
	}
}

// AppendSweep adds lines to the log.
func (f Folder) AppendSweep(instanceARN string, pairs []identitycenter.SweptPair) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for _, p := range pairs {
		if err := enc.Encode(p); err != nil {
			return fmt.Errorf("encode the log of a deep read: %w", err)
		}
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("write the log of a deep read: %w", err)
	}
	file, err := os.OpenFile(f.sweepPath(instanceARN), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the log of a deep read: %w", err)
	}
	_, err = file.WriteString(b.String())
	return errors.Join(err, file.Close())
}

// EndSweep removes the log.
func (f Folder) EndSweep(instanceARN string) error {
	err := os.Remove(f.sweepPath(instanceARN))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the log of a deep read: %w", err)
	}
	return nil
}

func (f Folder) sweepPath(instanceARN string) string {
	return filepath.Join(f.Dir, strings.Replace(filepath.Base(f.path(instanceARN)), "sets-", "sweep-", 1)+"l")
}
