package plan

import (
	"cmp"
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// missingNames is what the config wants and AWS does not have. Something that AWS has
// and the config does not name may be just that, renamed outside of the
// config: an account in AWS Organizations, a group or user by its identity
// provider. So what it has stays until the name is found, even where
// --allow-missing lets the rest through.
type missingNames struct {
	accounts       map[groupOnSet]string    // the account's name that a group misses on a live set
	groups         map[setInAccount]string  // the group's name that a live set misses in an account
	unclear        map[assignmentKey]string // by what is there, an ambiguous name that may mean its account
	desiredAccount []int32                  // by live account: the one that the config names, or -1
	// formerNames are missing groups by the ids that they had; nil where nobody asked.
	formerNames map[string]string
}

// groupOnSet is a live group and a live set.
type groupOnSet struct{ set, group int32 }

func newMissingNames(b *Bound) missingNames {
	return missingNames{accounts: map[groupOnSet]string{}, unclear: map[assignmentKey]string{}, groups: map[setInAccount]string{}, desiredAccount: reverse(b.accounts, len(b.Live.Accounts))}
}

// noteMissing remembers which assignments of a live set name an account or a group
// that is not there.
func (f *finder) noteMissing(set int32, want []wantedAssignment) {
	for _, w := range want {
		if unclear := f.accounts[w.desired.Account].maybe; w.group >= 0 && unclear != nil {
			for _, a := range unclear {
				f.missing.unclear[assignmentKey{set, a, w.group, access.GroupPrincipal}] = f.Desired.Accounts[w.desired.Account].Name
			}
		} else if w.account < 0 && w.group >= 0 {
			f.missing.accounts[groupOnSet{set, w.group}] = f.Desired.Accounts[w.desired.Account].Name
		}
		if b := &f.groups[w.desired.Principal]; w.account >= 0 && b.handling == blocked && b.live < 0 { // an ignored one is there
			f.missing.groups[setInAccount{set, w.account}] = f.Desired.Groups[w.desired.Principal].Name
		}
	}
}

// mayBeRenamed says whether an unwanted assignment may be one that the config wants by
// another name.
func (f *finder) mayBeRenamed(g access.Assignment) *diag.Diagnostic {
	if g.Kind != access.GroupPrincipal {
		return nil
	}
	if name := f.missing.unclear[keyOf(g)]; name != "" {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("account %s may be the one that %q means, so its access stays", f.Live.Accounts[g.Account].ID, name)}
	}
	if why := f.mayMeanAssignment(g); why != nil {
		return why
	}
	if name := f.missing.accounts[groupOnSet{g.Set, g.Principal}]; name != "" && f.missing.desiredAccount[g.Account] < 0 {
		return keptForName("account", f.Live.Accounts[g.Account].Name, name)
	}
	name := ""
	if f.desiredGroup[g.Principal] < 0 {
		name = f.missing.groups[setInAccount{g.Set, g.Account}]
	}
	if name == "" { // names may have moved to groups that the config has, too
		name = cmp.Or(f.formerName(f.Live.Groups[g.Principal].ID), f.movedAway(f.Live.Groups[g.Principal].ID))
	}
	if name != "" {
		return keptForName("group", f.Live.Groups[g.Principal].Name, name)
	}
	return nil
}

// formerName returns the name of a missing group of the config under which a record
// of ours knows the id: whatever the config has changed besides, it was renamed.
func (f *finder) formerName(id string) string {
	if f.missing.formerNames == nil {
		f.missing.formerNames = map[string]string{}
		for i, g := range f.Desired.Groups {
			b := &f.groups[i]
			if b.handling != blocked || b.live >= 0 && b.why.Code != GroupRenamed {
				continue
			}
			for _, m := range f.names.meaningsOf(g.Name) {
				if b.live < 0 || !access.MeansPrincipal(m.id, f.Live.Groups[b.live].ID) {
					f.missing.formerNames[m.id] = g.Name
				}
			}
		}
	}
	if len(f.missing.formerNames) == 0 {
		return ""
	}
	return cmp.Or(f.missing.formerNames[id], f.missing.formerNames[access.PrincipalMark(id)])
}

func keptForName(what, has, wants string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: MayBeRenamed,
		Summary: fmt.Sprintf("%s %q may be the missing %q under another name, so its access stays", what, has, wants)}
}
