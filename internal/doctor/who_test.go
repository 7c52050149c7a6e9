package doctor_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// who is a world in which a name does not say whose a user in AWS is.
type who struct {
	name string
	kind idp.Kind
	act  func(*world)
	ask  string // Jane unless given
	// person, group and setUp are the causes that doctor names of each.
	person, group, setUp []string
	says                 string // of the person
	never                string // no remedy says this
	ofGroup              string // what is said of the group
	all                  bool   // all members are compared
	estate               func(*emulator.Estate)
}

const deleting = "delete the user"

// renamedPeople makes so many members of the team, provisions them, and renames them at
// the identity provider since: AWS has the former names and the same ids.
func (w *world) renamedPeople(n int) {
	w.t.Helper()
	var ids []string
	for i := range n {
		u, err := w.idp.CreateUser(w.t.Context(), idp.User{UserName: fmt.Sprintf("before%d@company.com", i), GivenName: "P", FamilyName: fmt.Sprint("Q", i)})
		w.must(err)
		w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
		w.must(w.idp.AddMember(w.t.Context(), w.teamID, u.ID))
		ids = append(ids, u.ID)
	}
	w.sync()
	for i, id := range ids { // and no cycle since
		w.must(w.idp.UpdateUser(w.t.Context(), id, func(u *idp.User) {
			u.UserName = fmt.Sprintf("after%d@company.com", i)
			u.Email = u.UserName
		}))
	}
}

// madeByHand puts so many users that nobody provisioned into the team in AWS.
func madeByHand(n int) func(*emulator.Estate) {
	return func(e *emulator.Estate) {
		for i := range n {
			name := fmt.Sprintf("hand%d@company.com", i)
			e.Users = append(e.Users, emulator.EstateUser{UserName: name, Email: name, GivenName: "Hand", FamilyName: fmt.Sprint("Made ", i), DisplayName: name})
			e.Groups[0].Members = append(e.Groups[0].Members, name)
		}
	}
}

func whoIsWho() []who {
	return []who{
		{name: "renamed at Entra, asked by the name that AWS has", kind: idp.Entra, never: deleting, person: []string{"user-renamed"}, says: "under the former name", act: func(w *world) {
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.UserName, u.Email = "jane.miller@company.com", "jane.miller@company.com" }))
		}},
		{name: "an Okta login that is not the name in AWS", kind: idp.Okta, never: deleting, act: func(w *world) {
			w.idp.Pause()
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.UserName = "jsmith@corp.local" }))
			w.app.Connection = "ENABLED"
			w.app.UserNameTemplate = "user.awsUserName"
			w.served = func(a *vendorapi.API) { a.SetAppUser(w.janeID, vendorapi.AppUser{UserName: jane}) }
		}},
		{name: "a leaver's address is a colleague's alias", kind: idp.Entra, person: []string{"person-missing"}, says: "who by name and id is somebody else", group: []string{"membership-by-hand"}, setUp: []string{"membership-by-hand"}, act: func(w *world) {
			w.idp.Pause()
			w.must(w.idp.DeleteUser(w.t.Context(), w.janeID))
			mary, _ := w.idp.FindUser("mary@company.com")
			w.must(w.idp.UpdateUser(w.t.Context(), mary.ID, func(u *idp.User) { u.Aliases = []string{jane} }))
			w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, mary.ID))
			w.must(w.idp.Resume(w.t.Context()))
			time.Sleep(3 * time.Hour)
		}},
		{name: "thirty members whose names in AWS are former ones", kind: idp.Entra, never: "remove them in", all: true, act: func(w *world) { w.renamedPeople(30) }},
		{name: "a user made by hand has the address that is somebody's alias", kind: idp.Entra, all: true, estate: madeByHand(1), group: []string{"membership-by-hand"}, setUp: []string{"membership-by-hand"}, ofGroup: "hand0@company.com: in", act: func(w *world) {
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.Aliases = []string{"hand0@company.com"} }))
			time.Sleep(3 * time.Hour)
			w.sync()
		}},
		{name: "more made by hand than are looked for", kind: idp.Entra, estate: madeByHand(14), group: []string{"membership-by-hand"}, setUp: []string{"membership-by-hand"}, ofGroup: "and 5 more: in", act: func(w *world) { time.Sleep(3 * time.Hour); w.sync() }},
		{name: "a group that is pushed into one of another name, beside a namesake", kind: idp.Okta, never: "remove them in", act: func(w *world) {
			w.must(w.idp.UnpushGroup(w.t.Context(), w.teamID, true))
			source, err := w.idp.CreateGroup(w.t.Context(), idp.Group{Name: "Cloud Devs"})
			w.must(err)
			w.must(w.idp.AddMember(w.t.Context(), source.ID, w.janeID))
			w.must(w.idp.PushGroupAs(w.t.Context(), source.ID, team, true))
			w.must(w.idp.RemoveMember(w.t.Context(), w.teamID, w.janeID)) // the namesake is empty
			time.Sleep(3 * time.Hour)
		}},
		{name: "in no group that is assigned", kind: idp.Entra, ask: "mary@company.com", person: []string{"not-assigned"}, says: "is in none of the groups that are assigned and grant this access", never: "or one of their groups", act: func(*world) {}},
		{name: "may activate a membership of the group that is assigned", kind: idp.Entra, ask: "mary@company.com", person: []string{"not-assigned"}, says: "has not activated the membership", act: func(w *world) {
			mary, _ := w.idp.FindUser("mary@company.com")
			w.options = func(o *vendorapi.Options) { o.Eligible = []vendorapi.Eligibility{{UserID: mary.ID, GroupID: w.teamID}} }
		}},
		{name: "somebody left, and AWS has them switched off in the group", kind: idp.Okta, ask: "mary@company.com", person: []string{"person-inactive"}, never: "Add them to", act: func(w *world) {
			w.join("mary@company.com")
			w.disable("mary@company.com")
			mary, _ := w.idp.FindUser("mary@company.com")
			w.idp.Pause()
			w.must(w.idp.DeleteUser(w.t.Context(), mary.ID))
			w.app.Connection = "ENABLED"
			time.Sleep(3 * time.Hour)
		}},
	}
}

