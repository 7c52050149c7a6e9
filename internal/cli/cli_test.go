package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func TestExitOfErrors(t *testing.T) {
	denied := diag.Diagnostic{Severity: diag.Error, Code: identitycenter.CodeAccessDenied}
	for _, c := range []struct {
		err  error
		want ExitCode
	}{
		{errors.New("anything"), Failed},
		{fmt.Errorf("read: %w", context.Canceled), Interrupted},
		{fmt.Errorf("read: %w", denied), NoCredentials},
		{diag.Diagnostic{Severity: diag.Error, Code: identitycenter.CodeNoInstance}, Failed},
		{diag.List{denied}.Err(), NoCredentials},
	} {
		if got := exitOf(c.err); got != c.want {
			t.Errorf("exitOf(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

func TestExitOfRun(t *testing.T) {
	denied := apply.Failure{Finding: diag.Diagnostic{Code: identitycenter.CodeAccessDenied}}
	other := apply.Failure{Finding: diag.Diagnostic{Code: apply.CodeJobFailed}}
	whole, part := &plan.Plan{Changes: []plan.Change{{ID: "a", Kind: plan.Assignment}, {ID: "r", Kind: plan.Record}}}, &plan.Plan{Blocked: []plan.Blocked{{}}}
	for name, c := range map[string]struct {
		plan   *plan.Plan
		result apply.Result
		want   ExitCode
	}{
		"all done":                     {whole, apply.Result{Done: []plan.ID{"a"}}, Done},
		"nothing to do":                {whole, apply.Result{}, Done},
		"the rest is blocked":          {part, apply.Result{Done: []plan.ID{"a"}}, PartlyApplied},
		"some failed":                  {whole, apply.Result{Done: []plan.ID{"a"}, Failed: []apply.Failure{other}}, PartlyApplied},
		"some denied":                  {whole, apply.Result{Done: []plan.ID{"a"}, Failed: []apply.Failure{denied}}, PartlyApplied},
		"all denied":                   {whole, apply.Result{Failed: []apply.Failure{denied}, Left: []apply.Left{{}}}, NoCredentials},
		"all denied but a record":      {whole, apply.Result{Done: []plan.ID{"r"}, Failed: []apply.Failure{denied}}, NoCredentials},
		"all failed":                   {whole, apply.Result{Failed: []apply.Failure{other, denied}}, PartlyApplied},
		"interrupted":                  {whole, apply.Result{Left: []apply.Left{{}}, Interrupted: true}, Interrupted},
		"credentials expired meantime": {whole, apply.Result{Left: []apply.Left{{}}, Stopped: &apply.Stop{Reason: apply.StopCredentials}}, NoCredentials},
		"the lock was lost":            {whole, apply.Result{Left: []apply.Left{{}}, Stopped: &apply.Stop{Reason: apply.StopLease}}, PartlyApplied},
	} {
		if got := exitOfRun(c.plan, &c.result); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// What init writes is read back as it was given, whatever the names are.
func TestFirstConfigIsValid(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringMatching(`[a-zA-Z0-9"\\$%{} ._é-]{1,40}`).Filter(trimmed).Draw(t, "account")
		idp := rapid.StringMatching(`[a-zA-Z0-9"\\$%{} .-]{1,20}`).Filter(trimmed).Draw(t, "idp")
		setUp := rapid.SampledFrom(startingSetUps()).Draw(t, "set-up")
		file := filepath.Join(dir, "terraform.tfvars")
		if err := os.WriteFile(file, []byte(firstConfig(setUp.setUp, idp, account)), 0o600); err != nil {
			t.Fatal(err)
		}
		result, findings := config.Validate(file, config.Options{})
		if findings.HasErrors() {
			t.Fatalf("not valid: %v", findings.Err())
		}
		if got := result.Config.SetUp(); got != setUp.setUp {
			t.Fatalf("set-up %q, want %q", got, setUp.setUp)
		}
		group := append(result.Config.AccessGroups.Items, result.Config.ExternalGroups.Items...)[0]
		if got := group.AccountsNames.Items[0].Value; got != account {
			t.Fatalf("account %q, want %q", got, account)
		}
		if got := result.Config.IdPName(); setUp.idp != "" && got != idp {
			t.Fatalf("identity provider %q, want %q", got, idp)
		}
	})
}

func trimmed(s string) bool { return strings.TrimSpace(s) == s && !strings.Contains(s, "  ") }

func TestOnlyGroup(t *testing.T) {
	text := func(s string) access.Text { return access.Text{Value: s} }
	list := func(s ...string) access.List[access.Text] {
		var l access.List[access.Text]
		for _, v := range s {
			l.Items = append(l.Items, text(v))
		}
		return l
	}
	group := func(name string, members ...string) access.GroupSpec {
		return access.GroupSpec{Name: text(name), Members: list(members...)}
	}
	cfg := access.Config{RemovedUsers: list("gone")}
	cfg.AccessGroups.Items = []access.GroupSpec{group("A", "jane"), group("B", "wei")}
	for _, u := range []struct{ name, group string }{{"jane", "B"}, {"wei", "A"}, {"maria", "B"}} {
		cfg.Users.Items = append(cfg.Users.Items, access.UserSpec{Username: text(u.name), Groups: list(u.group)})
	}
	got, err := onlyGroups(cfg, []string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	var users []string
	for _, u := range got.Users.Items {
		users = append(users, fmt.Sprint(u.Username.Value, values(u.Groups)))
	}
	if diff := cmp.Diff([]string{"jane[]", "wei[A]"}, users); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	if len(got.RemovedUsers.Items) != 0 || len(cfg.Users.Items[0].Groups.Items) != 1 {
		t.Error("users are still to be removed, or the whole config was changed")
	}
	shared := group("C")
	shared.PermissionSetName, shared.AccountsNames = text("A"), list("dev")
	cfg.AccessGroups.Items = append(cfg.AccessGroups.Items, shared)
	if _, err := onlyGroups(cfg, []string{"A", "D"}); len(diag.FromError(err)) != 1 {
		t.Errorf("a group that is not there: %v, want a finding", err)
	}
	for _, names := range [][]string{{"A"}, {"A", "B"}, {"A", "C"}} {
		part, err := onlyGroups(cfg, names)
		if err != nil || len(part.AccessGroups.Items) != len(names) {
			t.Fatalf("%v: %v, %v", names, part.AccessGroups.Items, err)
		}
		scope := scopeOf(part, cfg)
		shares := []string{"C"}
		if names[len(names)-1] == "C" {
			shares = nil
		}
		if diff := cmp.Diff(names, scope.Groups); diff != "" || !scope.Only || !slices.Equal(scope.Sharing["A"], shares) || len(scope.SharingIn["A"]) != len(shares) {
			t.Errorf("%v: scope %+v", names, scope)
		}
	}
}

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "plan")
	p := &plan.Plan{FormatVersion: plan.FormatVersion}
	if err := writeFile(name, p.Encode); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want mode 0600", info, err)
	}
	before, _ := os.ReadFile(name)
	failure := errors.New("half of it")
	if err := replaceFile(name, func(w io.Writer) error { _, _ = w.Write([]byte("{")); return failure }); !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	after, _ := os.ReadFile(name)
	entries, _ := os.ReadDir(filepath.Dir(name))
	if string(before) != string(after) || len(entries) != 1 {
		t.Errorf("a write that failed left %q and %d files", after, len(entries))
	}
}
