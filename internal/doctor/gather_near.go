package doctor

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// asked looks for the user of the config that may have been meant, where only the
// question has the name: neither the identity provider nor the config calls anybody so.
// Where the config refers to the name and nobody defines it, the slip is there.
func (g *gatherer) asked(name string) {
	if g.f.named() {
		if g.f.Named && !g.f.Defined && (!g.f.Person.Known || g.f.Person.Value == nil) {
			g.f.InConfig = g.othersNear(name)
		}
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
	if !g.f.Named {
		g.f.InConfig = g.othersNear(name)
	}
}

// othersNear names those of the config who are near, beside the one of the name.
func (g *gatherer) othersNear(name string) []string {
	same, near := nearUsers(name, slices.DeleteFunc(g.users(), func(u access.User) bool { return u.Username == name }))
	if same != nil {
		return []string{same.Name}
	}
	return near
}

// nearUsers finds the user whom people would take for the one of the name, or who has
// it as the e-mail address; where there is none, those who are near.
func nearUsers(name string, users []access.User) (*Alike, []string) {
	found := presence.NearUsers(name, users)
	if len(found) > 0 && found[0].Same() {
		return alike(name, found[0].Name, found[0].Match), nil
	}
	return nil, called(found, func(s presence.Suggestion) string { return s.Name })
}

// first returns the first of the names, each once.
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
