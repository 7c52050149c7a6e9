package idp

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
)

// newID makes an id in the form that the kind has. It depends on the seed and on
// how many were made before.
func (d *Directory) newID(typ PrincipalType) string {
	d.made++
	r := rand.New(rand.NewPCG(d.seed, d.made))
	switch d.kind {
	case Okta:
		prefix := map[PrincipalType]string{UserPrincipal: "00u", GroupPrincipal: "00g"}[typ]
		return prefix + ids.Draw(r, ids.Mixed, 17)
	case Google:
		if typ == GroupPrincipal {
			return "0" + ids.Draw(r, ids.Letters, 14)
		}
		return "1" + ids.Draw(r, ids.Digits, 20)
	}
	return ids.DrawUUID(r)
}

func (d *Directory) user(id string) (*person, error) {
	if p := d.users[id]; p != nil && p.Status != Deleted {
		return p, nil
	}
	return nil, fmt.Errorf("user %q: %w", id, ErrNotFound)
}

func (d *Directory) group(id string) (*team, error) {
	if g := d.groups[id]; g != nil && !g.deleted {
		return g, nil
	}
	return nil, fmt.Errorf("group %q: %w", id, ErrNotFound)
}

// nameTaken tells whether another living user or group, in whatever case, has a
// name. Groups may share one but in Okta.
func nameTaken(names map[string]string, name, self string) bool {
	id, ok := names[strings.ToLower(name)]
	return ok && id != self
}

func setName(names map[string]string, old, name, id string) {
	if key := strings.ToLower(old); names[key] == id {
		delete(names, key)
	}
	if name != "" {
		names[strings.ToLower(name)] = id
	}
}
