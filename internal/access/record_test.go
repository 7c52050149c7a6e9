package access

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// legalTagValue is sso-admin's TagValue (service model).
var legalTagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$`)

func drawRecord(t *rapid.T, most int) Record {
	var r Record
	for i := range rapid.IntRange(0, most).Draw(t, "principals") {
		kind := rapid.SampledFrom([]PrincipalKind{GroupPrincipal, UserPrincipal}).Draw(t, "kind")
		r.Principals = append(r.Principals, RecordedPrincipal{Kind: kind, Name: fmt.Sprintf("Équipe %d", i), ID: fmt.Sprintf("9067%06d-1111-2222-3333-4444%08d", i, i)})
	}
	for i := range rapid.IntRange(0, 8*most).Draw(t, "accounts") {
		r.Accounts = append(r.Accounts, RecordedAccount{Name: fmt.Sprintf("account %d", i), ID: fmt.Sprintf("%012d", i)})
	}
	r.Plans = rapid.SliceOfN(rapid.SampledFrom([]string{"p1234", "0123456789abcdef"}), 0, MaxRecordedPlans).Draw(t, "plans")
	r.Normalize()
	return r
}

func TestWhatARecordRemembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, r := drawRecord(t, 60), drawRecord(t, 60)
		tags := map[string]string{}
		for _, version := range []Record{before, r} { // TagResource writes over what is there and removes nothing
			for _, tag := range version.Tags("me", "arn:1") {
				tags[tag.Key] = tag.Value
			}
		}
		if len(tags) > 15 {
			t.Fatalf("%d tags", len(tags))
		}
		var list []Tag
		for k, v := range tags {
			if !legalTagValue.MatchString(v) {
				t.Fatalf("AWS does not take %q", v)
			}
			list = append(list, Tag{k, v})
		}
		got := ParseRecord(list)
		if !got.FitsSet("me", "arn:1") || got.FitsSet("me", "arn:2") || got.FitsSet("you", "arn:1") || !slices.Equal(got.Plans, r.Plans) {
			t.Fatalf("the record of %+v reads as %+v", r, got)
		}
		if !got.Same(r, "me", "arn:1") || !got.Covers(r, "me", "arn:1") || got.Same(r, "me", "arn:2") {
			t.Fatalf("the record of %+v is not the same as itself: %+v", r, got)
		}
		if got.PrincipalsFit() {
			for _, p := range r.Principals {
				if id, known := got.PrincipalID(p.Kind, p.Name); !known || id != p.ID || !got.KnowsID(p.ID) {
					t.Fatalf("%q meant %q, %v", p.Name, id, known)
				}
			}
			if _, known := got.PrincipalID(GroupPrincipal, "somebody"); known {
				t.Fatal("a name is known that was never recorded")
			}
		}
		if got.AccountsFit() {
			for _, a := range r.Accounts {
				if same, known := got.AccountIs(a.Name, a.ID); !same || !known {
					t.Fatalf("account %q: %v, %v", a.Name, same, known)
				}
			}
		}
	})
}

func TestARecordCoversWhatGrewAndNotWhatShrankOrMoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t, 6)
		r.Principals = append(r.Principals, RecordedPrincipal{Kind: GroupPrincipal, Name: "Team", ID: "old"})
		r.Accounts = append(r.Accounts, RecordedAccount{Name: "prod", ID: "111122223333"})
		got := ParseRecord(r.Tags("me", "arn"))
		grown := r
		grown.Principals = append(append([]RecordedPrincipal{}, r.Principals...), RecordedPrincipal{Kind: GroupPrincipal, Name: "New", ID: "new"})
		if !got.Covers(grown, "me", "arn") || got.Same(grown, "me", "arn") {
			t.Fatal("a further group is no growth")
		}
		at := len(r.Principals) - 1
		for name, change := range map[string]func(*Record){
			"a principal leaves":            func(r *Record) { r.Principals = r.Principals[:at] },
			"a name leads to another id":    func(r *Record) { r.Principals[at].ID = "other" },
			"an account leaves":             func(r *Record) { r.Accounts = r.Accounts[:len(r.Accounts)-1] },
			"an account's name leads away":  func(r *Record) { r.Accounts[len(r.Accounts)-1].ID = "444455556666" },
			"what is missing has no id yet": func(r *Record) { r.Principals[at].ID = "" },
		} {
			other := Record{Principals: append([]RecordedPrincipal{}, r.Principals...), Accounts: append([]RecordedAccount{}, r.Accounts...)}
			change(&other)
			if got.Covers(other, "me", "arn") || got.Same(other, "me", "arn") {
				t.Errorf("%s: the record covers it", name)
			}
		}
	})
}

// Of names for which a record had no room it covers exactly what it was written
// for.
func TestARecordWithoutRoomCoversOnlyItself(t *testing.T) {
	var r Record
	for i := range 600 {
		r.Principals = append(r.Principals, RecordedPrincipal{Kind: GroupPrincipal, Name: fmt.Sprintf("group %d", i), ID: fmt.Sprintf("11111111-2222-3333-4444-%012d", i)})
		r.Accounts = append(r.Accounts, RecordedAccount{Name: fmt.Sprintf("account %d", i), ID: fmt.Sprintf("%012d", i)})
	}
	r.Normalize()
	got := ParseRecord(r.Tags("me", "arn"))
	if got.PrincipalsFit() || got.AccountsFit() || !got.Covers(r, "me", "arn") {
		t.Fatalf("600 names fit, or are not covered: %+v", got)
	}
	for name, change := range map[string]func(*Record){
		"a name leads to another id": func(r *Record) { r.Principals[7].ID = "other" },
		"a further principal": func(r *Record) {
			r.Principals = append(r.Principals, RecordedPrincipal{Kind: GroupPrincipal, Name: "new", ID: "new"})
		},
		"an account's name leads away":    func(r *Record) { r.Accounts[7].ID = "444455556666" },
		"an account leaves, of very many": func(r *Record) { r.Accounts = r.Accounts[:len(r.Accounts)-1] },
	} {
		other := Record{Principals: append([]RecordedPrincipal{}, r.Principals...), Accounts: append([]RecordedAccount{}, r.Accounts...)}
		change(&other)
		if got.Covers(other, "me", "arn") || got.Same(other, "me", "arn") {
			t.Errorf("%s: the record covers it", name)
		}
	}
}
