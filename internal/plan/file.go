package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// FileVersion is the version of a plan file. Version 1 was the plan alone: a
// program, which said nothing of what it had been made from.
const FileVersion = 2

// File is a plan that somebody may approve. It is an approval and not a program:
// apply plans again from the config and AWS, and goes on only where that gives
// the same changes.
type File struct {
	FileVersion int    `json:"file_version"`
	ID          string `json:"id"`     // 16 hex digits; also in the records that the plan writes
	Made        string `json:"made"`   // RFC 3339, UTC
	Caller      string `json:"caller"` // ARN
	// Config is the path that the config was read from, as it was given, and
	// ConfigDigest says what stood there; ReadDigest says what AWS had.
	Config       string `json:"config"`
	ConfigDigest string `json:"config_digest"`
	ReadDigest   string `json:"read_digest"`
	// Flags are those of the command line that made it, in an order of their own.
	Flags []string `json:"flags,omitempty"`
	Plan  *Plan    `json:"plan"`
	// Digest is of all the above. It tells a file that was edited; it is no
	// signature.
	Digest string `json:"digest"`
}

// The errors of DecodeFile that a caller tells apart.
var (
	ErrOldFile    = errors.New("it was written by an earlier version")
	ErrEditedFile = errors.New("it has been edited since it was written")
)

// digest is of the file without its digest.
func (f File) digest() (string, error) {
	f.Digest = ""
	text, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("digest plan file: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Encode writes the file as indented JSON.
func (f File) Encode(w io.Writer) error {
	f.FileVersion = FileVersion
	var err error
	if f.Digest, err = f.digest(); err != nil {
		return err
	}
	return encode(w, f)
}

// DecodeFile reads a file that Encode wrote, and refuses one of another version,
// one that was edited, and one whose graph is not whole: an id that does not
// belong to its change, a dependency that does not stand before it.
func DecodeFile(r io.Reader) (*File, error) {
	bounded := &io.LimitedReader{R: r, N: MaxSize}
	text, err := io.ReadAll(bounded)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	if bounded.N == 0 {
		return nil, fmt.Errorf("read plan: it is larger than %d bytes", MaxSize)
	}
	var version struct {
		FileVersion int `json:"file_version"`
		Format      int `json:"format_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	switch {
	case version.FileVersion == 0 && version.Format > 0:
		return nil, fmt.Errorf("read plan: %w", ErrOldFile)
	case version.FileVersion != FileVersion:
		return nil, fmt.Errorf("read plan: file version %d, this program knows %d", version.FileVersion, FileVersion)
	}
	return decodeFile(text)
}

func decodeFile(text []byte) (*File, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var f File
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	if f.Plan == nil || f.Plan.FormatVersion != FormatVersion {
		return nil, fmt.Errorf("read plan: it has no plan that this program knows")
	}
	want, err := f.digest()
	if err != nil {
		return nil, err
	}
	if f.Digest != want {
		return nil, fmt.Errorf("read plan: %w", ErrEditedFile)
	}
	if err := checkOrder(f.Plan.Changes); err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	return &f, nil
}

// Difference is a change that two plans do not have alike.
type Difference struct {
	ID ID
	// Then says that the first plan has it, Now that the second does. Where both
	// do, they have it with other contents.
	Then, Now bool
}

// Differences compares the changes of two plans, by what they do and to what:
// their reasons and their places in the config say nothing of that.
func Differences(then, now []Change) ([]Difference, error) {
	before, err := canonicalChanges(then)
	if err != nil {
		return nil, err
	}
	after, err := canonicalChanges(now)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, c := range then {
		if text, there := after[c.ID]; !there {
			out = append(out, Difference{ID: c.ID, Then: true})
		} else if text != before[c.ID] {
			out = append(out, Difference{ID: c.ID, Then: true, Now: true})
		}
	}
	for _, c := range now {
		if _, there := before[c.ID]; !there {
			out = append(out, Difference{ID: c.ID, Now: true})
		}
	}
	return out, nil
}

func canonicalChanges(changes []Change) (map[ID][sha256.Size]byte, error) {
	out := make(map[ID][sha256.Size]byte, len(changes))
	for _, c := range changes {
		c.Reason, c.Source = "", diag.Range{}
		text, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("compare plans: %w", err)
		}
		out[c.ID] = sha256.Sum256(text)
	}
	return out, nil
}
