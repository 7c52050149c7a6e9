package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// floorOf is the least time that jobs take: all of them ten at once, those of
// one account one after the other, and the calls at the quota.
func floorOf(calls, jobs, inOneAccount int) time.Duration {
	return max(atTPS(calls), time.Duration(jobs)*latency/atOnce, time.Duration(inOneAccount)*latency)
}

// firstApply makes everything.
func firstApply(m *meter) {
	sets, accounts := 10, m.size(100, 20)
	c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	c.write(groups(sets, accounts))
	d := c.apply()
	jobs := sets * accounts
	if n := len(c.instance().Assignments); n != jobs {
		m.Errorf("%d assignments, want %d", n, jobs)
	}
	what := fmt.Sprintf("first apply of %s assignments over %d accounts", number(jobs), accounts)
	m.within(what+": time of the whole command", d.took, floorOf(d.sso(), jobs, sets), float64(m.size(15, 25))/100)
	each := float64(d.sso()) / float64(jobs)
	// How many looks at jobs there are is by chance, the more so the fewer jobs there are.
	most := float64(m.size(18, 20)) / 10
	m.reach(each <= most, what+": calls of sso-admin for each", fmt.Sprintf("%.2f", each), "1.00", fmt.Sprintf("at most %.1f", most))
	m.reach(len(c.em.Stats().Throttles) == 0, what+": throttled calls", fmt.Sprint(family(c.em.Stats().Throttles, "")), "0", "none")
	m.reach(c.em.Stats().Outstanding.PeakAssignments <= atOnce, what+": jobs outstanding at most", fmt.Sprint(c.em.Stats().Outstanding.PeakAssignments), fmt.Sprint(atOnce), "at most 10")
}

// oneAdded adds one assignment to a thousand.
func oneAdded(m *meter) {
	sets, accounts := 10, m.size(100, 20)
	c := newCloud(m.T, accounts+1, emulator.EstateContents{}, emulator.Options{})
	list := groups(sets, accounts)
	c.write(list)
	c.apply()
	list[4].accounts++
	c.write(list)
	planned := c.must(2, "plan", c.dir, "--detailed-exitcode")
	d := c.apply()
	if n := d.calls["sso-admin.CreateAccountAssignment"]; n != 1 {
		m.Errorf("%d assignments made, want 1", n)
	}
	beyond := d.took - planned.took
	m.reach(beyond <= latency+2*time.Second, fmt.Sprintf("one assignment added to %s: time beyond the plan's", number(sets*accounts)), seconds(beyond), seconds(latency), "one job and at most 2 s")
}

// looks are the operations by which a write makes sure of its objects.
var looks = []string{"sso-admin.DescribePermissionSet", "sso-admin.ListTagsForResource", "sso-admin.ListManagedPoliciesInPermissionSet",
	"sso-admin.ListCustomerManagedPolicyReferencesInPermissionSet", "sso-admin.GetInlinePolicyForPermissionSet", "sso-admin.GetPermissionsBoundaryForPermissionSet",
	"identitystore.DescribeGroup", "identitystore.ListGroups", "identitystore.DescribeUser", "identitystore.ListUsers", "organizations.ListAccounts", "organizations.DescribeAccount"}

// records are the operations that say whose something is and what names meant,
// besides the call that makes it.
var records = []string{"sso-admin.TagResource", "sso-admin.UntagResource"}

// looksAndRecords counts what the promises cost: the calls of an apply beyond its
// plan's that look before writing, and those that write records.
func looksAndRecords(m *meter) {
	sets, accounts := 10, m.size(100, 20)
	c := newCloud(m.T, accounts+1, emulator.EstateContents{}, emulator.Options{})
	list := groups(sets, accounts)
	measure := func(what string, mostLooks, mostRecords int) {
		c.write(list)
		planned := c.must(2, "plan", c.dir, "--detailed-exitcode")
		applied := c.apply()
		looked, wrote := 0, 0
		for _, operation := range looks {
			looked += applied.calls[operation] - planned.calls[operation]
		}
		for _, operation := range records {
			wrote += applied.calls[operation]
		}
		m.atMost(what+": calls that look before writing", looked, 0, mostLooks)
		m.atMost(what+": calls that write records", wrote, 0, mostRecords)
	}
	jobs := sets * accounts
	// A look lasts half a minute, in which a hundred jobs begin, on one or two
	// sets; it is six calls for a set, one for a group, and the pages of accounts.
	// The lock is a set, too: its tags are read with the others', and before it is
	// given back it is described once more, with its tags.
	times := 2 + jobs*int(latency/time.Second)/atOnce/27
	measure(fmt.Sprintf("first apply of %s assignments", number(jobs)), times*(2*(6+1)+(accounts+3+19)/20), 2*sets)
	list[4].accounts++
	measure(fmt.Sprintf("one assignment added to %s", number(jobs)), 11, 1)
	list[1].policies = []string{"ReadOnlyAccess", "PowerUserAccess"}
	// The accounts' names are looked at before it is provisioned there: a list, 20 a page.
	measure(fmt.Sprintf("policy change on a set in %d accounts", accounts), 9+(accounts+1+19)/20, 1)
}

// policyChange gives a set another policy.
func policyChange(m *meter) {
	accounts := m.size(100, 20)
	c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{})
	list := groups(3, accounts)
	c.write(list)
	c.apply()
	list[1].policies = []string{"ReadOnlyAccess", "PowerUserAccess"}
	c.write(list)
	d := c.apply()
	m.atMost(fmt.Sprintf("policy change on a set in %d accounts: calls that provision it again", accounts), d.calls["sso-admin.ProvisionPermissionSet"], 1, 1)
	m.reach(d.took <= 3*latency, "the same: time of the whole command", seconds(d.took), seconds(latency), "under 9 s")
	checkLatest(m, c)

	// Somebody changes the set by hand and provisions it nearly everywhere.
	const behind = 3
	list[2].policies = []string{"ReadOnlyAccess", "PowerUserAccess"}
	c.write(list)
	set := ""
	for _, s := range c.instance().PermissionSets {
		if s.Name == list[2].name {
			set = s.ARN
		}
	}
	c.hand("AttachManagedPolicyToPermissionSet", map[string]any{"PermissionSetArn": set, "ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"})
	for _, a := range c.em.State().Accounts[2 : 2+accounts-behind] {
		c.hand("ProvisionPermissionSet", map[string]any{"PermissionSetArn": set, "TargetType": "AWS_ACCOUNT", "TargetId": a.ID})
		time.Sleep(latency + time.Second)
	}
	c.apply()
	jobs := 0
	for _, call := range c.em.Calls() {
		if call.Operation == "ProvisionPermissionSet" && call.Status == http.StatusOK {
			jobs++
		}
	}
	m.atMost(fmt.Sprintf("a set outdated in %d of %d accounts: jobs that provision it again", behind, accounts), jobs-1-(accounts-behind), behind, behind)
	checkLatest(m, c)
}

func checkLatest(m *meter, c *cloud) {
	m.Helper()
	for _, r := range c.instance().Roles {
		if !r.Latest {
			m.Errorf("the role of %s in %s is outdated", r.PermissionSet, r.Account)
		}
	}
}
