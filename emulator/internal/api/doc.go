// Package api carries out the operations of AWS: it takes a decoded request,
// checks who may do it, acts on the store and returns AWS's answer or AWS's error.
//
// It promises that every operation of the model table has its handler here, that
// an answer has only members of the operation's output shape, and that a refusal
// is one of the errors that AWS declares for the operation wherever AWS declares
// a fitting one. Where AWS documents nothing, the decision is in the table of the
// package above.
//
// It leaves out transport: HTTP, signatures, XML, throttling and faults belong to
// the package above.
package api
