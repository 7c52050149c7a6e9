package plan_test

import (
	"math/rand/v2"
	"slices"
)

// drawer makes worlds, the same ones of the same seed.
type drawer struct {
	*rand.Rand
	s sketch
}

// drawSketch makes the case of a seed: a config as it was, AWS as that left it,
// what others did to it, and the config as it is now.
func drawSketch(seed uint64) sketch {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 0x726f6c6563616c6c))}
	d.effect()
	d.s.External = d.IntN(3) == 0
	for i := range 1 + d.IntN(2) {
		d.s.Accounts = append(d.s.Accounts, accountSketch{Name: []string{"dev", "prod"}[i]})
	}
	d.s.People = []string{"ann", "bob", "cat"}[:1+d.IntN(3)]
	d.config([]string{"A", "B", "C"}[:1+d.IntN(3)])
	d.applied()
	d.disturb()
	if d.IntN(4) == 0 {
		d.s.Config, d.s.Content = nil, nil
		d.config([]string{"A", "B", "C", "D"}[:1+d.IntN(4)])
	} else {
		for range 1 + d.IntN(3) {
			d.edit()
		}
	}
	d.tidy()
	return d.s
}

func (d *drawer) one(in int) bool { return d.IntN(in) == 0 }

func pick[T any](d *drawer, list []T) T { return list[d.IntN(len(list))] }

func (d *drawer) some(list []string) []string {
	var out []string
	for _, x := range list {
		if !d.one(2) {
			out = append(out, x)
		}
	}
	return out
}

func (d *drawer) bits(n int) acts {
	var out acts
	for range n {
		out |= 1 << d.IntN(actions)
	}
	return out
}

func (d *drawer) effect() {
	m := &d.s.Meaning
	for i := range m.Managed {
		m.Managed[i] = d.bits(1 + d.IntN(2))
	}
	for i := range m.CustomerAllow {
		m.CustomerAllow[i], m.CustomerDeny[i] = d.bits(2), d.bits(1)
	}
	for i := range m.Boundary {
		m.Boundary[i] = d.bits(4)
	}
}

func (d *drawer) docContent() contentSketch {
	var c contentSketch
	for range d.IntN(3) {
		c.Managed = with(c.Managed, d.IntN(4))
	}
	for range d.IntN(3) {
		d.change(&c)
	}
	return c
}

func with(list []int, i int) []int {
	if slices.Contains(list, i) {
		return list
	}
	list = append(slices.Clone(list), i)
	slices.Sort(list)
	return list
}

func without(list []int, i int) []int {
	return slices.DeleteFunc(slices.Clone(list), func(j int) bool { return i == j })
}

// change makes one edit of a set's docContent.
func (d *drawer) change(c *contentSketch) {
	switch d.IntN(14) {
	case 0, 1, 2:
		c.Managed = with(c.Managed, d.IntN(4))
	case 3, 4:
		c.Managed = without(c.Managed, d.IntN(4))
	case 5, 6:
		i := d.IntN(4)
		c.Managed = with(without(c.Managed, i), (i+1)%4)
	case 7:
		c.Managed = toggled(c.Managed, denyAll)
	case 8:
		c.Customer = toggled(c.Customer, d.IntN(2))
	case 9, 10:
		d.changeInline(c)
	case 11, 12:
		c.Boundary = d.IntN(len(boundaryNames))
	default:
		c.Long = !c.Long
	}
}

func toggled(list []int, i int) []int {
	if slices.Contains(list, i) {
		return without(list, i)
	}
	return with(list, i)
}

func (d *drawer) changeInline(c *contentSketch) {
	c.Inline = slices.Clone(c.Inline)
	switch n := len(c.Inline); {
	case n > 0 && d.one(3):
		c.Inline = slices.Delete(c.Inline, 0, 1)
	case n > 0 && d.one(2):
		c.Inline[d.IntN(n)].Bits = d.bits(2)
	default:
		c.Inline = append(c.Inline, statementSketch{Deny: d.one(3), Bits: d.bits(2)})
	}
}

var setNames = []string{"Ops", "View", "Dev"}

