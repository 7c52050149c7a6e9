package doctor_test

import (
	"cmp"
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

// causes returns the checks that found a problem, each once.
func causes(r doctor.Report) []string {
	var out []string
	for _, s := range []doctor.State{doctor.Problem, doctor.Warning} {
		for _, v := range r.Found(s) {
			if !slices.Contains(out, v.Check) {
				out = append(out, v.Check)
			}
		}
	}
	return out
}

func kinds() []idp.Kind { return []idp.Kind{idp.Okta, idp.Entra, idp.Google, exported} }

func TestHealthy(t *testing.T) {
	for _, tt := range []struct {
		kind   idp.Kind
		config string // that of the kind unless given
	}{{idp.Okta, ""}, {idp.Entra, ""}, {idp.Google, ""}, {exported, ""}, {idp.Okta, withoutSCIM}, {exported, withoutSCIM}, {idp.Okta, builtIn}} {
		t.Run(string(tt.kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, tt.kind, nil)
				w.config = cmp.Or(tt.config, w.config)
				for _, d := range []bool{true, false} {
					connector := w.connector()
					if !d {
						connector = nil
					}
					for _, ask := range []struct {
						subject       doctor.Subject
						name, account string
					}{{doctor.Person, jane, production}, {doctor.Person, jane, "production"}, {doctor.Person, jane, ""}, {doctor.Group, team, production}, {doctor.Group, team, ""}, {doctor.SetUp, "", ""}} {
						r := w.diagnose(ask.subject, ask.name, ask.account, connector)
						if got := causes(r); got != nil {
							t.Errorf("connector %v, %v: %v: %+v", d, ask, got, r.Verdicts)
						}
						for _, step := range r.Chain {
							if step.State == doctor.OK && step.Says == "" {
								t.Errorf("connector %v, %v: %s is said to be right, and nothing was seen", d, ask, step.Link)
							}
						}
						if !d && r.State != doctor.CannotTell && (tt.config == "" || tt.config == withoutSCIM && ask.subject != doctor.Group) {
							t.Errorf("%v: without a connector it says %s", ask, r.State)
						}
					}
				}
			})
		})
	}
}

// A failure that a later sign-in has overcome is no cause; an old one is only
// worth a warning.
func TestSignInsOfThePast(t *testing.T) {
	for kind, code := range map[idp.Kind]string{idp.Okta: "application.policy.sign_on.deny_access", idp.Entra: "53003", idp.Google: "failure_unknown"} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kind, nil)
				w.failSignIn(vendorapi.SignInFailure{Code: code})
				time.Sleep(3 * 24 * time.Hour)
				w.sync()
				d := w.connector()
				if r := w.diagnose(doctor.Person, jane, production, d); r.State != doctor.Warning || !slices.Equal(causes(r), []string{"sign-in-failed"}) {
					t.Errorf("after three days: %v, %v", r.State, causes(r))
				}
				w.api.SignIn(w.janeID)
				time.Sleep(time.Minute)
				if got := causes(w.diagnose(doctor.Person, jane, production, d)); got != nil {
					t.Errorf("after a sign-in that worked: %v", got)
				}
			})
		})
	}
}

// Of a group that is not in AWS yet the identity provider says whether it comes.
func TestNamesOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Entra, nil)
		w.config = strings.Replace(w.config, team, "AWS-New", 1)
		if r := w.diagnose(doctor.SetUp, "", "", w.connector()); r.Waits() || !strings.Contains(r.Answer, `Neither Entra ID nor AWS has a group called "AWS-New"`) {
			t.Errorf("nobody has it: %q", r.Answer)
		}
		group, err := w.idp.CreateGroup(t.Context(), idp.Group{Name: "AWS-New"})
		w.must(err)
		if r := w.diagnose(doctor.SetUp, "", "", w.connector()); r.Waits() || !strings.Contains(r.Answer, "not among those that it brings to AWS") {
			t.Errorf("not assigned: %q", r.Answer)
		}
		w.must(w.idp.Assign(t.Context(), idp.GroupPrincipal, group.ID))
		if r := w.diagnose(doctor.SetUp, "", "", w.connector()); !r.Waits() || r.State != doctor.Problem {
			t.Errorf("on the way: %+v", r.Found(doctor.Problem))
		}
		w.sync()
		if got := causes(w.diagnose(doctor.SetUp, "", "", w.connector())); !slices.Equal(got, []string{"names"}) { // nobody is in it
			t.Errorf("arrived: %v", got)
		}
		if r := w.diagnose(doctor.SetUp, "", "", w.connector()); r.State != doctor.Warning {
			t.Errorf("arrived: %v", r.State)
		}
	})
}

// Of a name that is misspelt the near one is told, whatever the identity provider says
// of it; and that an export may be old, once.
func TestANearNameIsToldBesideTheReason(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra, exported} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kind, nil)
				w.config = strings.Replace(w.config, team, "AWS-Taem", 1)
				r := w.diagnose(doctor.SetUp, "", "", w.connector())
				for _, v := range r.Found(doctor.Problem) {
					if !strings.Contains(v.Cause, `AWS has "AWS-Team", which differs in`) || !strings.HasPrefix(v.Fix, `If "AWS-Team" is meant, write that in the config.`) {
						t.Errorf("%s: %s", v.Cause, v.Fix)
					}
					if n := strings.Count(v.Fix, "export it again"); n > 1 || kind == exported && n != 1 {
						t.Errorf("an export is said to be old %d times: %s", n, v.Fix)
					}
				}
				if got := causes(r); !slices.Equal(got, []string{"names"}) {
					t.Errorf("it names %v", got)
				}
			})
		})
	}
}

