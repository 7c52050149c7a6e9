package access

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The record is what a permission set of ours remembers of the last apply: who
// was meant by each name that it is granted to, and which account by each
// account's name. A name of a config is only a name; the record says whether it
// still leads to what it led to when a person last approved it.
//
// It lives in tags, of which AWS takes values of 256 letters, digits, blanks and
// _.:/=+-@. Names are kept as hashes, because they may have any length and any
// character; ids of principals are kept whole as long as there is room, because a
// person has to see both.
const (
	RecordTag         = "rolecall:record"
	recordPrincipals  = "rolecall:principals-" // and 1 to recordPrincipalTags
	recordAccounts    = "rolecall:accounts-"   // and 1 to recordAccountTags
	recordVersion     = "1"
	accountPairLength = 8

	// Where whole ids have no room, a principal is a short key and the mark of its id.
	compactSign   = ":" // begins the first tag of such a record, and each mark
	shortKey      = 5
	principalMark = 5

	recordPrincipalTags = 8
	recordAccountTags   = 6
)

// Record is what an apply writes into a permission set's tags.
type Record struct {
	Principals []RecordedPrincipal `json:"principals,omitempty"`
	Accounts   []RecordedAccount   `json:"accounts,omitempty"`
	// Plans are the ids of the plans from files that were carried out last, the
	// latest first.
	Plans []string `json:"plans,omitempty"`
}

// MaxRecordedPlans is how many ids of plans a record has room for.
const MaxRecordedPlans = 8

// RecordedPrincipal is a name that the config grants the set to, and the id
// that it meant.
type RecordedPrincipal struct {
	Kind PrincipalKind `json:"kind"` // GroupPrincipal or UserPrincipal
	Name string        `json:"name"`
	// ID is "" for a principal that the same plan creates; it is known when the
	// record is written. It is PrincipalMark of the id where an earlier record has no
	// more than that.
	ID string `json:"id,omitempty"`
}

// RecordedAccount is an account as the config names it, and the id that it
// meant; or, of one that is missing now, the mark of the id that an earlier
// record has.
type RecordedAccount struct {
	Name string `json:"name"`
	ID   string `json:"id,omitempty"`
	Mark string `json:"mark,omitempty"`
	// Bucket is what an earlier record without room has of a name that leads nowhere
	// now.
	Bucket string `json:"bucket,omitempty"`
}

// Recorded is a record as it was read from a set's tags. The zero value is no
// record.
type Recorded struct {
	mark       string // digest of owner and ARN
	targets    string // digest of the accounts' pairs
	principals map[string]string
	ids        map[string]bool
	accounts   map[string]string
	// digest stands for the principals, or the accounts, that had no room.
	principalDigest, accountDigest string
	principalCount, accountCount   int
	accountBuckets                 []string
	// Plans are the ids of the plans that were carried out last, the latest first.
	Plans []string
	// There says that the set has a record that could be read.
	There bool
}

// recordMark says whose set of which ARN a record was written for: copied to another
// set, or found after the owner's tag was changed, a record does not fit.
func recordMark(owner, arn string) string { return shortHash(16, owner, arn) }

// shortHash returns the first n hex digits of the parts' hash.
func shortHash(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}

// nameHash returns n characters that stand for a name.
func nameHash(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.StdEncoding.EncodeToString(sum[:])[:n]
}

func principalKey(kind PrincipalKind, name string) string {
	return kind.String()[:1] + nameHash(8, kind.String(), name)
}

// shortPrincipalKey is what a record has in place of a key where room is short.
func shortPrincipalKey(key string) string { return key[1 : 1+shortKey] }

// PrincipalMark stands for the id of a principal where a record has no room for it,
// and for what is such a mark already.
func PrincipalMark(id string) string {
	if strings.HasPrefix(id, compactSign) {
		return id
	}
	return compactSign + nameHash(principalMark, "principal id", id)
}

// MeansPrincipal says that what a record has for a name is this id, or its mark.
func MeansPrincipal(meant, id string) bool { return meant == id || meant == PrincipalMark(id) }

