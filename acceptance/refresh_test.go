package acceptance

import (
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Without a refresh there is nothing to look at where nothing changes: the provider
// says who it is, and that is all.
func TestUnrefreshedPlanCallsLittle(t *testing.T) {
	eachProgram(t, func(t *testing.T, program string) {
		e := crowd(0, 4)
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Responders"})
		w := newConfig(t, program, theCrowd(5, 4, "")+pushedTeam+ann+`
resource "rolecall_group_members" "responders" {
  group   = "Responders"
  members = [rolecall_user.ann.username]
}

resource "rolecall_removed_user" "gone" {
  username = "gone@company.com"
}
`, emulator.Options{Estate: e})
		w.apply()
		before := w.e.Stats()
		w.planIsEmpty("-refresh=false")
		if after := w.e.Stats(); after.Total-before.Total > 6 {
			t.Errorf("%d calls for a plan without refresh, want a handful\nbefore: %v\nafter: %v", after.Total-before.Total, before.Calls, after.Calls)
		}
	})
}
