package cli

import (
	"net"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Where the emulator listens at every address, the printed one is one that a client
// can name.
func TestPrintedAddressIsReachable(t *testing.T) {
	for listens, want := range map[string]string{"0.0.0.0:4599": "localhost:4599", "[::]:4599": "localhost:4599", "127.0.0.1:1": "127.0.0.1:1", "[::1]:2": "[::1]:2"} {
		at, err := net.ResolveTCPAddr("tcp", listens)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(at); got != want {
			t.Errorf("%s is printed as %s, want %s", listens, got, want)
		}
	}
}

// The emulator answers to the names of --allow-host and of --listen.
func TestHostsOfTheEmulator(t *testing.T) {
	for listens, want := range map[string]string{
		"127.0.0.1:4599": "db", "[::1]:4599": "db", ":4599": "db", "emulator:4599": "db emulator:4599", "emulator:0": "db emulator",
	} {
		got, err := (&emulation{listen: listens, allowHosts: []string{"db"}}).hosts()
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v, want %q", listens, got, err, want)
		}
	}
}

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
