package cli

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// The SDKs for Go and Java and Terraform read AWS_REGION; boto3 and the AWS CLI
// version 1 read AWS_DEFAULT_REGION alone.
func TestEnvironmentPointsEveryClientAtTheEmulator(t *testing.T) {
	lines := environment("http://127.0.0.1:4599", "eu-west-1", emulator.SCIMEndpoint{Path: "/t/scim/v2/", Token: "secret"})
	for _, want := range []string{
		"export AWS_ENDPOINT_URL=http://127.0.0.1:4599\n", "export AWS_REGION=eu-west-1\n", "export AWS_DEFAULT_REGION=eu-west-1\n",
		"export SCIM_ENDPOINT=http://127.0.0.1:4599/t/scim/v2/\n", "export SCIM_TOKEN=secret\n",
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("the environment lacks %q:\n%s", want, lines)
		}
	}
}
