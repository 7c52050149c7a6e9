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

// TestTroubleshooting holds docs/troubleshooting.md to the checks, as other packages hold
// theirs: the flag is each test binary's own.
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
permission set found, whose names come from a cache that fills itself. An account by name costs one call per twenty accounts. ` + "`--scan`" + ` reads all names of users or groups
for one that only looks the same: one call per hundred. A delegated administrator is not told what a group holds, so the permission sets of the account are
read, a call each; without ` + "`--account`" + ` doctor then says that it cannot tell.

With a connector, ` + "`rolecall plan`" + ` and ` + "`apply`" + ` warn of what differs between the identity provider and AWS although one of them owns it (` + "`group-not-at-idp`, `membership-by-hand`,\n`group-not-synced`, `one-system`" + `), about at most a hundred groups or users; ` + "`--no-connector`" + ` skips it. ` + "`verify --wait`" + ` ends at once if the identity
provider will not bring a name.

If everything is correct and somebody still sees no account: sign out of the AWS access portal and in again. A session that is open does not see
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
	b.WriteString(stopped)
	return b.String()
}

// stopped is about what no check finds: a plan or an apply says it itself.
const stopped = `
## When a plan or an apply stops

Each row has the code that ` + "`--json`" + ` gives. [What is promised](promises.md) says why these exist; [findings](diagnostics.md) has all codes.

| what it says | code | exits with | what happened | what to do |
|---|---|---:|---|---|
| "did not ...: something has changed since the plan was made" | ` + "`aws.changed-since-plan`" + ` | 3 | The look before the write found another name, mark or content than the plan showed. That change and what depends on it were left; the rest was done. | Plan again, look at the difference, apply that plan. Find out who else writes there. |
| "the plan in FILE is out of date: nothing was written" | ` + "`cli.plan-changed`" + ` | 3 | The config or AWS changed after the plan was written to the file. The message names up to 20 differences. | Plan again, and approve that plan. |
| "has been carried out already" | ` + "`cli.plan-replayed`" + ` | 1 | The records of permission sets have the plan's id. Also after a run that was interrupted. | Plan again: what is left is in the new plan. |
| "was made at ..." | ` + "`cli.plan-aged`" + ` | 1 | The file is older than ` + "`--max-age`" + ` (24 hours), or from the future. | Plan again. Check the clock of the machine that made it. |
| "has been edited since it was written" | ` + "`cli.plan-edited`" + ` | 1 | The file's digest does not fit. | Plan again. What a plan should do is said by the config and the flags. |
| "cannot be applied" | ` + "`cli.plan-file`" + ` | 1 | The file is broken, of an earlier version, or for another instance. | Plan again, with this version. |
| "its access belongs to id ..., the name now refers to ..." | ` + "`plan.rebind`" + ` | 5 | A name leads to another group or account than a record says. Somebody deleted and recreated it, or renamed something else to it. | Find out who made it and who is in it. Then ` + "`--allow-rebind NAME`" + `. |
| "has our mark and no record of an apply" | ` + "`plan.removals`" + ` | 5 | A permission set, or a group with members, carries this owner's mark, and no apply has left a record of it. Somebody tagged it, or an earlier version made it. The plan would take access there. | If it is yours, ` + "`--allow-removals`" + `. If not, take the mark off. |
| "... in it is not in the config: it is granted nothing more" | ` + "`plan.group-unmarked`" + `, ` + "`plan.group-of-other-owner`" + ` | 5 | A group of that name exists without this owner's mark, with members whom the config does not name. | Put all its members into the config, or ` + "`--adopt NAME`" + `, which removes them. |
| "is also that of group ..., which --only does not name" | ` + "`plan.outside-only`" + ` | 5 | A permission set that others hold would change for them. | Name them with further ` + "`--only`" + `, or leave it out. |
| "could not be read completely" | ` + "`plan.not-observed`" + ` | 5 | Something hangs on what was not read. | Run again with ` + "`--deep`" + `, or with the permission that is named. |
| "matches nothing that is both in the config and in AWS" | ` + "`cli.nothing-to-adopt`" + ` | 1 | ` + "`--adopt`" + ` names what is not there. | Give the exact name. |
`
