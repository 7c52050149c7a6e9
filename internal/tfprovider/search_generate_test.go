package tfprovider

import (
	"math/rand/v2"
	"time"
)

// searchOp is one round: an edit, a plan, and its apply with what happens meanwhile.
type searchOp struct {
	edits     [][4]int
	order     uint64
	norefresh bool
	parallel  bool
	first     []searchAct // before the plan
	between   []searchAct
	after     []searchAct   // an apply that was killed, interrupted or failed
	again     searchTrouble // of the apply that goes on after that
	trouble   searchTrouble
	beside    *searchOp // of a second state of the same owner, at the same time
	followed  bool      // a refusal's import block is gone by, also in a hostile world
}

// searchScenario is what a seed makes.
type searchScenario struct {
	seed       uint64
	ops        []searchOp
	jobs, late time.Duration
}

type searchChance struct{ *rand.Rand }

func (c searchChance) one(in int) bool { return c.IntN(in) == 0 }

func (c searchChance) four() [4]int {
	return [4]int{c.IntN(1000), c.IntN(12), c.IntN(12), c.IntN(12)}
}

// searchGenerate makes the scenario of a seed.
func searchGenerate(seed uint64) *searchScenario {
	c := searchChance{rand.New(rand.NewPCG(seed, 12))}
	s := &searchScenario{seed: seed}
	hostile := c.one(2)
	if c.one(4) {
		s.jobs = 3 * time.Second
	}
	if c.one(10) {
		s.late = time.Second
	}
	for i := range 2 + c.IntN(4) {
		op := c.op(i, hostile)
		if i > 0 && c.one(8) && s.jobs == 0 {
			beside := c.op(1, false)
			op.beside = &beside
		}
		s.ops = append(s.ops, op)
	}
	return s
}

// act is something that somebody does, mostly to who has access.
func (c searchChance) act() searchAct {
	n := c.four()
	if c.one(2) {
		n[0] = c.IntN(len(accessDeeds()))
	}
	return searchAct{n: n}
}

func (c searchChance) op(i int, hostile bool) searchOp {
	op := searchOp{order: c.Uint64(), norefresh: c.one(6), parallel: c.one(3), followed: c.one(2)}
	for range 1 + c.IntN(6)/5 {
		op.edits = append(op.edits, c.four())
	}
	if hostile && i > 0 && !c.one(3) {
		op.edits[0][0] = c.IntN(len(contentEdits())) // so that something is changed beside somebody
	}
	if i == 0 {
		for range 3 {
			op.edits = append(op.edits, c.four())
		}
	}
	if c.one(3) {
		op.trouble.what = []string{"kill", "kill after", "interrupt"}[c.IntN(3)]
		op.trouble.writes = !c.one(3)
		op.trouble.at = 1 + c.IntN(map[bool]int{true: 14, false: 60}[op.trouble.writes])
	}
	if c.one(3) {
		op.again = searchTrouble{what: []string{"kill", "kill after", "interrupt"}[c.IntN(3)], at: 1 + c.IntN(10), writes: true}
	}
	if hostile && c.one(2) {
		op.after = []searchAct{c.act()}
	}
	if hostile && i > 0 && c.one(4) {
		op.first = []searchAct{c.act()}
	}
	if hostile && !c.one(3) {
		for range 1 + c.IntN(2) {
			op.between = append(op.between, c.act())
		}
	}
	if hostile && c.one(2) {
		op.trouble.stalled = c.one(2)
		for range 1 + c.IntN(2) {
			a := c.act()
			a.at = 5 + c.IntN(60)
			op.trouble.during = append(op.trouble.during, a)
		}
	}
	return op
}
