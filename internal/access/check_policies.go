package access

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Source of the patterns: sso-admin service model, ManagedPolicyArn,
// CustomerManagedPolicyReference.
var (
	awsPolicyARN      = regexp.MustCompile(`^arn:(aws(?:-[a-z]{1,5}){0,3}):iam::aws:policy((?:/[A-Za-z0-9.,+@=_-]+)*)/([A-Za-z0-9.,+=@_-]+)$`)
	customerPolicyARN = regexp.MustCompile(`^arn:(aws(?:-[a-z]{1,5}){0,3}):iam::\d{12}:policy((?:/[A-Za-z0-9.,+@=_-]+)*)/([A-Za-z0-9_+=,.@-]+)$`)
	customerPolicy    = regexp.MustCompile(`^/?(?:[A-Za-z0-9.,+@=_-]+/)*[A-Za-z0-9_+=,.@-]+$`)
	anyPartition      = regexp.MustCompile(`^arn:([a-z0-9-]*):iam:`)
)

func (k *checker) checkPolicies(g GroupSpec) {
	for _, t := range g.AWSManagedPolicies.Items {
		k.checkAWSPolicy(t)
	}
	for _, t := range g.CustomerManagedPolicies.Items {
		k.checkCustomerPolicy(t, "customer_managed_policies")
	}
	k.checkBoundary(g.PermissionsBoundary)
	k.checkSamePolicy(g.AWSManagedPolicies, func(s string) string { return s })
	k.checkSamePolicy(g.CustomerManagedPolicies, func(s string) string { return ParseCustomerPolicy(s).String() })
	n := len(g.AWSManagedPolicies.Items) + len(g.CustomerManagedPolicies.Items)
	at := cmp.Or(g.AWSManagedPolicies.Range, g.CustomerManagedPolicies.Range)
	switch {
	case n > MaxPolicies:
		k.errorf(CodeTooManyPolicies, at, "Merge some into a customer managed or an inline policy.", "%s has %d policies; a permission set can have %d", groupCalled(g), n, MaxPolicies)
	case n > MaxRolePolicies:
		k.warnf(CodeManyPolicies, at, "Have IAM's quota \"Managed policies attached to an IAM role\" raised in each of its accounts.",
			"%s has %d policies; IAM lets a role have %d unless its quota is raised", groupCalled(g), n, MaxRolePolicies)
	case n == 0 && len(g.InlinePolicies.Items) == 0 && len(g.AccountsNames.Items) > 0:
		k.warnf(CodeNoPermissions, rangeOf(g), "Add a policy.", "%s has no policy, so its sessions have no permissions", groupCalled(g))
	}
}

func (k *checker) checkSamePolicy(list List[Text], canonical func(string) string) {
	seen := make(map[string]diag.Range, len(list.Items))
	for _, t := range list.Items {
		name := canonical(t.Value)
		if first, ok := seen[name]; ok {
			k.add(diag.Warning, CodeDuplicatePolicy, t.Range, "Remove one; if another was meant, correct it.", fmt.Sprintf("the policy %q is listed twice", t.Value), first)
			continue
		}
		seen[name] = t.Range
	}
}

func (k *checker) checkAWSPolicy(t Text) {
	switch {
	case awsPolicyARN.MatchString(t.Value) && len(t.Value) <= MaxPolicyARN:
		k.arns = append(k.arns, t)
	case customerPolicyARN.MatchString(t.Value):
		k.errorf(CodePolicyMisplaced, t.Range, "Move it to customer_managed_policies.", "%q is a customer managed policy, not an AWS managed one", t.Value)
	default:
		k.errorf(CodePolicyARN, t.Range, policyHint(t.Value), "%q is not the ARN of an AWS managed policy", t.Value)
	}
}

func policyHint(text string) string {
	name := text[strings.LastIndexAny(text, "/:")+1:]
	if customerPolicy.MatchString(name) && !strings.Contains(text, "arn:") {
		return fmt.Sprintf("Write \"arn:aws:iam::aws:policy/%s\" if it is an AWS managed policy, or move it to customer_managed_policies.", strings.TrimPrefix(text, "/"))
	}
	return "Write it as \"arn:aws:iam::aws:policy/PowerUserAccess\"; the AWS console shows the ARN."
}

func (k *checker) checkCustomerPolicy(t Text, key string) {
	p := ParseCustomerPolicy(t.Value)
	isARN := strings.HasPrefix(t.Value, "arn:")
	switch {
	case awsPolicyARN.MatchString(t.Value):
		k.errorf(CodePolicyMisplaced, t.Range, "Move it to aws_managed_policies.", "%q is an AWS managed policy", t.Value)
		return
	case isARN && !customerPolicyARN.MatchString(t.Value), !isARN && !customerPolicy.MatchString(t.Value):
		k.errorf(CodePolicyARN, t.Range, "Write its ARN, its name, or path/name.", "%q is not the name of a customer managed policy", t.Value)
		return
	case isARN:
		k.arns = append(k.arns, t)
	}
	if len(p.Name) > MaxPolicyName || len(p.Path) > MaxPolicyPath {
		k.errorf(CodeTooLong, t.Range, "Shorten it.", "a policy's name has at most %d characters and its path %d, in %s", MaxPolicyName, MaxPolicyPath, key)
	}
}

func (k *checker) checkBoundary(t Text) {
	switch {
	case t.Value == "":
	case awsPolicyARN.MatchString(t.Value):
		k.arns = append(k.arns, t)
	default:
		k.checkCustomerPolicy(t, "permissions_boundary")
	}
}

// checkPartitions refuses partitions that do not exist, and a second one
// beside that of most policies. Which one is the organization's is known only
// from AWS; see CheckPartition.
func (k *checker) checkPartitions() {
	most, count, first := "", map[string]int{}, map[string]diag.Range{}
	for _, t := range k.arns {
		p := partitionOf(t.Value)
		if !slices.Contains(partitions(), p) {
			continue
		}
		first[p] = cmp.Or(first[p], t.Range)
		if count[p]++; count[p] > count[most] {
			most = p
		}
	}
	for _, t := range k.arns {
		switch p := partitionOf(t.Value); {
		case !slices.Contains(partitions(), p):
			k.errorf(CodePartition, t.Range, fmt.Sprintf("Write one of %s.", strings.Join(partitions(), ", ")), "AWS has no partition %q", p)
		case p != most:
			k.add(diag.Error, CodePartition, t.Range, "One organization has one partition: correct the ARN.",
				fmt.Sprintf("the policy is in the partition %q, most others are in %q", p, most), first[most])
		}
	}
}

// CheckPartition returns an error for each policy of the config that is of
// another partition than the organization's, which its instance ARN shows.
func CheckPartition(c Config, partition string) diag.List {
	k := &checker{}
	for _, g := range slices.Concat(c.AccessGroups.Items, c.ExternalGroups.Items) {
		for _, t := range slices.Concat(g.AWSManagedPolicies.Items, g.CustomerManagedPolicies.Items, []Text{g.PermissionsBoundary}) {
			if p := partitionOf(t.Value); p != "" && p != partition {
				k.errorf(CodePartition, t.Range, fmt.Sprintf("Write arn:%s:... .", partition), "the policy is in the partition %q, the organization in %q", p, partition)
			}
		}
	}
	return k.found.Sorted()
}

func partitionOf(arn string) string {
	if m := anyPartition.FindStringSubmatch(arn); m != nil {
		return m[1]
	}
	return ""
}
