package promises

import (
	"math/rand/v2"
	"slices"
	"time"
)

// chance draws what a scenario is made of.
type chance struct{ *rand.Rand }

func (c chance) one(in int) bool { return c.IntN(in) == 0 }

func (c chance) act() [4]int {
	return [4]int{c.IntN(len(acts)), c.IntN(12), c.IntN(12), c.IntN(12)}
}

// generate makes the scenario of a seed.
func generate(seed uint64) *scenario {
	c := chance{rand.New(rand.NewPCG(seed, 9))}
	s := &scenario{seed: seed, mode: mode(c.IntN(3)), caller: c.one(5)}
	if c.one(4) {
		s.jobs = 3 * time.Second
	}
	if c.one(10) {
		s.late = time.Second
	}
	s.conf = c.conf(s.mode, s.caller)
	s.ignore = ignoreOf(seed)
	if c.one(60) {
		c.crowded(s)
		return s
	}
	if !s.caller && c.one(4) {
		for range 1 + c.IntN(3) { // others were there before
			s.ops = append(s.ops, op{what: "act", n: c.actOf("set of a name of the config made", "set made as the config says", "group of a name of the config made", "assigned by hand to a group")})
		}
		s.ops = append(s.ops, op{what: "wait", wait: 2 * time.Minute})
	} else {
		s.ops = append(s.ops, op{what: "run", how: auto, flags: flags{removals: true, lockout: true, replace: true}})
	}
	for range 1 + c.IntN(3) {
		s.ops = append(s.ops, c.round()...)
	}
	if s.caller {
		s.atCaller(c)
	}
	return s
}

// atCaller turns most edits to the caller's own group and set, without the flag
// that would allow it.
func (s *scenario) atCaller(c chance) {
	for i := range s.ops {
		if !c.one(3) {
			if s.ops[i].what == "edit" && c.one(3) {
				s.ops[i].n[0] = []int{4, 6, 7, 8}[c.IntN(4)] // of the set's content
			}
			s.ops[i].n[1] -= s.ops[i].n[1] % 6
			s.ops[i].flags.lockout = s.ops[i].flags.lockout && i == 0
		}
	}
}

// actOf is one of the acts named.
func (c chance) actOf(names ...string) [4]int {
	n := c.act()
	name := names[c.IntN(len(names))]
	for i := range acts {
		if acts[i].name == name {
			n[0] = i
		}
	}
	return n
}

func (c chance) conf(m mode, caller bool) *conf {
	out := &conf{mode: m, owner: owner}
	for i := range 3 {
		x := confSet{managed: []int{c.IntN(5)}, hours: c.IntN(3)}
		if i > 0 || caller || c.one(2) {
			x.name = setNames[i]
		}
		if c.one(4) {
			x.managed = append(x.managed, (x.managed[0]+1)%5)
		}
		if c.one(4) {
			x.inline = c.IntN(len(inlines))
		}
		if c.one(4) {
			x.boundary = c.IntN(len(boundaries))
		}
		out.sets = append(out.sets, x)
	}
	for i := range 2 + c.IntN(2) {
		g := confGroup{name: groupNames[i], set: c.IntN(len(out.sets))}
		for _, a := range c.Perm(len(accountNames))[:1+c.IntN(len(accountNames)-1)] {
			if a > 0 || c.one(3) {
				g.accounts = append(g.accounts, a)
			}
		}
		for p := range personNames {
			if c.one(2) {
				g.members = append(g.members, p)
			}
		}
		if caller && i == 0 {
			g.set, g.accounts, g.members = 0, []int{0, 1, 2}, []int{0}
		}
		out.groups = append(out.groups, g)
	}
	if out.sets[0].name == "" { // one that is called as its group has one group
		used := false
		for i := range out.groups {
			if out.groups[i].set == 0 && used {
				out.groups[i].set = 1
			}
			used = used || out.groups[i].set == 0
		}
	}
	if c.one(4) {
		out.protected = []string{out.groups[0].name}
	}
	return out
}

