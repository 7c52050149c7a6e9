// Package setcache keeps in files, between runs, what the client of AWS has seen of
// permission sets.
//
// It promises that each file is replaced in one step, readable by the user alone,
// bounded in size, and that what others could write is refused. Losing it costs
// calls, never truth.
package setcache

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Folder keeps the cache in a folder, one file for each instance, readable
// by the user alone.
type Folder struct{ Dir string }

// OfUser returns the cache in the user's cache folder.
func OfUser() (Folder, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return Folder{}, fmt.Errorf("find the user's cache folder: %w", err)
	}
	return Folder{Dir: filepath.Join(dir, "rolecall")}, nil
}

const cacheVersion = 1

// largestCache bounds what is read of the cache, in bytes: ten times what the names
// of 10,000 permission sets take.
const largestCache = 32 << 20

// Refused returns an error where others than the user could write the folder or
// one above it. A folder that is not there yet is made for the user alone.
func (f Folder) Refused() error {
	for dir := filepath.Clean(f.Dir); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("look at the cache folder: %w", err)
		default:
			if why := writableByOthers(info, dir != filepath.Clean(f.Dir)); why != "" {
				return fmt.Errorf("%s %s", dir, why)
			}
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// read returns a file of the cache, as the user wrote it: a link, or a file that
// others could write, is none.
func (f Folder) read(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largestCache {
		return nil, fmt.Errorf("%s is no file of at most %d bytes", path, largestCache)
	}
	if why := writableByOthers(info, false); why != "" {
		return nil, fmt.Errorf("%s %s", path, why)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, largestCache))
}

type cacheFile struct {
	Version  int                                 `json:"version"`
	Instance string                              `json:"instance"`
	Sets     map[string]identitycenter.CachedSet `json:"permission_sets"`
}

// Load reads the cache. What is not there, broken, or of another version is an
// empty cache, not an error.
func (f Folder) Load(instanceARN string) (map[string]identitycenter.CachedSet, error) {
	data, err := f.read(f.path(instanceARN))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the cache of permission sets: %w", err)
	}
	var file cacheFile
	if json.Unmarshal(data, &file) != nil || file.Version != cacheVersion || file.Instance != instanceARN {
		return nil, nil
	}
	return file.Sets, nil
}

// Save replaces the cache in one step, so that no reader sees half of it.
func (f Folder) Save(instanceARN string, sets map[string]identitycenter.CachedSet) error {
	data, err := json.Marshal(cacheFile{Version: cacheVersion, Instance: instanceARN, Sets: sets})
	if err != nil {
		return fmt.Errorf("encode the cache of permission sets: %w", err)
	}
	if err := f.replace(f.path(instanceARN), data); err != nil {
		return fmt.Errorf("write the cache of permission sets: %w", err)
	}
	return nil
}

func (f Folder) replace(path string, data []byte) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.Dir, "sets-*.tmp") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone after the rename
	if _, err := tmp.Write(data); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func (f Folder) path(instanceARN string) string {
	sum := sha256.Sum256([]byte(instanceARN))
	return filepath.Join(f.Dir, "sets-"+hex.EncodeToString(sum[:8])+".json")
}
