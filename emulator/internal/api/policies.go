package api

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// awsPolicies lists the policies that AWS owns: path and name, default version,
// created, updated. Facts collected by https://github.com/iann0036/iam-dataset.
//
//go:embed awspolicies.txt
var awsPolicies string

// awsPolicy is one line of the list.
type awsPolicy struct {
	at                                    uint64
	path, name, version, created, updated string
}

func parsePolicy(at int, line string) awsPolicy {
	f := strings.Fields(line)
	cut := strings.LastIndex(f[0], "/") + 1
	return awsPolicy{uint64(at + 1), f[0][:cut], f[0][cut:], f[1], f[2], f[3]}
}

// policyLines are sorted by path and name.
var policyLines = sync.OnceValue(func() []string { return strings.Split(strings.TrimSpace(awsPolicies), "\n") })

// awsOwned is the form of an ARN of a policy that AWS owns.
var awsOwned = regexp.MustCompile(`^arn:(aws(?:-[a-z]{1,5}){0,3}):iam::aws:policy(/.+)$`)

// findPolicy finds a policy of AWS by ARN, in the partition of the instance.
func (c *Call) findPolicy(arn string) (awsPolicy, bool) {
	m := awsOwned.FindStringSubmatch(arn)
	if m == nil || m[1] != c.Store.Partition {
		return awsPolicy{}, false
	}
	lines := policyLines()
	at, _ := slices.BinarySearch(lines, m[2]+" ")
	if at == len(lines) || !strings.HasPrefix(lines[at], m[2]+" ") {
		return awsPolicy{}, false
	}
	return parsePolicy(at, lines[at]), true
}

// knownPolicy tells whether a policy can be attached: roles of people cannot have
// the policies of service-linked roles.
func (c *Call) knownPolicy(arn string) bool {
	p, ok := c.findPolicy(arn)
	return ok && !strings.HasPrefix(p.path, "/aws-service-role/")
}

func (c *Call) showPolicy(p awsPolicy) Out {
	return Out{
		"PolicyName": p.name, "PolicyId": policyID(p), "Arn": "arn:" + c.Store.Partition + ":iam::aws:policy" + p.path + p.name,
		"Path": p.path, "DefaultVersionId": p.version, "AttachmentCount": 0, "PermissionsBoundaryUsageCount": 0,
		"IsAttachable": true, "CreateDate": p.created, "UpdateDate": p.updated,
	}
}

// policyID looks like an id of IAM and is the same for the same policy.
func policyID(p awsPolicy) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	id := []byte("ANPA")
	for n := checksum(p.at, uint64(len(p.name))); len(id) < 21; n = n>>5 | n<<59 {
		id = append(id, alphabet[n&31])
	}
	return string(id)
}

func getPolicy(c *Call) (any, error) {
	arn := c.In.text("PolicyArn")
	p, ok := c.findPolicy(arn)
	if !ok {
		e := awsError("NoSuchEntity", "Policy "+arn+" was not found.")
		e.Status = 404
		return nil, e
	}
	return Out{"Policy": c.showPolicy(p)}, nil
}

// listPolicies lists policies of AWS; the account's own are no part of the
// emulated world.
func listPolicies(c *Call) (any, error) {
	at, err := c.marker()
	if err != nil {
		return nil, err
	}
	items, more := []any{}, false
	prefix, most := c.In.text("PathPrefix"), c.In.number("MaxItems", 100)
	next := at
	for n, line := range policyLines() {
		p := parsePolicy(n, line)
		if p.at <= at || !c.listed(p, prefix) {
			continue
		}
		if len(items) == most {
			more = true
			break
		}
		items, next = append(items, c.showPolicy(p)), p.at
	}
	out := Out{"Policies": items, "IsTruncated": more}
	if more {
		out["Marker"] = c.token(next)
	}
	return out, nil
}

func (c *Call) listed(p awsPolicy, prefix string) bool {
	return strings.HasPrefix(p.path, prefix) && c.In.text("Scope") != "Local" && !c.In.flag("OnlyAttached")
}

// marker reads IAM's name for NextToken.
func (c *Call) marker() (uint64, error) {
	token := c.In.text("Marker")
	if token == "" {
		return 0, nil
	}
	renamed := *c
	renamed.In = Args{"NextToken": token}
	for name, value := range c.In {
		if name != "Marker" {
			renamed.In[name] = value
		}
	}
	at, err := renamed.position()
	if err != nil {
		return 0, awsError("ValidationError", "Invalid Marker.")
	}
	return at, nil
}
