package access

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// MaxSetName is AWS's limit on a permission set's name, in characters
// (sso-admin service model, PermissionSetName).
const MaxSetName = 32

// PermissionSetName returns the name of the permission set of a group: the
// group's own name, made legal for AWS, which takes at most 32 of
// [A-Za-z0-9_+=,.@-]. Where that loses characters, a short hash of the whole
// name keeps two groups apart. The same group always yields the same name:
// roles' ARNs hang on it.
func PermissionSetName(group string) string {
	legal := legalSetName(group)
	if legal == group && len(legal) <= MaxSetName {
		return legal
	}
	sum := sha256.Sum256([]byte(group))
	hash := hex.EncodeToString(sum[:])[:6]
	if keep := MaxSetName - len(hash) - 1; len(legal) > keep {
		legal = legal[:keep]
	}
	if legal = strings.TrimRight(legal, "-"); legal == "" {
		legal = "group"
	}
	return legal + "-" + hash
}

// legalSetName puts one dash for each run of characters that AWS refuses.
func legalSetName(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return !LegalSetNameRune(r) }), "-")
}

// LegalSetNameRune says whether AWS takes the character in a permission set's
// name. AWS's pattern says \w; the name becomes part of an IAM role's name,
// which is ASCII.
func LegalSetNameRune(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_+=,.@-", r))
}

// The tags that rolecall writes on its permission sets.
const (
	OwnerTag      = "rolecall:owner"
	GroupTag      = "rolecall:group"
	SCIMSourceTag = "rolecall:scim-identity-source"
	LockTag       = "rolecall:lock"
	// ViaTag says which front door made a set: ViaTerraform, or absent for the
	// command. UnfinishedTag is there until a set's creation is whole; its value
	// is the run that makes it.
	ViaTag        = "rolecall:via"
	UnfinishedTag = "rolecall:unfinished"
	// LockSetPrefix begins the name of the set that serves as the lock; such a
	// set is no set to the planner.
	LockSetPrefix = "rolecall-lock-"
)

var ownerPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,18}$`)

// ValidOwner says whether the name can be an owner: [A-Za-z0-9-]{1,18}.
func ValidOwner(owner string) bool { return ownerPattern.MatchString(owner) }

// ViaTerraform is the front door of what the Terraform provider makes.
const ViaTerraform = "terraform"

// Mark is the owner's mark on a group: groups have no tags, so it ends the
// description, as [rolecall:OWNER] or [rolecall:OWNER WORD...], and is written
// in the call that creates the group.
type Mark struct {
	Owner string
	// Via is ViaTerraform, or "" for the command.
	Via string
	// Unfinished is the run that makes the group, until its creation is whole.
	Unfinished string
	// Unknown says that the mark has a word of another version: then the group is
	// not ours to change.
	Unknown bool
}

// unfinishedWord begins the word that names the run.
const unfinishedWord = "unfinished"

// String returns the mark as it is written; "" where there is no owner.
func (m Mark) String() string {
	if m.Owner == "" {
		return ""
	}
	words := "[rolecall:" + m.Owner
	if m.Via != "" {
		words += " " + m.Via
	}
	if m.Unfinished != "" {
		words += " " + unfinishedWord + "-" + m.Unfinished
	}
	return words + "]"
}

// Words says for people whose a group is, and what its mark says besides.
func (m Mark) Words() string {
	if m.Owner == "" {
		return "without an owner"
	}
	words := fmt.Sprintf("of owner %q", m.Owner)
	if m.Via == ViaTerraform {
		words += ", created by Terraform"
	}
	if m.Unfinished != "" {
		words += ", not yet complete"
	}
	if m.Unknown {
		words += ", with a mark of another version of rolecall"
	}
	return words
}

// On returns a group's description with the mark at its end.
func (m Mark) On(description string) string {
	mark := m.String()
	if description == "" || mark == "" {
		return description + mark
	}
	return description + " " + mark
}

var markPattern = regexp.MustCompile(`(?:^|(?s:(.*)) )\[rolecall:([A-Za-z0-9-]{1,18})((?: [A-Za-z0-9-]{1,40})*)\]$`)

// ParseMark takes the owner's mark off a group's description. Where there is no
// mark, the description stays as it is.
func ParseMark(marked string) (description string, m Mark) {
	found := markPattern.FindStringSubmatch(marked)
	if found == nil {
		return marked, Mark{}
	}
	m.Owner = found[2]
	for _, word := range strings.Fields(found[3]) {
		run, unfinished := strings.CutPrefix(word, unfinishedWord+"-")
		switch {
		case word == ViaTerraform:
			m.Via = ViaTerraform
		case unfinished:
			m.Unfinished = run
		default:
			m.Unknown = true
		}
	}
	return found[1], m
}

// TagText makes a text fit for a tag's value, which AWS limits to 256 of
// letters, digits, blanks and _.:/=+-@; any other character becomes = and its
// code point in hex. It is for people, not for reading back.
func TagText(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		piece := string(r)
		if !legalTagRune(r) {
			piece = "=" + strconv.FormatInt(int64(r), 16)
		}
		size := len([]rune(piece))
		if n+size > 256 {
			break
		}
		n += size
		b.WriteString(piece)
	}
	return b.String()
}

func legalTagRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.Is(unicode.N, r) || unicode.Is(unicode.Z, r) || strings.ContainsRune("_.:/=+-@", r)
}

// WithTag returns the tags, by key, with one more or with another value.
func WithTag(tags []Tag, tag Tag) []Tag {
	out := slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool { return t.Key == tag.Key })
	at, _ := slices.BinarySearchFunc(out, tag.Key, func(t Tag, key string) int { return strings.Compare(t.Key, key) })
	return slices.Insert(out, at, tag)
}

func tagValue(tags []Tag, key string) string {
	for _, t := range tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}
