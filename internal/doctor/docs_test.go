package doctor_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/doctor"
)

var update = flag.Bool("update", false, "write docs/troubleshooting.md anew")

// TestTroubleshooting holds docs/troubleshooting.md to the checks.
func TestTroubleshooting(t *testing.T) {
	const file = "../../docs/troubleshooting.md"
	want := troubleshooting()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/troubleshooting.md is stale; run `go test ./internal/doctor -run Troubleshooting -update`:\n%s", diff)
	}
}

func troubleshooting() string {
	var b strings.Builder
	b.WriteString(`# Troubleshooting

Generated from the checks; change them, then run ` + "`go test ./internal/doctor -run Troubleshooting -update`" + `.

` + "`rolecall doctor user NAME --account ACCOUNT`" + ` finds the cause and shows what it saw. ` + "`rolecall doctor group NAME`" + ` looks at one group, and
` + "`rolecall doctor`" + ` at the whole set-up. Each row below is one check; its finding has the code ` + "`doctor.<check>`" + `. A check that lacks a fact says
"cannot tell", and what it would need: a connector to the identity provider, the SCIM token, or the SAML metadata.

For a person who is found by name, with ` + "`--account`" + ` and twelve digits, it makes at most 12 calls to AWS, two for each group of the person and one for each
permission set found, whose names come from a cache that fills itself. An account by name costs a call for each twenty accounts. ` + "`--scan`" + ` reads all names of users or groups
for one that only looks the same: a call for each hundred. A delegated administrator is not told what a group holds, so the permission sets of the account are
read, a call each; without ` + "`--account`" + ` doctor then says that it cannot tell.

With a connector, ` + "`rolecall plan`" + ` and ` + "`apply`" + ` warn of what differs between the identity provider and AWS although one of them owns it (` + "`group-not-at-idp`, `membership-by-hand`,\n`group-not-synced`, `one-system`" + `), about at most a hundred groups or users; ` + "`--no-connector`" + ` leaves it out. ` + "`verify --wait`" + ` ends at once where the identity
provider will not bring a name.

Where everything is right and somebody still sees no account: sign out of the AWS access portal and in again. A session that is open does not see
new access.

| cause | check | about | what it looks at | what to do |
|---|---|---|---|---|
`)
	for _, link := range doctor.Links() {
		for _, c := range doctor.Checks() {
			if c.Link != link {
				continue
			}
			var about []string
			for _, s := range c.About {
				about = append(about, string(s))
			}
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", c.Means, c.ID, strings.Join(about, ", "), c.Looks, c.Fix)
		}
	}
	return b.String()
}
