package access

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// MaxSetName is AWS's limit on a permission set's name, in characters
// (sso-admin service model, PermissionSetName).
const MaxSetName = 32

// PermissionSetName gives the name of the permission set of a group: the
// group's own name, made legal for AWS, which takes at most 32 of
// [A-Za-z0-9_+=,.@-]. Where that loses characters, a short hash of the whole
// name keeps two groups apart. The same group always gives the same name:
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
	var b strings.Builder
	gap := false
	for _, r := range name {
		if !LegalSetNameRune(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
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
	// LockSetPrefix begins the name of the set that serves as the lock; such a
	// set is no set to the planner.
	LockSetPrefix = "rolecall-lock-"
)

var ownerPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,18}$`)

// ValidOwner says whether the name can be an owner: [A-Za-z0-9-]{1,18}.
func ValidOwner(owner string) bool { return ownerPattern.MatchString(owner) }

// MarkDescription gives a group's description with the owner's mark at its
// end; groups have no tags, so the mark lives here, in the same call that
// creates the group.
func MarkDescription(description, owner string) string {
	switch {
	case owner == "":
		return description
	case description == "":
		return "[rolecall:" + owner + "]"
	default:
		return description + " [rolecall:" + owner + "]"
	}
}

var markPattern = regexp.MustCompile(`(?:^|(?s:(.*)) )\[rolecall:([A-Za-z0-9-]{1,18})\]$`)

// ParseDescription takes the owner's mark off a group's description. The owner
// is "" where there is no mark; then the description stays as it is.
func ParseDescription(marked string) (description, owner string) {
	m := markPattern.FindStringSubmatch(marked)
	if m == nil {
		return marked, ""
	}
	return m[1], m[2]
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

func tagValue(tags []Tag, key string) string {
	for _, t := range tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

var durationPattern = regexp.MustCompile(`^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// DefaultSessionDuration is AWS's default for a permission set.
const DefaultSessionDuration = "PT1H"

// ISODuration gives the one spelling of a session duration that states carry:
// PT60M and PT3600S are PT1H, "" is AWS's default of one hour. What it cannot
// read stays as it is.
func ISODuration(text string) string {
	if text == "" {
		return DefaultSessionDuration
	}
	seconds, ok := DurationSeconds(text)
	if !ok {
		return text
	}
	out := "PT"
	for _, unit := range []struct {
		size int
		name string
	}{{3600, "H"}, {60, "M"}, {1, "S"}} {
		if n := seconds / unit.size; n > 0 {
			out += strconv.Itoa(n) + unit.name
		}
		seconds %= unit.size
	}
	if out == "PT" {
		return "PT0S"
	}
	return out
}

// DurationSeconds reads an ISO 8601 duration of days, hours, minutes and
// seconds.
func DurationSeconds(text string) (seconds int, ok bool) {
	m := durationPattern.FindStringSubmatch(text)
	if m == nil || strings.HasSuffix(text, "T") || text == "P" {
		return 0, false
	}
	for i, size := range []int{86400, 3600, 60, 1} {
		n, _ := strconv.Atoi("0" + m[i+1]) // digits only, by the pattern
		seconds += n * size
	}
	return seconds, true
}
