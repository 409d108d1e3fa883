//go:build unix

package sandbox

import (
	"fmt"
	"os"
	"syscall"
)

// ownDirectory makes dir if it is missing, and refuses one that anybody else
// owns or may look into.
func ownDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	case !ok || int(stat.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to another user", dir)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s is open to others (%o): set its mode to 700", dir, info.Mode().Perm())
	}
	return nil
}
