package sandbox

import "encoding/binary"

// The files of a guest are the three that every program has. They are devices
// that hold nothing and keep nothing: reading ends at once, what is written is
// gone, and closing or setting them changes nothing, so that no call can tell
// another.
const (
	standardInput = 0
	lastFile      = 2 // standard error
)

func isOpen(fd uint64) bool { return uint32(fd) <= lastFile }

// ofFile serves a function that answers e for a file that is open.
func ofFile(e errno) service {
	return func(_ *run, s []uint64) {
		if isOpen(s[0]) {
			s[0] = e
		} else {
			s[0] = badFile
		}
	}
}

// WASI's fdstat: its size, the type of a device, and the rights to read and
// write, to set flags and to poll.
const (
	statusBytes     = 24
	characterDevice = 2
	deviceRights    = 1<<1 | 1<<3 | 1<<6 | 1<<27
)

func fileStatus(r *run, s []uint64) {
	b, ok := r.guest().slice(uint32(s[1]), statusBytes)
	switch {
	case !ok:
		s[0] = fault
	case !isOpen(s[0]):
		s[0] = badFile
	default:
		clear(b)
		b[0] = characterDevice
		binary.LittleEndian.PutUint64(b[8:], deviceRights)
		s[0] = success
	}
}

// fileRead reads nothing from standard input.
func fileRead(r *run, s []uint64) {
	if uint32(s[0]) != standardInput {
		s[0] = badFile
		return
	}
	if _, e := r.vector(s[1], s[2]); e != success {
		s[0] = e
		return
	}
	s[0] = r.guest().put32(s[3], 0)
}

// fileWrite takes what is written, and drops it.
func fileWrite(r *run, s []uint64) {
	if !isOpen(s[0]) || uint32(s[0]) == standardInput {
		s[0] = badFile
		return
	}
	n, e := r.vector(s[1], s[2])
	if e != success {
		s[0] = e
		return
	}
	s[0] = r.guest().put32(s[3], uint64(n))
}

// vector checks a list of pieces of memory, and gives their length.
func (r *run) vector(at, count uint64) (bytes uint32, e errno) {
	list, ok := r.guest().slice64(at, uint64(uint32(count))*8)
	if !ok {
		return 0, fault
	}
	for ; len(list) > 0; list = list[8:] {
		n := binary.LittleEndian.Uint32(list[4:])
		if _, ok := r.guest().slice(binary.LittleEndian.Uint32(list), n); !ok {
			return 0, fault
		}
		bytes += n
	}
	return bytes, success
}
