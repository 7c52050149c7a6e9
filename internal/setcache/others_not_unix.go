//go:build !unix

package setcache

import "io/fs"

// writableByOthers knows nothing here: where modes are not those of Unix, the
// user's own folder is the user's by the system's own rules.
func writableByOthers(fs.FileInfo, bool) string { return "" }
