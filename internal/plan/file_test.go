package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

func TestPlanSurvivesJSON(t *testing.T) {
	live := newWorld().account("dev").group("Old", "me").user("jane").set("Old", "me").assign("Old", "dev", "Old").orphan("Old", "dev", "g-x").state()
	renamed := spec("New", "dev", "gone")
	renamed.Previously, renamed.Members = text("Old"), texts("jane")
	want := internal([]access.UserSpec{{Email: text("j@x")}}, renamed)
	p := Diff(&want, &live, options(access.BuiltIn))
	var one, two bytes.Buffer
	file := File{ID: "0123456789abcdef", Made: "2026-11-25T12:00:00Z", Config: "access", Flags: []string{"--deep=true"}, Plan: p}
	if err := file.Encode(&one); err != nil {
		t.Fatal(err)
	}
	again, err := DecodeFile(bytes.NewReader(one.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if differences, err := Differences(p.Changes, again.Plan.Changes); err != nil || len(differences) > 0 {
		t.Errorf("the plan differs from itself: %v, %v", differences, err)
	}
	if err := again.Encode(&two); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one.String(), two.String()); diff != "" {
		t.Errorf("written, read and written again (-first +second):\n%s", diff)
	}
	for _, bad := range []string{"", "{}", `{"file_version":2}`, `{"file_version":2,"unknown":1}`, `{"file_version":3}`} {
		if _, err := DecodeFile(strings.NewReader(bad)); err == nil {
			t.Errorf("DecodeFile(%q) finds nothing wrong", bad)
		}
	}
	if _, err := DecodeFile(strings.NewReader(`{"format_version":1,"owner":"me","changes":[]}`)); !errors.Is(err, ErrOldFile) {
		t.Errorf("a file of the first version: %v", err)
	}
}

// An approval that was edited is none, whatever was edited in it.
func TestEditedFile(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("Team", "").group("Eve", "").state()
	want := external(spec("Team", "dev"))
	var text bytes.Buffer
	made := "2026-11-25T12:00:00Z"
	if err := (File{ID: "0123456789abcdef", Made: made, Plan: Diff(&want, &live, options(access.SCIM))}).Encode(&text); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`"group_id": "g-Team"`: `"group_id": "g-Eve"`, `"account": "` + accountID(live, "dev"): `"account": "` + accountID(live, "prod"),
		"2026-11-25": "2026-11-26", "0123456789abcdef": "0123456789abcdee",
	} {
		edited := strings.ReplaceAll(text.String(), from, to)
		if edited == text.String() {
			t.Fatalf("the file has no %s", from)
		}
		if _, err := DecodeFile(strings.NewReader(edited)); err == nil {
			t.Errorf("%s as %s: nothing is wrong", from, to)
		}
	}
}

func TestDifferencesBetweenPlans(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("Team", "").state()
	then, now := external(spec("Team", "dev")), external(spec("Team", "prod"))
	one, two := Diff(&then, &live, options(access.SCIM)), Diff(&now, &live, options(access.SCIM))
	got, err := Differences(one.Changes, two.Changes)
	if err != nil {
		t.Fatal(err)
	}
	want := []Difference{
		{ID: "permission_set_record.update set=Team", Then: true, Now: true},
		{ID: ID("account_assignment.create set=Team account=" + accountID(live, "dev") + " group=Team"), Then: true},
		{ID: ID("account_assignment.create set=Team account=" + accountID(live, "prod") + " group=Team"), Now: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A digest that fits makes neither another format nor a broken order readable.
func TestFilesOfOthersAreRefused(t *testing.T) {
	live := newWorld().account("dev").user("jane").state()
	team := spec("Team", "dev")
	team.Members = texts("jane")
	want := internal([]access.UserSpec{{Username: text("jane"), DisplayName: text("jane")}}, team)
	for name, edit := range map[string]func(*File){
		"":                                     func(*File) {},
		"a newer version":                      func(f *File) { f.FileVersion = FileVersion + 1 },
		"a change before what it waits for":    func(f *File) { slices.Reverse(f.Plan.Changes) },
		"a change under the name of another":   func(f *File) { f.Plan.Changes[0].ID = "group.create group=Eve" },
		"a change that waits for what is not":  func(f *File) { f.Plan.Changes[0].DependsOn = []ID{"group.create group=Eve"} },
		"a plan of a format that is not known": func(f *File) { f.Plan.FormatVersion++ },
	} {
		f := File{FileVersion: FileVersion, ID: "0123456789abcdef", Made: "2026-11-25T12:00:00Z", Plan: Diff(&want, &live, options(access.BuiltIn))}
		edit(&f)
		var err error
		if f.Digest, err = f.DigestNow(); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeFile(bytes.NewReader(text)); err == nil != (name == "") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
