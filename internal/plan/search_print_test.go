package plan_test

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// String draws a case so that a tired person can read it.
func (s sketch) String() string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	mode := "internal"
	if s.External {
		mode = "external (SCIM owns the groups)"
	}
	say("AWS (%s):", mode)
	for _, a := range s.Accounts {
		if a.Suspended {
			say("  account %s is suspended", a.Name)
		}
	}
	for _, g := range s.Groups {
		say("  group %s%s: members %v", g.Name, owned(g.Owner), g.Members)
	}
	for _, set := range s.Sets {
		say("  set %s%s%s: %s", set.Name, owned(set.Owner), recorded(set.Record), s.docContent(set.Content))
		for _, g := range set.Grants {
			say("    %s in %s", g, g.Account)
		}
		for _, o := range set.Staged {
			say("    outdated in %s, the role there has: %s", o.Account, s.docContent(o.Role))
		}
		if len(set.Bare) > 0 {
			say("    provisioned without an assignment in %v", set.Bare)
		}
	}
	say("Config:")
	for _, w := range s.Config {
		previously := ""
		if w.Previously != "" {
			previously = fmt.Sprintf(" (previously %s)", w.Previously)
		}
		members := fmt.Sprintf(", members %v", w.Members)
		if s.External {
			members = ""
		}
		say("  group %s%s: set %s in %v%s", w.Name, previously, w.Set, w.Accounts, members)
	}
	for _, w := range s.Content {
		say("  set %s: %s", w.Name, s.docContent(w.Content))
	}
	for name, list := range map[string][]string{"removed_users": s.Removed, "--adopt": s.Adopt, "--allow-rebind": s.Rebind, "ignore": s.Ignore} {
		if len(list) > 0 {
			say("  %s %v", name, list)
		}
	}
	return b.String()
}

func owned(owner string) string {
	if owner == "me" {
		return ""
	}
	return fmt.Sprintf(" (owner %q)", owner)
}

func recorded(record string) string {
	if record == "fits" {
		return ""
	}
	return fmt.Sprintf(" (record %q)", record)
}

func (g assignmentSketch) String() string {
	switch {
	case g.Group != "":
		return "group " + g.Group
	case g.User != "":
		return "user " + g.User
	default:
		return "orphan " + g.Orphan
	}
}

// docContent draws what hangs on a set, with what each part allows.
func (s sketch) docContent(c contentSketch) string {
	var parts []string
	for _, m := range c.Managed {
		if m == denyAll {
			parts = append(parts, managedNames[m])
			continue
		}
		parts = append(parts, managedNames[m]+s.Meaning.Managed[m].String())
	}
	for _, m := range c.Customer {
		parts = append(parts, fmt.Sprintf("%s%s-%s", customerNames[m], s.Meaning.CustomerAllow[m], s.Meaning.CustomerDeny[m]))
	}
	for _, i := range c.Inline {
		effect := "allow"
		if i.Deny {
			effect = "deny"
		}
		parts = append(parts, effect+i.Bits.String())
	}
	if c.Boundary != 0 {
		parts = append(parts, fmt.Sprintf("within %s%s", strings.TrimPrefix(boundaryNames[c.Boundary], managedPrefix), s.Meaning.Boundary[c.Boundary]))
	}
	if c.Long {
		parts = append(parts, "PT2H")
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, " + ")
}

// report tells the whole of a counterexample.
func report(seed uint64, s sketch, found *problem) string {
	var b strings.Builder
	_, _, p := s.plan()
	fmt.Fprintf(&b, "%s\n  %s\nseed %d (PLAN_SEARCH_SEED=%d)\n\n%s\nPlan:\n", found.kind, found.text, seed, seed, s)
	index := map[ID]int{}
	for i, c := range p.Changes {
		index[c.ID] = i + 1
		var needs []int
		for _, n := range c.DependsOn {
			needs = append(needs, index[n])
		}
		slices.Sort(needs)
		fmt.Fprintf(&b, "  %2d %s", i+1, c.ID)
		if c.Kind == Provisioning {
			fmt.Fprintf(&b, " accounts=%v", c.After.Accounts)
		}
		if len(needs) > 0 {
			fmt.Fprintf(&b, "  after %v", needs)
		}
		b.WriteByte('\n')
	}
	for _, x := range p.Blocked {
		fmt.Fprintf(&b, "   ! %s: %s\n", x.Change.ID, x.Why)
	}
	if found.order != nil {
		b.WriteString("Order in which it is so:\n")
		for _, i := range found.order {
			fmt.Fprintf(&b, "  %2d %s\n", i+1, p.Changes[i].ID)
		}
	}
	return b.String()
}
