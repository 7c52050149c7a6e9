//go:build unix

package setcache

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// writableByOthers says how others than the user and root could write a file or
// folder; "" where they cannot. A folder above the cache may be shared where it
// is sticky, as /tmp is: there nobody can move what another owns.
func writableByOthers(info fs.FileInfo, above bool) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	if owner := int(stat.Uid); owner != os.Geteuid() && owner != 0 {
		return fmt.Sprintf("belongs to another user (id %d)", owner)
	}
	if info.Mode().Perm()&0o022 != 0 && !(above && info.Mode()&fs.ModeSticky != 0) {
		return fmt.Sprintf("can be written by others (mode %04o)", info.Mode().Perm())
	}
	return ""
}
