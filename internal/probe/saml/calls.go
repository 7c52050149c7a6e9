package saml

import "github.com/rolecall-dev/rolecall/internal/diag"

// Calls returns every call that the probe makes, for docs/idp/calls.md.
func Calls() []diag.CallDoc {
	return []diag.CallDoc{{
		System: system, Operation: "Metadata", Method: "GET", Path: "{the URL of --saml-metadata}",
		Fields: []string{
			"EntityDescriptor.@entityID", "EntityDescriptor.@validUntil", "EntitiesDescriptor.@validUntil", "IDPSSODescriptor.@validUntil",
			"IDPSSODescriptor.KeyDescriptor.@use", "IDPSSODescriptor.KeyDescriptor.KeyInfo.X509Data.X509Certificate",
			"IDPSSODescriptor.SingleSignOnService.@Binding", "IDPSSODescriptor.SingleSignOnService.@Location",
		},
		Scope: "nothing: it is public", For: "certificates, entity id and sign-in of the identity provider; a file has the same",
		Source: "OASIS, Metadata for SAML V2.0 (saml-metadata-2.0-os)", Dated: "15 March 2005",
	}}
}
