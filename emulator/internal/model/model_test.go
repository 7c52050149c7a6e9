package model

import (
	"regexp"
	"strings"
	"testing"
)

func TestLookups(t *testing.T) {
	for _, want := range []struct{ target, service, operation string }{
		{"SWBExternalService", "sso-admin", "CreatePermissionSet"},
		{"AWSIdentityStore", "identitystore", "IsMemberInGroups"},
		{"AWSOrganizationsV20161128", "organizations", "ListAccounts"},
	} {
		s, ok := ByTargetPrefix(want.target)
		if !ok || s.Name != want.service {
			t.Fatalf("ByTargetPrefix(%q) = %v, %v", want.target, s, ok)
		}
		op, ok := s.Operation(want.operation)
		if !ok || op.Target != want.target+"."+want.operation {
			t.Errorf("%s: operation %q has target %q", s.Name, want.operation, op.Target)
		}
	}
	if s, ok := ByVersion("2011-06-15"); !ok || s.Name != "sts" {
		t.Errorf("ByVersion found %v, want sts", s)
	}
	if _, ok := ByTargetPrefix(""); ok {
		t.Error("an empty target names a service")
	}
	if s, _ := Lookup("sso-admin"); s == nil {
		t.Error("sso-admin is not there")
	} else if _, ok := s.Operation("CreateApplication"); ok {
		t.Error("an operation that is not served was found")
	}
}

func TestIdentityStoreIsComplete(t *testing.T) {
	if s, ok := Lookup("identitystore"); !ok || len(s.Operations) != 19 {
		t.Errorf("identitystore is %+v, AWS has 19 operations", s)
	}
}

func TestTableIsSound(t *testing.T) {
	for _, s := range Services() {
		for _, op := range s.Operations {
			if op.Service != s.Name || op.Input == nil || op.Output == nil {
				t.Errorf("%s.%s: its service, input or output is missing", s.Name, op.Name)
			}
			if s.Protocol == JSON && len(op.Errors) == 0 {
				t.Errorf("%s.%s: no errors", s.Name, op.Name)
			}
			if p := op.Paginator; p != nil {
				_, in := op.Input.Member(p.InputToken)
				_, result := op.Output.Member(p.ResultKey)
				if !in || !result {
					t.Errorf("%s.%s: its paginator names members that are not there: %+v", s.Name, op.Name, p)
				}
			}
		}
	}
}

var (
	escapes = regexp.MustCompile(`\\(p\{\w+\}|.)`)
	classes = regexp.MustCompile(`\[[^\]]*\]`)
)

func TestEveryPatternCompiles(t *testing.T) {
	n := 0
	for pattern, m := range matchers() {
		n++
		if len(m) == 2 && !strings.HasPrefix(pattern, `(-?)P(?=\d|T\d)`) {
			t.Errorf("splitting the lookahead of %q is not known to be exact", pattern)
		}
		bare := classes.ReplaceAllString(escapes.ReplaceAllString(pattern, "x"), "x")
		for _, construct := range []string{"(?!", "(?<", "*+", "++", "?+", "}+"} {
			if strings.Contains(bare, construct) {
				t.Errorf("pattern %q uses %q, which RE2 lacks or reads otherwise", pattern, construct)
			}
		}
		if strings.Contains(pattern, "&&") {
			t.Errorf("pattern %q may intersect classes, which RE2 cannot", pattern)
		}
	}
	if n < 40 {
		t.Errorf("compiled %d patterns, the models have more", n)
	}
}
