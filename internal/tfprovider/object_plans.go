package tfprovider

import (
	"fmt"
	"sync"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// objectPlans is what this process plans for permission sets and groups that AWS
// has, by ARN or id. Terraform plans each resource on its own: only so does the
// plan of a resource that takes up what is there already know that another one,
// the same under its former name or address, is destroyed with it, or means the same
// group by another name.
type objectPlans struct {
	mu               sync.Mutex
	taken, destroyed map[string]bool
	named, renamed   map[string]bool
}

// name notes the group that a resource means by its name of now, and says whether
// another resource means it by a former one.
func (p *objectPlans) name(id string) bool { return p.note(&p.named, &p.renamed, []string{id}) }

// rename notes the group that a resource means by a former name, and says whether
// another one means it by its name of now.
func (p *objectPlans) rename(id string) bool { return p.note(&p.renamed, &p.named, []string{id}) }

func oneGroupByTwoNames(name, other string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: plan.GroupRenamed, Range: place("name"),
		Summary: fmt.Sprintf("the group %q in AWS is the one of two resources", other),
		Detail:  fmt.Sprintf("Here it is called %q, as Terraform's state or a record in AWS has it: names have moved. Whoever is in it would get what both resources give.", name),
		Hint:    "Have the group renamed back, or write each group under its name of now, with `moved` blocks where the addresses have the names."}
}

// take notes what a new resource finds in AWS, and says whether another resource
// destroys it.
func (p *objectPlans) take(ids ...string) bool {
	return p.note(&p.taken, &p.destroyed, ids)
}

// destroy notes what goes with a resource, and says whether another one takes it
// up.
func (p *objectPlans) destroy(ids ...string) bool {
	return p.note(&p.destroyed, &p.taken, ids)
}

func (p *objectPlans) note(in, against *map[string]bool, ids []string) (contradicts bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *in == nil {
		*in = map[string]bool{}
	}
	for _, id := range ids {
		if id != "" {
			(*in)[id] = true
			contradicts = contradicts || (*against)[id]
		}
	}
	return contradicts
}

func takenAndDestroyed(name string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: access.CodePreviously, Range: place("name"),
		Summary: fmt.Sprintf("what one resource takes up for group %q, another destroys", name),
		Detail:  "It is the same group or permission set in AWS, so everybody who has it would lose this access, and the IAM roles would get other ARNs.",
		Hint: "Where the group was renamed, Terraform's state has it under its former address: write a `moved` block from that address to the new one, and leave `previously` out. " +
			"In the module, the addresses end in `this[\"<the group's name>\"]`. Where they are two groups, give the new one a permission_set_name of its own."}
}
