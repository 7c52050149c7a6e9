package identitycenter

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// notToldError is a question that AWS does not answer to this caller; Needs says
// what would let it be answered.
type notToldError struct{ needs string }

func (e notToldError) Error() string { return "AWS does not tell this caller: it needs " + e.needs }

// Needs says what would let the question be answered.
func (e notToldError) Needs() string { return e.needs }

// Holds gives what a group or user holds itself, in one account or in all (""):
// a call, and one for each set whose name is not known yet.
//
// Only the management account is told so. Elsewhere it is read from the
// account's sets, a call each, once for all principals: from those of the given
// names, or from all where none is given. Without an account there is no other
// way; the error then has a method Needs.
func (d *Diagnosis) Holds(ctx context.Context, kind access.PrincipalKind, id, account string, sets ...string) ([]access.Assignment, diag.Evidence, error) {
	if d.c.mayAskPrincipals() {
		found, seen, err := d.askPrincipal(ctx, kind, id, account)
		if !isAccessDenied(err) {
			return found, seen, err
		}
		d.c.refusePrincipals()
	}
	if account == "" {
		return nil, diag.Evidence{}, notToldError{"credentials of the management account, which alone is told what a group holds, or --account"}
	}
	return d.holdsByPair(ctx, kind, id, account, sets)
}

// askPrincipal asks for what the principal holds. A refusal is given as it is.
func (d *Diagnosis) askPrincipal(ctx context.Context, kind access.PrincipalKind, id, account string) ([]access.Assignment, diag.Evidence, error) {
	var filter *ssotypes.ListAccountAssignmentsFilter
	if account != "" {
		filter = &ssotypes.ListAccountAssignmentsFilter{AccountId: &account}
	}
	var found []access.Assignment
	e := diag.Evidence{}
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := d.c.sso.ListAccountAssignmentsForPrincipal(ctx, &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: &d.c.instance.ARN, PrincipalId: &id, PrincipalType: ssotypes.PrincipalType(kind.String()),
			Filter: filter, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, a := range out.AccountAssignments {
			if aws.ToString(a.PrincipalId) == id { // what a user has through groups is asked of the groups
				found = append(found, access.Assignment{SetARN: aws.ToString(a.PermissionSetArn), Account: aws.ToString(a.AccountId)})
			}
		}
		e = looked("sso:ListAccountAssignmentsForPrincipal", fmt.Sprintf("%s %s in %s", kind, id, accountWords(account)), "", out.ResultMetadata)
		return out.NextToken, nil
	})
	switch {
	case isAccessDenied(err):
		return nil, e, err
	case err != nil:
		return nil, e, d.c.explain(fmt.Errorf("list the assignments of %s: %w", id, err))
	}
	for i := range found {
		if found[i].Set, err = d.setName(ctx, found[i].SetARN); err != nil {
			return nil, e, err
		}
	}
	e.Saw = several(len(found), "assignment")
	return found, e, nil
}

func accountWords(account string) string {
	if account == "" {
		return "all accounts"
	}
	return "account " + account
}

// holdsByPair looks for the principal among those who hold the sets in the
// account.
func (d *Diagnosis) holdsByPair(ctx context.Context, kind access.PrincipalKind, id, account string, sets []string) ([]access.Assignment, diag.Evidence, error) {
	arns, err := d.among(ctx, account, sets)
	if err != nil {
		return nil, diag.Evidence{}, err
	}
	var found []access.Assignment
	for _, arn := range arns {
		keys, err := d.pair(ctx, pair{arn, account})
		if err != nil {
			return nil, diag.Evidence{}, err
		}
		for _, k := range keys {
			if k.kind != kind || k.principal != id {
				continue
			}
			name, err := d.setName(ctx, arn)
			if err != nil {
				return nil, diag.Evidence{}, err
			}
			found = append(found, access.Assignment{SetARN: arn, Set: name, Account: account})
		}
	}
	saw := fmt.Sprintf("%s; %s asked, one by one: only the management account is told of a %s", several(len(found), "assignment"), several(len(arns), "permission set"), strings.ToLower(kind.String()))
	return found, looked("sso:ListAccountAssignments", fmt.Sprintf("%s %s in account %s", kind, id, account), saw, middleware.Metadata{}), nil
}

// among gives the ARNs of the named sets, or of all sets of the account.
func (d *Diagnosis) among(ctx context.Context, account string, sets []string) ([]string, error) {
	if len(sets) == 0 {
		return d.setsOf(ctx, account)
	}
	var arns []string
	for _, name := range sets {
		arn, err := d.setIn(ctx, name, account)
		if err != nil {
			return nil, err
		}
		if arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns, nil
}
