package store

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Target is the four parts of an account assignment beside the instance.
type Target struct {
	Account                    *Account
	Set                        *PermissionSet
	PrincipalType, PrincipalID string
}

// tuple is a Target as the key of a map.
type tuple struct {
	account string
	set     seq
	who     string
}

func (t Target) key() tuple { return tuple{t.Account.ID, t.Set.seq, t.PrincipalType + t.PrincipalID} }

// pending counts the outstanding jobs of one tuple.
type pending struct{ creations, deletions int }

// CreateAssignment starts the job that makes an assignment. Making one that is
// there already succeeds; it brings the role up to date like any other. A
// principal that AWS cannot see, or not yet, is a failure of the job.
func (i *Instance) CreateAssignment(st Stamp, t Target) (*Job, error) {
	if i.pending[t.key()] != (pending{}) {
		return nil, pendingOperation()
	}
	if !t.Set.ProvisionedIn(t.Account.ID) && t.Account.sets(i) >= i.store.Quotas.SetsPerAccount {
		return nil, overLimit("PermissionSet in account", i.store.Quotas.SetsPerAccount, t.Account.ID)
	}
	if i.assignments+i.store.outstanding.Assignments >= i.store.Quotas.Assignments {
		return nil, overLimit("AccountAssignment", i.store.Quotas.Assignments, i.ARN)
	}
	if err := roomForJob(i.store.outstanding.Assignments, i.store.Quotas.OutstandingWrites); err != nil {
		return nil, err
	}
	j := i.newJob(st, t)
	i.creations.add(j)
	i.note(t, pending{creations: 1})
	unseen := i.unseen(st, t)
	i.store.schedule(st.At, i.store.update(t.Account, st.At), func(time.Time) {
		i.note(t, pending{creations: -1})
		j.finish(cmp.Or(j.doomed, unseen, i.roleProblem(st, t.Account, t.Set, t)))
		if j.Status == Succeeded {
			i.Assign(t.Account, t.Set, t.PrincipalType, t.PrincipalID)
		}
	})
	return j, nil
}

// DeleteAssignment starts the job that takes an assignment away. It works by ids
// alone, so orphans can be removed too, but for those of users that SCIM removed.
// What is not there is a failure of the job.
func (i *Instance) DeleteAssignment(st Stamp, t Target) (*Job, error) {
	if i.pending[t.key()] != (pending{}) {
		return nil, pendingOperation()
	}
	if err := roomForJob(i.store.outstanding.Assignments, i.store.Quotas.OutstandingWrites); err != nil {
		return nil, err
	}
	j := i.newJob(st, t)
	i.deletions.add(j)
	i.note(t, pending{deletions: 1})
	i.store.schedule(st.At, i.store.update(t.Account, st.At), func(time.Time) {
		i.note(t, pending{deletions: -1})
		a, there := i.Assigned(t.Account.ID, t.Set, t.PrincipalType, t.PrincipalID)
		switch {
		case j.doomed != "":
			j.finish(j.doomed)
		case t.Account.State != Active:
			j.finish(accountNotActive(t.Account))
		case !there:
			j.finish(i.noEntitlement(t))
		case i.Directory.stuck(t.PrincipalType, t.PrincipalID):
			j.finish(i.noAssignee(t))
		case st.Barred != "" && t.Account.ID == i.Owner:
			j.finish(st.Barred)
		default:
			j.finish("")
			i.unassign(a)
		}
	})
	return j, nil
}

// ProvisionSet starts the job that brings the roles of a set up to date: in one
// account (made there if need be, as a role without principals) or, where account
// is nil, in all that have it.
func (i *Instance) ProvisionSet(st Stamp, set *PermissionSet, account *Account) (*Job, error) {
	if set.provisioning > 0 {
		return nil, conflicting()
	}
	if err := roomForJob(i.store.outstanding.Provisionings, i.store.Quotas.OutstandingProvides); err != nil {
		return nil, err
	}
	j := i.newJob(st, Target{Account: account, Set: set})
	i.provisions.add(j)
	i.store.outstanding.provisioning(1)
	set.jobs++
	set.provisioning++
	accounts := []*Account{account}
	if account == nil {
		accounts = set.accounts()
	}
	var takes time.Duration
	for _, a := range accounts {
		takes = max(takes, i.store.update(a, st.At))
	}
	i.store.schedule(st.At, takes, func(time.Time) {
		i.store.outstanding.provisioning(-1)
		set.jobs--
		set.provisioning--
		if j.doomed != "" {
			i.provisionAll(st, set, accounts[:min(j.halfway, len(accounts))], account == nil)
			j.finish(j.doomed)
			return
		}
		j.finish(i.provisionAll(st, set, accounts, account == nil))
	})
	return j, nil
}

// provisionAll updates the role in each account and returns the first reason why
// one could not be.
func (i *Instance) provisionAll(st Stamp, set *PermissionSet, accounts []*Account, existing bool) string {
	reason := ""
	for _, a := range accounts {
		problem := i.roleProblem(st, a, set, Target{})
		if existing && !set.ProvisionedIn(a.ID) {
			problem = assignmentNotFound
		}
		if problem == "" {
			i.provision(a, set)
		}
		reason = cmp.Or(reason, problem)
	}
	return reason
}

// assignmentNotFound is what a provisioning says that meets the removal of the
// last assignment (https://github.com/hashicorp/terraform-provider-aws/issues/35158).
const assignmentNotFound = "Received a 404 status error: Assignment not found"

// accountNotActive is what jobs in a suspended account end with, late
// (https://github.com/aws-samples/aws-identitycenter-codepipeline-auto-assignment/issues/31).
func accountNotActive(a *Account) string {
	return "AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '" + a.ID +
		"' takes longer than usual. Please try again in a few minutes. If this problem continues, contact AWS Support."
}

