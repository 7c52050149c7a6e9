package config_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// TestSecretsAreNotShown: whatever is wrong where a secret was written, in
// rolecall.hcl or in the files of access, no finding shows it, nor does the text
// that findings show lines of.
func TestSecretsAreNotShown(t *testing.T) {
	const (
		token     = "00hunter2abcDEFghiJKLmnoPQRstuVWXyz012345"
		connector = "connector \"okta\" {\norganization = \"https://company.okta.com\"\n"
	)
	for name, tt := range map[string]struct{ settings, access string }{
		"a block":                          {"scim {\n  token = \"hunter2\"\n}\n", plain},
		"one line":                         {"scim { token = \"hunter2\" }\nscim { token = \"hunter2\" }\n", plain},
		"twice":                            {"scim {\n  token = \"hunter2\"\n  token = \"hunter2\"\n}\n", plain},
		"not constant":                     {"scim {\n  client_secret = lower(\"hunter2\")\n}\n", plain},
		"several lines":                    {"connector \"okta\" {\n  private_key = <<EOT\nhunter2\nEOT\n}\n", plain},
		"broken heredoc":                   {"connector \"okta\" {\n  private_key = <<-EOT\r\n  begin\n  hunter2\n  EOT\n  x = \n}\n", plain},
		"endless heredoc":                  {"connector \"okta\" {\n  private_key = <<EOT\nhunter2\n}\n", plain},
		"broken there":                     {"scim {\n  token = \"hunter2\n}\n", plain},
		"without quotes":                   {"scim {\n  api_token = hunter2 hunter2\n}\n", plain},
		"written as JSON":                  {"{\n  \"token\": \"hunter2\"\n}\n", plain},
		"in an object":                     {"scim = {\n  token = \"hunter2\"\n}\n", plain},
		"Windows line end":                 {"scim {\r\n  token = \"hunter2\"\r\n}\r\n", plain},
		"for a name":                       {"scim {\n  token_env = \"hunter2-\"\n}\n", plain},
		"like a name":                      {"scim {\n  token_env = \"hunter2ABCDEFGHIJ\"\n}\n", plain},
		"for AWS's own":                    {"scim {\n  token_env = \"AWS_hunter2\"\n}\n", plain},
		"for a key's name":                 {"connector \"okta\" {\n  private_key_env = \"-----BEG" + "IN hunter2\"\n}\n", plain},
		"for a file":                       {"connector \"okta\" {\n  private_key_file = \"/hunter2\"\n}\n", plain},
		"bare for a name":                  {"connector \"okta\" {\n  token_env = hunter2\n}\n", plain},
		"broken name":                      {"connector \"okta\" {\n  token_env = hunter2-\n}\n", plain},
		"computed name":                    {"connector \"okta\" {\n  token_env = \"${hunter2}\"\n}\n", plain},
		"in a list":                        {"connector \"okta\" {\n  token_env = [\"hunter2\"]\n}\n", plain},
		"name twice":                       {"scim {\n  token_env = \"hunter2\"\n  token_env = \"hunter2\"\n}\n", plain},
		"a misspelt key":                   {"scim {\n  tokn_env = \"hunter2\"\n}\n", plain},
		"unknown key":                      {"scim {\n  my_apikey = \"hunter2\"\n}\n", plain},
		"unknown block":                    {"vault {\n  api_key = \"hunter2\"\n}\n", plain},
		"among lints":                      {"lints {\n  password = \"hunter2\"\n}\n", plain},
		"in a URL":                         {"scim {\n  endpoint = \"https://a:hunter2@scim.eu-west-1.amazonaws.com/\"\n}\n", plain},
		"in a query":                       {"scim {\n  endpoint = \"https://scim.eu-west-1.amazonaws.com/?t=hunter2\"\n}\n", plain},
		"in an address":                    {"connector \"okta\" {\n  organization = \"https://hunter2@company.okta.com\"\n}\n", plain},
		"broken text":                      {"\xff\xfe\xffscim {\n  token = \"hunter2\"\n}\xff TOKEN", plain},
		"a host alone":                     {"connector \"okta\" {\n  organization = \"hunter2\"\n}\n", plain},
		"access, unknown key":              {"", "access_groups = []\napi_token = \"hunter2\"\n"},
		"access, in a group":               {"", "access_groups = [{ name = \"g\", accounts_names = [], secret = \"hunter2\" }]\n"},
		"access, broken":                   {"", "access_groups = []\nclient_secret = \"hunter2\n"},
		"access, a key's text":             {"", "access_groups = []\nx = <<EOT\n-----BEGIN " + "RSA PRIVATE KEY-----\nhunter2 ${\n-----END RSA PRIVATE KEY-----\nEOT\n"},
		"access, in an address":            {"", "access_groups = [\"https://a:hunter2@host\"]\n"},
		"access, broken heredoc":           {"", "access_groups = []\npassword = <<EOT\nhunter2 ${\n"},
		"a URL's user, query and fragment": {"", `relay = "https://user:hunter2@x.com/?t=hunter2#hunter2"`},
		"a URL's fragment":                 {"", `relay = "https://x.com/a#hunter2"`},
		"a line of its own":                {connector + "\"" + token + "\"\n}\n", plain},
		"a label":                          {"connector \"okta\" \"" + token + "\" {\n}\n", plain},
		"the label":                        {"connector \"" + token + "\" {\n}\n", plain},
		"token_created":                    {"scim {\ntoken_env = \"SCIM_TOKEN\"\ntoken_created = \"" + token + "\"\n}\n", plain},
		"a web token":                      {"scim {\ntoken_env = \"SCIM_TOKEN\"\ntoken_created = \"eyJhbGcihunter2.eyJzdWIiOiIxMjM0NTY3ODkwIn0.hunter2c2\"\n}\n", plain},
		"region":                           {"region = \"" + token + "\"\n", plain},
		"instance_arn":                     {"instance_arn = \"" + token + "\"\n", plain},
		"a key":                            {connector + token + " = \"x\"\n}\n", plain},
		"a key that can be one":            {connector + "x" + token + " = \"x\"\n}\n", plain},
		"an open comment":                  {"/* " + token + "\n", plain},
		"a key of access":                  {"", token + " = []"},
	} {
		files := map[string]string{"rolecall.hcl": tt.settings, "terraform.tfvars": tt.access}
		res, found := config.ValidateFS(fstest.MapFS{"rolecall.hcl": {Data: []byte(tt.settings)}, "terraform.tfvars": {Data: []byte(tt.access)}}, "", config.Options{})
		if !found.HasErrors() {
			t.Errorf("%s: nothing is found", name)
		}
		for _, d := range found {
			if strings.Contains(fmt.Sprintf("%+v", d), "hunter2") {
				t.Errorf("%s: the finding shows the secret: %+v", name, d)
			}
		}
		for file, text := range files {
			if shown := string(res.Sources[file]); strings.Contains(shown, "hunter2") || len(shown) != len(text) {
				t.Errorf("%s: lines of %s are shown: %q", name, file, shown)
			}
		}
	}
	const action = "access_groups = [{ name = \"g\", inline = [\"secretsmanager:GetSecretValue\"], variable = \"aws:TokenIssueTime\" }]\n"
	res, _ := config.ValidateFS(fstest.MapFS{"terraform.tfvars": {Data: []byte(action)}}, "", config.Options{})
	if shown := string(res.Sources["terraform.tfvars"]); shown != action {
		t.Errorf("what is no secret is hidden: %q", shown)
	}
}
