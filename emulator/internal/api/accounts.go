package api

import (
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// showAccount has State and Paths. Status, which AWS announced to retire on
// 2026-09-09, is there only with the quirk.
func (c *Call) showAccount(a *store.Account) Out {
	o := c.org()
	out := Out{
		"Id": a.ID, "Arn": o.AccountARN(a), "Name": a.Name, "Email": a.Email, "State": a.State,
		"JoinedMethod": a.JoinedMethod, "JoinedTimestamp": epoch(a.Joined),
	}
	if c.Op.Name != "ListDelegatedAdministrators" {
		out["Paths"] = []any{o.Path(a.Parent) + a.ID + "/"}
	}
	if c.Quirks.LegacyStatus && a.State != store.PendingActivation {
		out["Status"] = legacyStatus(a.State)
	}
	return out
}

func legacyStatus(state string) string {
	if state == store.Closed {
		return store.Suspended
	}
	return state
}

func listAccounts(c *Call) (any, error) {
	return paged(c, "Accounts", c.org().Accounts, func(a *store.Account) any { return c.showAccount(a) })
}

func listAccountsForParent(c *Call, u *store.Unit) (any, error) {
	return paged(c, "Accounts", u.Accounts, func(a *store.Account) any { return c.showAccount(a) })
}

func (c *Call) orgAccount() (*store.Account, error) {
	if a, ok := c.org().Account(c.In.text("AccountId")); ok {
		return a, nil
	}
	return nil, awsError("AccountNotFoundException", "You specified an account that doesn't exist.")
}

func describeAccount(c *Call, a *store.Account) (any, error) {
	return Out{"Account": c.showAccount(a)}, nil
}

func createAccount(c *Call) (any, error) {
	list := tags(c.In.parts("Tags"))
	if err := c.checkOrgTags(nil, list); err != nil {
		return nil, err
	}
	req, err := c.org().RequestAccount(c.stamp(), c.In.text("AccountName"), c.In.text("Email"), list)
	if err != nil {
		return nil, awsError("TooManyRequestsException", err.Error())
	}
	return Out{"CreateAccountStatus": showRequest(req)}, nil
}

func showRequest(r *store.AccountRequest) Out {
	out := Out{"Id": r.ID, "AccountName": r.Name, "State": r.State, "RequestedTimestamp": epoch(r.Requested)}
	if !r.Completed.IsZero() {
		out["CompletedTimestamp"] = epoch(r.Completed)
	}
	return out.set("AccountId", r.AccountID).set("FailureReason", r.FailureReason)
}

func describeCreateAccount(c *Call) (any, error) {
	r, ok := c.org().AccountRequest(c.In.text("CreateAccountRequestId"))
	if !ok {
		return nil, awsError("CreateAccountStatusNotFoundException", "You specified a create account request that doesn't exist.")
	}
	return Out{"CreateAccountStatus": showRequest(r)}, nil
}

func moveAccount(c *Call, a *store.Account) (any, error) {
	from, err := c.parent("SourceParentId", "SourceParentNotFoundException")
	if err != nil {
		return nil, err
	}
	to, err := c.parent("DestinationParentId", "DestinationParentNotFoundException")
	switch {
	case err != nil:
		return nil, err
	case a.Parent == to:
		return nil, awsError("DuplicateAccountException", "That account is already present in the specified destination.")
	case a.Parent != from:
		return nil, awsError("AccountNotFoundException", "You specified an account that doesn't exist.")
	}
	c.org().Move(a, to)
	return Out{}, nil
}

// closeAccount closes a member account: PENDING_CLOSURE until the job is done,
// then SUSPENDED, which AWS keeps for 90 days.
func closeAccount(c *Call) (any, error) {
	a, err := c.orgAccount()
	switch {
	case err != nil:
		return nil, err
	case a == c.org().Management:
		return nil, constraintViolation("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You cannot close the management account.")
	case a.State != store.Active:
		return nil, awsError("AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
	}
	c.org().Close(c.stamp(), a)
	return Out{}, nil
}

func listDelegated(c *Call) (any, error) {
	service := c.In.text("ServicePrincipal")
	read := func(after uint64, limit int) store.Page[*store.Account] {
		return c.org().Administrators(service, after, limit)
	}
	return paged(c, "DelegatedAdministrators", read, func(a *store.Account) any {
		out := c.showAccount(a)
		out["DelegationEnabledDate"] = epoch(a.DelegatedSince(service))
		return out
	})
}
