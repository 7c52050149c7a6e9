package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// mostNamesakes is how many people of the same name a note tells of, and how many
// groups of each.
const mostNamesakes = 3

// noteNamesakes says of users who are created that somebody of the same name is in
// groups of ours whom the config does not name: with another user name and e-mail
// address the same person, after a marriage perhaps, would begin anew. It is a note,
// as they may as well be two, and only who knows them can tell.
func (b *Bound) noteNamesakes() {
	if b.options.Via == access.ViaTerraform || !b.options.Scope.all() {
		return // whom this plan does not name may be named by another
	}
	var there *unnamed
	for i, u := range b.Desired.Users {
		if u.Referenced || u.Remove || b.users[i].handling != created {
			continue
		}
		if there == nil {
			there = b.unnamed()
		}
		var same []int32
		for _, key := range nameKeys(u) {
			for _, live := range there.byName[key] {
				if !slices.Contains(same, live) {
					same = append(same, live)
				}
			}
		}
		if len(same) > 0 {
			slices.Sort(same)
			b.Findings = append(b.Findings, b.namesake(u, same[:min(len(same), mostNamesakes)], there.groups))
		}
	}
}

// unnamed are the people in groups of ours whom the config does not name.
type unnamed struct {
	byName map[string][]int32 // by each of their names, as nameKeys returns them
	groups map[int32][]string
}

func (b *Bound) unnamed() *unnamed {
	out := unnamed{map[string][]int32{}, map[int32][]string{}}
	for _, m := range b.Live.Memberships {
		u := b.Live.Users[m.User]
		if b.desiredUser[m.User] >= 0 || b.Live.Groups[m.Group].Owner != b.options.Owner || u.SCIM || b.ignored(access.UserThing, u.Username) {
			continue
		}
		if out.groups[m.User] == nil {
			for _, key := range nameKeys(u) {
				out.byName[key] = append(out.byName[key], m.User)
			}
		}
		out.groups[m.User] = append(out.groups[m.User], b.Live.Groups[m.Group].Name)
	}
	return &out
}

// nameKeys returns what people of one name have alike: the display name, or the given
// and the family name, whatever their case.
func nameKeys(u access.User) []string {
	fold := func(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }
	var out []string
	if name := fold(u.DisplayName); name != "" {
		out = append(out, "display name "+name)
	}
	if given, family := fold(u.GivenName), fold(u.FamilyName); given != "" && family != "" {
		out = append(out, "name "+given+"\n"+family)
	}
	return out
}

func (b *Bound) namesake(u access.User, same []int32, groups map[int32][]string) diag.Diagnostic {
	var who []string
	for _, live := range same {
		have := b.Live.Users[live]
		who = append(who, fmt.Sprintf("%q is %s, in %s", have.Username, personOf(have), diag.First(mostNamesakes, groups[live], ", ")))
	}
	first := b.Live.Users[same[0]].Username
	return diag.Diagnostic{Severity: diag.Note, Code: Namesake, Range: b.Desired.Range(u.Origin),
		Summary: fmt.Sprintf("user %q is created, and %q in AWS, whom the config does not name, has the same name", u.Username, first),
		Detail:  strings.Join(who, "; ") + ".",
		Hint: fmt.Sprintf("If both are the same person, write `previously = %q` here: the user is renamed, and keeps id, groups, access and MFA devices. "+
			"Check that first: a namesake would get all that %q has (`rolecall access user %s`). If it is somebody who left, add %q to `removed_users`.", first, first, first, first)}
}
