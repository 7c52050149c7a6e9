package access

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
)

// Where a set has more accounts than a record has room for, their names are spread
// over buckets by their hashes. Of each bucket the record has one hash of its names
// and one of the names with what they meant: as long as the config has the same
// names in it, it can be told whether one of them leads elsewhere.
const (
	bucketsPerTag = MaxTagValue / accountPairLength
	recordBuckets = (recordAccountTags - 1) * bucketsPerTag // the first tag has the digest of all
)

func bucketOf(name string) int {
	sum := sha256.Sum256([]byte("bucket\x00" + name))
	return int(binary.BigEndian.Uint32(sum[:4]) % recordBuckets)
}

func bucketNames(names []string) string {
	slices.Sort(names)
	return nameHash(accountPairLength/2, append([]string{"names"}, names...)...)
}

func bucketMeaning(pairs []string) string {
	slices.Sort(pairs)
	return nameHash(accountPairLength/2, append([]string{"pairs"}, pairs...)...)
}

// bucketTags returns the buckets of all accounts of a record.
func (r Record) bucketTags() []Tag {
	var names, pairs [recordBuckets][]string
	var kept, text [recordBuckets]string
	for _, a := range r.Accounts {
		i := bucketOf(a.Name)
		names[i] = append(names[i], AccountKey(a.Name))
		pairs[i] = append(pairs[i], AccountKey(a.Name)+cmp.Or(a.Mark, AccountIDMark(a.ID)))
		kept[i] = cmp.Or(kept[i], a.Bucket)
	}
	for i := range text {
		text[i] = cmp.Or(kept[i], bucketNames(names[i])+bucketMeaning(pairs[i]))
	}
	var tags []Tag
	for part := range slices.Chunk(text[:], bucketsPerTag) {
		tags = append(tags, Tag{recordAccounts + strconv.Itoa(len(tags)+2), strings.Join(part, "")})
	}
	return tags
}

// parseBuckets reads the buckets of a record; one of an earlier version has none.
func (r *Recorded) parseBuckets(tags []Tag) {
	var all []string
	for i := 2; i <= recordAccountTags; i++ {
		for value := tagValue(tags, recordAccounts+strconv.Itoa(i)); len(value) >= accountPairLength; value = value[accountPairLength:] {
			all = append(all, value[:accountPairLength])
		}
	}
	if len(all) == recordBuckets {
		r.accountBuckets = all
	}
}

// AccountBucket returns what a record without room has of an account's name, to be
// kept as it is while the name leads nowhere; "" where it has nothing.
func (r Recorded) AccountBucket(name string) string {
	if r.accountBuckets == nil {
		return ""
	}
	return r.accountBuckets[bucketOf(name)]
}

// Moved returns those of the accounts that a set has by now of which one leads
// elsewhere than when the record was written, as far as a record without room can
// tell: it had the same names in the bucket. An account without an id leads
// nowhere, and nothing is said of its bucket.
func (r Recorded) Moved(now []RecordedAccount) []RecordedAccount {
	if r.accountBuckets == nil {
		return nil
	}
	buckets := map[int][]RecordedAccount{}
	for _, a := range now {
		i := bucketOf(a.Name)
		buckets[i] = append(buckets[i], a)
	}
	var out []RecordedAccount
	for i, accounts := range buckets {
		var names, pairs []string
		for _, a := range accounts {
			names, pairs = append(names, AccountKey(a.Name)), append(pairs, AccountKey(a.Name)+AccountIDMark(a.ID))
		}
		open := slices.ContainsFunc(accounts, func(a RecordedAccount) bool { return a.ID == "" })
		if same := bucketNames(names) + bucketMeaning(pairs); !open && same[:accountPairLength/2] == r.accountBuckets[i][:accountPairLength/2] && same != r.accountBuckets[i] {
			out = append(out, accounts...)
		}
	}
	return out
}
