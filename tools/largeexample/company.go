package main

import (
	"fmt"
	"slices"
	"strings"
)

// organization is what both files say.
type organization struct {
	accounts []account
	users    []user
	groups   []group
}

type account struct{ id, name, unit string }

type user struct {
	given, family string
	groups        []string
}

func (u user) mail() string {
	return strings.ToLower(u.given + "." + u.family + "@company.com")
}

type group struct {
	name, description string
	accounts          []string
	managed           []string
	customer          []string
	boundary          string
	session           string
	inline            []statement
}

type statement struct {
	name               string
	actions, resources []string
}

const (
	policy   = "arn:aws:iam::aws:policy/"
	boundary = "platform/workload-boundary"
	deploy   = "deploy-services"
)

func products() []string {
	return []string{"Payments", "Orders", "Catalog", "Search", "Shipping", "Accounts", "Analytics"}
}

func stages() []string { return []string{"development", "staging", "production"} }

func workload(product, stage string) string { return strings.ToLower(product) + "-" + stage }

// company makes 25 accounts (four of the platform, three of each product), 40
// groups (five of each product, five of the whole company) and 120 users.
func company() organization {
	o := organization{accounts: accounts()}
	for _, p := range products() {
		o.groups = append(o.groups, productGroups(p)...)
	}
	o.groups = append(o.groups, companyGroups(o.accounts)...)
	o.users = users(o.groups)
	return o
}

func accounts() []account {
	out := []account{
		{name: "management"}, {name: "security", unit: "Security"},
		{name: "log-archive", unit: "Security"}, {name: "network", unit: "Infrastructure"},
	}
	for _, p := range products() {
		for _, s := range stages() {
			out = append(out, account{name: workload(p, s), unit: p})
		}
	}
	for i := range out {
		out[i].id = fmt.Sprintf("%012d", 100_000_000_000+(i+1)*7_919_191_919%899_999_999_999)
	}
	return out
}

func productGroups(product string) []group {
	dev, staging, prod := workload(product, "development"), workload(product, "staging"), workload(product, "production")
	name := "AWS-" + product + "-"
	return []group{
		{name: name + "Developers", description: product + ": builds the service", managed: []string{policy + "PowerUserAccess"},
			boundary: boundary, session: "PT8H", accounts: []string{dev, staging}},
		{name: name + "Operators", description: product + ": keeps the service running", managed: []string{policy + "ReadOnlyAccess"},
			session: "PT4H", inline: operate(product), accounts: []string{staging, prod}},
		{name: name + "Deployers", description: product + ": releases the service", managed: []string{policy + "job-function/ViewOnlyAccess"},
			customer: []string{deploy}, accounts: []string{dev, staging, prod}},
		{name: name + "ReadOnly", description: product + ": looks, and changes nothing", managed: []string{policy + "ReadOnlyAccess"},
			session: "PT2H", accounts: []string{dev, staging, prod}},
		{name: name + "Admins", description: product + ": owns the development account", managed: []string{policy + "AdministratorAccess"},
			boundary: boundary, accounts: []string{dev}},
	}
}

func operate(product string) []statement {
	cluster := "arn:aws:ecs:*:*:service/" + strings.ToLower(product) + "/*"
	return []statement{
		{name: "restart", actions: []string{"ecs:UpdateService", "ecs:StopTask"}, resources: []string{cluster}},
		{name: "sessions", actions: []string{"ssm:StartSession", "ssm:TerminateSession"}, resources: []string{"*"}},
	}
}

func companyGroups(accounts []account) []group {
	var members, production []string
	for _, a := range accounts[1:] {
		members = append(members, a.name)
		if strings.HasSuffix(a.name, "-production") {
			production = append(production, a.name)
		}
	}
	return []group{
		{name: "AWS-Platform-Admins", description: "Platform team", managed: []string{policy + "AdministratorAccess"}, accounts: members},
		{name: "AWS-Security-Auditors", description: "Security team: audits all accounts", managed: []string{policy + "SecurityAudit"},
			session: "PT4H", accounts: members},
		{name: "AWS-Network-Engineers", description: "Network team", managed: []string{policy + "job-function/NetworkAdministrator"},
			accounts: append([]string{"network"}, production...)},
		{name: "AWS-Incident-Response", description: "On call: looks into production", managed: []string{policy + "ReadOnlyAccess"},
			inline:  []statement{{name: "isolate", actions: []string{"ec2:ModifyInstanceAttribute", "ec2:CreateSnapshot"}, resources: []string{"*"}}},
			session: "PT12H", accounts: production},
		{name: "AWS-Billing", description: "Finance: costs and invoices", managed: []string{policy + "job-function/Billing"}, accounts: []string{"management"}},
	}
}

func users(groups []group) []user {
	given := []string{"Jane", "Wei", "Maria", "Ahmed", "Olga", "Liam", "Fatima", "Kenji", "Priya", "Lucas", "Ingrid", "Samuel"}
	family := []string{"Smith", "Chen", "Garcia", "Hassan", "Novak", "Murphy", "Diallo", "Tanaka", "Patel", "Silva"}
	out := make([]user, 0, len(given)*len(family))
	for i := range len(given) * len(family) {
		out = append(out, user{given: given[i%len(given)], family: family[i/len(given)], groups: groupsOf(i, groups)})
	}
	return out
}

// groupsOf puts everybody into one product's group, every third person into
// its read-only group as well, and some into groups of the whole company.
func groupsOf(i int, groups []group) []string {
	perProduct := 5
	product := i % len(products())
	in := []string{groups[product*perProduct+i/len(products())%perProduct].name}
	if readOnly := groups[product*perProduct+3].name; i%3 == 0 && !slices.Contains(in, readOnly) {
		in = append(in, readOnly)
	}
	every := []int{24, 15, 20, 10, 30} // one in so many is in each of the company's groups
	for n, of := range every {
		if i%of == n {
			in = append(in, groups[len(groups)-len(every)+n].name)
		}
	}
	return in
}
