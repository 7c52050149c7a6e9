// Package vendorapi answers for a simulated identity provider of emulator/idp as its
// vendor's own API does: Okta's management API with its System Log, Microsoft Graph,
// or Google's Directory and Reports API, each with its token endpoint. It is for tests
// of what reads an identity provider; no program has it.
//
// It promises the vendor's paging, rate limits, refusals and errors. It reads only, and
// knows the filters that a reader of access needs: any other is refused as the vendor
// refuses an invalid one. Searches are never behind, and $select, $orderby and
// projection change nothing. What it tells of the directory comes from
// [idp.Directory.Snapshot] alone.
package vendorapi
