// Package promises searches for counterexamples of what rolecall promises. It
// drives the real command, planner, engine and AWS adapter in-process and in
// virtual time against the emulator, in a small world where somebody hostile
// acts between runs, while the approval is open and between any two calls,
// where calls fail before or after their effect and runs are killed.
//
// After every call that writes and after every act it checks what AWS gives to
// whom, by an evaluator and a reading of the config of its own:
//
//	P1 nobody gets what the approved plan did not show
//	P2 nobody ever has more than before and after together
//	P3 nothing is taken that the plan did not show, and nothing of others is written
//	P4 "no changes" is true
//
// and for each guard, as a predicate over state, config and flags, that a run
// without the flag did not do what the guard has to refuse. A table of ordinary
// edits, which need no flags, keeps it from passing by refusing.
//
// Search: go test ./internal/promises -run TestSearch, with
//
//	PROMISES_TIME=2m        how long (PROMISES_STEPS=1000000: how many steps)
//	PROMISES_SEED=17        only this seed, with its steps; add -v
//	PROMISES_REPORT=1       go on after violations and list each kind once
package promises