// AccountKey stands for an account's name in records, AccountIDMark for its id.
func AccountKey(name string) string { return nameHash(accountPairLength/2, "account", name) }

// AccountIDMark stands for an account's id in records.
func AccountIDMark(id string) string { return nameHash(accountPairLength/2, "account id", id) }

// Tags returns the record as the tags of the owner's set with the ARN.
func (r Record) Tags(owner, arn string) []Tag {
	principals := make([]string, len(r.Principals))
	for i, p := range r.Principals {
		principals[i] = principalKey(p.Kind, p.Name) + "=" + p.ID
	}
	var accounts []string
	for _, a := range r.Accounts {
		if a.Bucket == "" {
			accounts = append(accounts, AccountKey(a.Name)+cmp.Or(a.Mark, AccountIDMark(a.ID)))
		}
	}
	slices.Sort(principals)
	slices.Sort(accounts)
	head := fmt.Sprintf("%s %s %s p%d a%d", recordVersion, recordMark(owner, arn), shortHash(16, accounts...), len(principals), len(accounts))
	for _, plan := range r.Plans[:min(len(r.Plans), MaxRecordedPlans)] {
		head += " " + plan
	}
	tags := []Tag{{RecordTag, head}}
	tags = append(tags, r.principalTags(principals)...)
	packed, fit := pack(recordAccounts, recordAccountTags, accounts, "")
	if !fit {
		packed = append(packed, r.bucketTags()...)
	}
	return append(tags, packed...)
}

// principalTags returns the pairs of names and ids, in short where they have no room
// whole.
func (r Record) principalTags(whole []string) []Tag {
	if tags, fit := pack(recordPrincipals, recordPrincipalTags, whole, " "); fit {
		return tags
	}
	short := make([]string, len(r.Principals))
	for i, p := range r.Principals {
		short[i] = shortPrincipalKey(principalKey(p.Kind, p.Name)) + strings.TrimPrefix(PrincipalMark(p.ID), compactSign)
	}
	slices.Sort(short)
	if tags, fit := pack(recordPrincipals, recordPrincipalTags, append([]string{compactSign}, short...), ""); fit {
		return tags
	}
	tags, _ := pack(recordPrincipals, recordPrincipalTags, whole, " ")
	return tags
}

// pack puts the pieces into as many tags as they need, or their digest into one
// where they need more than there are.
func pack(key string, most int, pieces []string, between string) (packed []Tag, fit bool) {
	var values []string
	for _, p := range pieces {
		if n := len(values) - 1; n >= 0 && len(values[n])+len(between)+len(p) <= MaxTagValue {
			values[n] += between + p
		} else {
			values = append(values, p)
		}
	}
	if fit = len(values) <= most; !fit {
		values = []string{"@" + shortHash(32, pieces...)}
	}
	tags := make([]Tag, len(values))
	for i, v := range values {
		tags[i] = Tag{key + strconv.Itoa(i+1), v}
	}
	return tags, fit
}

// isRecordTag says whether a tag is part of a record.
func isRecordTag(key string) bool {
	return key == RecordTag || strings.HasPrefix(key, recordPrincipals) || strings.HasPrefix(key, recordAccounts)
}

// ParseRecord reads the record among a set's tags. What cannot be read is no
// record: the set is then read whole.
func ParseRecord(tags []Tag) Recorded {
	var r Recorded
	fields := strings.Fields(tagValue(tags, RecordTag))
	if len(fields) < 5 || fields[0] != recordVersion {
		return r
	}
	r.mark, r.targets = fields[1], fields[2]
	var err1, err2 error
	r.principalCount, err1 = strconv.Atoi(strings.TrimPrefix(fields[3], "p"))
	r.accountCount, err2 = strconv.Atoi(strings.TrimPrefix(fields[4], "a"))
	if err1 != nil || err2 != nil || r.principalCount < 0 || r.accountCount < 0 {
		return Recorded{}
	}
	r.Plans = fields[5:]
	if !r.parsePrincipals(tags) || !r.parseAccounts(tags) {
		return Recorded{}
	}
	r.There = true
	return r
}

