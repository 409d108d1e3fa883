//go:build !unix

package sandbox

import "os"

// ownDirectory makes dir if it is missing. Who may write to it is the
// system's access list to say.
func ownDirectory(dir string) error { return os.MkdirAll(dir, 0o700) }
