package directorytest

import (
	"encoding/json"
	"net/http"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/file"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// exported is the file connector, which reads what an administrator would export
// from a directory that nests groups.
func exported() vendor {
	return vendor{"file", idp.Entra, func(r *rig, _ *vendorapi.Options) {
		r.settings = directory.Settings{Path: "export.json", ReadFile: func(string) ([]byte, error) { return json.Marshal(export(r.idp.Snapshot())) }}
	}, func(s directory.Settings, _ *http.Client, _ *quota.Budgets) (directory.Directory, error) {
		return file.New(s)
	}}
}

func export(s idp.Snapshot) any {
	users, groups := []map[string]string{}, []map[string]any{}
	for _, u := range s.Users {
		users = append(users, map[string]string{"id": u.ID, "user_name": u.UserName, "email": u.Email, "given_name": u.GivenName, "family_name": u.FamilyName, "status": string(u.Status)})
	}
	for _, g := range s.Groups {
		var members, inner []string
		for _, m := range s.Memberships {
			if m.GroupID == g.ID && m.MemberIsGroup {
				inner = append(inner, m.MemberID)
			} else if m.GroupID == g.ID {
				members = append(members, m.MemberID)
			}
		}
		groups = append(groups, map[string]any{"id": g.ID, "name": g.Name, "members": members, "member_groups": inner})
	}
	return map[string]any{"exported": "2026-11-01T08:00:00Z", "users": users, "groups": groups}
}

// readable are all connectors: those over HTTP and the file.
func readable(all []vendor) []vendor { return append(all, exported()) }
