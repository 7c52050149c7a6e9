// Package store holds what the emulated AWS knows: an organization with its
// accounts, instances of IAM Identity Center with their identity stores,
// permission sets, account assignments, the roles that follow from them, and
// the asynchronous jobs in between.
//
// It promises that every list can be read page by page at the cost of the page,
// that the same sequence of calls with the same [Stamp]s yields the same state
// down to the last id (which is what the journal and the delayed view of reads
// are built on), and that ids are never used twice.
//
// It leaves out everything about wires: shapes, error bodies, callers and their
// permissions, throttling. It does no locking and reads no clock: the caller
// serializes writes and says what time it is.
package store
