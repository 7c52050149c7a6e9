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
				if id, known := got.PrincipalID(p.Kind, p.Name); !known || !MeansPrincipal(id, p.ID) || !got.KnowsID(p.ID) {
					t.Fatalf("%q meant %q, %v", p.Name, id, known)
				}
			}
			if _, known := got.PrincipalID(GroupPrincipal, "somebody"); known {
				t.Fatal("a name is known that was never recorded")
			}
		}
		if got.AccountsFit() {
			for _, a := range r.Accounts {
				if mark := got.AccountMark(a.Name); mark != AccountIDMark(a.ID) {
					t.Fatalf("account %q: %q", a.Name, mark)
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

// Ids are whole as long as there is room, and marks beyond it, up to 200
// principals.
func TestARecordShortensIDsBeforeItForgetsThem(t *testing.T) {
	for n, want := range map[int]struct{ whole, fit bool }{32: {true, true}, 33: {false, true}, 200: {false, true}, 201: {false, false}} {
		var r Record
		for i := range n {
			r.Principals = append(r.Principals, RecordedPrincipal{Kind: GroupPrincipal, Name: fmt.Sprintf("group %d", i), ID: fmt.Sprintf("9067%06d-1111-2222-3333-4444%017d", i, i)})
		}
		r.Normalize()
		tags := r.Tags("me", "arn")
		got := ParseRecord(tags)
		if got.PrincipalsFit() != want.fit || len(tags) > 9 {
			t.Fatalf("%d principals: %d tags, fit %v", n, len(tags), got.PrincipalsFit())
		}
		for _, tag := range tags {
			if !legalTagValue.MatchString(tag.Value) {
				t.Fatalf("AWS does not take %q", tag.Value)
			}
		}
		for _, p := range r.Principals {
			id, known := got.PrincipalID(p.Kind, p.Name)
			if !got.MayMean(p.Kind, p.Name, p.ID) || got.MayMean(p.Kind, p.Name, "other") == want.fit || got.MayMean(p.Kind, "other", p.ID) == want.fit {
				t.Fatalf("%d principals: what %q may mean", n, p.Name)
			}
			if known != want.fit || want.fit && (want.whole != (id == p.ID) || !MeansPrincipal(id, p.ID) || MeansPrincipal(id, "other") || !got.KnowsID(p.ID)) {
				t.Fatalf("%d principals: %q meant %q, %v", n, p.Name, id, known)
			}
		}
	}
}

// One that outgrows the room for whole ids, or shrinks again, covers what it
// covered.
func TestARecordInShortCoversWhatItIsInWhole(t *testing.T) {
	var r Record
	for i := range 60 {
		r.Principals = append(r.Principals, RecordedPrincipal{Kind: GroupPrincipal, Name: fmt.Sprintf("group %d", i), ID: fmt.Sprintf("9067%06d-1111-2222-3333-44440%06d", i, i)})
	}
	few := Record{Principals: r.Principals[:20]}
	if whole := ParseRecord(few.Tags("me", "arn")); !whole.Covers(r, "me", "arn") || whole.Same(r, "me", "arn") {
		t.Error("what grew is not covered")
	}
	// What is known in short only is kept so.
	short := ParseRecord(r.Tags("me", "arn"))
	id, _ := short.PrincipalID(GroupPrincipal, "group 7")
	few.Principals = []RecordedPrincipal{{Kind: GroupPrincipal, Name: "group 7", ID: id}}
	got := ParseRecord(few.Tags("me", "arn"))
	if again, known := got.PrincipalID(GroupPrincipal, "group 7"); !known || !MeansPrincipal(again, r.Principals[7].ID) || MeansPrincipal(again, r.Principals[8].ID) || !got.Covers(r, "me", "arn") {
		t.Errorf("it became %q, %v", again, known)
	}
	moved := Record{Principals: slices.Clone(r.Principals)}
	moved.Principals[7].ID = "other"
	if got.Covers(moved, "me", "arn") || short.Covers(moved, "me", "arn") {
		t.Error("a name that leads elsewhere is covered")
	}
}

// Of accounts for which it has no room, a record tells that one leads elsewhere as
// long as the config has the same names beside it.
func TestARecordWithoutRoomTellsOfMostAccounts(t *testing.T) {
	var r Record
	for i := range 900 {
		r.Accounts = append(r.Accounts, RecordedAccount{Name: fmt.Sprintf("account %d", i), ID: fmt.Sprintf("%012d", i)})
	}
	tags := r.Tags("me", "arn")
	for _, tag := range tags {
		if !legalTagValue.MatchString(tag.Value) {
			t.Fatalf("AWS does not take %q", tag.Value)
		}
	}
	got := ParseRecord(tags)
	if moved := got.Moved(r.Accounts); got.AccountsFit() || len(tags) > 15 || len(moved) > 0 {
		t.Fatalf("%d tags; as it was: %v", len(tags), moved)
	}
	swapped, more, missing := slices.Clone(r.Accounts), slices.Clone(r.Accounts), slices.Clone(r.Accounts)
	swapped[7].ID, swapped[8].ID = swapped[8].ID, swapped[7].ID
	moved := got.Moved(swapped)
	if !slices.Contains(moved, swapped[7]) || !slices.Contains(moved, swapped[8]) || len(moved) > 40 {
		t.Errorf("two names swapped: %v", moved)
	}
	more = append(more, RecordedAccount{Name: "new", ID: "999999999999"})
	if moved := got.Moved(more); len(moved) > 0 {
		t.Errorf("a new name: %v", moved)
	}
	// One that is missing stays as it was.
	missing[7].ID = ""
	if moved := got.Moved(missing); len(moved) > 0 {
		t.Errorf("a missing name: %v", moved)
	}
	missing[7].Bucket = got.AccountBucket(missing[7].Name)
	next := ParseRecord(Record{Accounts: missing}.Tags("me", "arn"))
	if moved := next.Moved(r.Accounts); len(moved) > 0 {
		t.Errorf("a name that was missing and is back: %v", moved)
	}
	missing[7] = RecordedAccount{Name: missing[7].Name, ID: "999999999999"}
	if moved := next.Moved(missing); !slices.Contains(moved, missing[7]) {
		t.Errorf("who took a name that was missing: %v", moved)
	}
}

// Records of earlier versions are read as they were written.
func TestARecordOfAnEarlierVersion(t *testing.T) {
	mark := "1 " + recordMark("me", "arn") + " 0123456789abcdef "
	whole := ParseRecord([]Tag{{RecordTag, mark + "p1 a1 plan1"}, {"rolecall:principals-1", "gC9Fw0g+Y=9067-1"}, {"rolecall:accounts-1", "abcdEFGH"}})
	if !whole.FitsSet("me", "arn") || !whole.KnowsID("9067-1") || !whole.PrincipalsFit() || !slices.Equal(whole.Plans, []string{"plan1"}) {
		t.Errorf("read as %+v", whole)
	}
	digest := ParseRecord([]Tag{{RecordTag, mark + "p90 a0"}, {"rolecall:principals-1", "@00112233445566778899aabbccddeeff"}})
	if !digest.FitsSet("me", "arn") || digest.PrincipalsFit() {
		t.Errorf("read as %+v", digest)
	}
}
