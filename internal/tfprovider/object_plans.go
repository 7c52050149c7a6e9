package tfprovider

import (
	"fmt"
	"slices"
	"sync"

	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// part is what a resource plans for an object.
type part int

const (
	makes     part = iota // a new resource
	keeps                 // one of the state, which stays
	destroys              // one of the state, which goes
	meansNow              // by the object's name of now
	meansThen             // by a former name
	owns                  // all members of a group
	adds                  // members to a group
	needs                 // a user, as a member
	leaves                // a user, who is deleted
	inState               // one of the state, of which nothing is planned yet
)

// against says which parts of two resources for one object contradict each other.
// That one makes what another has is refused by a look at AWS.
func (p part) against() []part {
	return map[part][]part{makes: {makes}, keeps: {keeps, destroys}, destroys: {keeps}, meansNow: {meansThen}, meansThen: {meansNow}, owns: {adds}, adds: {owns}, needs: {leaves}, leaves: {needs}}[p]
}

// objectPlans is what this process plans for groups, permission sets and memberships,
// by name or id. Terraform plans each resource on its own: only so does the plan of one
// know that another has the same object. What is planned in two processes, as with two
// provider blocks, they cannot know.
type objectPlans struct {
	mu    sync.Mutex
	parts map[string]map[part]bool
}

// note notes a resource's part in objects, and says whether another resource's
// contradicts it. An object that is "" is none.
func (o *objectPlans) note(p part, objects ...string) (contradicts bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.parts == nil {
		o.parts = map[string]map[part]bool{}
	}
	for _, object := range objects {
		if object == "" {
			continue
		}
		if o.parts[object] == nil {
			o.parts[object] = map[part]bool{}
		}
		for _, other := range p.against() {
			contradicts = contradicts || o.parts[object][other]
		}
		o.parts[object][p] = true
	}
	return contradicts
}

// has says whether a resource of this process has one of the parts in one of the objects.
func (o *objectPlans) has(parts []part, objects ...string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(objects, func(object string) bool {
		return slices.ContainsFunc(parts, func(p part) bool { return o.parts[object][p] })
	})
}

// seen says that this process has seen one of the objects, by id or ARN, in Terraform's
// state: where it has not, it may be still to come.
func (o *objectPlans) seen(objects ...string) bool {
	return o.has([]part{inState, keeps, destroys}, objects...)
}

func oneGroupByTwoNames(name, other string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: plan.GroupRenamed, Range: place("name"),
		Summary: fmt.Sprintf("the group %q in AWS belongs to two resources", other),
		Detail:  fmt.Sprintf("Here it is called %q, as Terraform's state or a record in AWS has it: names have moved. Anyone in it would get what both resources grant.", name),
		Hint:    "Rename the group back, or write each group under its current name, with `moved` blocks if the addresses contain the names."}
}

// ofTwo refuses what two resources of one plan have: each would undo the other's work, or
// destroy what the other keeps.
func ofTwo(attribute, what string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: plan.SetOfOther, Range: place(attribute),
		Summary: fmt.Sprintf("two resources have %s", what),
		Detail:  "Each would undo what the other one does; and if one of them is destroyed, what the other keeps would be removed.",
		Hint: "If the address has changed, write a `moved` block from the old address to the new one, and no `import` block. To remove a resource from Terraform without losing anything, write a `removed` block with `destroy = false`. " +
			"If they are two groups, give each a name and a permission_set_name of its own."}
}

// membersOfTwo refuses a group whose members one resource decides and another one adds to.
func membersOfTwo(group string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: plan.GroupOfOther, Range: place("members"),
		Summary: fmt.Sprintf("the members of group %q are written by two resources", group),
		Detail:  "`members` of its rolecall_access_group is authoritative: it removes those whom a rolecall_group_members adds.",
		Hint:    "List all of them in `members` of the rolecall_access_group, and remove the rolecall_group_members."}
}

// neededAndDeleted refuses a member whom the same plan deletes.
func neededAndDeleted(user, group string) findings.Diagnostic {
	what := "a group"
	if group != "" {
		what = fmt.Sprintf("group %q", group)
	}
	return findings.Diagnostic{Severity: findings.Error, Code: plan.UserMissing, Range: place("members"),
		Summary: fmt.Sprintf("user %q is deleted by this plan, and %s names it as a member", user, what),
		Hint:    "Remove the user from `members` as well."}
}
