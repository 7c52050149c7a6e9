package cli

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

const lateGroup = `management_mode = "external"
scim_identity_source = "Okta"
external_groups = [{ name = "AWS-Late", description = "l", accounts_names = ["production"], aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }]
`

// TestWait waits in virtual time for a group that comes after seven minutes,
// or never.
func TestWait(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"terraform.tfvars": lateGroup, "rolecall.hcl": `owner = "tests"`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, tt := range []struct {
		name          string
		args          []string
		comes         bool
		code          ExitCode
		least, most   time.Duration
		says, nowhere string
	}{
		{"comes", []string{"verify", dir, "--wait", "45m"}, true, Done, 7 * time.Minute, 9 * time.Minute, "Everything is there", ""},
		{"not long enough", []string{"verify", dir, "--wait", "5m"}, true, NotYet, 5 * time.Minute, 6 * time.Minute, "Waiting makes sense until 2000-01-01 00:15 UTC", ""},
		{"never", []string{"verify", dir, "--wait", "3h"}, false, WillNotCome, 15 * time.Minute, 16 * time.Minute, "Waiting longer does not help", ""},
		{"no wait", []string{"verify", dir}, false, NotYet, 0, time.Minute, "not yet", "Waiting"},
		{"as JSON", []string{"verify", dir, "--wait", "5m", "--json"}, true, NotYet, 5 * time.Minute, 6 * time.Minute, `"pointless": false`, ""},
		{"before a plan", []string{"plan", dir, "--wait-sync", "45m", "--detailed-exitcode"}, true, ChangesPending, 7 * time.Minute, 9 * time.Minute, "AWS-Late", ""},
		{"before an apply", []string{"apply", dir, "--wait-sync", "45m", "--auto-approve"}, true, Done, 7 * time.Minute, 9 * time.Minute, "AWS-Late", ""},
		{"a plan that waits too long", []string{"plan", dir, "--wait-sync", "3h"}, false, Refused, 15 * time.Minute, 16 * time.Minute, "AWS-Late", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				code, took, out := waitFor(t, tt.args, tt.comes)
				if code != tt.code || took < tt.least || took > tt.most {
					t.Errorf("exit code %d after %s", code, took)
				}
				if !strings.Contains(out, tt.says) || tt.nowhere != "" && strings.Contains(out, tt.nowhere) {
					t.Errorf("it says %s", out)
				}
			})
		})
	}
}

// waitFor runs a command; the group comes after seven minutes, or never.
func waitFor(t *testing.T, args []string, comes bool) (ExitCode, time.Duration, string) {
	t.Helper()
	aws, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := idp.New(idp.Options{Kind: idp.Okta, Endpoint: "https://scim.us-east-1.amazonaws.com" + aws.SCIM().Path, Token: aws.SCIM().Token, HTTPClient: &http.Client{Transport: aws.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	group, err := d.CreateGroup(t.Context(), idp.Group{Name: "AWS-Late"})
	if err != nil {
		t.Fatal(err)
	}
	pushed := make(chan error, 1)
	go func() {
		if !comes {
			pushed <- nil
			return
		}
		time.Sleep(7 * time.Minute)
		pushed <- d.PushGroup(context.Background(), group.ID, false)
	}()
	var out bytes.Buffer
	start := time.Now()
	code := run(t.Context(), args, System{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &bytes.Buffer{}, Getenv: func(string) string { return "" },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient = "us-east-1", &http.Client{Transport: aws.Transport()}
			o.Credentials = credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")
		}})
	took := time.Since(start)
	if err := <-pushed; err != nil {
		t.Fatal(err)
	}
	return code, took, out.String()
}