// noAssignee is what a job says of a principal that AWS cannot see
// (https://github.com/hashicorp/terraform-provider-aws/issues/19341).
func (i *Instance) noAssignee(t Target) string {
	return "Received a 404 status error: the " + t.PrincipalType + " assignee " + t.PrincipalID + " was not found in directory " + i.Directory.ID
}

// noEntitlement is what a deletion says of an assignment that is not there, as
// the Terraform provider's source quotes it.
func (i *Instance) noEntitlement(t Target) string {
	return "Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key EntitlementKey{accessorId=AccessorId{value=" +
		t.PrincipalID + "}, resourceId=ResourceId{value=" + t.Account.ID + "}, auxiliaryResourceId=AuxiliaryResourceId{value=" + t.Set.ID +
		"}, containerId=ContainerId{value=" + i.ARN[strings.LastIndex(i.ARN, "/")+1:] + "}}"
}

// unseen is why a job cannot assign anything to a principal: there is none, or it
// is so new that not all of AWS sees it.
func (i *Instance) unseen(st Stamp, t Target) string {
	made, ok := i.Directory.meta(t.PrincipalType, t.PrincipalID)
	if !ok || !made.given && st.At.Sub(made.CreatedAt) < i.store.VisibilityDelay {
		return i.noAssignee(t)
	}
	return ""
}

// roleProblem is why AWS could not make or update the role of a set in an
// account, "" if it can.
func (i *Instance) roleProblem(st Stamp, a *Account, set *PermissionSet, t Target) string {
	q := i.store.Quotas
	switch {
	case a.State != Active:
		return accountNotActive(a)
	case t.PrincipalID != "" && !i.Directory.has(t.PrincipalType, t.PrincipalID):
		return i.noAssignee(t)
	case st.Barred != "" && a.ID == i.Owner:
		return st.Barred
	case !set.ProvisionedIn(a.ID) && a.roles+a.OtherRoles >= q.RolesPerAccount:
		return fmt.Sprintf("Received a 409 status error: Cannot exceed quota for RolesPerAccount: %d", q.RolesPerAccount)
	case len(set.Managed)+len(set.Customer) > q.ManagedPerRole:
		return fmt.Sprintf("Received a 409 status error: Cannot exceed quota for PoliciesPerRole: %d", q.ManagedPerRole)
	}
	wanted := set.Customer
	if set.Boundary != nil && set.Boundary.Customer != nil {
		wanted = append(wanted[:len(wanted):len(wanted)], *set.Boundary.Customer)
	}
	for _, c := range wanted {
		if !a.Policies[c.Path+c.Name] {
			return "Received a 404 status error: Not supported policy arn:" + i.store.Partition + ":iam::" + a.ID + ":policy" + c.Path + c.Name + "."
		}
	}
	return ""
}

func (i *Instance) newJob(st Stamp, t Target) *Job {
	j := &Job{
		seq: seq(i.store.ids.next()), RequestID: cmp.Or(st.Request, i.store.ids.uuid()), Status: InProgress, Created: st.At,
		Set: t.Set, SetARN: t.Set.ARN, PrincipalType: t.PrincipalType, PrincipalID: t.PrincipalID,
	}
	if t.Account != nil {
		j.AccountID = t.Account.ID
	}
	j.doomed, j.halfway = i.store.failNext.reason, i.store.failNext.after
	i.store.failNext = failure{}
	return j
}

func (j *Job) finish(problem string) {
	j.Status, j.FailureReason = Succeeded, problem
	if problem != "" {
		j.Status = Failed
	}
}

// note keeps count of an assignment job that begins (+1) or ends (-1).
func (i *Instance) note(t Target, change pending) {
	n := change.creations + change.deletions
	i.store.outstanding.assignment(n)
	t.Set.jobs += n
	have := i.pending[t.key()]
	have.creations += change.creations
	have.deletions += change.deletions
	i.pending[t.key()] = have
	if have == (pending{}) {
		delete(i.pending, t.key())
	}
}

// roomForJob refuses one outstanding job too many, in AWS's words
// (https://github.com/aws-samples/aws-iam-identity-center-extensions/issues/87).
func roomForJob(outstanding, most int) error {
	if outstanding >= cmp.Or(most, mostJobs) {
		return refuse(Throttled, "There are too many requests processing. Please try again later.")
	}
	return nil
}

// pendingOperation refuses a job while another one of the same assignment has
// not ended; what AWS says is known from the source of ConductorOne/baton-aws.
func pendingOperation() *Error {
	return refuse(Busy, "There is a pending operation for the same account assignment. Please try again later.")
}

func conflicting() *Error {
	return refuse(Busy, "There is a conflicting operation in progress for the same resource. Please try again later.")
}

func (d *Directory) has(typ, id string) bool {
	_, ok := d.meta(typ, id)
	return ok
}

// meta tells when a principal was made; false where there is none.
func (d *Directory) meta(typ, id string) (Meta, bool) {
	if g := d.groupByID[id]; g != nil && strings.EqualFold(typ, "GROUP") {
		return g.Meta, true
	}
	if u := d.userByID[id]; u != nil && !strings.EqualFold(typ, "GROUP") {
		return u.Meta, true
	}
	return Meta{}, false
}

// sets counts the sets of an instance in the account.
func (a *Account) sets(i *Instance) int {
	n := 0
	for _, p := range a.pairs.items {
		if p.Set.instance == i {
			n++
		}
	}
	return n
}

func (p *PermissionSet) accounts() []*Account {
	out := make([]*Account, 0, len(p.pairs.items))
	for _, pair := range p.pairs.items {
		out = append(out, pair.Account)
	}
	return out
}
