package doctor

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// oneSystem: a user of the config is in one of the two systems, or under another name in one of them, and has to be in both.
func oneSystem() Check {
	return Check{ID: "one-system", Link: AtIdP, About: []Subject{SetUp},
		Means: "A user of the config is not at the identity provider, which signs people in, or is inactive there, or has another name there.",
		Looks: "Each user of the config at the identity provider, by user name, e-mail address and alias; the users in AWS.",
		Fix:   "Create the person at the identity provider, make the two names equal, or take the user out of the config.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.hasIdP() || f.bySCIM():
				return nil
			case !f.Compared.Known:
				return unsure(f.Compared.Needs)
			case len(f.OneSided) == 0:
				return fine(diag.Evidence{System: f.IdP, What: "people", Saw: fmt.Sprintf("%d asked about, all there", f.Compared.Value.Users)})
			}
			var out []Verdict
			for i := range f.OneSided {
				out = append(out, f.oneSided(&f.OneSided[i])...)
			}
			return out
		}}
}

func (f *Facts) oneSided(s *OneSide) []Verdict {
	where := "is in the config"
	if s.InAWS {
		where = "is in AWS"
	}
	var v []Verdict
	switch p := s.Person; {
	case p == nil:
		v = soon(f.IdP, fmt.Sprintf("Create %q in %s under exactly this name, or take the user out of the config if the person has left.", s.Name, f.IdP), s.Evidence,
			"%q %s and not in %s, so nobody can sign in under that name", s.Name, where, f.IdP)
	case p.UserName != s.Name:
		v = soon(f.IdP, fmt.Sprintf("Make the two names equal, letter for letter: in %s, or in the config with username = %q and previously = %q.", f.IdP, p.UserName, s.Name), s.Evidence,
			"%q %s, and %s calls the person %q: sign-in looks for the exact name", s.Name, where, f.IdP, p.UserName)
	default:
		v = soon(f.IdP, fmt.Sprintf("Activate %q in %s, or take the user out of the config.", s.Name, f.IdP), s.Evidence,
			"%q %s, and is %s in %s", s.Name, where, p.Status, f.IdP)
	}
	v[0].Range = s.At
	return v
}
