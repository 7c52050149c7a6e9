package emulator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Change changes what no API of AWS can: what consoles, other people's services
// and the passing of time do. All parts that are set are carried out, or none.
type Change struct {
	Account *AccountChange     `json:"account,omitempty"`
	SCIM    *SCIMChange        `json:"scim,omitempty"`
	Caller  *EstateCaller      `json:"caller,omitempty"`      // adds or replaces the caller of an access key
	App     *EstateApplication `json:"application,omitempty"` // adds an application to the first instance
	// Instance enables IAM Identity Center, as only the console can: for the
	// organization, or for the account that it names as the owner.
	Instance *EstateInstance `json:"instance,omitempty"`
}

// AccountChange changes an account, named by id or name.
type AccountChange struct {
	Account        string   `json:"account"`
	State          string   `json:"state,omitempty"`
	Name           string   `json:"name,omitempty"`
	OtherRoles     *int     `json:"other_roles,omitempty"`
	AddPolicies    []string `json:"add_policies,omitempty"`    // customer managed, "name" or "/path/name"
	RemovePolicies []string `json:"remove_policies,omitempty"` // customer managed
	Delegated      *bool    `json:"delegated,omitempty"`       // administers IAM Identity Center
}

// SCIMChange changes the SCIM access of the tenant, or of the first one.
type SCIMChange struct {
	Tenant  string `json:"tenant,omitempty"`
	Expired *bool  `json:"expired,omitempty"`
	Token   string `json:"token,omitempty"` // replaces the token
}

// Change carries out a change.
func (e *Emulator) Change(change Change) error {
	body, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("write change: %w", err)
	}
	if a := e.change(&command{Service: "control", Operation: "Change", RequestID: requestID(), Body: body}); a.code != "" {
		return fmt.Errorf("change estate: %s", a.code)
	}
	return nil
}

func (w *world) apply(c *command, change Change) error {
	account, err := w.changedAccount(change.Account)
	if err != nil {
		return err
	}
	t, err := w.changedTenant(change.SCIM)
	if err != nil {
		return err
	}
	if change.Caller != nil && change.Caller.AccessKey == "" {
		return errors.New("a caller without an access key")
	}
	if err := w.bounds(change); err != nil {
		return err
	}
	if change.Account != nil {
		if err := change.Account.bounds(len(account.Policies)); err != nil {
			return err
		}
	}
	if change.Instance != nil {
		if err := w.enable(c, *change.Instance); err != nil {
			return err
		}
	}
	if change.App != nil {
		if err := w.addApplication(*change.App); err != nil {
			return err
		}
	}
	if change.Account != nil {
		change.Account.apply(account, c.At)
	}
	if change.SCIM != nil {
		t.token = cmp.Or(change.SCIM.Token, t.token)
		t.expired = change.SCIM.Expired != nil && *change.SCIM.Expired || change.SCIM.Expired == nil && t.expired
	}
	if change.Caller != nil {
		w.callers[change.Caller.AccessKey] = *change.Caller
	}
	return nil
}

var accountStates = []string{"", store.Active, store.Suspended, store.PendingClosure, store.PendingActivation, store.Closed}

func (w *world) changedAccount(change *AccountChange) (*store.Account, error) {
	if change == nil {
		return nil, nil
	}
	if !slices.Contains(accountStates, change.State) {
		return nil, fmt.Errorf("unknown account state %q", change.State)
	}
	if o := w.store.Organization(); o != nil {
		for _, a := range o.Accounts(0, everything).Items {
			if a.ID == change.Account || a.Name == change.Account {
				return a, nil
			}
		}
	}
	return nil, fmt.Errorf("unknown account %q", change.Account)
}

func (change *AccountChange) apply(a *store.Account, at time.Time) {
	a.State, a.Name = cmp.Or(change.State, a.State), cmp.Or(change.Name, a.Name)
	if change.OtherRoles != nil {
		a.OtherRoles = *change.OtherRoles
	}
	if a.Policies == nil {
		a.Policies = map[string]bool{}
	}
	for _, p := range change.AddPolicies {
		a.Policies[policyKey(p)] = true
	}
	for _, p := range change.RemovePolicies {
		delete(a.Policies, policyKey(p))
	}
	switch {
	case change.Delegated == nil:
	case *change.Delegated:
		a.Delegate(api.SSOPrincipal, at)
	default:
		delete(a.Delegated, api.SSOPrincipal)
	}
}

func (w *world) changedTenant(change *SCIMChange) (*tenant, error) {
	switch {
	case change == nil:
		return nil, nil
	case change.Tenant == "" && len(w.tenants) > 0:
		return w.tenants[0], nil
	}
	if t := w.tenant(change.Tenant); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("unknown SCIM tenant %q", change.Tenant)
}

func (w *world) addApplication(app EstateApplication) error {
	if len(w.store.Instances()) == 0 {
		return errors.New("there is no instance for an application")
	}
	b := &builder{store: w.store}
	return b.buildApplication(w.store.Instances()[0], app)
}

// enable makes an instance; what is wrong with it is found before anything is made
// but contents that contradict each other.
func (w *world) enable(c *command, in EstateInstance) error {
	if err := (&Estate{Instances: []EstateInstance{in}}).check(); err != nil {
		return err
	}
	b := &builder{store: w.store, stamp: store.Stamp{At: c.At}, names: map[string][]*store.Account{}}
	b.stamp.By = "arn:" + w.store.Partition + ":iam::" + w.management() + ":root"
	if o := w.store.Organization(); o != nil {
		for _, a := range o.Accounts(0, everything).Items {
			b.note(a)
		}
	}
	if err := b.buildInstance(in); err != nil {
		return err
	}
	w.tenants = append(w.tenants, b.scim...)
	return nil
}
