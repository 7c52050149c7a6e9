package doctor

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// asked looks for the user of the config that may have been meant, where only the
// question has the name: neither the identity provider nor the config calls anybody so.
func (g *gatherer) asked(name string) {
	if g.f.named() {
		return
	}
	same, near := nearUsers(name, g.users())
	if g.f.Alike == nil && same != nil {
		same.System = config
		g.f.Alike = same
	}
	if g.f.Alike != nil {
		g.f.Alike.Asked = true
		return
	}
	g.f.InConfig = near
}

// users are those that the config wants.
func (g *gatherer) users() []access.User {
	return slices.DeleteFunc(slices.Clone(g.Desired.Users), func(u access.User) bool { return u.Remove })
}

// nearInConfig looks for the one in the config who may be meant for a user that AWS has
// and the config does not name.
func (g *gatherer) nearInConfig(name string) {
	if g.f.Named {
		return
	}
	same, near := nearUsers(name, g.users())
	if same != nil {
		near = []string{same.Name}
	}
	g.f.InConfig = near
}

// nearUsers finds the user whom people would take for the one of the name, or who has
// it as the e-mail address; where there is none, those who are near: by a few
// characters of either, or by what is before the @.
func nearUsers(name string, users []access.User) (*Alike, []string) {
	byName, near := lookAlike(name, called(users, func(u access.User) string { return u.Username }))
	if byName != nil {
		return byName, nil
	}
	at := names.IndexOf(users, func(u access.User) string { return u.Email }).Nearest(name, mostNear, func(at int) bool { return users[at].Email == "" })
	for _, c := range at {
		if c.Rung.SameName() {
			return alike(name, users[c.At].Username, presence.SameEmail), nil
		}
		near = append(near, users[c.At].Username)
	}
	var same []string
	for _, u := range users {
		if sameBefore(name, u.Username) || sameBefore(name, u.Email) {
			same = append(same, u.Username)
		}
	}
	return nil, first(append(same, near...))
}

// sameBefore says that two names are equal but for what is behind the @, or that one of
// them has nothing there.
func sameBefore(a, b string) bool {
	whoA, _, domainA := strings.Cut(a, "@")
	whoB, _, domainB := strings.Cut(b, "@")
	return whoA != "" && domainA != domainB && names.Fold(whoA) == names.Fold(whoB)
}

// first gives the first of the names, each once.
func first(all []string) []string {
	var out []string
	for _, name := range all {
		if len(out) < mostNear && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func called[T any](rows []T, name func(T) string) []string {
	out := make([]string, 0, len(rows))
	for _, row := range rows {
		out = append(out, name(row))
	}
	return out
}
