package cli

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// between is a company whose AWS, or whose identity provider, is behind somebody
// hostile.
type between struct {
	*company
	toAWS, toIdP *hostile.Proxy
	before       []emulator.StateInstance
}

func newBetween(t *testing.T, way string) *between {
	t.Helper()
	c := newCompany(t, way)
	b := &between{company: c, toAWS: &hostile.Proxy{Behind: c.aws.Transport()}}
	b.toIdP, b.before = &hostile.Proxy{Behind: c}, c.aws.State().Instances
	return b
}

func (b *between) run(args ...string) (ExitCode, string) {
	var out bytes.Buffer
	both := &lockedWriter{w: &out}
	code := run(b.t.Context(), args, System{Stdin: strings.NewReader(""), Stdout: both, Stderr: both, HTTP: b.toIdP,
		Getenv: func(name string) string { return b.env[name] },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient = "us-east-1", &http.Client{Transport: b.toAWS}
			o.Credentials = credentials.NewStaticCredentialsProvider(emulator.ManagementKey, plantedKey, "planted-session")
		}})
	return code, out.String()
}

// commands are all that ask AWS, on the config of a company.
func (b *between) commands() [][]string {
	return [][]string{
		{"plan", b.dir}, {"plan", b.dir, "--deep"}, {"apply", b.dir, "--auto-approve", "--allow-missing"}, {"verify", b.dir}, {"verify", b.dir, "--wait", "10m"},
		{"doctor", "--config", b.dir}, {"doctor", "user", "jane.smith@company.com", "--config", b.dir, "--account", "development"}, {"doctor", "group", "AWS-Late", "--config", b.dir},
		{"access", "user", "jane.smith@company.com"}, {"access", "account", "development"}, {"access", "group", "AWS-Late"}, {"unlock", "--owner", "tests"},
	}
}

// Whatever answers in AWS's place, from the first call on or only once the
// instance is found, every command ends in time, fails, says which host and which
// operation, writes nothing, and takes no credentials elsewhere.
func TestEveryCommandEndsWhateverAnswers(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	starts := map[string]func(*http.Request) bool{
		"all": nil,
		"reads": func(r *http.Request) bool {
			target := r.Header.Get("X-Amz-Target")
			return strings.Contains(target, ".List") && !strings.HasSuffix(target, ".ListInstances") || strings.Contains(target, ".Get") || strings.Contains(target, ".Describe") && !strings.Contains(target, "DescribeOrganization")
		},
	}
	all := len((&between{company: &company{}}).commands())
	for i, k := range hostile.Answers() {
		for name, on := range starts {
			first, step := 0, 1
			if on == nil { // they all end in connecting, so that each answer meets a third of them
				first, step = i%3, 3
			}
			t.Run(k.Name+"/"+name, func(t *testing.T) {
				for at := first; at < all; at += step {
					synctest.Test(t, func(t *testing.T) {
						b := newBetween(t, "okta token")
						args := b.commands()[at]
						b.toAWS.Kind, b.toAWS.On = &k, on
						began := time.Now()
						code, out := b.run(args...)
						b.ends(args, code, out, time.Since(began))
					})
				}
			})
		}
	}
}

// ends looks at how a command ended that could not have had an answer.
func (b *between) ends(args []string, code ExitCode, out string, took time.Duration) {
	b.t.Helper()
	what := strings.Join(append([]string{args[0]}, args[1:]...), " ")
	if took > 12*time.Minute {
		b.t.Errorf("%s: took %s", what, took)
	}
	if code != Failed && code != NoCredentials {
		b.t.Errorf("%s: exit code %d:\n%.2000s", what, code, out)
	}
	if !strings.Contains(out, ".us-east-1.amazonaws.com") {
		b.t.Errorf("%s: it names no host:\n%.2000s", what, out)
	}
	named := strings.Contains(out, "sts:") || strings.Contains(out, "sso:") || strings.Contains(out, "identitystore:") || strings.Contains(out, "organizations:")
	if !named || strings.Contains(out, "should have been explained") || len(out) > 20_000 {
		b.t.Errorf("%s: it names no operation, or says too much:\n%.2000s", what, out)
	}
	if b.toAWS.Hosts()[hostile.Elsewhere] || b.toIdP.Hosts()[hostile.Elsewhere] {
		b.t.Errorf("%s: it asked %v", what, b.toAWS.Hosts())
	}
	if diff := cmp.Diff(b.before, b.aws.State().Instances); diff != "" {
		b.t.Errorf("%s: it wrote (-before +after):\n%s", what, diff)
	}
	b.free(what, out)
}

// Whatever answers in the identity provider's place, doctor ends in time, and
// does not say that all is well: what was not seen is not proven.
func TestDoctorIsNotFooledByAConnectorThatFails(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	kinds := hostile.Answers()
	for _, way := range []string{"okta token", "entra", "google"} {
		for _, k := range kinds {
			t.Run(way+"/"+k.Name, func(t *testing.T) {
				for _, args := range [][]string{{"doctor"}, {"doctor", "user", "jane.smith@company.com"}, {"doctor", "group", "Developers"}} {
					synctest.Test(t, func(t *testing.T) {
						b := newBetween(t, way)
						b.write("terraform.tfvars", healthyOf(way, b.name))
						b.toIdP.Kind, b.toIdP.On = &k, func(r *http.Request) bool { return !strings.HasPrefix(r.URL.Host, "scim.") }
						began := time.Now()
						code, out := b.run(append(args, "--config", b.dir)...)
						if took := time.Since(began); took > 30*time.Minute {
							t.Errorf("%v took %s", args, took)
						}
						if code == Done {
							t.Errorf("%v: exit code %d after %d calls:\n%s", args, code, b.toIdP.Asked.Load(), out)
						}
						if code != WillNotCome && code != NotYet && (code != NotProven || !strings.Contains(out, "could not be seen")) {
							t.Errorf("%v: exit code %d:\n%s", args, code, out)
						}
						if b.toIdP.Hosts()[hostile.Elsewhere] || strings.Contains(out, "everything is right") || len(out) > 50_000 {
							t.Errorf("%v: asked %v:\n%.3000s", args, b.toIdP.Hosts(), out)
						}
						b.free(fmt.Sprint(args), out)
					})
				}
			})
		}
	}
}

// healthyOf is a config of which everything is there.
func healthyOf(way, idp string) string {
	config := "management_mode = \"external\"\nscim_identity_source = \"" + idp + "\"\nexternal_groups = []\n"
	if way == "google" {
		config = strings.Replace(config, "external_groups", "scim_scope = \"users\"\naccess_groups", 1)
	}
	return config
}

// A saved plan is not touched by who answers later.
func TestApplyOfASavedPlanEndsWhateverAnswers(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, k := range hostile.Answers() {
		t.Run(k.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBetween(t, "okta token")
				saved := filepath.Join(t.TempDir(), "saved.plan")
				if code, out := b.run("plan", b.dir, "--out", saved, "--allow-missing"); code != Done {
					t.Fatalf("plan: %d\n%s", code, out)
				}
				b.toAWS.Kind = &k
				began := time.Now()
				code, out := b.run("apply", saved)
				b.ends([]string{"apply"}, code, out, time.Since(began))
			})
		})
	}
}
