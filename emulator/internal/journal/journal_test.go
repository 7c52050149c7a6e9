package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readAll opens the journal and returns what is in it.
func readAll(t *testing.T, path string) ([]string, *Journal) {
	t.Helper()
	var got []string
	j, err := Open(path, func(r []byte) error { got = append(got, string(r)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.file.Close() })
	return got, j
}

func write(t *testing.T, j *Journal, records ...string) {
	t.Helper()
	for _, r := range records {
		at, err := j.Append([]byte(r))
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Sync(at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecordsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "journal")
	_, j := readAll(t, path)
	write(t, j, `{"a":1}`, ``, `{"b":2}`)
	leave(t, j)
	got, _ := readAll(t, path)
	if want := []string{`{"a":1}`, ``, `{"b":2}`}; !slices.Equal(got, want) {
		t.Errorf("records = %q, want %q", got, want)
	}
}

// TestEveryTornEnd cuts the file at each byte: the whole records before the cut
// come back, and what is written then is read after them.
func TestEveryTornEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	_, j := readAll(t, path)
	write(t, j, "one", "two", "three")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, at := frame(link{}, []byte("one"))
	second, _ := frame(at, []byte("two"))
	ends := []int{len(first), len(first) + len(second), len(whole)}
	for cut := range len(whole) + 1 {
		torn := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(torn, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		_, j := readAll(t, torn)
		write(t, j, "new")
		leave(t, j)
		want := []string{}
		for n, end := range ends {
			if cut >= end {
				want = append(want, []string{"one", "two", "three"}[n])
			}
		}
		if got, _ := readAll(t, torn); !slices.Equal(got, append(want, "new")) {
			t.Errorf("cut at %d: records = %q, want %q and new", cut, got, want)
		}
	}
}

// TestEveryByteCounts changes each byte, in several ways, drops each line but the
// last, and swaps and repeats lines: each is an error that names the file and a
// line, and the file stays as it is.
func TestEveryByteCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	_, j := readAll(t, path)
	write(t, j, `{"one":1}`, `{"two":2}`, ``, `{"four":"4444"}`)
	leave(t, j)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for at := range whole {
		for _, with := range []byte{1, 2, 128, 0xff, whole[at] ^ '\n', whole[at] ^ '0'} {
			if with != 0 {
				damaged := bytes.Clone(whole)
				damaged[at] ^= with
				refused(t, dir, fmt.Sprintf("byte %d ^ %#x", at, with), damaged)
			}
		}
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	_, other := frame(link{}, []byte(`{"another":1}`))
	stranger, _ := frame(other, []byte(`{"two":"of another journal"}`))
	refused(t, dir, "a line of another journal", slices.Concat(lines[0], stranger))
	for n := range lines {
		if n < len(lines)-1 {
			refused(t, dir, fmt.Sprintf("line %d dropped", n+1), bytes.Join(slices.Delete(slices.Clone(lines), n, n+1), nil))
		}
		for m := range n {
			swapped := slices.Clone(lines)
			swapped[n], swapped[m] = swapped[m], swapped[n]
			refused(t, dir, fmt.Sprintf("lines %d and %d swapped", m+1, n+1), bytes.Join(swapped, nil))
		}
		for m := range len(lines) + 1 {
			refused(t, dir, fmt.Sprintf("line %d again at %d", n+1, m+1), bytes.Join(slices.Insert(slices.Clone(lines), m, lines[n]), nil))
		}
	}
}

func refused(t *testing.T, dir, how string, text []byte) {
	t.Helper()
	path := filepath.Join(dir, "journal")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := Open(path, func([]byte) error { return nil })
	if err == nil {
		leave(t, j)
		t.Errorf("%s: the journal was opened (%s)", how, j.Torn())
		return
	}
	if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "line ") {
		t.Errorf("%s: the error names no file or line: %v", how, err)
	}
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, text) {
		t.Errorf("%s: the file was changed (%v)", how, err)
	}
}

func FuzzDamage(f *testing.F) {
	f.Add(3, 5, []byte("x"))
	f.Fuzz(func(t *testing.T, at, gone int, put []byte) {
		path := filepath.Join(t.TempDir(), "journal")
		_, j := readAll(t, path)
		records := []string{`{"one":1}`, `{"two":2}`, `{"three":3}`}
		write(t, j, records...)
		leave(t, j)
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at = int(uint(at) % uint(len(whole)))
		to := at + int(uint(gone)%uint(len(whole)-at+1))
		damaged := slices.Concat(whole[:at], put, whole[to:])
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		var got []string
		j, err = Open(path, func(r []byte) error { got = append(got, string(r)); return nil })
		if err != nil {
			return
		}
		leave(t, j)
		if len(got) > len(records) || !slices.Equal(got, records[:len(got)]) {
			t.Errorf("%q was read as %q", damaged, got)
		}
		if !bytes.HasPrefix(whole, damaged[:min(len(damaged), int(j.written))]) {
			t.Errorf("%q was kept", damaged)
		}
	})
}

func leave(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}
