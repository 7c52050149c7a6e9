package plan_test

import (
	"fmt"
	"slices"
)

// shrink leaves out of a case whatever it can while the case still fails in the
// same way.
func shrink(s sketch, found *problem) (sketch, *problem) {
	for again := true; again; {
		again = false
		for _, smaller := range s.smaller() {
			smaller.tidy()
			if smaller.weight() >= s.weight() {
				continue // or it would go round in circles
			}
			same := slices.IndexFunc(judge(smaller, nil), func(p *problem) bool { return p.kind == found.kind })
			if same >= 0 {
				s, found, again = smaller, judge(smaller, nil)[same], true
				break
			}
		}
	}
	return s, found
}

// weight is how much there is to read: things, and differences between them.
func (s sketch) weight() int {
	n := len(s.People) + len(s.Removed) + len(s.Adopt) + len(s.Rebind)
	for _, a := range s.Accounts {
		n += 2 + oneIf(a.Suspended)
	}
	for _, g := range s.Groups {
		n += 2 + len(g.Members) + oneIf(g.Owner != "me" && !s.External)
	}
	for _, set := range s.Sets {
		n += 2 + 2*len(set.Grants) + 2*len(set.Staged) + len(set.Bare) + set.Content.weight() + oneIf(set.Owner != "me") + oneIf(set.Record != "fits")
		for _, o := range set.Staged {
			n += o.Role.weight()
		}
		for _, w := range s.Content {
			n += 3 * oneIf(w.Name == set.Name && fmt.Sprint(w.Content) != fmt.Sprint(set.Content))
		}
	}
	for _, w := range s.Config {
		n += 2 + len(w.Members) + len(w.Accounts) + oneIf(w.Previously != "")
	}
	for _, w := range s.Content {
		n += w.Content.weight()
	}
	return n
}