func (r *Recorded) parsePrincipals(tags []Tag) bool {
	r.principals, r.ids = map[string]string{}, map[string]bool{}
	if r.principalCount == 0 {
		return true
	}
	for i := range recordPrincipalTags {
		value := tagValue(tags, recordPrincipals+strconv.Itoa(i+1))
		if digest, over := strings.CutPrefix(value, "@"); over && i == 0 {
			r.principalDigest = digest
			return true
		}
		if i == 0 && strings.HasPrefix(value, compactSign) {
			return r.parseShort(tags)
		}
		for _, piece := range strings.Fields(value) {
			name, id, ok := strings.Cut(piece, "=")
			if len(r.principals) == r.principalCount {
				return true // the rest is of an earlier, longer record
			}
			if !ok || id == "" {
				return false
			}
			r.principals[name], r.ids[id] = id, true
		}
	}
	return len(r.principals) == r.principalCount
}

func (r *Recorded) parseShort(tags []Tag) bool {
	seen := 0
	for i := range recordPrincipalTags {
		value := tagValue(tags, recordPrincipals+strconv.Itoa(i+1))
		if i == 0 {
			value = strings.TrimPrefix(value, compactSign)
		}
		for ; len(value) >= shortKey+principalMark && seen < r.principalCount; value = value[shortKey+principalMark:] {
			mark := compactSign + value[shortKey:shortKey+principalMark]
			r.principals[value[:shortKey]], r.ids[mark] = mark, true
			seen++
		}
	}
	return seen == r.principalCount
}

func (r *Recorded) parseAccounts(tags []Tag) bool {
	r.accounts = map[string]string{}
	if r.accountCount == 0 {
		return true
	}
	seen := 0
	for i := range recordAccountTags {
		value := tagValue(tags, recordAccounts+strconv.Itoa(i+1))
		if digest, over := strings.CutPrefix(value, "@"); over && i == 0 {
			r.accountDigest = digest
			r.parseBuckets(tags)
			return true
		}
		for ; len(value) >= accountPairLength && seen < r.accountCount; value = value[accountPairLength:] {
			r.accounts[value[:accountPairLength/2]] = value[accountPairLength/2 : accountPairLength]
			seen++
		}
	}
	return seen == r.accountCount
}

// FitsSet says that the record was written for this owner's set.
func (r Recorded) FitsSet(owner, arn string) bool {
	return r.There && r.mark == recordMark(owner, arn)
}

// PrincipalID returns the id that a name meant, or the id's PrincipalMark; known is
// false where the record has no such name, or no room for names.
func (r Recorded) PrincipalID(kind PrincipalKind, name string) (id string, known bool) {
	key := principalKey(kind, name)
	if id, known = r.principals[key]; !known {
		id, known = r.principals[shortPrincipalKey(key)]
	}
	return id, known
}

// MayMean says that the record knows the id by this name, or that it does not say:
// it has no room for names, or there is none.
func (r Recorded) MayMean(kind PrincipalKind, name, id string) bool {
	meant, known := r.PrincipalID(kind, name)
	return known && MeansPrincipal(meant, id) || !r.There || !r.PrincipalsFit()
}

// KnowsID says that some name meant this principal.
func (r Recorded) KnowsID(id string) bool { return r.ids[id] || r.ids[PrincipalMark(id)] }

// Meanings calls principal for every name that the record has, by one of its
// PrincipalKeys, with the id that it meant or its PrincipalMark, and account for every account's name, by AccountKey,
// with AccountIDMark of its id: for whoever has many records and many names.
func (r Recorded) Meanings(principal, account func(key, meant string)) {
	for key, id := range r.principals {
		principal(key, id)
	}
	for key, mark := range r.accounts {
		account(key, mark)
	}
}

// PrincipalKeys are what stands for a principal's name in records.
func PrincipalKeys(kind PrincipalKind, name string) [2]string {
	key := principalKey(kind, name)
	return [2]string{key, shortPrincipalKey(key)}
}

