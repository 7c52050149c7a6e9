package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// guardLockout finds what takes away or narrows the access that the caller is
// using, the last administrator access of an account, and whatever is taken
// from something protected.
func (p *guarded) guardLockout(g Guards) {
	var guarded *protection
	if len(g.Protected) > 0 {
		guarded = p.protect(g.Protected)
		p.warnUnknownProtected(g.Protected)
	}
	for _, c := range p.Changes {
		if why := p.locksCallerOut(c, g.Caller); why != "" {
			p.Findings = append(p.Findings, lockout(c, why))
		}
		if guarded == nil {
			continue
		}
		if why := guarded.loses(c); why != "" {
			p.Findings = append(p.Findings, lockout(c, why))
		}
	}
	p.guardLastAdministrator()
}

// lockout is about the change and what it makes of a policy: consent to one
// Deny is none to another.
func lockout(c Change, why string) diag.Diagnostic {
	about := []string{string(c.ID), documentOf(c.After)}
	if c.After != nil && c.After.Boundary != nil {
		about = append(about, c.After.Boundary.String())
	}
	return identified(diag.Diagnostic{Severity: diag.Error, Code: Lockout, Range: c.Source,
		Summary: fmt.Sprintf("%s: %s", c.Describe(), why),
	}.With(diag.Remedy{Way: diag.AllowLockout}), about...)
}

// uses says whether the caller's role is of this permission set.
func (c Caller) uses(set string) bool {
	return c.PermissionSet != "" && strings.EqualFold(set, c.PermissionSet)
}

// maxSession is the length at which AWS cuts off the name of a session.
const maxSession = 64

// is says whether the caller is signed in as this user. AWS does not tell user
// names apart by case.
func (c Caller) is(user string) bool {
	if len(c.User) == maxSession && len(user) > maxSession {
		user = user[:maxSession]
	}
	return c.User != "" && strings.EqualFold(user, c.User)
}

// locksCallerOut says how a change takes away or narrows the role that the
// caller is using.
func (b *Bound) locksCallerOut(c Change, caller Caller) string {
	if caller.PermissionSet == "" {
		return ""
	}
	switch c.Kind {
	case Assignment:
		return b.assignmentLocksOut(c, caller)
	case PermissionSet:
		if c.Action == Delete && caller.uses(c.Key.PermissionSet) {
			return "it deletes the permission set that you are using now"
		}
	case Provisioning:
		if b.stagedForCaller(c, caller) && slices.Contains(c.After.Accounts, caller.Account) {
			return "it provisions the permission set that you are using now with content that is not in use there yet"
		}
	case Membership:
		if c.Action == Delete && caller.is(c.Key.User) && b.groupHasCallersSet(c.Refs.GroupID, caller) {
			return "it removes you from a group through which you are signed in"
		}
	case Group:
		if c.Action == Delete && b.groupHasCallersSet(c.Refs.GroupID, caller) && b.mayBeMember(c.Refs.GroupID, caller) {
			return "it deletes a group through which you are signed in"
		}
	case User:
		return userLocksOut(c, caller)
	default:
		if caller.uses(c.Key.PermissionSet) && narrows(c) {
			return "it narrows the permission set that you are using now"
		}
	}
	return ""
}

func (b *Bound) assignmentLocksOut(c Change, caller Caller) string {
	switch {
	case c.Key.Account != caller.Account || !caller.uses(c.Key.PermissionSet):
	case c.Action == Delete && b.callerHas(c, caller):
		return "it ends the access that you are using now"
	case c.Action == Create && b.stagedForCaller(c, caller):
		return "it provisions the permission set that you are using now with content that is not in use there yet"
	}
	return ""
}

func userLocksOut(c Change, caller Caller) string {
	switch {
	case c.Action == Delete && caller.is(c.Key.User):
		return "it deletes the user that you are signed in as"
	case c.Action == Update && caller.is(c.Before.User.Username) && !caller.is(c.After.User.Username):
		return "it renames the user that you are signed in as"
	}
	return ""
}

// stagedForCaller says that the caller's set has content which its account does
// not have yet. What the account has instead is not known, so providing it may
// take something away.
func (b *Bound) stagedForCaller(c Change, caller Caller) bool {
	if !caller.uses(c.Key.PermissionSet) {
		return false
	}
	set := b.Live.SetIndex(c.Key.PermissionSet)
	return set >= 0 && slices.Contains(b.Live.Sets[set].Outdated, caller.Account)
}

// callerHas says whether a revoked assignment may be the caller's: its own, or
// that of a group which the caller is in, or whose members are not known.
func (b *Bound) callerHas(c Change, caller Caller) bool {
	if c.Key.User != "" {
		return caller.User == "" || caller.is(c.Key.User)
	}
	return c.Key.OrphanID == "" && b.mayBeMember(c.Refs.GroupID, caller)
}

// mayBeMember says whether the caller is in the group, or may be: because who
// the caller is, or who is in the group, is not known.
func (b *Bound) mayBeMember(groupID string, caller Caller) bool {
	group := slices.IndexFunc(b.Live.Groups, func(g access.Group) bool { return g.ID == groupID })
	if group < 0 || caller.User == "" || !b.Live.Observed.Members[groupID] {
		return true
	}
	return slices.ContainsFunc(b.Live.Members(group), func(m access.Membership) bool { return caller.is(b.Live.Users[m.User].Username) })
}

// groupHasCallersSet says whether the group has the caller's set in the caller's
// account, or may have it because neither was read completely.
func (b *Bound) groupHasCallersSet(groupID string, caller Caller) bool {
	read := b.Live.Observed.Uses[groupID]
	for i, s := range b.Live.Sets {
		if !caller.uses(s.Name) {
			continue
		}
		read = read || b.Live.Observed.SetUses[s.ARN]
		for _, g := range b.Live.SetAssignments(i) {
			if g.Kind == access.GroupPrincipal && b.Live.Groups[g.Principal].ID == groupID && b.Live.Accounts[g.Account].ID == caller.Account {
				return true
			}
		}
	}
	return !read
}
