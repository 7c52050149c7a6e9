package plan

import (
	"cmp"
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// lost is what the config wants and AWS does not have. Something that AWS has
// and the config does not name may be just that, renamed outside of the
// config: an account in AWS Organizations, a group or user by its identity
// provider. So what it has stays until the name is found, even where
// --allow-missing lets the rest through.
type lost struct {
	accounts map[setGroup]string // the account's name that a group misses on a live set
	groups   map[inAccount]string
	unclear  map[grantKey]string // by what is there, an ambiguous name that may mean its account
	named    []int32             // by live account: the one that the config names, or -1
	// once are missing groups by the ids that they had; nil where nobody asked.
	once map[string]string
}

type (
	setGroup  struct{ set, group int32 }   // both live
	inAccount struct{ set, account int32 } // both live
)

func newLost(b *Bound) lost {
	return lost{accounts: map[setGroup]string{}, unclear: map[grantKey]string{}, groups: map[inAccount]string{}, named: reverse(b.accounts, len(b.Live.Accounts))}
}

// noteLost remembers which grants of a live set name an account or a group
// that is not there.
func (f *finder) noteLost(set int32, want []wanted) {
	for _, w := range want {
		if unclear := f.accounts[w.desired.Account].maybe; w.group >= 0 && unclear != nil {
			for _, a := range unclear {
				f.lost.unclear[grantKey{set, a, w.group, access.GroupPrincipal}] = f.Desired.Accounts[w.desired.Account].Name
			}
		} else if w.account < 0 && w.group >= 0 {
			f.lost.accounts[setGroup{set, w.group}] = f.Desired.Accounts[w.desired.Account].Name
		}
		if b := &f.groups[w.desired.Principal]; w.account >= 0 && b.hold == blocked && b.live < 0 { // an ignored one is there
			f.lost.groups[inAccount{set, w.account}] = f.Desired.Groups[w.desired.Principal].Name
		}
	}
}

// mayBeLost says whether an unwanted grant may be one that the config wants by
// another name.
func (f *finder) mayBeLost(g access.Grant) *diag.Diagnostic {
	if g.Kind != access.GroupPrincipal {
		return nil
	}
	if name := f.lost.unclear[keyOf(g)]; name != "" {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("account %s may be the one that %q means, so its access stays", f.Live.Accounts[g.Account].ID, name)}
	}
	if why := f.mayMeanGrant(g); why != nil {
		return why
	}
	if name := f.lost.accounts[setGroup{g.Set, g.Principal}]; name != "" && f.lost.named[g.Account] < 0 {
		return keptForName("account", f.Live.Accounts[g.Account].Name, name)
	}
	name := ""
	if f.desiredGroup[g.Principal] < 0 {
		name = f.lost.groups[inAccount{g.Set, g.Account}]
	}
	if name == "" { // names may have moved to groups that the config has, too
		name = cmp.Or(f.calledOnce(f.Live.Groups[g.Principal].ID), f.movedAway(f.Live.Groups[g.Principal].ID))
	}
	if name != "" {
		return keptForName("group", f.Live.Groups[g.Principal].Name, name)
	}
	return nil
}

// calledOnce returns the name of a missing group of the config under which a record
// of ours knows the id: whatever the config has changed besides, it was renamed.
func (f *finder) calledOnce(id string) string {
	if f.lost.once == nil {
		f.lost.once = map[string]string{}
		for i, g := range f.Desired.Groups {
			b := &f.groups[i]
			if b.hold != blocked || b.live >= 0 && b.why.Code != GroupRenamed {
				continue
			}
			for _, m := range f.names.meaningsOf(g.Name) {
				if b.live < 0 || !access.MeansPrincipal(m.id, f.Live.Groups[b.live].ID) {
					f.lost.once[m.id] = g.Name
				}
			}
		}
	}
	if len(f.lost.once) == 0 {
		return ""
	}
	return cmp.Or(f.lost.once[id], f.lost.once[access.PrincipalMark(id)])
}

func keptForName(what, has, wants string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: MayBeRenamed,
		Summary: fmt.Sprintf("%s %q may be the missing %q under another name, so its access stays", what, has, wants)}
}
