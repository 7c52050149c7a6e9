package access

// OnlyGroups returns the part of a desired state that concerns some groups, by
// their names.
func (s *State) OnlyGroups(names []string) State {
	var b Builder
	groups, users, sets, accounts := map[int32]int32{}, map[int32]int32{}, map[int32]int32{}, map[int32]int32{}
	for _, name := range names {
		from := int32(s.GroupIndex(name))
		if _, twice := groups[from]; twice {
			continue
		}
		groups[from] = b.AddGroup(s.Groups[from])
		for _, m := range s.Members(int(from)) {
			b.AddMembership(groups[from], handleOf(users, m.User, func() int32 { return b.AddUser(s.Users[m.User]) }), 0)
		}
	}
	for _, g := range s.Assignments {
		group, ok := groups[g.Principal]
		if g.Kind != GroupPrincipal || !ok {
			continue
		}
		b.AddAssignment(Assignment{
			Set:     handleOf(sets, g.Set, func() int32 { return b.AddSet(s.Sets[g.Set]) }),
			Account: handleOf(accounts, g.Account, func() int32 { return b.AddAccount(s.Accounts[g.Account]) }),
			Kind:    g.Kind, Principal: group,
		})
	}
	return b.State()
}

// handleOf returns the handle of a row, by its index or name, which is added where it
// is not there yet.
func handleOf[K comparable](handles map[K]int32, row K, add func() int32) int32 {
	h, ok := handles[row]
	if !ok {
		h = add()
		handles[row] = h
	}
	return h
}
