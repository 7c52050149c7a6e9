package idp

// imageID is the id of what Okta keeps of a group in AWS: the target of the group's
// push mapping.
func imageID(groupID string) string { return "00gt" + groupID[4:] }

// withImages is the snapshot with the groups that Group Push makes in Okta itself:
// for each group in AWS one of type APP_GROUP, whose source is the application, of
// the name that it has there, with those who are in it there. Searches find it, and
// it is among the groups of its members.
func (d *Directory) withImages() Snapshot {
	s, app := d.Snapshot(), d.oktaAppID()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range s.Mappings {
		g := d.groups[m.GroupID]
		if g == nil || g.forgotten {
			continue
		}
		id, pushed := imageID(m.GroupID), m.LastPush
		if pushed.IsZero() {
			pushed = m.Created
		}
		s.Groups = append(s.Groups, Group{ID: id, Name: m.Name, Source: app, Created: m.Created, Updated: pushed, MembershipUpdated: pushed})
		for _, user := range d.order {
			if _, in := g.in[user]; in {
				s.Memberships = append(s.Memberships, Membership{GroupID: id, MemberID: user})
			}
		}
	}
	return s
}