// names is a name that moves: a group that is renamed in the config and perhaps in
// AWS, or something that is missing in one run and there again in the next.
func (c chance) names() (out []op) {
	act := func(names ...string) op { return op{what: "act", n: c.actOf(names...)} }
	wait := op{what: "wait", wait: 2 * time.Minute}
	switch c.IntN(10) {
	case 0:
		if c.one(2) { // its new name was another's
			out = append(out, op{what: "edit", n: [4]int{editOf("group leaves the config"), c.IntN(12), c.IntN(12), c.IntN(12)}})
		}
		out = append(out, op{what: "edit", n: [4]int{editOf("group renamed"), c.IntN(12), c.IntN(12), c.IntN(12)}})
		for range 1 + c.IntN(2) {
			out = append(out, act("former name followed", "new name taken by another group", "former name taken by another group"))
		}
		out = append(out, wait)
	case 1:
		f := c.flags()
		f.missing, f.rebind, f.only = true, nil, nil
		f.removals, f.replace = f.removals || c.one(2), true
		gone, taken := act("group deleted", "group deleted", "group renamed"), act("missing group made")
		if c.one(2) {
			gone, taken = act("account renamed"), act("missing account's name taken")
		}
		out = append(out, gone, wait)
		if !c.one(4) { // and the config goes on meanwhile
			edit := []string{"set changes name", "group gets another set", "two groups swap sets"}[c.IntN(3)]
			out = append(out, op{what: "edit", n: [4]int{editOf(edit), c.IntN(12), c.IntN(12), c.IntN(12)}})
		}
		out = append(out, op{what: "run", how: auto, flags: f}, taken, wait)
	}
	return out
}

func editOf(name string) int {
	for i, e := range edits {
		if e.name == name {
			return i
		}
	}
	return 0
}

func namesOf(list []act) (out []string) {
	for _, a := range list {
		out = append(out, a.name)
	}
	return out
}

// round is some edits and acts, then a run, then sometimes a look.
func (c chance) round() (out []op) {
	for range c.IntN(4) {
		out = append(out, op{what: "edit", n: [4]int{c.IntN(len(edits)), c.IntN(12), c.IntN(12), c.IntN(12)}})
	}
	for range c.IntN(3) {
		out = append(out, op{what: "act", n: c.act()})
	}
	c.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	out = append(out, c.names()...)
	if c.one(3) {
		out = append(out, op{what: "wait", wait: 2 * time.Minute})
	}
	run := op{what: "run", how: []int{auto, auto, prompt, planFile, replay, prompt}[c.IntN(6)], flags: c.flags()}
	if run.how == prompt || run.how == planFile {
		for range c.IntN(3) {
			n := c.act()
			if c.one(4) {
				n = c.actOf("set made as the config says", "group of a name of the config made", "account renamed", "set handed to another owner", "two groups renamed into one another")
			} else if c.one(4) {
				n = c.actOf(namesOf(lateActs)...)
			}
			run.open = append(run.open, during{act: n, trouble: -1})
		}
		run.long = !c.one(4)
		if run.how == planFile && c.one(4) {
			run.tamper = 1 + c.IntN(100)
		}
	}
	for range c.IntN(4) {
		d := during{place: c.IntN(places), n: 1 + c.IntN(8), trouble: -1, act: c.act(), stall: !c.one(4)}
		if d.place == afterCall {
			d.n = 1 + c.IntN(40)
		}
		if c.one(2) {
			d.trouble = c.IntN(troubles)
		}
		run.during = append(run.during, d)
	}
	out = append(out, run)
	if run.how == planFile && c.one(2) { // and again, after other work
		out = append(out, op{what: "edit", n: [4]int{c.IntN(len(edits)), c.IntN(12), c.IntN(12), c.IntN(12)}},
			op{what: "run", how: auto, flags: flags{removals: true, lockout: true, replace: true}}, op{what: "wait", wait: 2 * time.Minute},
			op{what: "run", how: replay})
	}
	if !c.one(4) {
		out = append(out, op{what: "wait", wait: 2 * time.Minute}, op{what: "run", how: check, flags: flags{deep: c.one(4)}})
	}
	return out
}

func (c chance) flags() flags {
	f := flags{removals: c.one(2), lockout: c.one(2), replace: !c.one(3), missing: c.one(3), deep: c.one(6)}
	f.adoptAll = c.one(3)
	if c.one(12) {
		f.adopt = []string{append(slices.Clone(setNames), groupNames...)[c.IntN(len(setNames)+len(groupNames))]}
	}
	if c.one(6) {
		f.only = []string{groupNames[c.IntN(3)]}
		if c.one(3) {
			f.only = append(f.only, groupNames[c.IntN(3)])
		}
	}
	if c.one(8) {
		f.rebind = []string{groupNames[c.IntN(3)]}
	}
	return f
}
