// Package journal keeps records in one file so that none is lost which was
// acknowledged: a record is on the disk before [Journal.Sync] returns.
//
// It promises that after a crash at any moment every synced record is read back
// in order, and that a last record torn by the crash is dropped, which
// [Journal.Torn] tells. It refuses a file that is damaged anywhere else, since
// records behind the damage build on it: a changed byte, a line that is missing,
// comes twice or stands elsewhere, a file that is no journal. A file has one
// user at a time. It leaves out what a record means.
package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// MaxLine is the longest line that is read but for the first, which holds what a
// journal begins with.
const (
	MaxLine  = 8 << 20
	maxFirst = 512 << 20
)

// Journal is an open file of records.
type Journal struct {
	path    string
	file    *os.File
	unlock  func() error
	torn    string
	mu      sync.Mutex // guards the chain and the file's end
	written int64
	last    link
	syncing sync.Mutex // guards synced
	synced  int64
	failed  error
}

var errBusy = errors.New("another emulator uses it")

// Open opens or makes the file and returns every record in it to read. The file is
// its user's alone, by its mode and by a lock that ends with the process.
func Open(path string, read func(record []byte) error) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of journal: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{path: path, file: f, unlock: func() error { return nil }}
	if err := j.begin(read); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %q: %w", path, err), j.Close())
	}
	return j, nil
}

func (j *Journal) begin(read func([]byte) error) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is no file")
	}
	unlock, err := lock(j.file)
	if err != nil {
		return fmt.Errorf("it cannot be locked: %w", err)
	}
	j.unlock = unlock
	if err := j.file.Chmod(0o600); err != nil { // it holds tokens, whoever made it
		return err
	}
	if err := j.Replay(read); err != nil {
		return err
	}
	return syncFolder(j.path)
}

// syncFolder makes the name of a new file last.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("open folder of journal: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// Replay returns every record in the file to read, from the first.
func (j *Journal) Replay(read func([]byte) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(j.file, 64<<10)
	var end int64
	j.last = link{}
	for {
		line, err := readLine(r, j.last.n == 0)
		switch {
		case errors.Is(err, io.EOF):
			return j.cut(end, line)
		case err != nil:
			return fmt.Errorf("line %d: %w", j.last.n+1, err)
		}
		record, next, err := unframe(j.last, line)
		if err == nil {
			err = read(record)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", j.last.n+1, err)
		}
		j.last = next
		end += int64(len(line)) + 1
	}
}

// readLine returns the next line without its end, and io.EOF with what stands
// behind the last line end.
func readLine(r *bufio.Reader, first bool) ([]byte, error) {
	most := MaxLine
	if first {
		most = maxFirst
	}
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > most:
			return nil, fmt.Errorf("it is longer than %d bytes", most)
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return line, err
		default:
			return line[:len(line)-1], nil
		}
	}
}

// cut drops the tail behind the last line end, which a crash tore.
func (j *Journal) cut(end int64, tail []byte) error {
	if len(tail) > 0 {
		if !j.last.begins(tail) {
			return fmt.Errorf("line %d: %w", j.last.n+1, errDamaged)
		}
		j.torn = fmt.Sprintf("journal %q: line %d, the last one, was not whole, as after a crash; its %d bytes are dropped", j.path, j.last.n+1, len(tail))
	}
	j.written, j.synced = end, end
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	_, err := j.file.Seek(end, io.SeekStart)
	return err
}

// Torn tells what was dropped when the file was read; "" is nothing.
func (j *Journal) Torn() string { return j.torn }

// Append writes a record; it lasts when Sync of the position has returned. A
// record has no line end, as JSON has none.
func (j *Journal) Append(record []byte) (position int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return 0, j.failed
	}
	line, next := frame(j.last, record)
	n, err := j.file.Write(line)
	if err != nil {
		j.failed = fmt.Errorf("write journal: %w", err) // what is behind a half record would be lost
		return 0, j.failed
	}
	j.written += int64(n)
	j.last = next
	return j.written, nil
}

// Sync returns when everything up to the position is on the disk. Calls that come
// together share one sync.
func (j *Journal) Sync(position int64) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= position {
		return nil
	}
	j.mu.Lock()
	written := j.written
	j.mu.Unlock()
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	j.synced = written
	return nil
}

// Empty drops every record.
func (j *Journal) Empty() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = link{}
	if err := j.cut(0, nil); err != nil {
		return fmt.Errorf("empty journal: %w", err)
	}
	return j.file.Sync()
}

// Len is the size of the file in bytes.
func (j *Journal) Len() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.written
}

// Close closes the file and lets another have it.
func (j *Journal) Close() error { return errors.Join(j.file.Close(), j.unlock()) }
