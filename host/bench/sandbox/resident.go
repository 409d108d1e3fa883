package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// resident is what this process and its children take: the proportional set
// size, in which a page that several map is shared out.
func resident() (uint64, error) {
	collect()
	debug.FreeOSMemory()
	var all uint64
	for _, pid := range append(children(), "self") {
		b, err := os.ReadFile(filepath.Join("/proc", pid, "smaps_rollup"))
		if err != nil {
			return 0, err
		}
		lines := bufio.NewScanner(bytes.NewReader(b))
		for lines.Scan() {
			if f := strings.Fields(lines.Text()); len(f) > 1 && f[0] == "Pss:" {
				kb, err := strconv.ParseUint(f[1], 10, 64)
				if err != nil {
					return 0, err
				}
				all += kb << 10
			}
		}
	}
	return all, nil
}

// children are the processes that this one started and that still run.
func children() []string {
	files, _ := filepath.Glob("/proc/self/task/*/children") // the pattern is good
	var all []string
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil {
			all = append(all, strings.Fields(string(b))...)
		}
	}
	return all
}

// stopChildren ends the plugins' processes.
func stopChildren() (err error) {
	for _, pid := range children() {
		n, failed := strconv.Atoi(pid)
		if failed != nil {
			return failed
		}
		if p, failed := os.FindProcess(n); failed == nil {
			err = errors.Join(err, p.Kill())
		}
	}
	return err
}
