package journal

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the file for this process by another one beside it, which nobody can
// open at the same time; the system closes it when the process ends.
func lock(f *os.File) (unlock func() error, err error) {
	name, err := syscall.UTF16PtrFromString(f.Name() + ".lock")
	if err != nil {
		return func() error { return nil }, err
	}
	const (
		alone      = 0                 // no sharing
		errSharing = syscall.Errno(32) // ERROR_SHARING_VIOLATION
	)
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, alone, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharing) {
		err = errBusy
	}
	if err != nil {
		return func() error { return nil }, err
	}
	return func() error { return syscall.CloseHandle(h) }, nil
}
