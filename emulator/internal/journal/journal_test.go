package journal

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// readAll opens the journal and gives what is in it.
func readAll(t *testing.T, path string) ([]string, *Journal) {
	t.Helper()
	var got []string
	j, err := Open(path, func(r []byte) error { got = append(got, string(r)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
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
	ends := []int{len(frame([]byte("one"))), len(frame([]byte("one"))) + len(frame([]byte("two"))), len(whole)}
	for cut := range len(whole) + 1 {
		torn := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(torn, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		_, j := readAll(t, torn)
		write(t, j, "new")
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

func TestDamagedLastRecordIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	_, j := readAll(t, path)
	write(t, j, "one", "two")
	flip(t, path, -2)
	if got, _ := readAll(t, path); !slices.Equal(got, []string{"one"}) {
		t.Errorf("records = %q, want one", got)
	}
}

func TestDamageInTheMiddleIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	_, j := readAll(t, path)
	write(t, j, "one", "two")
	flip(t, path, 10)
	if _, err := Open(path, func([]byte) error { return nil }); err == nil {
		t.Error("a journal with a damaged first record was opened")
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if at < 0 {
		at += len(text)
	}
	text[at] ^= 1
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
