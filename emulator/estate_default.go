package emulator

import "fmt"

// DefaultEstate is a small organization: six accounts in two organizational
// units, an instance in the management account with three groups and four people
// that an identity provider pushed, and nobody with access yet. The security
// account administers IAM Identity Center for it.
func DefaultEstate() *Estate {
	return &Estate{
		Organization: &EstateOrganization{ID: "o-exampleorg", RootID: "r-root", Management: "management"},
		OrganizationalUnits: []EstateUnit{
			{ID: "ou-root-security0", Name: "Security"},
			{ID: "ou-root-workloads", Name: "Workloads"},
		},
		Accounts: []EstateAccount{
			{ID: "111122223333", Name: "management", Email: "aws+management@company.com"},
			{ID: "222233334444", Name: "development", Email: "aws+development@company.com", Parent: "Workloads"},
			{ID: "333344445555", Name: "staging", Email: "aws+staging@company.com", Parent: "Workloads"},
			{ID: "444455556666", Name: "production", Email: "aws+production@company.com", Parent: "Workloads"},
			{ID: "555566667777", Name: "security", Email: "aws+security@company.com", Parent: "Security"},
			{ID: "666677778888", Name: "log-archive", Email: "aws+log-archive@company.com", Parent: "Security"},
		},
		DelegatedAdministrators: []EstateDelegate{{Account: "security"}},
		EstateContents: EstateContents{
			Users: []EstateUser{
				defaultUser(1, "Jane", "Smith"), defaultUser(2, "John", "Miller"),
				defaultUser(3, "Maria", "Garcia"), defaultUser(4, "Wei", "Chen"),
			},
			Groups: []EstateGroup{
				{DisplayName: "AWS-Development-Team", Source: FromSCIM, Members: []string{"jane.smith@company.com", "john.miller@company.com"}},
				{DisplayName: "AWS-Production-ReadOnly", Source: FromSCIM, Members: []string{"jane.smith@company.com", "maria.garcia@company.com"}},
				{DisplayName: "AWS-Infrastructure-Admins", Source: FromSCIM, Members: []string{"wei.chen@company.com"}},
			},
		},
	}
}

func defaultUser(n int, given, family string) EstateUser {
	mail := lower(given) + "." + lower(family) + "@company.com"
	return EstateUser{
		UserName: mail, DisplayName: given + " " + family, GivenName: given, FamilyName: family, Email: mail,
		Source: FromSCIM, ExternalID: fmt.Sprintf("00u1emulator%04d", n),
	}
}
