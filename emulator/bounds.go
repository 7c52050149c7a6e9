package emulator

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
)

// What clients send stays in memory only up to these bounds. Where AWS documents
// one it is AWS's, by the models or the quotas; these are for what AWS does not
// have. Beyond them a request is refused.
const (
	maxName         = 256      // bytes of a name that no model bounds
	maxReason       = 4096     // bytes of why a job fails
	maxKey          = 128      // bytes of an access key, as in IAM's model
	maxRegion       = 64       // bytes of a Region's name
	maxToken        = 4096     // bytes of a SCIM token
	maxFaults       = 1000     // faults that are set
	maxFile         = 64 << 20 // bytes of a file with faults
	maxCallers      = 1000     // callers of an estate and its changes
	maxActions      = 500      // actions that a caller is denied, or allowed
	maxApplications = 500      // of an instance, as in AWS's quotas
	maxAppGrants    = 1000     // groups and users of an application
	maxPolicies     = 5000     // customer managed policies in an account, as in IAM's quotas
	maxInstances    = 100      // instances that POST /_emulator/estate may enable
	maxJournal      = 4 << 30  // bytes of a journal
	maxInvisible    = 64 << 20 // bytes of writes that are not visible yet
)

// bounds refuses a change that would make the world grow without end.
func (w *world) bounds(change Change) error {
	switch {
	case change.Caller != nil && !w.roomForCaller(*change.Caller):
		return fmt.Errorf("callers: more than %d, an access key over %d bytes, or more than %d actions of one", maxCallers, maxKey, maxActions)
	case change.SCIM != nil && len(change.SCIM.Token) > maxToken:
		return fmt.Errorf("a SCIM token of more than %d bytes", maxToken)
	case change.App != nil && !w.roomForApplication(*change.App):
		return fmt.Errorf("applications: more than %d, or more than %d groups and users of one", maxApplications, maxAppGrants)
	case change.Instance != nil && len(w.store.Instances()) >= maxInstances:
		return fmt.Errorf("there are %d instances already", maxInstances)
	}
	return nil
}

func (w *world) roomForCaller(c EstateCaller) bool {
	if _, have := w.callers[c.AccessKey]; !have && len(w.callers) >= maxCallers {
		return false
	}
	for _, action := range append(c.Denied[:len(c.Denied):len(c.Denied)], c.Allowed...) {
		if len(action) > maxName {
			return false
		}
	}
	return len(c.AccessKey) <= maxKey && len(c.Denied)+len(c.Allowed) <= maxActions && len(c.ARN+c.Session+c.PermissionSet+c.Account) <= 4*maxName
}

func (w *world) roomForApplication(app EstateApplication) bool {
	if i := w.store.Instances(); len(i) > 0 && len(i[0].Applications()) >= maxApplications {
		return false
	}
	return len(app.ARN) <= 4*maxName && len(app.Name) <= maxName && len(app.Groups)+len(app.Users) <= maxAppGrants
}

// bounds refuses a change that would make an account grow without end.
func (change *AccountChange) bounds(policies int) error {
	if policies+len(change.AddPolicies) > maxPolicies || len(change.Name) > maxName {
		return fmt.Errorf("account %q: more than %d customer managed policies, or a name of more than %d bytes", change.Account, maxPolicies, maxName)
	}
	for _, p := range change.AddPolicies {
		if len(p) > 3*maxName {
			return fmt.Errorf("account %q: a policy name of more than %d bytes", change.Account, 3*maxName)
		}
	}
	return nil
}

// full tells why no further write can be kept, nil while one can. It is asked
// before the write changes anything.
func (e *Emulator) full() error {
	switch {
	case e.broken != nil:
		return e.broken
	case e.journal != nil && e.journal.Len() >= e.most.journal:
		return &api.Error{Code: "InternalFailure", Status: 507, Message: fmt.Sprintf(
			"the emulator's journal has reached %d bytes: POST /_emulator/reset empties it, another --data folder starts a new one", e.most.journal)}
	case e.replica != nil && e.replica.size >= e.most.invisible:
		return &api.Error{Code: "InternalFailure", Status: 507, Message: fmt.Sprintf(
			"%d bytes of writes are not visible to reads yet: wait, or choose a shorter visibility delay", e.replica.size)}
	}
	return nil
}

// sizes are bounds that a test makes smaller.
type sizes struct {
	journal   int64
	invisible int
}

// short returns a text of a client to keep, on its own: a part of a header would
// hold all of the header.
func short(text string) string { return strings.Clone(text[:min(len(text), maxName)]) }
