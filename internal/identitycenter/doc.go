// Package identitycenter is the client of AWS: it finds an instance of IAM
// Identity Center and who is calling (Connect), and has one method for each
// operation of AWS, which returns what internal/access calls it and the evidence of
// the call. Beneath it read reads who can do what into an access.State, write
// carries out single changes of a plan, and lease is the lock.
//
// It promises that every attempt of every call takes its token from
// internal/quota, that an answer to another question and a list that does not end
// are errors, that a write is sent once, and never after a guard has refused it or
// the look before it is too old, and that what a user can mend comes back as a
// diagnostic with its cause. It decides no change, keeps no state but a cache that
// may be deleted at any time, and renders nothing. Facts about AWS are from the
// service models and user guides; where a comment cites none, the model is the
// source.
//
// A new operation is a method here, a row in operations.go (what its answer always
// says) and a row in hostile_operations_test.go; what is missing fails a test.
package identitycenter
