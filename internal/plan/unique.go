package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// uniqueValue is something that AWS gives to one user only, whatever its case.
type uniqueValue struct {
	what string
	of   func(access.User) string
}

func uniqueValues() []uniqueValue {
	return []uniqueValue{
		{"e-mail address", func(u access.User) string { return u.Email }},
		{"user name", func(u access.User) string { return u.Username }},
	}
}

// blockTaken blocks users of the config who would take an e-mail address, or a
// user name, that somebody else in AWS has and keeps. Whoever is blocked keeps
// their own value, so that the next one may be in the way of a third.
func (b *Bound) blockTaken() {
	of := reverse(b.users, len(b.Live.Users))
	values := uniqueValues()
	byValue := make([]map[string]int32, len(values))
	for i, v := range values {
		byValue[i] = foldIndex(b.Live.Users, v.of)
		delete(byValue[i], "")
	}
	for again := true; again; {
		again = false
		for i := range b.Desired.Users {
			for v, value := range values {
				if b.users[i].handling != blocked && b.takes(int32(i), value, byValue[v], of) {
					again = true
				}
			}
		}
	}
}

// takes says whether a user of the config would take a value that stays somebody
// else's, and blocks that.
func (b *Bound) takes(row int32, value uniqueValue, byValue map[string]int32, of []int32) bool {
	u, bound := b.Desired.Users[row], b.users[row]
	if u.Referenced || u.Remove || bound.handling == assignOnly {
		return false
	}
	wants := value.of(u)
	existing, there := byValue[strings.ToLower(wants)]
	if wants == "" || !there || existing == bound.live || b.givesUp(of[existing], value, wants) || b.yields(b.Live.Users[existing].ID, value, wants) {
		return false
	}
	b.users[row] = binding{live: bound.live, why: b.taken(row, of[existing], b.Live.Users[existing], value.what, wants)}
	return true
}

// givesUp says whether the plan takes the value away from whoever has it.
func (b *Bound) givesUp(row int32, value uniqueValue, wants string) bool {
	if row < 0 || b.users[row].handling != ours {
		return false
	}
	u := b.Desired.Users[row]
	if u.Remove {
		return true
	}
	next := value.of(keepUnset(u, b.Live.Users[b.users[row].live]))
	return !u.Referenced && !strings.EqualFold(next, wants)
}

// yields says whether another plan takes the value away from whoever has it.
func (b *Bound) yields(id string, value uniqueValue, wants string) bool {
	return slices.ContainsFunc(b.options.Yields, func(u access.User) bool { return u.ID == id && !strings.EqualFold(value.of(u), wants) })
}

// taken explains whose a value is. That may be the same person under another
// name, or somebody else, whose access the wrong answer would hand over: only
// the user can tell.
func (b *Bound) taken(row, existingRow int32, existing access.User, what, wants string) diag.Diagnostic {
	u := b.Desired.Users[row]
	d := diag.Diagnostic{Severity: diag.Error, Code: AddressTaken, Range: b.Desired.Range(u.Origin),
		Summary: fmt.Sprintf("the %s %q already belongs to the user %q in AWS", what, wants, existing.Username),
		Detail:  fmt.Sprintf("%q is %s. In AWS only one user can have it, so %q cannot be written.", existing.Username, personOf(existing), u.Username),
		Hint:    b.takenHint(row, existingRow, existing, what)}
	b.Findings = append(b.Findings, d)
	return d
}

func (b *Bound) takenHint(row, existingRow int32, existing access.User, what string) string {
	u := b.Desired.Users[row]
	other := fmt.Sprintf("give %q another one here", u.Username)
	if b.options.Via == access.ViaTerraform {
		return b.takenInTerraform(u, existing, what)
	}
	switch {
	case b.ignored(access.UserThing, existing.Username):
		return fmt.Sprintf("An ignore pattern of rolecall.hcl hides %q. Correct the %s here, or the pattern.", existing.Username, what)
	case existing.SCIM:
		return fmt.Sprintf("%q belongs to %s: change the user there, or %s.", existing.Username, b.idp(), other)
	case existingRow >= 0 && !b.Desired.Users[existingRow].Referenced:
		return fmt.Sprintf("With the current config %q keeps it: give that user another %s, or %s.", existing.Username, what, other)
	case b.users[row].live >= 0: // two users are there, so neither becomes the other
		return fmt.Sprintf("Correct the %s here. If %q is somebody who left, add %q to `removed_users`: that frees it in the same apply.", what, existing.Username, existing.Username)
	}
	everywhere := ""
	if existingRow >= 0 {
		everywhere = fmt.Sprintf(" and write %q wherever the config says %q", u.Username, existing.Username)
	}
	return fmt.Sprintf("If %q is the same person, write `previously = %q` here%s: the user is renamed, and keeps id, groups, access and MFA devices. "+
		"Check that first: a namesake would get all that %q has (`rolecall access user %s`). If it is somebody who left, add %q to `removed_users`; otherwise %s.",
		existing.Username, existing.Username, everywhere, existing.Username, existing.Username, existing.Username, other)
}

// takenInTerraform returns the ways there: a user whom the state has is renamed by
// moving the resource.
func (b *Bound) takenInTerraform(u, existing access.User, what string) string {
	if existing.SCIM {
		return fmt.Sprintf("%q belongs to %s: change the user there, or give %q another %s here.", existing.Username, b.idp(), u.Username, what)
	}
	return fmt.Sprintf("If %q is the same person, it is renamed: by a `moved` block from its resource to this one if Terraform manages it, otherwise by `previously = %q` here. "+
		"Check that first: a namesake would get all that %q has. If it is somebody who left, delete that user first (`rolecall_removed_user`, or apply the removal of its resource alone). "+
		"If two users exchange theirs, give one of them a third %s, apply, and then its own.", existing.Username, existing.Username, existing.Username, what)
}

// personOf says who a user is as AWS has it.
func personOf(u access.User) string {
	text := fmt.Sprintf("user id %s", u.ID)
	if name := strings.TrimSpace(u.DisplayName); name != "" {
		text = fmt.Sprintf("%q, %s", name, text)
	}
	if u.Disabled {
		text += ", disabled"
	}
	return text
}