// Without an account the versions of sets are not looked at, and that is told.
func TestVersionsAreNotLookedAtWithoutAnAccount(t *testing.T) {
	for _, about := range []doctor.Subject{doctor.Group, doctor.Person} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, idp.Okta, func(e *emulator.Estate) { e.PermissionSets[0].OutdatedIn = []string{"production"} })
			name := map[doctor.Subject]string{doctor.Group: team, doctor.Person: jane}[about]
			if r := w.diagnose(about, name, "", w.connector()); r.State != doctor.CannotTell || !strings.Contains(needs(r, "set-outdated"), "--account") {
				t.Errorf("%s: %s: %s", about, r.State, r.Answer)
			}
			if got := causes(w.diagnose(about, name, production, w.connector())); !slices.Equal(got, []string{"set-outdated"}) {
				t.Errorf("%s, with an account: %v", about, got)
			}
		})
	}
}

// A member whom AWS knows under another spelling is no stranger to the group.
func TestAnotherNameIsNoDrift(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra, exported} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, kind, nil)
				w.patch(jane, "userName", "Jane@company.com")
				time.Sleep(3 * time.Hour)
				for _, s := range []doctor.Subject{doctor.Group, doctor.SetUp} {
					if got := causes(w.diagnose(s, team, "", w.connector())); got != nil {
						t.Errorf("%s: %v", s, got)
					}
				}
			})
		})
	}
}

// An export tells of people and groups, and the rest is said to be unknown.
func TestWhatAnExportDoesNotTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, exported, nil)
		r := w.diagnose(doctor.Person, jane, production, w.connector())
		for _, check := range []string{"not-assigned", "provisioning-off", "sign-in-failed"} {
			if got := needs(r, check); !strings.HasPrefix(got, "An export of users and groups does not tell.") {
				t.Errorf("%s: %q", check, got)
			}
		}
		for _, v := range r.Verdicts {
			if v.Check == "person-missing" && (v.State != doctor.OK || len(v.Evidence) == 0 || v.Evidence[0].When == "") {
				t.Errorf("of the person: %+v", v)
			}
		}
		w.must(w.idp.RemoveMember(t.Context(), w.teamID, w.janeID))
		r = w.diagnose(doctor.Person, jane, production, w.connector())
		if p := append(r.Found(doctor.Problem), r.Found(doctor.Warning)...); len(p) != 1 || !strings.Contains(p[0].Fix, "export it again") {
			t.Errorf("nothing says that the export may be old: %+v", p)
		}
	})
}

func TestEachCauseAlone(t *testing.T) {
	for _, s := range stages() {
		for _, kind := range s.kinds {
			if s.subject == "" {
				s.subject = doctor.Person
			}
			t.Run(s.cause+"/"+string(s.subject)+"/"+string(kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { s.run(t, kind) })
			})
		}
	}
}

func (s stage) run(t *testing.T, kind idp.Kind) {
	s.on(newWorld(t, kind, s.estate))
}

// on breaks the stage's thing in a world, and looks for its cause.
func (s stage) on(w *world) {
	t := w.t
	t.Helper()
	w.scan = s.scan
	if s.act != nil {
		s.act(w)
	}
	account := cmp.Or(s.account, production)
	if account == "any" || s.subject == doctor.SetUp {
		account = ""
	}
	subject, name := s.about()
	r := w.diagnose(subject, name, account, w.connector())
	if got := causes(r); !slices.Equal(got, []string{s.cause}) {
		t.Errorf("it names %v: %q", got, r.Answer)
		for _, v := range append(r.Found(doctor.Problem), r.Found(doctor.Warning)...) {
			t.Logf("%s: %s", v.Check, v.Cause)
		}
	}
	if !strings.Contains(r.Answer, s.says) {
		t.Errorf("it does not say %q: %q", s.says, r.Answer)
	}
	for _, v := range append(r.Found(doctor.Problem), r.Found(doctor.Warning)...) {
		if v.System == "" || v.Fix == "" {
			t.Errorf("%s does not say what to do, or where: %+v", v.Check, v)
		}
		if !strings.Contains(v.Fix, s.fix) {
			t.Errorf("%s does not say %q: %q", v.Check, s.fix, v.Fix)
		}
	}
	broken := 0
	for _, step := range r.Chain {
		if step.Broken {
			broken++
		}
	}
	if broken != min(1, len(r.Found(doctor.Problem))) {
		t.Errorf("%d links are broken: %+v", broken, r.Chain)
	}
}

// about returns what the stage looks into.
func (s stage) about() (doctor.Subject, string) {
	switch subject := cmp.Or(s.subject, doctor.Person); {
	case subject == doctor.Group:
		return subject, cmp.Or(s.name, team)
	case subject == doctor.SetUp:
		return subject, s.name
	default:
		return subject, cmp.Or(s.name, jane)
	}
}

// Every check is staged, so that none is listed which nobody has seen bite.
func TestEveryCheckIsStaged(t *testing.T) {
	staged := map[string]bool{}
	for _, s := range stages() {
		staged[s.cause] = true
	}
	seen := map[string]bool{}
	for _, c := range doctor.Checks() {
		if !staged[c.ID] {
			t.Errorf("%s is not staged", c.ID)
		}
		if seen[c.ID] || c.Means == "" || c.Looks == "" || c.Fix == "" {
			t.Errorf("%s is listed twice, or does not say what it means", c.ID)
		}
		seen[c.ID] = true
	}
}
