package plan

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The tests are a package of their own, because the model that they hold plans
// against imports this one. What they see of the inside is here.

type Strength = strength

const (
	Administrator    = administrator
	Perhaps          = perhaps
	NotAdministrator = notAdministrator
)

func Administers(p access.PermissionSet) strength { return administers(p) }

func Narrows(c Change) bool { return narrows(c) }

func Document(policy string) *Value { return document(policy) }

func CheckOrder(changes []Change) error { return checkOrder(changes) }

func MakeID(kind Kind, action Action, key Key) ID { return makeID(kind, action, key) }

func FollowUps(setUp access.SetUp, idp string, changes []Change) []FollowUp {
	return followUps(setUp, idp, changes)
}

func GuardMissing(p *Plan) { guardMissing(p) }

func (g Guards) Consent(findings diag.List) { g.consent(findings) }

// IDOf is the id of a finding that has none of its own.
func IDOf(f diag.Diagnostic) string { return identified[string](f).ID }

func (f File) DigestNow() (string, error) { return f.digest() }

func (b *Bound) Ignored(thing string, names ...string) bool { return b.ignored(thing, names...) }

func (b *Bound) LocksCallerOut(c Change, caller Caller) string { return b.locksCallerOut(c, caller) }

// Protects says that one of the names stands for the account.
func (b *Bound) Protects(a access.Account, names ...string) bool {
	return b.protect(names).account(a) != ""
}