func (d *drawer) accountNames() []string {
	var out []string
	for _, a := range d.s.Accounts {
		out = append(out, a.Name)
	}
	return out
}

func (d *drawer) targets() []string {
	if out := d.some(d.accountNames()); len(out) > 0 {
		return out
	}
	return []string{pick(d, d.accountNames())}
}

// config draws groups from nothing.
func (d *drawer) config(names []string) {
	for _, n := range names {
		d.s.Config = append(d.s.Config, wantSketch{Name: n, Set: pick(d, setNames), Members: d.some(d.s.People), Accounts: d.targets()})
	}
	d.fill()
}

// fill draws the docContent of sets that have none yet.
func (d *drawer) fill() {
	for _, w := range d.s.Config {
		if !slices.ContainsFunc(d.s.Content, func(c wantSet) bool { return c.Name == w.Set }) {
			d.s.Content = append(d.s.Content, wantSet{w.Set, d.docContent()})
		}
	}
}

// applied makes AWS what the config says.
func (d *drawer) applied() {
	for _, w := range d.s.Config {
		g := groupSketch{Name: w.Name, Owner: "me", Members: slices.Clone(w.Members)}
		if d.s.External {
			g.Owner = ""
		}
		d.s.Groups = append(d.s.Groups, g)
	}
	for _, c := range d.s.Content {
		set := setSketch{Name: c.Name, Owner: "me", Content: c.Content, Record: "fits"}
		for _, w := range d.s.Config {
			if w.Set != c.Name {
				continue
			}
			for _, a := range w.Accounts {
				set.Grants = append(set.Grants, assignmentSketch{Group: w.Name, Account: a})
			}
		}
		d.s.Sets = append(d.s.Sets, set)
	}
}

// disturb is what others did since.
func (d *drawer) disturb() {
	for i := range d.s.Sets {
		set := &d.s.Sets[i]
		if d.one(3) {
			d.stage(set)
		}
		if d.one(8) {
			set.Grants = append(set.Grants, assignmentSketch{User: pick(d, d.s.People), Account: pick(d, d.accountNames())})
		}
		if d.one(8) {
			set.Grants = append(set.Grants, assignmentSketch{Orphan: "gone-" + pick(d, d.s.Groups).Name, Account: pick(d, d.accountNames())})
		}
		if d.one(8) {
			d.recreated(set)
		}
		if d.one(10) {
			set.Record = pick(d, []string{"", "other"})
		}
		if d.one(12) {
			set.Bare = []string{pick(d, d.accountNames())}
		}
		if d.one(9) {
			set.Owner = pick(d, []string{"", "you"})
		}
	}
	d.disturbGroups()
	if d.one(10) {
		d.s.Accounts[d.IntN(len(d.s.Accounts))].Suspended = true
	}
	if d.one(5) {
		d.s.Adopt = []string{pick(d, d.s.Sets).Name, pick(d, d.s.Groups).Name}
	}
	if d.one(2) {
		d.s.Rebind = []string{"A", "B", "C", "D", "E", "X"}
	}
}

// stage is an edit that nobody provisioned.
func (d *drawer) stage(set *setSketch) {
	for _, g := range set.Grants {
		staged := slices.ContainsFunc(set.Staged, func(s stagedSketch) bool { return s.Account == g.Account })
		if !staged && !d.one(3) {
			set.Staged = append(set.Staged, stagedSketch{Account: g.Account, Role: set.Content})
		}
	}
	for range 1 + d.IntN(2) {
		d.change(&set.Content)
	}
}

// recreated: the group that held the set is another one now.
func (d *drawer) recreated(set *setSketch) {
	for i, g := range set.Grants {
		if g.Group != "" && d.one(2) {
			set.Grants[i] = assignmentSketch{Orphan: "gone-" + g.Group, Account: g.Account}
		}
	}
}

func (d *drawer) disturbGroups() {
	for i := range d.s.Groups {
		g := &d.s.Groups[i]
		if d.one(8) {
			p := pick(d, d.s.People)
			if !slices.Contains(g.Members, p) {
				g.Members = append(g.Members, p)
			}
		}
		if !d.s.External && d.one(10) {
			g.Owner = pick(d, []string{"", "you"})
		}
	}
	if d.one(3) {
		// X is nobody's in the config, and holds what is ours.
		d.s.Groups = append(d.s.Groups, groupSketch{Name: "X", Members: d.some(d.s.People)})
		set := &d.s.Sets[d.IntN(len(d.s.Sets))]
		set.Grants = append(set.Grants, assignmentSketch{Group: "X", Account: pick(d, d.accountNames())})
	}
}

