package api

import (
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// account finds an account of the organization.
func (c *Call) account(id string) (*store.Account, error) {
	if org := c.Store.Organization(); org != nil {
		if a, ok := org.Account(id); ok {
			return a, nil
		}
	}
	return nil, awsError("ResourceNotFoundException", "Could not find Account with id "+id)
}

// target reads the six members of an account assignment.
func (c *Call) target() (store.Target, error) {
	p, err := c.permissionSet()
	if err != nil {
		return store.Target{}, err
	}
	if err := c.mayManage(p.Instance(), p, c.In.text("TargetId")); err != nil {
		return store.Target{}, err
	}
	a, err := c.account(c.In.text("TargetId"))
	return store.Target{Account: a, Set: p, PrincipalType: c.In.text("PrincipalType"), PrincipalID: c.In.text("PrincipalId")}, err
}

// startAssignmentJob starts a job of an account assignment, which may do to roles what
// the operations say.
func startAssignmentJob(name string, start func(*store.Instance, store.Stamp, store.Target) (*store.Job, error), roles []string) handler {
	return of((*Call).target, func(c *Call, t store.Target) (any, error) {
		j, err := start(t.Set.Instance(), c.roleStamp(roles), t)
		if err != nil {
			return nil, c.refused(err)
		}
		return Out{name: startedJob(j)}, nil
	})
}

// startedJob is what the call that starts a job answers: all but the date, as
// records of CloudTrail show.
func startedJob(j *store.Job) Out {
	out := showAssignmentJob(j)
	delete(out, "CreatedDate")
	return out
}

func showAssignmentJob(j *store.Job) Out {
	out := Out{
		"Status": j.Status, "RequestId": j.RequestID, "TargetId": j.AccountID, "TargetType": "AWS_ACCOUNT",
		"PermissionSetArn": j.SetARN, "PrincipalType": j.PrincipalType, "PrincipalId": j.PrincipalID, "CreatedDate": epoch(j.Created),
	}
	return out.set("FailureReason", j.FailureReason)
}

func showProvisioning(j *store.Job) Out {
	out := Out{"Status": j.Status, "RequestId": j.RequestID, "PermissionSetArn": j.SetARN, "CreatedDate": epoch(j.Created)}
	return out.set("AccountId", j.AccountID).set("FailureReason", j.FailureReason)
}

// describeJob answers the state of a job, under the name of its result member.
func describeJob(idMember, name string, jobs func(*store.Instance) *store.JobList, show func(*store.Job) Out) handler {
	return of((*Call).organizationInstance, func(c *Call, i *store.Instance) (any, error) {
		id := c.In.text(idMember)
		j, ok := jobs(i).Find(id)
		if !ok {
			return nil, awsError("ResourceNotFoundException", "Could not find request with id "+id)
		}
		return Out{name: show(j)}, nil
	})
}

// listJobs lists jobs, those in Filter.Status or all.
func listJobs(name string, jobs func(*store.Instance) *store.JobList) handler {
	return of((*Call).organizationInstance, func(c *Call, i *store.Instance) (any, error) {
		status := c.In.part("Filter").text("Status")
		list := func(after uint64, limit int) store.Page[*store.Job] { return jobs(i).List(status, after, limit) }
		return paged(c, name, list, func(j *store.Job) any {
			return Out{"Status": j.Status, "RequestId": j.RequestID, "CreatedDate": epoch(j.Created)}
		})
	})
}

func provisionPermissionSet(c *Call, p *store.PermissionSet) (any, error) {
	id := c.In.text("TargetId")
	if err := c.mayManage(p.Instance(), p, id); err != nil {
		return nil, err
	}
	all := c.In.text("TargetType") == "ALL_PROVISIONED_ACCOUNTS"
	if all != (id == "") {
		return nil, validation("TargetId must be given for TargetType AWS_ACCOUNT, and only then.")
	}
	var a *store.Account
	if !all {
		var err error
		if a, err = c.account(id); err != nil {
			return nil, err
		}
	}
	j, err := p.Instance().ProvisionSet(c.roleStamp(creatingRoles), p, a)
	if err != nil {
		return nil, c.refused(err)
	}
	return Out{"PermissionSetProvisioningStatus": showProvisioning(j)}, nil
}

// latest reads the filter by provisioning status, nil for none.
func latest(in Args) *bool {
	status := in.text("ProvisioningStatus")
	if status == "" {
		return nil
	}
	yes := status == "LATEST_PERMISSION_SET_PROVISIONED"
	return &yes
}

func listSetsInAccount(c *Call, i *store.Instance) (any, error) {
	a, err := c.account(c.In.text("AccountId"))
	if err != nil {
		return nil, err
	}
	only := latest(c.In)
	read := func(after uint64, limit int) store.Page[*store.Provision] { return i.SetsIn(a, only, after, limit) }
	out, err := paged(c, "PermissionSets", read, func(p *store.Provision) any { return p.Set.ARN })
	if err != nil {
		return nil, err
	}
	return leaveOutEmpty(out, "PermissionSets"), nil
}

// leaveOutEmpty takes an empty list out of an answer, as AWS does here
// (https://github.com/aws-samples/iam-identity-center-team/issues/12).
func leaveOutEmpty(out Out, name string) Out {
	if list, _ := out[name].([]any); len(list) == 0 {
		delete(out, name)
	}
	return out
}

func listAccountsForSet(c *Call, set *store.PermissionSet) (any, error) {
	only := latest(c.In)
	read := func(after uint64, limit int) store.Page[*store.Provision] {
		return set.Instance().AccountsWith(set, only, after, limit)
	}
	return paged(c, "AccountIds", read, func(p *store.Provision) any { return p.Account.ID })
}

func showAssignment(a *store.Assignment) any {
	return Out{
		"AccountId": a.Provision.Account.ID, "PermissionSetArn": a.Provision.Set.ARN,
		"PrincipalType": a.Principal.Type, "PrincipalId": a.Principal.ID,
	}
}

func listAssignments(c *Call, set *store.PermissionSet) (any, error) {
	if _, err := c.account(c.In.text("AccountId")); err != nil {
		return nil, err
	}
	read := reader[*store.Assignment](func(after uint64, _ int) store.Page[*store.Assignment] {
		return store.Page[*store.Assignment]{Next: after}
	})
	if p, ok := set.Instance().Provision(c.In.text("AccountId"), set); ok {
		read = p.Assignments
	}
	return paged(c, "AccountAssignments", read, showAssignment)
}

// listAssignmentsForPrincipal works from the management account only
// (https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html).
func listAssignmentsForPrincipal(c *Call, i *store.Instance) (any, error) {
	if c.relationTo(i) != owner {
		return nil, c.denied(i.ARN)
	}
	typ, id, account := c.In.text("PrincipalType"), c.In.text("PrincipalId"), c.In.part("Filter").text("AccountId")
	read := func(after uint64, limit int) store.Page[*store.Assignment] {
		if c.Quirks.ShortPages {
			limit = (limit + 1) / 2
		}
		return i.AssignmentsOf(typ, id, account, after, limit)
	}
	return paged(c, "AccountAssignments", read, showAssignment)
}
