package main

import (
	"net"
	"strings"
	"testing"
)

// A port that is taken is said, with what to do.
func TestServe_taken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if err := serve(l.Addr().String()); err == nil || !strings.Contains(err.Error(), "-addr") {
		t.Errorf("got %v, want what to do", err)
	}
}