// edit is one change of the config, of those that go wrong together.
func (d *drawer) edit() {
	if len(d.s.Config) == 0 {
		return
	}
	i := d.IntN(len(d.s.Config))
	w := &d.s.Config[i]
	j := d.IntN(len(d.s.Config))
	other := &d.s.Config[j]
	switch d.IntN(15) {
	case 0: // leaves the set, which others may keep
		w.Set = pick(d, []string{"New", "View", "Ops"})
		d.fill()
	case 1: // joins another group's set
		w.Set = other.Set
	case 2: // its set gets another name, and the docContent goes along
		d.s.Content = append(d.s.Content, wantSet{"Re" + w.Set, d.s.wantContent(w.Set)})
		w.Set = "Re" + w.Set
	case 3, 4, 5:
		d.editContent(w.Set)
	case 6, 7: // members leave
		w.Members = d.some(w.Members)
		d.editContent(w.Set)
	case 8: // members come
		w.Members = d.some(d.s.People)
		d.editContent(w.Set)
	case 9: // somebody moves
		p := pick(d, d.s.People)
		w.Members = slices.DeleteFunc(slices.Clone(w.Members), func(m string) bool { return m == p })
		if !slices.Contains(other.Members, p) {
			other.Members = append(slices.Clone(other.Members), p)
		}
	case 10: // swap, or rotate all
		first := d.s.Config[0].Set
		for k := range d.s.Config[1:] {
			d.s.Config[k].Set = d.s.Config[k+1].Set
		}
		d.s.Config[len(d.s.Config)-1].Set = first
		if d.one(2) {
			d.editContent(w.Set)
		}
	case 11:
		d.rename(i)
	case 12:
		d.s.Config = slices.Delete(d.s.Config, i, i+1)
	case 13:
		w.Accounts = d.targets()
	default:
		d.newcomers(w)
	}
}

func (d *drawer) editContent(set string) {
	for k := range d.s.Content {
		if d.s.Content[k].Name == set {
			for range 1 + d.IntN(2) {
				d.change(&d.s.Content[k].Content)
			}
		}
	}
}

func (d *drawer) rename(i int) {
	w := &d.s.Config[i]
	if w.Previously != "" || d.s.External {
		return
	}
	w.Previously, w.Name = w.Name, "R"+w.Name
}

func (d *drawer) newcomers(w *wantSketch) {
	if d.one(2) {
		d.s.Removed = append(d.s.Removed, pick(d, d.s.People))
		return
	}
	if !slices.Contains(w.Members, "new") {
		w.Members = append(slices.Clone(w.Members), "new")
	}
}

// tidy makes the case one that could be: no config names whom it removes, and no
// set has docContent that nobody asks for.
func (d *drawer) tidy() { d.s.tidy() }

func (s *sketch) tidy() {
	for i := range s.Config {
		s.Config[i].Members = slices.DeleteFunc(s.Config[i].Members, func(m string) bool { return slices.Contains(s.Removed, m) })
	}
	slices.Sort(s.Removed)
	s.Removed = slices.Compact(s.Removed)
	s.Content = slices.DeleteFunc(s.Content, func(c wantSet) bool {
		return !slices.ContainsFunc(s.Config, func(w wantSketch) bool { return w.Set == c.Name })
	})
	for i := range s.Sets {
		set := &s.Sets[i]
		var once []assignmentSketch
		for _, g := range set.Grants {
			if !slices.Contains(once, g) {
				once = append(once, g)
			}
		}
		set.Grants = once
		set.Staged = slices.DeleteFunc(set.Staged, func(o stagedSketch) bool {
			return !slices.ContainsFunc(set.Grants, func(g assignmentSketch) bool { return g.Account == o.Account }) && !slices.Contains(set.Bare, o.Account)
		})
	}
}