// AccountMark returns the mark of the id that an account's name meant, "" where the
// record does not know.
func (r Recorded) AccountMark(name string) string { return r.accounts[AccountKey(name)] }

// PrincipalsFit says that the record had room for its principals' names.
func (r Recorded) PrincipalsFit() bool { return r.principalDigest == "" }

// AccountsFit says that the record had room for its accounts' names.
func (r Recorded) AccountsFit() bool { return r.accountDigest == "" }

// Same says that the record, written for this set now, would be as it is,
// but for the plans' ids.
func (r Recorded) Same(want Record, owner, arn string) bool {
	if !r.FitsSet(owner, arn) {
		return false
	}
	w := ParseRecord(want.Tags(owner, arn))
	return r.targets == w.targets && r.principalCount == w.principalCount && r.principalDigest == w.principalDigest && maps.Equal(r.principals, w.principals) &&
		slices.Equal(r.accountBuckets, w.accountBuckets)
}

// Covers says that all that the record has is still wanted, and means the same:
// nothing is taken away from the set, and no name leads elsewhere. A record
// without room for its names covers only what is exactly itself.
func (r Recorded) Covers(want Record, owner, arn string) bool {
	if !r.FitsSet(owner, arn) {
		return false
	}
	w := ParseRecord(want.Tags(owner, arn))
	principals := samePrincipals(r.principals, w.principals)
	if r.principalDigest != "" || w.principalDigest != "" {
		principals = r.principalDigest == w.principalDigest && r.principalCount == w.principalCount
	}
	accounts := subset(r.accounts, w.accounts)
	if r.accountDigest != "" || w.accountDigest != "" {
		accounts = r.targets == w.targets
	}
	return principals && accounts
}

// samePrincipals says that b has all of a, whichever of them is in short.
func samePrincipals(a, b map[string]string) bool {
	for key, meant := range a {
		w, ok := b[key]
		if !ok && len(key) > shortKey {
			w, ok = b[shortPrincipalKey(key)]
		}
		if !ok && len(key) == shortKey {
			w, ok = byShortKey(b, key)
		}
		if !ok || !MeansPrincipal(w, meant) && !MeansPrincipal(meant, w) {
			return false
		}
	}
	return true
}

func byShortKey(of map[string]string, short string) (string, bool) {
	for key, meant := range of {
		if len(key) > shortKey && shortPrincipalKey(key) == short {
			return meant, true
		}
	}
	return "", false
}

func subset(a, b map[string]string) bool {
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// RecordOf returns what the record of a desired set should be. The functions return
// the ids that principals and accounts, by their index, mean now: "" where there
// is none (yet).
func (s *State) RecordOf(set int, principal func(PrincipalKind, int32) string, account func(int32) string) Record {
	var r Record
	for _, g := range s.SetAssignments(set) {
		name, _ := s.Principal(g)
		r.Principals = append(r.Principals, RecordedPrincipal{Kind: g.Kind, Name: name, ID: principal(g.Kind, g.Principal)})
		r.Accounts = append(r.Accounts, RecordedAccount{Name: s.Accounts[g.Account].Name, ID: account(g.Account)})
	}
	r.Normalize()
	return r
}

// Normalize sorts the record's rows, each once.
func (r *Record) Normalize() {
	slices.SortFunc(r.Principals, func(a, b RecordedPrincipal) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(r.Accounts, func(a, b RecordedAccount) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	r.Principals, r.Accounts = slices.Compact(r.Principals), slices.Compact(r.Accounts)
}

// Equal says that two records say the same, the plans' ids among it.
func (r Recorded) Equal(o Recorded) bool {
	return r.There == o.There && r.mark == o.mark && r.targets == o.targets && slices.Equal(r.Plans, o.Plans) && r.principalCount == o.principalCount &&
		r.principalDigest == o.principalDigest && r.accountDigest == o.accountDigest && slices.Equal(r.accountBuckets, o.accountBuckets) && maps.Equal(r.principals, o.principals) && maps.Equal(r.accounts, o.accounts)
}
