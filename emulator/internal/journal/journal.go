// Package journal keeps records in one file so that none is lost which was
// acknowledged: a record is on the disk before [Journal.Sync] returns.
//
// It promises that after a crash at any moment every synced record is read back
// in order, and that a last record torn by the crash is dropped. It refuses a
// file that is damaged anywhere else, since records behind the damage build on
// it. It leaves out what a record means.
package journal

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// Journal is an open file of records.
type Journal struct {
	file    *os.File
	mu      sync.Mutex // guards written and the file's end
	written int64
	syncing sync.Mutex // guards synced
	synced  int64
	failed  error
}

// Open opens or makes the file and gives every record in it to read.
func Open(path string, read func(record []byte) error) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of journal: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{file: f}
	if err := j.replay(read); err != nil {
		return nil, errors.Join(fmt.Errorf("read journal %q: %w", path, err), f.Close())
	}
	return j, syncFolder(path)
}

// syncFolder makes the name of a new file last.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("open folder of journal: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

func (j *Journal) replay(read func([]byte) error) error {
	text, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	end := 0
	for line := 1; end < len(text); line++ {
		length := bytes.IndexByte(text[end:], '\n')
		if length < 0 {
			break // torn: a record is written with its line end
		}
		record, ok := unframe(text[end : end+length])
		last := end+length+1 == len(text)
		switch {
		case !ok && last:
			return j.cut(int64(end)) // torn in the middle, as when blocks reach the disk out of order
		case !ok:
			return fmt.Errorf("record %d is damaged", line)
		}
		if err := read(record); err != nil {
			return fmt.Errorf("record %d: %w", line, err)
		}
		end += length + 1
	}
	return j.cut(int64(end))
}

// cut drops what is behind the last whole record.
func (j *Journal) cut(end int64) error {
	j.written, j.synced = end, end
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	_, err := j.file.Seek(end, io.SeekStart)
	return err
}

// frame is a record as a line: checksum, blank, record. A record has no line end,
// as JSON has none.
func frame(record []byte) []byte {
	line := fmt.Appendf(nil, "%08x ", crc32.ChecksumIEEE(record))
	return append(append(line, record...), '\n')
}

func unframe(line []byte) ([]byte, bool) {
	if len(line) < 9 || line[8] != ' ' {
		return nil, false
	}
	sum, err := strconv.ParseUint(string(line[:8]), 16, 32)
	return line[9:], err == nil && uint32(sum) == crc32.ChecksumIEEE(line[9:])
}

// Append writes a record; it lasts when Sync of the position has returned.
func (j *Journal) Append(record []byte) (position int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return 0, j.failed
	}
	n, err := j.file.Write(frame(record))
	if err != nil {
		j.failed = fmt.Errorf("write journal: %w", err) // what is behind a half record would be lost
		return 0, j.failed
	}
	j.written += int64(n)
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
	if err := j.cut(0); err != nil {
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

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
