package emulator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

func TestEstatesThatContradictThemselves(t *testing.T) {
	for text, want := range map[string]string{
		`{"organisation":{}}`:         "organisation",
		`{} {}`:                       "more than one JSON value",
		`{"accounts":[{"name":"a"}]}`: "accounts without an organization",
		`{"organization":{"management":"m"},"accounts":[{"name":"a"}]}`:                                                                          `"m" is not among the accounts`,
		`{"organization":{"management":"m"},"accounts":[{"name":"m","id":"1"}]}`:                                                                 `account id "1"`,
		`{"organization":{"management":"m"},"accounts":[{"name":"m","state":"GONE"}]}`:                                                           `unknown state "GONE"`,
		`{"organization":{"management":"m"},"accounts":[{"name":"m"},{"name":"a","parent":"x"}]}`:                                                `unknown organizational unit "x"`,
		`{"users":[{"user_name":"a"},{"user_name":"A"}]}`:                                                                                        `user "A": Duplicate UserName`,
		`{"users":[{"user_name":"a","source":"LDAP"}]}`:                                                                                          `unknown source "LDAP"`,
		`{"groups":[{"display_name":"g","members":["x"]}]}`:                                                                                      `unknown member "x"`,
		`{"permission_sets":[{"name":"no blanks"}]}`:                                                                                             `"no blanks"`,
		`{"permission_sets":[{"name":"p"},{"name":"p"}]}`:                                                                                        "already exists",
		`{"permission_sets":[{"name":"p","arn":"arn"}]}`:                                                                                         `permission set ARN "arn"`,
		`{"assignments":[{"permission_set":"p","accounts":[]}]}`:                                                                                 `unknown permission set "p"`,
		`{"permission_sets":[{"name":"p"}],"assignments":[{"permission_set":"p","accounts":[]}]}`:                                                "no group, user or principal id",
		`{"permission_sets":[{"name":"p"}],"groups":[{"display_name":"g"}],"assignments":[{"permission_set":"p","accounts":["x"],"group":"g"}]}`: `unknown account "x"`,
		`{"instances":[{"arn":"x"}]}`:                                                                                                            `instance ARN "x"`,
		`{"callers":[{}]}`:                                                                                                                       "without an access key",
		`{"applications":[{"name":"a","groups":["x"]}]}`:                                                                                         `unknown group "x"`,
	} {
		e, err := emulator.ReadEstate(strings.NewReader(text))
		if err == nil {
			_, err = emulator.New(emulator.Options{Estate: e})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q in it", text, err, want)
		}
	}
}

// TestDefaultEstateSurvivesJSON: what is written is what is read.
func TestDefaultEstateSurvivesJSON(t *testing.T) {
	text, err := json.Marshal(emulator.DefaultEstate())
	if err != nil {
		t.Fatal(err)
	}
	got, err := emulator.ReadEstate(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(emulator.DefaultEstate(), got); diff != "" {
		t.Errorf("estate (-written +read):\n%s", diff)
	}
}

// TestEstateOfTheREADME builds what the README shows.
func TestEstateOfTheREADME(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```json\n(.*?)```").FindSubmatch(readme)
	estate, err := emulator.ReadEstate(bytes.NewReader(block[1]))
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, emulator.Options{Estate: estate})
	if got := c.State().Instances[0].Assignments; len(got) != 1 || got[0].Principal != "Admins" {
		t.Errorf("assignments = %+v", got)
	}
}

// TestSeedDecidesEveryID: the same seed yields the same ids, another other ones.
func TestSeedDecidesEveryID(t *testing.T) {
	one, again, other := start(t, emulator.Options{Seed: 1}), start(t, emulator.Options{Seed: 1}), start(t, emulator.Options{Seed: 2})
	for _, c := range []*cloud{one, again, other} {
		c.set(t, "Developers")
	}
	if diff := cmp.Diff(one.State(), again.State()); diff != "" {
		t.Errorf("the same seed:\n%s", diff)
	}
	if one.State().Instances[0].ARN == other.State().Instances[0].ARN {
		t.Error("another seed made the same instance")
	}
}
