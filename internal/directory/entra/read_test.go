package entra

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

func TestRanSince(t *testing.T) {
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		last *run
		want bool
	}{
		"never":                {nil, false},
		"the same run":         {&run{Began: moment{at}, Ended: moment{at.Add(time.Minute)}}, false},
		"a later run":          {&run{Began: moment{at.Add(time.Minute)}, Ended: moment{at.Add(time.Hour)}}, true},
		"one before":           {&run{Began: moment{at.Add(-time.Hour)}, Ended: moment{at.Add(-time.Hour)}}, false},
		"the beginning untold": {&run{Ended: moment{at.Add(time.Hour)}}, true},
	} {
		j := job{}
		j.Status.LastSuccess = c.last
		if got := j.ranSince(at); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestStates(t *testing.T) {
	for _, c := range []struct {
		code, schedule string
		want           directory.JobState
	}{
		{"Active", "Active", directory.JobOn}, {"Active", "Paused", directory.JobPaused}, {"Paused", "Active", directory.JobPaused}, {"NotRun", "Active", directory.JobNotRun},
		{"Quarantine", "Active", directory.JobQuarantine}, {"Quarantine", "Disabled", directory.JobOff}, {"NotConfigured", "Active", directory.JobOff},
		{"Active", "Disabled", directory.JobOff}, {"unknownFutureValue", "Active", directory.JobUnclear},
	} {
		j := job{}
		j.Status.Code, j.Schedule.State = c.code, c.schedule
		if got := j.state(); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.code, c.schedule, got, c.want)
		}
	}
}

// A certificate that only verifies does not sign, and one's two keys are one
// certificate.
func TestCertificates(t *testing.T) {
	const mine, other = "p9PEYmuKhP2oaMzGfSdNQC/9ChA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
	sign, verify := key{Usage: "Sign", Type: "X509CertAndPassword", Identifier: mine}, key{Usage: "Verify", Type: "AsymmetricX509Cert", Identifier: mine}
	alone := key{Usage: "Verify", Type: "AsymmetricX509Cert", Identifier: other}
	odd := key{Usage: "Verify", Type: "AsymmetricX509Cert", Identifier: "b2Rk"}
	const preferred = "A7D3C4626B8A84FDA868CCC67D274D402FFD0A10"
	for name, c := range map[string]struct {
		keys           []key
		thumbprint     string
		inUse, perhaps []bool
	}{
		"a pair and one that only verifies": {[]key{alone, verify, sign}, "", []bool{true}, []bool{false}},
		"the private key alone":             {[]key{sign}, preferred, []bool{true}, []bool{false}},
		"public keys alone":                 {[]key{verify, alone}, preferred, []bool{true, false}, []bool{false, false}},
		"the preferred one is not there":    {[]key{alone}, preferred, []bool{false}, []bool{false}},
		"an identifier of another kind":     {[]key{alone, odd}, preferred, []bool{false, false}, []bool{false, true}},
		"a key for something else":          {[]key{{Usage: "Encrypt", Type: "AsymmetricX509Cert", Identifier: mine}}, preferred, nil, nil},
	} {
		var inUse, perhaps []bool
		for _, cert := range (application{Keys: c.keys, Thumbprint: c.thumbprint}).certificates() {
			inUse, perhaps = append(inUse, cert.InUse), append(perhaps, cert.Perhaps)
		}
		if !slices.Equal(inUse, c.inUse) || !slices.Equal(perhaps, c.perhaps) {
			t.Errorf("%s: in use %t, perhaps %t", name, inUse, perhaps)
		}
	}
}

func TestSchema(t *testing.T) {
	var s schema
	if err := json.Unmarshal([]byte(`{"synchronizationRules":[{"objectMappings":[
		{"enabled":true,"sourceObjectName":"User","flowTypes":"Add","scope":{"groups":[
			{"clauses":[{"sourceOperandName":"department","operatorName":"EQUALS","targetOperand":{"values":["A","B"]}}]},
			{"clauses":[{"sourceOperandName":"jobTitle","operatorName":"IS NOT NULL","targetOperand":null}]},
			{"clauses":[]}]},
		 "attributeMappings":[
			{"targetAttributeName":"userName","source":{"type":"Attribute","name":"mail","expression":"[mail]"}},
			{"targetAttributeName":"emails[type eq \"work\"].value","source":{"type":"Attribute","name":"mail"}},
			{"targetAttributeName":"emails[type eq \"work\"].value","source":{"type":"Attribute","name":"otherMails"}},
			{"targetAttributeName":"title","source":null,"defaultValue":"Staff"}]},
		{"enabled":false,"sourceObjectName":"User","flowTypes":"Add, Update","attributeMappings":[
			{"targetAttributeName":"userName","source":{"type":"Attribute","name":"mailNickname"}}]}]}]}`), &s); err != nil {
		t.Fatal(err)
	}
	var p directory.Provisioning
	s.describe(&p)
	if p.UserNameFrom != "mail" || p.Updates || p.Groups != "" || !slices.Equal(p.Filters, []string{"users: department EQUALS A or B, or jobTitle IS NOT NULL"}) || len(p.Clashes) != 1 {
		t.Errorf("%+v", p)
	}
	n := s.naming()
	if name, otherwise, _ := n.name(object{UserPrincipalName: "a@x", Mail: "b@x", Nickname: "c"}); name != "b@x" || otherwise != nil {
		t.Errorf("%q, otherwise %q", name, otherwise)
	}
	if title, ok := n.value("title", object{}); title != "Staff" || !ok {
		t.Errorf("title %q", title)
	}
	if unfit := n.unfit(object{ID: "1"}); unfit != nil { // Graph showed no more than the id
		t.Errorf("%q", unfit)
	}
}
