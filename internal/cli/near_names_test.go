package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// nearName is a name that AWS does not have, and the one that was meant. The
// provider's tests read the same table.
type nearName struct {
	Differs    string `json:"differs"`
	Kind       string `json:"kind"`
	Written    string `json:"written"`
	Meant      string `json:"meant"`
	Previously bool   `json:"previously"` // the config says that it was called so
	Claimed    bool   `json:"claimed"`    // the config names what was meant as well
}

func nearNamesTable(t *testing.T) []nearName {
	t.Helper()
	text, err := os.ReadFile("../../testdata/near_names.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []nearName
	if err := json.Unmarshal(text, &table); err != nil || len(table) == 0 {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	return table
}

// config writes the name where a config names such a thing, and where it names what
// was meant as well, that before it.
func (n nearName) config() string {
	group, previously, accounts := "AWS-Production-ReadOnly", "", `"production"`
	also := ""
	switch n.Kind {
	case "group":
		group = n.Written
		if n.Previously {
			previously = fmt.Sprintf("previously = %q\n", n.Meant)
		}
		if n.Claimed {
			also = fmt.Sprintf("{ name = %q, permission_set_name = \"First\", description = \"d\", accounts_names = [\"staging\"] },", n.Meant)
		}
	case "account":
		accounts = fmt.Sprintf("%q", n.Written)
		if n.Claimed {
			accounts = fmt.Sprintf("%q, %q", n.Meant, n.Written)
		}
	case "user":
		members := fmt.Sprintf("%q, %q", "wei.chen@company.com", n.Written)
		if n.Claimed {
			members += fmt.Sprintf(", %q", n.Meant)
		}
		return fmt.Sprintf(`
management_mode = "external"
scim_identity_source = "Google Workspace"
scim_scope = "users"
access_groups = [{ name = "Ours", description = "d", accounts_names = ["production"], members = [%s] }]
`, members)
	}
	return fmt.Sprintf(`
management_mode = "external"
scim_identity_source = "Okta"
external_groups = [%s {
  name = %q
  %sdescription = "d"
  accounts_names = [%s]
}]
`, also, group, previously, accounts)
}

// defined is a config that defines what was meant and names what was written.
func (n nearName) defined() string {
	groups, members := fmt.Sprintf("[%q]", n.Written), "[]"
	if n.Kind == "user" {
		groups, members = "[]", fmt.Sprintf("[%q]", n.Written)
	}
	return fmt.Sprintf(`
users = [{ display_name = "J S", email = "jane.smith@company.com", given_name = "J", family_name = "S", groups = %s }]
access_groups = [{ name = "AWS-Development-Team", description = "d", accounts_names = ["production"], members = %s }]
`, groups, members)
}

// doors are the commands that say why a name is not there.
func (n nearName) doors(dir string) map[string][]string {
	doors := map[string][]string{
		"plan": {"plan", dir}, "verify": {"verify", dir}, "doctor": {"doctor", "--config", dir},
	}
	if n.Kind != "account" { // what the identity provider says is said besides
		doors["plan, connector"] = []string{"plan", filepath.Join(dir, "connected")}
		doors["verify --wait, connector"] = []string{"verify", filepath.Join(dir, "connected"), "--wait", "1m"}
	}
	if n.Kind == "group" && !n.Previously {
		doors["plan --only"] = []string{"plan", dir, "--only", n.Written}
	}
	if !n.Previously && !n.Claimed { // these know of no config
		doors["access"] = []string{"access", n.Kind, n.Written}
		if n.Kind != "account" {
			doors["doctor "+n.Kind] = []string{"doctor", n.Kind, n.Written, "--config", dir, "--scan"}
			doors["validate"] = []string{"validate", filepath.Join(dir, "defined")}
		}
	}
	return doors
}

// near is the first name that a command quotes and that AWS has.
func near(text string) string {
	known := []string{"AWS-Development-Team", "AWS-Infrastructure-Admins", "jane.smith@company.com", "john.miller@company.com", "maria.garcia@company.com",
		"management", "development", "staging", "security", "log-archive", "production"}
	for _, m := range regexp.MustCompile(`(?:AWS has|similar names:|AWS knows "[^"]*" as|AWS still has its former name|Did you mean|is in AWS as|Write|is called|write) "([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if slices.Contains(known, m[1]) {
			return m[1]
		}
	}
	return ""
}

// Whatever asks after a name that is not there, the answer names the same one.
func TestEveryFrontDoorNamesTheSameNearestName(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, n := range nearNamesTable(t) {
		t.Run(fmt.Sprintf("%s %s claimed=%t", n.Kind, n.Differs, n.Claimed), func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"rolecall.hcl": "owner = \"tests\"\n", "terraform.tfvars": n.config(), "defined/terraform.tfvars": n.defined(),
				"connected/terraform.tfvars": n.config(), "connected/export.csv": "user_name,status,groups\nsomebody@company.com,active,Others\n",
				"connected/rolecall.hcl": "owner = \"tests\"\nconnector \"file\" {\n  path = \"export.csv\"\n}\n"} {
				at := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for door, args := range n.doors(dir) {
				synctest.Test(t, func(t *testing.T) {
					aws, err := emulator.New(emulator.Options{})
					if err != nil {
						t.Fatal(err)
					}
					var out bytes.Buffer
					both := &lockedWriter{w: &out}
					run(t.Context(), args, System{Stdin: strings.NewReader(""), Stdout: both, Stderr: both, Getenv: func(string) string { return "" },
						AWS: func(o *identitycenter.Options) {
							o.Region, o.HTTPClient = "us-east-1", &http.Client{Transport: aws.Transport()}
							o.Credentials = credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")
						}})
					if got := near(out.String()); got != n.Meant {
						t.Errorf("%s names %q, meant is %q:\n%s", door, got, n.Meant, out.String())
					}
					if n := strings.Count(out.String(), fmt.Sprintf("If %q is meant", n.Meant)); n > 1 {
						t.Errorf("%s says %d times what may be meant:\n%s", door, n, out.String())
					}
					if strings.Contains(out.String(), fmt.Sprintf("to exactly %q", n.Written)) {
						t.Errorf("%s says to put the slip of the config into the other system:\n%s", door, out.String())
					}
				})
			}
		})
	}
}
