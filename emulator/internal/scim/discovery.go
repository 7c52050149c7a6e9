package scim

import (
	"embed"
	"encoding/json"
	"net/http"
	"sync"
)

// The documents of discovery. ServiceProviderConfig is as captured
// (slashdevops/idp-scim-sync, pkg/aws/testdata/ServiceProviderConfig.json); its 50 is
// AWS's, pages have 100. The schemas (RFC 7643 section 7) state what AWS supports (its
// developer guide's table of attributes), not the whole RFC.
//
//go:embed discovery/*.json
var discovery embed.FS

// document reads one of them.
func document[T any](name string) (v T) {
	text, err := discovery.ReadFile("discovery/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		panic(err) // it is embedded, and a test asks for every one
	}
	return v
}

var (
	providerConfig = sync.OnceValue(func() json.RawMessage { return document[json.RawMessage]("service_provider_config") })
	resourceTypes  = sync.OnceValue(func() []json.RawMessage { return document[[]json.RawMessage]("resource_types") })
	schemas        = sync.OnceValue(func() []json.RawMessage { return document[[]json.RawMessage]("schemas") })
)

func (c *call) serviceProviderConfig() (int, any, error) { return http.StatusOK, providerConfig(), nil }

func (c *call) listResourceTypes() (int, any, error) {
	return http.StatusOK, discovered(resourceTypes()), nil
}

func (c *call) listSchemas() (int, any, error) { return http.StatusOK, discovered(schemas()), nil }

func (c *call) getSchema() (int, any, error) {
	for _, text := range schemas() {
		var schema struct{ ID string }
		if json.Unmarshal(text, &schema) == nil && schema.ID == c.id {
			return http.StatusOK, text, nil
		}
	}
	return 0, nil, notFound("Specified schema does not exist.")
}

func discovered(documents []json.RawMessage) plainList {
	resources := make([]any, len(documents))
	for i, d := range documents {
		resources[i] = d
	}
	return plainList{len(resources), len(resources), 1, []string{listSchema}, resources}
}
