package access

// AssignedSet is an account assignment in AWS's own terms, as it is asked for
// one principal at a time: a permission set in an account.
type AssignedSet struct {
	SetARN  string `json:"set_arn"`
	Set     string `json:"set"`     // name
	Account string `json:"account"` // id
}

// AssignedGroup is a group that holds a permission set in an account. Gone says that
// the group does not exist any more.
type AssignedGroup struct {
	ID   string `json:"id"`
	Gone bool   `json:"gone,omitempty"`
}

// FailedAssignment is an account assignment that AWS could not make.
type FailedAssignment struct {
	Set       string `json:"set"`       // name
	Account   string `json:"account"`   // id
	Principal string `json:"principal"` // id
	Reason    string `json:"reason"`    // AWS's own
	RequestID string `json:"request_id"`
	When      string `json:"when"` // RFC 3339
}
