package doctor_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// newcomer is somebody who is assigned and not in AWS yet; in the team, or in no group.
func (w *world) newcomer(inTeam bool) {
	w.t.Helper()
	u := w.user("new@company.com", "New", "Person")
	w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, u.ID))
	if inTeam {
		w.must(w.idp.AddMember(w.t.Context(), w.teamID, u.ID))
	}
}

// late puts Mary into the team, which AWS has not heard of.
func (w *world) late() {
	w.t.Helper()
	mary, _ := w.idp.FindUser("mary@company.com")
	w.must(w.idp.Assign(w.t.Context(), idp.UserPrincipal, mary.ID))
	w.sync()
	w.must(w.idp.AddMember(w.t.Context(), w.teamID, mary.ID))
}

// Somebody whose profile is old and whom somebody assigned a moment ago is on the way,
// and is late only when the time since the assignment is over.
func TestAssignedAMomentAgo(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kind, nil)
				u := w.user("new@company.com", "New", "Person")
				time.Sleep(1000 * time.Hour)
				if kind == idp.Entra {
					w.sync()
				}
				w.idp.Inject(idp.Fault{ObjectID: u.ID, Times: 100, Status: 500})
				assigned := time.Now()
				w.must(w.idp.Assign(t.Context(), idp.UserPrincipal, u.ID))
				w.served = func(a *vendorapi.API) {
					a.SetAppUser(u.ID, vendorapi.AppUser{Status: "STAGED", SyncState: "DISABLED", StatusChanged: assigned})
				}
				w.wrap = withoutEvents
				r := w.diagnose(doctor.Person, "new@company.com", production, w.connector())
				if p := r.Found(doctor.Problem); len(p) == 0 || p[0].Check != "user-not-synced" || p[0].Until.IsZero() {
					t.Errorf("a moment ago: %+v", r.Answer)
				}
				time.Sleep(24 * time.Hour)
				if kind == idp.Entra {
					_ = w.idp.SyncNow(t.Context()) // it fails, as it should
				}
				r = w.diagnose(doctor.Person, "new@company.com", production, w.connector())
				if p := r.Found(doctor.Problem); len(p) == 0 || p[0].Check != "user-not-synced" || !p[0].Until.IsZero() {
					t.Errorf("a day later: %+v", r.Answer)
				}
			})
		})
	}
}

// quiet is a directory whose log is not shown.
type quiet struct {
	directory.People
	directory.Groups
	directory.Assignments
	directory.Provisioner
	directory.SignIner
	directory.SAMLer
	about directory.About
}

func (q quiet) About() directory.About { return q.about }

func withoutEvents(d directory.Directory) directory.Directory {
	return quiet{d.(directory.People), d.(directory.Groups), d.(directory.Assignments), d.(directory.Provisioner), d.(directory.SignIner), d.(directory.SAMLer), d.About()}
}

// Where somebody has to act, that is told beside what will have come by itself: waiting
// alone does not mend it.
func TestWaitingAloneDoesNotMend(t *testing.T) {
	const newcomer, mary = "new@company.com", "mary@company.com"
	none := func(e *emulator.Estate) { e.Assignments = nil }
	for _, s := range []struct {
		name   string
		estate func(*emulator.Estate)
		act    func(*world)
		about  doctor.Subject
		who    string
		causes []string
	}{
		{name: "a membership", act: (*world).late, who: mary, causes: []string{"group-not-synced"}},
		{name: "a membership, and the group made again", act: func(w *world) { w.orphan(); w.late() }, who: mary, causes: []string{"group-not-synced", "group-recreated"}},
		{name: "a membership, and the assignment gone", estate: none, act: (*world).late, who: mary, causes: []string{"group-not-synced", "not-applied"}},
		{name: "the group, made again", act: func(w *world) { w.orphan(); w.late() }, about: doctor.Group, who: team, causes: []string{"group-not-synced", "group-recreated"}},
		{name: "a user", act: func(w *world) { w.newcomer(true) }, who: newcomer, causes: []string{"user-not-synced"}},
		{name: "a user, and the group made again", act: func(w *world) { w.orphan(); w.newcomer(true) }, who: newcomer, causes: []string{"user-not-synced", "group-recreated"}},
		{name: "a user, and the assignment gone", estate: none, act: func(w *world) { w.newcomer(true) }, who: newcomer, causes: []string{"user-not-synced", "not-applied"}},
		{name: "a user in no group", act: func(w *world) { w.newcomer(false) }, who: newcomer, causes: []string{"user-not-synced", "not-in-group"}},
		{name: "a user whom nothing brings, and the group made again", act: func(w *world) { w.orphan(); w.newcomer(true); w.idp.Pause() }, who: newcomer, causes: []string{"provisioning-off"}},
		{name: "a group that the config does not name", act: func(w *world) {
			config := w.config
			id := w.newGroup("Contractors")
			w.config = config
			w.must(w.idp.Assign(w.t.Context(), idp.GroupPrincipal, id))
		}, about: doctor.Group, who: "Contractors", causes: []string{"not-in-config", "group-not-synced"}},
	} {
		for _, account := range []string{production, ""} {
			t.Run(s.name+"/"+account, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, idp.Entra, s.estate)
					w.warm = true
					s.act(w)
					about := s.about
					if about == "" {
						about = doctor.Person
					}
					before := w.aws.Stats().Total
					r := w.diagnose(about, s.who, account, w.connector())
					calls := w.aws.Stats().Total - before
					if got := causes(r); !slices.Equal(got, s.causes) {
						t.Errorf("it names %v: %q", got, r.Answer)
					}
					if alone := len(s.causes) == 1 && s.causes[0] != "provisioning-off"; r.Waits() != alone {
						t.Errorf("waiting mends it: %v", r.Waits())
					}
					if about == doctor.Person && account != "" && calls > w.most(s.who) {
						t.Errorf("%d calls, more than %d: %v", calls, w.most(s.who), w.aws.Stats().Calls)
					}
				})
			})
		}
	}
}

// orphan makes the team again, and brings it.
func (w *world) orphan() {
	w.t.Helper()
	w.recreate()
	w.must(w.idp.Assign(w.t.Context(), idp.GroupPrincipal, w.teamID))
	w.sync()
}
