package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// permissionSet finds the permission set that a request names.
func (c *Call) permissionSet() (*store.PermissionSet, error) {
	i, err := c.organizationInstance()
	if err != nil {
		return nil, err
	}
	arn := c.In.text("PermissionSetArn")
	p, ok := i.PermissionSet(arn)
	if !ok {
		return nil, awsError("ResourceNotFoundException", "Could not find PermissionSet with id "+arn[strings.LastIndex(arn, "/")+1:])
	}
	return p, nil
}

// editable is as permissionSet for requests that change the set.
func (c *Call) editable() (*store.PermissionSet, error) {
	p, err := c.permissionSet()
	if err != nil {
		return nil, err
	}
	return p, c.mayManage(p.Instance(), p, "")
}

// edit makes a handler out of a change to a set.
func edit(change func(*Call, *store.PermissionSet) error) handler {
	return of((*Call).editable, func(c *Call, p *store.PermissionSet) (any, error) { return c.done(change(c, p)) })
}

func showPermissionSet(p *store.PermissionSet) Out {
	out := Out{"Name": p.Name, "PermissionSetArn": p.ARN, "CreatedDate": epoch(p.Created), "SessionDuration": p.SessionDuration}
	return out.set("Description", p.Description).set("RelayState", p.RelayState)
}

func createPermissionSet(c *Call, i *store.Instance) (any, error) {
	duration, err := sessionDuration(c.In)
	if err != nil {
		return nil, err
	}
	list := tags(c.In.parts("Tags"))
	if err := checkNewTags(list); err != nil {
		return nil, err
	}
	if !asciiName(c.In.text("Name")) {
		return nil, validation("1 validation error detected: Value '" + c.In.text("Name") + "' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+")
	}
	p, err := i.CreatePermissionSet(c.stamp(), store.PermissionSet{
		Name: c.In.text("Name"), Description: c.In.text("Description"), RelayState: c.In.text("RelayState"),
		SessionDuration: duration, Tags: list,
	})
	if err != nil {
		return nil, c.refused(err)
	}
	return Out{"PermissionSet": showPermissionSet(p)}, nil
}