func (c contentSketch) weight() int {
	return len(c.Managed) + len(c.Customer) + 2*len(c.Inline) + 2*oneIf(c.Boundary != 0) + oneIf(c.Long)
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// smaller returns the case with one thing less, the largest things first.
func (s sketch) smaller() []sketch {
	var out []sketch
	try := func(edit func(*sketch)) {
		c := s.clone()
		edit(&c)
		out = append(out, c)
	}
	for i := range s.Groups {
		try(func(c *sketch) { c.dropGroup(i) })
	}
	for i := range s.Config {
		try(func(c *sketch) { c.Config = slices.Delete(c.Config, i, i+1) })
	}
	for i := range s.Sets {
		try(func(c *sketch) { c.Sets = slices.Delete(c.Sets, i, i+1) })
	}
	for i := range s.Accounts {
		try(func(c *sketch) { c.dropAccount(c.Accounts[i].Name) })
		if s.Accounts[i].Suspended {
			try(func(c *sketch) { c.Accounts[i].Suspended = false })
		}
	}
	for i := range s.People {
		try(func(c *sketch) { c.dropPerson(c.People[i]) })
	}
	s.smallerSets(try)
	s.smallerConfig(try)
	return out
}

func (s sketch) smallerSets(try func(func(*sketch))) {
	for i, set := range s.Sets {
		for j := range set.Grants {
			try(func(c *sketch) { c.Sets[i].Grants = slices.Delete(c.Sets[i].Grants, j, j+1) })
		}
		for j := range set.Staged {
			try(func(c *sketch) { c.Sets[i].Staged = slices.Delete(c.Sets[i].Staged, j, j+1) })
			smallerContent(set.Staged[j].Role, func(x contentSketch) { try(func(c *sketch) { c.Sets[i].Staged[j].Role = x }) })
		}
		if set.Bare != nil {
			try(func(c *sketch) { c.Sets[i].Bare = nil })
		}
		if set.Record != "fits" {
			try(func(c *sketch) { c.Sets[i].Record = "fits" })
		}
		if set.Owner != "me" {
			try(func(c *sketch) { c.Sets[i].Owner = "me" })
		}
		smallerContent(set.Content, func(x contentSketch) { try(func(c *sketch) { c.Sets[i].Content = x }) })
		for j, w := range s.Content {
			if w.Name == set.Name {
				try(func(c *sketch) { c.Content[j].Content = c.Sets[i].Content })
				s.smallerBoth(i, j, try)
			}
		}
	}
	for i, g := range s.Groups {
		for j := range g.Members {
			try(func(c *sketch) { c.Groups[i].Members = slices.Delete(c.Groups[i].Members, j, j+1) })
		}
		if g.Owner != "me" && !s.External {
			try(func(c *sketch) { c.Groups[i].Owner = "me" })
		}
	}
}

// smallerBoth takes the same thing out of a set as it is and as it will be.
func (s sketch) smallerBoth(i, j int, try func(func(*sketch))) {
	for _, m := range s.Sets[i].Content.Managed {
		try(func(c *sketch) {
			c.Sets[i].Content.Managed, c.Content[j].Content.Managed = without(c.Sets[i].Content.Managed, m), without(c.Content[j].Content.Managed, m)
		})
	}
	for _, m := range s.Sets[i].Content.Customer {
		try(func(c *sketch) {
			c.Sets[i].Content.Customer, c.Content[j].Content.Customer = without(c.Sets[i].Content.Customer, m), without(c.Content[j].Content.Customer, m)
		})
	}
	if s.Sets[i].Content.Inline != nil {
		try(func(c *sketch) { c.Sets[i].Content.Inline, c.Content[j].Content.Inline = nil, nil })
	}
	if s.Sets[i].Content.Boundary != 0 {
		try(func(c *sketch) { c.Sets[i].Content.Boundary, c.Content[j].Content.Boundary = 0, 0 })
	}
	if s.Sets[i].Content.Long {
		try(func(c *sketch) { c.Sets[i].Content.Long, c.Content[j].Content.Long = false, false })
	}
}

func smallerContent(x contentSketch, use func(contentSketch)) {
	for i := range x.Managed {
		y := x
		y.Managed = slices.Delete(slices.Clone(x.Managed), i, i+1)
		use(y)
	}
	for i := range x.Customer {
		y := x
		y.Customer = slices.Delete(slices.Clone(x.Customer), i, i+1)
		use(y)
	}
	for i := range x.Inline {
		y := x
		y.Inline = slices.Delete(slices.Clone(x.Inline), i, i+1)
		use(y)
	}
	if x.Boundary != 0 {
		y := x
		y.Boundary = 0
		use(y)
	}
	if x.Long {
		y := x
		y.Long = false
		use(y)
	}
}

func (s sketch) smallerConfig(try func(func(*sketch))) {
	for i, w := range s.Config {
		for j := range w.Members {
			try(func(c *sketch) { c.Config[i].Members = slices.Delete(c.Config[i].Members, j, j+1) })
		}
		for j := range w.Accounts {
			try(func(c *sketch) { c.Config[i].Accounts = slices.Delete(c.Config[i].Accounts, j, j+1) })
		}
		if w.Previously != "" {
			try(func(c *sketch) { c.Config[i].Name, c.Config[i].Previously = w.Previously, "" })
		}
	}
	for i, w := range s.Content {
		smallerContent(w.Content, func(x contentSketch) { try(func(c *sketch) { c.Content[i].Content = x }) })
	}
	for _, list := range []func(*sketch) *[]string{
		func(c *sketch) *[]string { return &c.Removed }, func(c *sketch) *[]string { return &c.Adopt }, func(c *sketch) *[]string { return &c.Rebind },
	} {
		for i := range *list(&s) {
			try(func(c *sketch) { l := list(c); *l = slices.Delete(*l, i, i+1) })
		}
	}
}

func (s *sketch) dropGroup(i int) {
	name := s.Groups[i].Name
	s.Groups = slices.Delete(s.Groups, i, i+1)
	for j := range s.Sets {
		s.Sets[j].Grants = slices.DeleteFunc(s.Sets[j].Grants, func(g assignmentSketch) bool { return g.Group == name })
	}
}

func (s *sketch) dropAccount(name string) {
	s.Accounts = slices.DeleteFunc(s.Accounts, func(a accountSketch) bool { return a.Name == name })
	for j := range s.Sets {
		s.Sets[j].Grants = slices.DeleteFunc(s.Sets[j].Grants, func(g assignmentSketch) bool { return g.Account == name })
		s.Sets[j].Bare = slices.DeleteFunc(s.Sets[j].Bare, func(a string) bool { return a == name })
	}
	for j := range s.Config {
		s.Config[j].Accounts = slices.DeleteFunc(s.Config[j].Accounts, func(a string) bool { return a == name })
	}
}

func (s *sketch) dropPerson(name string) {
	gone := func(m string) bool { return m == name }
	s.People = slices.DeleteFunc(s.People, gone)
	for j := range s.Groups {
		s.Groups[j].Members = slices.DeleteFunc(s.Groups[j].Members, gone)
	}
	for j := range s.Config {
		s.Config[j].Members = slices.DeleteFunc(s.Config[j].Members, gone)
	}
	s.Removed = slices.DeleteFunc(s.Removed, gone)
	for j := range s.Sets {
		s.Sets[j].Grants = slices.DeleteFunc(s.Sets[j].Grants, func(g assignmentSketch) bool { return g.User == name })
	}
}
