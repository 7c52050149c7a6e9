package doctor_test

import (
	"context"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// simulated shows what the simulated identity provider knows, as a connector
// would.
type simulated struct{ d *idp.Directory }

func (s simulated) About() directory.About {
	return directory.About{Kind: string(s.d.Snapshot().Kind), System: "the simulated provider"}
}

func seen(what string) []diag.Evidence {
	return []diag.Evidence{{System: "the simulated provider", What: what, Saw: "its answer"}}
}

func (s simulated) FindPerson(_ context.Context, name string) (directory.PeopleFound, error) {
	out := directory.PeopleFound{Evidence: seen("person " + name)}
	for _, u := range s.d.Snapshot().Users {
		if u.Status != idp.Deleted && (strings.EqualFold(u.UserName, name) || strings.EqualFold(u.Email, name)) {
			out.People = append(out.People, directory.Person{ID: u.ID, UserName: u.UserName, Email: u.Email, Status: directory.Status(u.Status), Said: strings.ToUpper(string(u.Status)), Updated: u.Updated})
		}
	}
	return out, nil
}

func groupOf(g idp.Group) directory.Group {
	return directory.Group{ID: g.ID, Name: g.Name, MembershipUpdated: g.MembershipUpdated}
}

func (s simulated) FindGroups(_ context.Context, name string) (directory.GroupsFound, error) {
	out := directory.GroupsFound{Evidence: seen("group " + name)}
	for _, g := range s.d.Snapshot().Groups {
		if g.Name == name {
			out.Groups = append(out.Groups, groupOf(g))
		}
	}
	return out, nil
}

func (s simulated) GroupsOf(_ context.Context, person string) (directory.GroupsFound, error) {
	out := directory.GroupsFound{Evidence: seen("groups of " + person)}
	snap := s.d.Snapshot()
	for _, g := range snap.Groups {
		for _, m := range snap.Memberships {
			if m.GroupID == g.ID && m.MemberID == person {
				out.Groups = append(out.Groups, groupOf(g))
			}
		}
	}
	return out, nil
}

func (s simulated) MembersOf(_ context.Context, group string) (directory.MembersFound, error) {
	out := directory.MembersFound{Evidence: seen("members of " + group)}
	s.members(group, true, &out.Members)
	return out, nil
}

func (s simulated) members(group string, direct bool, into *[]directory.Member) {
	snap := s.d.Snapshot()
	for _, m := range snap.Memberships {
		switch {
		case m.GroupID != group:
		case m.MemberIsGroup:
			s.members(m.MemberID, false, into)
		default:
			for _, u := range snap.Users {
				if u.ID == m.MemberID {
					*into = append(*into, directory.Member{ID: u.ID, Name: u.UserName, Kind: directory.PersonMember, Direct: direct, Status: directory.Status(u.Status)})
				}
			}
		}
	}
}

func (s simulated) PersonAssignment(ctx context.Context, person string) (directory.PersonAssignment, error) {
	out := directory.PersonAssignment{How: directory.NotAssigned, Evidence: seen("assignment of " + person)}
	snap := s.d.Snapshot()
	for _, a := range snap.Assignments {
		if a.PrincipalType == idp.UserPrincipal && a.PrincipalID == person {
			out.How = directory.Directly
		}
		if a.PrincipalType != idp.GroupPrincipal {
			continue
		}
		var members []directory.Member
		s.members(a.PrincipalID, true, &members)
		for _, m := range members {
			switch {
			case m.ID != person:
			case m.Direct && out.How == directory.NotAssigned:
				out.How = directory.ByGroup
			case !m.Direct:
				out.Nested = append(out.Nested, directory.Group{ID: a.PrincipalID, Name: "the outer group"})
			}
		}
	}
	for _, p := range snap.Provisioned {
		if p.UserID == person && p.State == idp.Failed {
			out.Sync, out.Said = directory.SyncFailed, p.Error
		}
	}
	return out, nil
}

func (s simulated) GroupAssignments(context.Context) (directory.GroupsFound, error) {
	out := directory.GroupsFound{Evidence: seen("assigned groups")}
	snap := s.d.Snapshot()
	for _, a := range snap.Assignments {
		for _, g := range snap.Groups {
			if a.PrincipalType == idp.GroupPrincipal && a.PrincipalID == g.ID {
				out.Groups = append(out.Groups, groupOf(g))
			}
		}
	}
	return out, nil
}

func (s simulated) Provisioning(context.Context) (directory.Provisioning, error) {
	j := s.d.Job()
	out := directory.Provisioning{State: directory.JobOn, OnChange: j.Interval == 0, Interval: j.Interval, LastRun: j.LastExecution, Failure: j.Error, Evidence: seen("job")}
	switch j.Status {
	case idp.JobPaused:
		out.State = directory.JobPaused
	case idp.JobDisabled:
		out.State = directory.JobOff
	case idp.JobNotRun:
		out.State = directory.JobNotRun
	case idp.JobQuarantine:
		out.State, out.Quarantine = directory.JobQuarantine, &directory.Quarantine{Since: j.QuarantinedSince, Message: j.Error}
	}
	if j.Interval > 0 && !j.LastExecution.IsZero() {
		out.NextRun = j.LastExecution.Add(j.Interval)
	}
	return out, nil
}

func (s simulated) ProvisioningEvents(_ context.Context, since time.Time, subject string) (directory.EventsFound, error) {
	out := directory.EventsFound{Evidence: seen("log of " + subject)}
	for _, e := range s.d.Log() {
		if e.ObjectID == subject && e.Time.After(since) {
			out.Events = append([]directory.Event{{Time: e.Time, Outcome: directory.Outcome(e.Outcome), Reason: e.Reason, Token: e.Status == 401}}, out.Events...)
		}
	}
	return out, nil
}

// okta also has push mappings.
type okta struct{ simulated }

func (o okta) PushGroups(context.Context) (directory.PushGroupsFound, error) {
	out := directory.PushGroupsFound{Evidence: seen("push groups")}
	for _, m := range o.d.Snapshot().Mappings {
		state := directory.Synchronized
		if m.State == idp.Failed {
			state = directory.SyncFailed
		}
		out.Mappings = append(out.Mappings, directory.PushMapping{GroupID: m.GroupID, State: state, Error: m.Error, LastPush: m.LastPush})
	}
	return out, nil
}

// open is an application for which nobody needs to be assigned.
type open struct{ simulated }

func (o open) PersonAssignment(ctx context.Context, person string) (directory.PersonAssignment, error) {
	out, err := o.simulated.PersonAssignment(ctx, person)
	if out.How == directory.NotAssigned {
		out.How = directory.Everybody
	}
	return out, err
}
