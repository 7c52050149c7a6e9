package vendorapi

import "github.com/rolecall-dev/rolecall/emulator/idp"

// imageID is the id of what Okta keeps of a group in AWS: the target of the group's
// push mapping.
func imageID(groupID string) string { return "00gt" + groupID[4:] }

// withImages is the snapshot with the groups that Group Push makes in Okta itself:
// for each group in AWS one of type APP_GROUP, whose source is the application, of
// the name that it has there, with those who are in it there. Searches find it, and
// it is among the groups of its members.
func (a *API) withImages() view {
	v, app := a.view(), a.ApplicationID()
	for _, m := range v.Mappings {
		if m.Forgotten {
			continue
		}
		id, pushed := imageID(m.GroupID), m.LastPush
		if pushed.IsZero() {
			pushed = m.Created
		}
		v.Groups = append(v.Groups, idp.Group{ID: id, Name: m.Name, Source: app, Created: m.Created, Updated: pushed, MembershipUpdated: pushed})
		for _, user := range m.Members {
			v.Memberships = append(v.Memberships, idp.Membership{GroupID: id, MemberID: user})
		}
	}
	return v
}
