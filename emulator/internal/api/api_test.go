package api

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func TestSessionDurations(t *testing.T) {
	for text, want := range map[string]string{
		"": "PT1H", "PT1H": "PT1H", "PT60M": "PT60M", "PT12H": "PT12H", "PT3600S": "PT3600S", "P0DT2H": "P0DT2H",
		"PT59M": "refused", "PT13H": "refused", "P1D": "refused", "PT0S": "refused", "P1Y": "refused", "PT999999999999H": "refused",
		"PT12H1S": "refused",
	} {
		got, err := sessionDuration(Args{"SessionDuration": text})
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("%q = %s, want %s", text, got, want)
		}
	}
}

func TestInlinePolicies(t *testing.T) {
	for document, ok := range map[string]bool{
		`{"Version":"2012-10-17","Statement":[]}`: true,
		`{"Statement":{}}`:                        true,
		`{"Statement":"x"}`:                       false,
		`{}`:                                      false,
		`[]`:                                      false,
		`{"Statement":[]`:                         false,
	} {
		if got := !invalidPolicy(document); got != ok {
			t.Errorf("%s: ok = %v, want %v", document, got, ok)
		}
	}
	if got := nonBlank(" {\t\"a\":\r\n 1}"); got != 7 {
		t.Errorf("bytes without white space = %d, want 7", got)
	}
}

// call is a list request as far as tokens go.
func call(service, operation string, in Args) *Call {
	s, _ := model.Lookup(service)
	op, _ := s.Operation(operation)
	return &Call{Store: store.New(store.Settings{Seed: 1}), Op: op, In: in}
}

func TestTokensBelongToTheirList(t *testing.T) {
	const one, two = "arn:aws:sso:::instance/ssoins-0000000000000001", "arn:aws:sso:::instance/ssoins-0000000000000002"
	token := call("sso-admin", "ListPermissionSets", Args{"InstanceArn": one}).token(42)
	if strings.Contains(token, "42") {
		t.Errorf("token %s is not opaque", token)
	}
	with := func(operation, instance string, size any) *Call {
		return call("sso-admin", operation, Args{"InstanceArn": instance, "NextToken": token, "MaxResults": size})
	}
	if at, err := with("ListPermissionSets", one, "7").position(); err != nil || at != 42 {
		t.Errorf("position = %d, %v; want 42 whatever the page size", at, err)
	}
	for what, c := range map[string]*Call{
		"another operation": with("ListPermissionSetProvisioningStatus", one, nil), "another instance": with("ListPermissionSets", two, nil),
	} {
		if _, err := c.position(); err == nil {
			t.Errorf("the token was taken for %s", what)
		}
	}
}

func TestTimesAreSecondsWithMilliseconds(t *testing.T) {
	if got := epoch(time.Unix(1650989104, 461_700_000)); got != "1650989104.461" {
		t.Errorf("time = %s", got)
	}
	if got := epoch(time.Unix(1650989104, 0)); got != "1650989104" {
		t.Errorf("time = %s", got)
	}
}

// TestListOfPoliciesIsSorted: it is searched by halves.
func TestListOfPoliciesIsSorted(t *testing.T) {
	lines := policyLines()
	for n, line := range lines[1:] {
		if lines[n] >= line {
			t.Errorf("%q comes after %q", line, lines[n])
		}
	}
	c := &Call{Store: store.New(store.Settings{})}
	for arn, want := range map[string]bool{
		"arn:aws:iam::aws:policy/AdministratorAccess":                      true,
		"arn:aws:iam::aws:policy/job-function/ViewOnlyAccess":              true,
		"arn:aws:iam::aws:policy/ViewOnlyAccess":                           false, // has a path
		"arn:aws:iam::aws:policy/AdministratorAcces":                       false,
		"arn:aws:iam::aws:policy/aws-service-role/AWSSSOServiceRolePolicy": false, // for service-linked roles
		"arn:aws-cn:iam::aws:policy/AdministratorAccess":                   false, // another partition
		"arn:aws:iam::111122223333:policy/AdministratorAccess":             false,
	} {
		if got := c.knownPolicy(arn); got != want {
			t.Errorf("%s can be attached = %v, want %v", arn, got, want)
		}
	}
}

func TestActionsMatchLikeIAM(t *testing.T) {
	for _, tt := range []struct {
		pattern, action string
		want            bool
	}{
		{"*", "sso:CreatePermissionSet", true}, {"sso:*", "sso:ListInstances", true}, {"sso:Create*", "sso:DeletePermissionSet", false},
		{"SSO:createpermissionset", "sso:CreatePermissionSet", true}, {"identitystore:*", "sso:ListInstances", false},
	} {
		if got := matches([]string{tt.pattern}, tt.action); got != tt.want {
			t.Errorf("%s and %s = %v", tt.pattern, tt.action, got)
		}
	}
}

// TestHandlersAndModelAgree: each operation of the table has its handler.
func TestHandlersAndModelAgree(t *testing.T) {
	want := map[string]bool{}
	for _, s := range model.Services() {
		for _, op := range s.Operations {
			want[op.Service+"."+op.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(handlers)) {
		if !want[name] {
			t.Errorf("%s has a handler and is not in the table", name)
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s has no handler", name)
	}
}
