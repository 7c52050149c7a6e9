// Package source reads and parses the files of one config, and keeps what is
// found in them.
//
// It promises that no file, and not all of them together, is read or parsed
// beyond what the memory holds or the parser's stack carries, that every place is
// one within its file, and that no finding shows the line of a secret. It leaves
// out what the files mean.
package source
