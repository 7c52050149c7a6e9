package api

import (
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func showInstance(i *store.Instance) Out {
	out := Out{
		"InstanceArn": i.ARN, "IdentityStoreId": i.Directory.ID, "OwnerAccountId": i.Owner,
		"CreatedDate": epoch(i.Created), "Status": i.Status,
	}
	return out.set("Name", i.Name)
}

// listInstances shows what the caller's account can see in this Region: the
// organization's instance to the management account and to the delegated
// administrator, account instances to their owners.
func listInstances(c *Call) (any, error) {
	var seen []*store.Instance
	for _, i := range c.Store.Instances() {
		if c.visible(i) && c.mayUse(i) {
			seen = append(seen, i)
		}
	}
	read := slicePage(seen, (*store.Instance).Sequence)
	atMostTen := func(after uint64, limit int) store.Page[*store.Instance] { return read(after, min(limit, 10)) }
	return paged(c, "Instances", atMostTen, func(i *store.Instance) any { return showInstance(i) })
}

func describeInstance(c *Call, i *store.Instance) (any, error) {
	key := Out{"KeyType": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"}
	if i.KMSKey != "" {
		key = Out{"KeyType": "CUSTOMER_MANAGED_KEY", "KmsKeyArn": i.KMSKey, "EncryptionStatus": "ENABLED"}
	}
	out := showInstance(i)
	out["EncryptionConfigurationDetails"] = key
	return out, nil
}

func updateInstance(c *Call, i *store.Instance) (any, error) {
	key := c.In.part("EncryptionConfiguration")
	if key.text("KeyType") == "CUSTOMER_MANAGED_KEY" && key.text("KmsKeyArn") == "" {
		return nil, validation("KmsKeyArn is required for a customer managed key.")
	}
	if key != nil {
		i.KMSKey = key.text("KmsKeyArn")
	}
	if c.In.has("Name") {
		i.Name = c.In.text("Name")
	}
	return Out{}, nil
}

// createInstance makes an account instance: AWS refuses it in the management
// account, and an account has at most one.
func createInstance(c *Call) (any, error) {
	if org := c.Store.Organization(); org != nil && org.Management.ID == c.Caller.Account {
		return nil, validation("The operation is not supported in the management account of an organization.")
	}
	token := c.In.text("ClientToken")
	for _, i := range c.Store.Instances() {
		if i.Owner == c.Caller.Account && token != "" && i.ClientToken == token {
			return Out{"InstanceArn": i.ARN}, nil
		}
		if i.Owner == c.Caller.Account {
			return nil, c.refused(&store.Error{Kind: store.Busy, Message: "An instance of IAM Identity Center already exists in this account."})
		}
	}
	i, err := c.Store.CreateInstance(c.stamp(), store.NewInstance{
		Name: c.In.text("Name"), Owner: c.Caller.Account, Region: c.Region, Account: true, Tags: tags(c.In.parts("Tags")),
	})
	if err != nil {
		return nil, c.refused(err)
	}
	i.ClientToken = token
	return Out{"InstanceArn": i.ARN}, nil
}

func deleteInstance(c *Call, i *store.Instance) (any, error) {
	if !i.Account || c.relationTo(i) != owner {
		return nil, c.denied(i.ARN)
	}
	c.Store.DeleteInstance(i)
	return Out{}, nil
}

func putAttributes(create bool) handler {
	return of((*Call).instance, func(c *Call, i *store.Instance) (any, error) {
		if create && i.Attributes != nil {
			return nil, c.refused(&store.Error{Kind: store.Busy, Message: "InstanceAccessControlAttributeConfiguration already exists"})
		}
		if !create && i.Attributes == nil {
			return nil, noAttributes()
		}
		i.Attributes = &store.AccessControl{Status: "ENABLED", Attributes: attributes(c.In)}
		return Out{}, nil
	})
}

func attributes(in Args) []store.Attribute {
	out := []store.Attribute{}
	for _, a := range in.part("InstanceAccessControlAttributeConfiguration").parts("AccessControlAttributes") {
		out = append(out, store.Attribute{Key: a.text("Key"), Source: a.part("Value").texts("Source")})
	}
	return out
}

func noAttributes() *Error {
	return awsError("ResourceNotFoundException", "InstanceAccessControlAttributeConfiguration not found")
}

func describeAttributes(c *Call, i *store.Instance) (any, error) {
	if i.Attributes == nil {
		return nil, noAttributes()
	}
	list := []any{}
	for _, a := range i.Attributes.Attributes {
		list = append(list, Out{"Key": a.Key, "Value": Out{"Source": a.Source}})
	}
	return Out{"Status": i.Attributes.Status, "InstanceAccessControlAttributeConfiguration": Out{"AccessControlAttributes": list}}, nil
}

func deleteAttributes(c *Call, i *store.Instance) (any, error) {
	if i.Attributes == nil {
		return nil, noAttributes()
	}
	i.Attributes = nil
	return Out{}, nil
}

// listApplicationAssignments lists the applications that are assigned to a
// principal directly.
func listApplicationAssignments(c *Call, i *store.Instance) (any, error) {
	type row struct {
		store.AppAssignment
		app string
	}
	var rows []row
	only := c.In.part("Filter").text("ApplicationArn")
	for _, app := range i.Applications() {
		for _, a := range app.Assignments {
			if a.PrincipalID == c.In.text("PrincipalId") && a.PrincipalType == c.In.text("PrincipalType") && (only == "" || only == app.ARN) {
				rows = append(rows, row{a, app.ARN})
			}
		}
	}
	read := slicePage(rows, func(r row) uint64 { return r.Sequence() })
	return paged(c, "ApplicationAssignments", read, func(r row) any {
		return Out{"ApplicationArn": r.app, "PrincipalId": r.PrincipalID, "PrincipalType": r.PrincipalType}
	})
}
