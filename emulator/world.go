package emulator

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// scimActor is what CreatedBy and UpdatedBy say of things that SCIM wrote.
const scimActor = "SCIM"

// world is the store with what surrounds it. The same commands at the same times
// make the same world.
type world struct {
	store   *store.Store
	quirks  Quirks
	callers map[string]EstateCaller
	tenants []*tenant
}

// tenant is the SCIM endpoint of an instance.
type tenant struct {
	name, token string
	directory   *store.Directory
	expired     bool
}

func newWorld(o Options, at time.Time) (*world, error) {
	if err := o.Estate.check(); err != nil {
		return nil, fmt.Errorf("check estate: %w", err)
	}
	quotas := o.Estate.Quotas
	quotas.OutstandingWrites, quotas.OutstandingProvides = o.Limits.OutstandingAssignments, o.Limits.OutstandingProvisionings
	s := store.New(store.Settings{
		Seed: o.Seed, Region: o.Region, Partition: partition(o.Region), Latency: o.JobLatency.draw(o.Seed),
		SerialAccounts: true, Quotas: quotas, RemoveOrphans: o.Quirks.OrphansRemoved, StuckOrphans: o.Quirks.OrphansStuck,
		VisibilityDelay: o.VisibilityDelay,
	})
	b := &builder{
		estate: o.Estate, store: s, names: map[string][]*store.Account{},
		stamp: store.Stamp{At: at, By: "arn:" + s.Partition + ":iam::" + ManagementAccount + ":root"},
	}
	if err := b.build(); err != nil {
		return nil, fmt.Errorf("build estate: %w", err)
	}
	w := &world{store: s, quirks: o.Quirks, callers: map[string]EstateCaller{}, tenants: b.scim}
	return w, w.addCallers(o.Estate.Callers, b)
}

// partition tells the partition of a Region.
func partition(region string) string {
	switch {
	case len(region) > 3 && region[:3] == "cn-":
		return "aws-cn"
	case len(region) > 7 && region[:7] == "us-gov-":
		return "aws-us-gov"
	}
	return "aws"
}

// draw returns the latency of job n, the same for the same seed.
func (l Latency) draw(seed uint64) func(uint64) time.Duration {
	return func(n uint64) time.Duration {
		if l.Max <= l.Min {
			return l.Min
		}
		return l.Min + time.Duration(rand.New(rand.NewPCG(seed, n)).Int64N(int64(l.Max-l.Min)+1))
	}
}

func (w *world) management() string {
	if o := w.store.Organization(); o != nil {
		return o.Management.ID
	}
	return ManagementAccount
}

// addCallers resolves the callers of the estate and adds the built-in ones.
func (w *world) addCallers(list []EstateCaller, b *builder) error {
	w.callers[ManagementKey] = EstateCaller{}
	w.callers[ExpiredKey] = EstateCaller{Expired: true}
	w.callers[InvalidKey] = EstateCaller{Invalid: true}
	w.callers[DeniedKey] = EstateCaller{Denied: []string{"*"}}
	w.addMembers()
	for _, c := range list {
		if c.AccessKey == "" {
			return fmt.Errorf("a caller without an access key")
		}
		if c.Account != "" && len(b.names) > 0 {
			a, err := b.account(c.Account)
			if err != nil {
				return fmt.Errorf("caller %q: %w", c.AccessKey, err)
			}
			c.Account = a.ID
		}
		w.callers[c.AccessKey] = c
	}
	return nil
}

// addMembers makes the callers in the delegated administrator's account and in an
// ordinary member account, where there are such accounts.
func (w *world) addMembers() {
	o := w.store.Organization()
	if o == nil {
		return
	}
	for _, a := range o.Accounts(0, 1000).Items {
		key := MemberKey
		if _, ok := a.Delegated[api.SSOPrincipal]; ok {
			key = DelegatedKey
		}
		if _, have := w.callers[key]; !have && a != o.Management {
			w.callers[key] = EstateCaller{Account: a.ID}
		}
	}
}

// caller tells who has an access key.
func (w *world) caller(key string) (EstateCaller, api.Caller) {
	c, ok := w.callers[key]
	if !ok {
		c = w.callers[ManagementKey]
	}
	account := cmp.Or(c.Account, w.management())
	arn := cmp.Or(c.ARN, w.roleSession(c, account))
	return c, api.Caller{
		Key: key, Account: account, ARN: arn, UserID: "AROAEMULATOR000000000:" + session(c),
		Denied: c.Denied, Allowed: c.Allowed,
	}
}

func session(c EstateCaller) string { return cmp.Or(c.Session, "emulator") }

// roleSession is the ARN of the session of the role that a caller uses: of a
// permission set where it is provisioned in the account, else a plain one.
func (w *world) roleSession(c EstateCaller, account string) string {
	role := "Administrator"
	if c.PermissionSet != "" {
		role = "AWSReservedSSO_" + c.PermissionSet + "_0000000000000000"
		for _, i := range w.store.Instances() {
			set, ok := i.PermissionSetByName(c.PermissionSet)
			if !ok {
				continue
			}
			if p, ok := i.Provision(account, set); ok {
				role = p.RoleName()
			}
		}
	}
	return "arn:" + w.store.Partition + ":sts::" + account + ":assumed-role/" + role + "/" + session(c)
}
