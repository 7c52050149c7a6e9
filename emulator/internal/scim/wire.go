package scim

import (
	"encoding/json"
	"strings"
	"time"
)

// wireUser is a user on the wire, with the attributes in the order in which AWS
// sends them (captured in slashdevops/idp-scim-sync, pkg/aws/testdata).
type wireUser struct {
	ID                string          `json:"id,omitempty"`
	ExternalID        string          `json:"externalId,omitempty"`
	Meta              *wireMeta       `json:"meta,omitempty"`
	Schemas           []string        `json:"schemas,omitempty"`
	UserName          string          `json:"userName,omitempty"`
	Name              *wireName       `json:"name,omitempty"`
	DisplayName       string          `json:"displayName,omitempty"`
	NickName          string          `json:"nickName,omitempty"`
	ProfileURL        string          `json:"profileUrl,omitempty"`
	Title             string          `json:"title,omitempty"`
	UserType          string          `json:"userType,omitempty"`
	PreferredLanguage string          `json:"preferredLanguage,omitempty"`
	Locale            string          `json:"locale,omitempty"`
	Timezone          string          `json:"timezone,omitempty"`
	Active            *flag           `json:"active,omitempty"`
	Emails            []wireValue     `json:"emails,omitempty"`
	Addresses         []wireAddress   `json:"addresses,omitempty"`
	PhoneNumbers      []wireValue     `json:"phoneNumbers,omitempty"`
	Roles             []wireValue     `json:"roles,omitempty"`
	Enterprise        *wireEnterprise `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,omitempty"`

	// What AWS does not take. IdPs send these empty, which is let pass.
	Groups           any `json:"groups,omitempty"`
	Password         any `json:"password,omitempty"`
	IMs              any `json:"ims,omitempty"`
	Photos           any `json:"photos,omitempty"`
	X509Certificates any `json:"x509Certificates,omitempty"`
	Entitlements     any `json:"entitlements,omitempty"`
}

type wireMeta struct {
	ResourceType string `json:"resourceType"`
	Created      string `json:"created"`
	LastModified string `json:"lastModified"`
}

type wireName struct {
	Formatted       string `json:"formatted,omitempty"`
	FamilyName      string `json:"familyName,omitempty"`
	GivenName       string `json:"givenName,omitempty"`
	MiddleName      string `json:"middleName,omitempty"`
	HonorificPrefix string `json:"honorificPrefix,omitempty"`
	HonorificSuffix string `json:"honorificSuffix,omitempty"`
}

// wireValue is an e-mail address, a phone number or a role. AWS does not keep
// the display sub-attribute.
type wireValue struct {
	Value   string `json:"value,omitempty"`
	Type    string `json:"type,omitempty"`
	Primary flag   `json:"primary,omitempty"`
	Display string `json:"display,omitempty"`
}

type wireAddress struct {
	Formatted     string `json:"formatted,omitempty"`
	StreetAddress string `json:"streetAddress,omitempty"`
	Locality      string `json:"locality,omitempty"`
	Region        string `json:"region,omitempty"`
	PostalCode    string `json:"postalCode,omitempty"`
	Country       string `json:"country,omitempty"`
	Type          string `json:"type,omitempty"`
	Primary       flag   `json:"primary,omitempty"`
	Display       string `json:"display,omitempty"`
}

type wireEnterprise struct {
	EmployeeNumber string       `json:"employeeNumber,omitempty"`
	CostCenter     string       `json:"costCenter,omitempty"`
	Organization   string       `json:"organization,omitempty"`
	Division       string       `json:"division,omitempty"`
	Department     string       `json:"department,omitempty"`
	Manager        *wireManager `json:"manager,omitempty"`
}

// wireManager takes the plain id that some IdPs send for the object with a value.
type wireManager struct {
	Value string `json:"value,omitempty"`
}

func (m *wireManager) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, &m.Value)
	}
	var object struct{ Value string }
	err := json.Unmarshal(text, &object)
	m.Value = object.Value
	return err
}

// flag is a boolean, also as the string that Entra ID and AWS's own examples
// send ("active": "false").
type flag bool

func (f *flag) UnmarshalJSON(text []byte) error {
	plain := strings.ToLower(strings.Trim(string(text), `"`))
	return json.Unmarshal([]byte(plain), (*bool)(f))
}

// wireGroup is a group on the wire. AWS answers with members always empty.
type wireGroup struct {
	ID          string       `json:"id,omitempty"`
	ExternalID  string       `json:"externalId,omitempty"`
	Meta        *wireMeta    `json:"meta,omitempty"`
	Schemas     []string     `json:"schemas,omitempty"`
	DisplayName string       `json:"displayName"`
	Members     []wireMember `json:"members"`
}

type wireMember struct {
	Value   string `json:"value"`
	Display string `json:"display,omitempty"`
	Type    string `json:"type,omitempty"`
	Ref     string `json:"$ref,omitempty"`
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
