package main

import (
	"encoding/json"
	"fmt"
)

// The estate file of `rolecall emulator`, as far as this example needs it.
type (
	estateFile struct {
		Organization estateOrganization `json:"organization"`
		Units        []estateUnit       `json:"organizational_units"`
		Accounts     []estateAccount    `json:"accounts"`
		Instances    []estateInstance   `json:"instances"`
	}
	estateOrganization struct {
		ID         string `json:"id"`
		RootID     string `json:"root_id"`
		Management string `json:"management"`
	}
	estateUnit struct {
		Name string `json:"name"`
	}
	estateAccount struct {
		ID       string   `json:"id"`
		Name     string   `json:"name"`
		Email    string   `json:"email"`
		Parent   string   `json:"parent,omitempty"`
		Policies []string `json:"customer_managed_policies,omitempty"`
	}
	estateInstance struct {
		SCIM estateSCIM `json:"scim"`
	}
	estateSCIM struct {
		Off bool `json:"off"`
	}
)

// estateOf returns the organization as it is before the first apply: accounts
// with the policies that the config refers to, and an empty directory.
func estateOf(o organization) (string, error) {
	e := estateFile{
		Organization: estateOrganization{ID: "o-examplelarge", RootID: "r-root", Management: "management"},
		Instances:    []estateInstance{{SCIM: estateSCIM{Off: true}}},
	}
	known := map[string]bool{"": true}
	for _, a := range o.accounts {
		if !known[a.unit] {
			known[a.unit] = true
			e.Units = append(e.Units, estateUnit{a.unit})
		}
		out := estateAccount{ID: a.id, Name: a.name, Email: "aws+" + a.name + "@company.com", Parent: a.unit}
		if a.unit != "" {
			out.Policies = []string{"/" + boundary, deploy}
		}
		e.Accounts = append(e.Accounts, out)
	}
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the estate: %w", err)
	}
	return string(text) + "\n", nil
}
