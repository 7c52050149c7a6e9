package config_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestSecretsAreNotShown: a secret that was pasted where none belongs is in no
// finding, neither in the line shown nor in its texts.
func TestSecretsAreNotShown(t *testing.T) {
	const token = "00LEAKMEabcDEFghiJKLmnoPQRstuVWXyz012345"
	connector := "connector \"okta\" {\norganization = \"https://company.okta.com\"\n"
	for name, files := range map[string][2]string{
		"a URL's user, query and fragment": {"", `relay = "https://user:LEAKME@x.com/?t=LEAKME#LEAKME"`},
		"a URL's fragment":                 {"", `relay = "https://x.com/a#LEAKME"`},
		"a line of its own":                {connector + "\"" + token + "\"\n}\n", ""},
		"a label":                          {"connector \"okta\" \"" + token + "\" {\n}\n", ""},
		"the label":                        {"connector \"" + token + "\" {\n}\n", ""},
		"token_created":                    {"scim {\ntoken_env = \"SCIM_TOKEN\"\ntoken_created = \"" + token + "\"\n}\n", ""},
		"a web token":                      {"scim {\ntoken_env = \"SCIM_TOKEN\"\ntoken_created = \"eyJhbGciLEAKME.eyJzdWIiOiIxMjM0NTY3ODkwIn0.LEAKMEc2\"\n}\n", ""},
		"region":                           {"region = \"" + token + "\"\n", ""},
		"instance_arn":                     {"instance_arn = \"" + token + "\"\n", ""},
		"a key":                            {connector + token + " = \"x\"\n}\n", ""},
		"a key that can be one":            {connector + "x" + token + " = \"x\"\n}\n", ""},
		"an open comment":                  {"/* " + token + "\n", ""},
		"a key of access":                  {"", token + " = []"},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := config.ValidateFS(fstest.MapFS{
				"rolecall.hcl":     {Data: []byte(files[0])},
				"terraform.tfvars": {Data: []byte("management_mode = \"external\"\n" + files[1] + "\n")},
			}, "", config.Options{})
			if !found.HasErrors() {
				t.Fatal("no error")
			}
			for _, d := range found {
				if said := shownOf(d); strings.Contains(said, "LEAKME") {
					t.Errorf("shown: %s", said)
				}
			}
		})
	}
}

func shownOf(d diag.Diagnostic) string {
	return strings.Join([]string{d.Summary, d.Detail, d.Hint, d.Snippet}, "\n")
}
