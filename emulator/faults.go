package emulator

// Fault is something that goes wrong.
type Fault struct{}
