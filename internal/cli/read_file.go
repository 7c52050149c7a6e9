package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile is the largest file of the command line that is read, in bytes. An
// estate of 4,000 accounts has 40 MB.
const maxFile = 64 << 20

// readFile is os.ReadFile of a regular file that fits into the memory.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1)) // its size may be unknown, as of a pipe's
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("%w: it has more than %d MB", errLarge, maxFile>>20)}
	}
	return text, nil
}

var errLarge = errors.New("is too large")
