package tfprovider

import (
	"slices"
	"testing"
	"time"
)

// searchSmallest drops what a scenario does not need to break a rule in the same way.
func searchSmallest(t *testing.T, s *searchScenario, kind string, until time.Time) *searchScenario {
	shows := func(x *searchScenario) bool {
		found, _ := searchPlay(t, x, newSearchCounts())
		return slices.ContainsFunc(found, func(f searchFinding) bool { return f.kind == kind })
	}
	for smaller := true; smaller; {
		smaller = false
		for _, x := range s.without() {
			if time.Now().After(until) {
				return s
			}
			if shows(x) {
				s, smaller = x, true
				break
			}
		}
	}
	return s
}

// without returns the scenarios that lack one thing, large ones first.
func (s *searchScenario) without() (out []*searchScenario) {
	change := func(do func(*searchScenario)) {
		x := *s
		x.ops = slices.Clone(s.ops)
		do(&x)
		out = append(out, &x)
	}
	for i := len(s.ops) - 1; i >= 0; i-- {
		change(func(x *searchScenario) { x.ops = slices.Delete(x.ops, i, i+1) })
	}
	for i, op := range s.ops {
		for _, less := range op.without() {
			change(func(x *searchScenario) { x.ops[i] = less })
		}
	}
	if s.jobs > 0 {
		change(func(x *searchScenario) { x.jobs = 0 })
	}
	if s.late > 0 {
		change(func(x *searchScenario) { x.late = 0 })
	}
	return out
}

// without returns the rounds that lack one thing.
func (op searchOp) without() (out []searchOp) {
	change := func(do func(*searchOp)) {
		x := op
		do(&x)
		out = append(out, x)
	}
	for j := range op.edits {
		change(func(x *searchOp) { x.edits = slices.Delete(slices.Clone(op.edits), j, j+1) })
	}
	for _, list := range []func(*searchOp) *[]searchAct{
		func(x *searchOp) *[]searchAct { return &x.first }, func(x *searchOp) *[]searchAct { return &x.between },
		func(x *searchOp) *[]searchAct { return &x.after }, func(x *searchOp) *[]searchAct { return &x.trouble.during },
	} {
		for j := range *list(&op) {
			change(func(x *searchOp) { *list(x) = slices.Delete(slices.Clone(*list(x)), j, j+1) })
		}
	}
	if op.beside != nil {
		change(func(x *searchOp) { x.beside = nil })
	}
	if op.trouble.what != "" {
		change(func(x *searchOp) { x.trouble.what, x.again = "", searchTrouble{} })
	}
	if op.again.what != "" {
		change(func(x *searchOp) { x.again = searchTrouble{} })
	}
	if op.trouble.stalled {
		change(func(x *searchOp) { x.trouble.stalled = false })
	}
	if op.parallel {
		change(func(x *searchOp) { x.parallel = false })
	}
	if op.norefresh {
		change(func(x *searchOp) { x.norefresh = false })
	}
	return out
}