// asciiName refuses letters beyond ASCII, which \w takes in some engines: the
// name becomes part of the name of an IAM role.
func asciiName(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// sessionDuration reads SessionDuration, one hour where it is left out.
func sessionDuration(in Args) (string, error) {
	text := in.text("SessionDuration")
	if text == "" {
		return "PT1H", nil
	}
	if d, ok := parseDuration(text); !ok || d < minSession || d > maxSession {
		return "", validation("SessionDuration must be between PT1H and PT12H")
	}
	return text, nil
}

func updatePermissionSet(c *Call, p *store.PermissionSet) error {
	duration, err := sessionDuration(c.In)
	if err != nil {
		return err
	}
	p.Update(c.In.text("Description"), duration, c.In.text("RelayState"))
	return nil
}

func deletePermissionSet(_ *Call, p *store.PermissionSet) error {
	return p.Instance().DeletePermissionSet(p)
}

func describePermissionSet(c *Call, p *store.PermissionSet) (any, error) {
	return Out{"PermissionSet": showPermissionSet(p)}, nil
}

func listPermissionSets(c *Call, i *store.Instance) (any, error) {
	return paged(c, "PermissionSets", i.PermissionSets, func(p *store.PermissionSet) any { return p.ARN })
}

func attachManaged(c *Call, p *store.PermissionSet) error {
	arn := c.In.text("ManagedPolicyArn")
	if !c.knownPolicy(arn) {
		return awsError("ResourceNotFoundException", "Policy "+arn+" does not exist or is not attachable.")
	}
	return p.AttachManaged(arn, arn[strings.LastIndex(arn, "/")+1:])
}

func detachManaged(c *Call, p *store.PermissionSet) error {
	return p.DetachManaged(c.In.text("ManagedPolicyArn"))
}

func listManaged(c *Call, p *store.PermissionSet) (any, error) {
	read := slicePage(p.Managed, func(m store.ManagedPolicy) uint64 { return m.Sequence() })
	return paged(c, "AttachedManagedPolicies", read, func(m store.ManagedPolicy) any {
		return Out{"Name": m.Name, "Arn": m.ARN}
	})
}

// reference reads a CustomerManagedPolicyReference; the path is / where left out.
func reference(in Args) (name, path string) {
	if path = in.text("Path"); path == "" {
		path = "/"
	}
	return in.text("Name"), path
}

func attachCustomer(c *Call, p *store.PermissionSet) error {
	return p.AttachCustomer(reference(c.In.part("CustomerManagedPolicyReference")))
}

func detachCustomer(c *Call, p *store.PermissionSet) error {
	return p.DetachCustomer(reference(c.In.part("CustomerManagedPolicyReference")))
}

func listCustomer(c *Call, p *store.PermissionSet) (any, error) {
	read := slicePage(p.Customer, func(m store.CustomerPolicy) uint64 { return m.Sequence() })
	return paged(c, "CustomerManagedPolicyReferences", read, func(m store.CustomerPolicy) any {
		return Out{"Name": m.Name, "Path": m.Path}
	})
}

func putInline(c *Call, p *store.PermissionSet) error {
	document := c.In.text("InlinePolicy")
	if invalidPolicy(document) {
		return validation("Invalid PermissionsPolicy Document " + document) // https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1986
	}
	if size := nonBlank(document); size > c.Store.Quotas.InlinePolicyBytes {
		return validation(fmt.Sprintf("Current size of the non-whitespace characters present in the InlinePolicy Document is %d bytes which has exceeded the maximum limit of %d bytes",
			size, c.Store.Quotas.InlinePolicyBytes)) // https://github.com/LBHackney-IT/Data-Platform/pull/2789
	}
	p.PutInline(document)
	return nil
}

// invalidPolicy tells whether a text is no policy document, by its outline only.
func invalidPolicy(document string) bool {
	var policy struct {
		Statement json.RawMessage
	}
	return json.Unmarshal([]byte(document), &policy) != nil ||
		len(policy.Statement) == 0 || policy.Statement[0] != '{' && policy.Statement[0] != '['
}

func nonBlank(document string) int {
	n := len(document)
	for _, r := range document {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			n--
		}
	}
	return n
}

// getInline answers an empty text where there is no inline policy.
func getInline(c *Call, p *store.PermissionSet) (any, error) {
	return Out{"InlinePolicy": p.Inline}, nil
}

func deleteInline(_ *Call, p *store.PermissionSet) error {
	if p.Inline != "" {
		p.PutInline("")
	}
	return nil
}

func putBoundary(c *Call, p *store.PermissionSet) error {
	in := c.In.part("PermissionsBoundary")
	custom, managed := in.part("CustomerManagedPolicyReference"), in.text("ManagedPolicyArn")
	switch {
	case (custom == nil) == (managed == ""):
		return validation("Exactly one of ManagedPolicyArn and CustomerManagedPolicyReference must be given as the permissions boundary.")
	case custom == nil && !c.knownPolicy(managed):
		return awsError("ResourceNotFoundException", "Policy "+managed+" does not exist or is not attachable.")
	case custom == nil:
		p.PutBoundary(&store.Boundary{ManagedARN: managed})
	default:
		name, path := reference(custom)
		p.PutBoundary(&store.Boundary{Customer: &store.CustomerPolicy{Name: name, Path: path}})
	}
	return nil
}

func getBoundary(c *Call, p *store.PermissionSet) (any, error) {
	switch {
	case p.Boundary == nil:
		return nil, noBoundary(p)
	case p.Boundary.Customer == nil:
		return Out{"PermissionsBoundary": Out{"ManagedPolicyArn": p.Boundary.ManagedARN}}, nil
	}
	ref := Out{"Name": p.Boundary.Customer.Name, "Path": p.Boundary.Customer.Path}
	return Out{"PermissionsBoundary": Out{"CustomerManagedPolicyReference": ref}}, nil
}

func deleteBoundary(_ *Call, p *store.PermissionSet) error {
	if p.Boundary == nil {
		return noBoundary(p)
	}
	p.PutBoundary(nil)
	return nil
}

func noBoundary(p *store.PermissionSet) *Error {
	return awsError("ResourceNotFoundException", "Could not find PermissionsBoundary for PermissionSet with id "+p.ID)
}