// TestWhoseTheMembersAre has users of the config whom AWS has and Google calls
// otherwise, where SCIM brings users only.
func TestWhoseTheMembersAre(t *testing.T) {
	for _, c := range []struct {
		name, says, never string
		act               func(*world)
	}{
		{"a leaver's address is a colleague's alias", "who by name or id is somebody else", "write", func(w *world) {
			w.must(w.idp.DeleteUser(w.t.Context(), w.janeID))
			mary, _ := w.idp.FindUser("mary@company.com")
			w.must(w.idp.UpdateUser(w.t.Context(), mary.ID, func(u *idp.User) { u.Aliases = []string{jane} }))
		}},
		{"another case alone, and another first name", "Jane@company.com", "somebody else", func(w *world) {
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.UserName, u.Email, u.GivenName = "Jane@company.com", "Jane@company.com", "Janet" }))
			w.patch(jane, "externalId", "earlier")
		}},
		{"renamed, and the id is the same", `calls the person "jane.miller@company.com"`, deleting, func(w *world) {
			w.must(w.idp.UpdateUser(w.t.Context(), w.janeID, func(u *idp.User) { u.UserName, u.Email = "jane.miller@company.com", "jane.miller@company.com" }))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, idp.Google, nil)
				c.act(w)
				r := w.diagnose(doctor.SetUp, "", "", w.connector())
				found := append(r.Found(doctor.Problem), r.Found(doctor.Warning)...)
				if len(found) != 1 || found[0].Check != "one-system" || !strings.Contains(found[0].Cause, c.says) || strings.Contains(found[0].Fix, c.never) {
					t.Errorf("%+v", found)
				}
			})
		})
	}
}

// TestWhoIsWho has users in AWS whose name alone does not say whose they are.
func TestWhoIsWho(t *testing.T) {
	for _, c := range whoIsWho() {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, c.kind, c.estate)
				c.act(w)
				ask := cmp.Or(c.ask, jane)
				for _, about := range []struct {
					subject doctor.Subject
					name    string
					want    []string
				}{{doctor.Person, ask, c.person}, {doctor.Group, team, c.group}, {doctor.SetUp, "", c.setUp}} {
					account := production
					if about.subject == doctor.SetUp {
						account = ""
					}
					r := w.diagnose(about.subject, about.name, account, w.connector())
					if got := causes(r); !slices.Equal(got, about.want) {
						t.Errorf("of the %s it names %v, want %v: %q", about.subject, got, about.want, r.Answer)
					}
					if about.subject == doctor.Person && !strings.Contains(r.Answer, c.says) {
						t.Errorf("it does not say %q: %q", c.says, r.Answer)
					}
					if about.subject == doctor.Group && !strings.Contains(r.Answer, c.ofGroup) {
						t.Errorf("of the group it does not say %q: %q", c.ofGroup, r.Answer)
					}
					if c.all && about.subject != doctor.Person && unsureOf(r, "membership-by-hand") {
						t.Errorf("of the %s not all are compared: %+v", about.subject, r.Found(doctor.CannotTell))
					}
					for _, v := range r.Verdicts {
						if c.never != "" && strings.Contains(v.Fix, c.never) {
							t.Errorf("of the %s: %s: %s", about.subject, v.Check, v.Fix)
						}
					}
				}
			})
		})
	}
}
