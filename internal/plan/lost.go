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
	members  map[int32]string    // by desired group: the user name that it misses
	named    []bool              // live accounts that the config names
	// once are missing groups by the ids that they had; nil where nobody asked.
	once map[string]string
}

type (
	setGroup  struct{ set, group int32 }   // both live
	inAccount struct{ set, account int32 } // both live
)

func newLost(b *Bound) lost {
	l := lost{accounts: map[setGroup]string{}, unclear: map[grantKey]string{}, groups: map[inAccount]string{}, members: map[int32]string{}, named: make([]bool, len(b.Live.Accounts))}
	for _, a := range b.accounts {
		if a.live >= 0 {
			l.named[a.live] = true
		}
	}
	return l
}

// noteLost remembers which grants of a live set name an account or a group
// that is not there.
func (d *differ) noteLost(set int32, want []wanted) {
	for _, w := range want {
		if unclear := d.unclear[w.desired.Account]; w.group >= 0 && unclear != nil {
			for _, a := range unclear {
				d.lost.unclear[grantKey{set, a, w.group, access.GroupPrincipal}] = d.Desired.Accounts[w.desired.Account].Name
			}
		} else if w.account < 0 && w.group >= 0 {
			d.lost.accounts[setGroup{set, w.group}] = d.Desired.Accounts[w.desired.Account].Name
		}
		if b := &d.groups[w.desired.Principal]; w.account >= 0 && b.hold == blocked && b.live < 0 { // an ignored one is there
			d.lost.groups[inAccount{set, w.account}] = d.Desired.Groups[w.desired.Principal].Name
		}
	}
}

// mayBeLost says whether an unwanted grant may be one that the config wants by
// another name.
func (d *differ) mayBeLost(g access.Grant) *diag.Diagnostic {
	if g.Kind != access.GroupPrincipal {
		return nil
	}
	if name := d.lost.unclear[keyOf(g)]; name != "" {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("account %s may be the one that %q means, so its access stays", d.Live.Accounts[g.Account].ID, name)}
	}
	if name := d.lost.accounts[setGroup{g.Set, g.Principal}]; name != "" && !d.lost.named[g.Account] {
		return keptForName("account", d.Live.Accounts[g.Account].Name, name)
	}
	name := ""
	if d.desiredGroup[g.Principal] < 0 {
		name = d.lost.groups[inAccount{g.Set, g.Account}]
	}
	if name == "" { // names may have moved to groups that the config has, too
		name = d.calledOnce(d.Live.Groups[g.Principal].ID)
	}
	if name != "" {
		return keptForName("group", d.Live.Groups[g.Principal].Name, name)
	}
	return nil
}

// calledOnce gives the name of a missing group of the config under which a record
// of ours knows the id: whatever the config has changed besides, it was renamed.
func (d *differ) calledOnce(id string) string {
	if d.lost.once == nil {
		d.lost.once = map[string]string{}
		for i, g := range d.Desired.Groups {
			b := &d.groups[i]
			if b.hold != blocked || b.live >= 0 && b.why.Code != GroupRenamed {
				continue
			}
			for _, m := range d.meaningsOf(g.Name) {
				if b.live < 0 || !access.MeansPrincipal(m.id, d.Live.Groups[b.live].ID) {
					d.lost.once[m.id] = g.Name
				}
			}
		}
	}
	if len(d.lost.once) == 0 {
		return ""
	}
	return cmp.Or(d.lost.once[id], d.lost.once[access.PrincipalMark(id)])
}

func keptForName(what, has, wants string) *diag.Diagnostic {
	return &diag.Diagnostic{Code: MayBeRenamed,
		Summary: fmt.Sprintf("%s %q may be the missing %q under another name, so its access stays", what, has, wants)}
}

// keepMember leaves somebody in a group who may be the missing member under
// another name, or a stranger: so the group gets nothing more meanwhile.
func (d *differ) keepMember(m access.Membership, desired int32, wants string) {
	group, user := d.Desired.Groups[desired].Name, d.Live.Users[m.User].Username
	d.block(Change{Kind: Membership, Action: Delete, Key: Key{Group: group, User: user},
		Refs: d.memberRefs(m.Group, m.User), Reason: "not in the config"}, *keptForName("user", user, wants))
	why := &diag.Diagnostic{Code: DependsOnBlocked,
		Summary: fmt.Sprintf("user %q stays in group %q and may not be the missing %q, so the group gets nothing more", user, group, wants)}
	d.memberKept[m.Group] = why
	if d.groups[desired].hold != additive {
		d.groups[desired].noGrants, d.groups[desired].why = true, *why
	}
}
