package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// head names what was measured on, in the form of go test's own first lines.
// The model of the CPU stands in those.
func head(ctx context.Context, now time.Time) string {
	return fmt.Sprintf("date: %s\ncores: %d\ngo: %s\nredis: %s\n",
		now.UTC().Format(time.DateOnly), runtime.NumCPU(), strings.TrimPrefix(runtime.Version(), "go"), redisVersion(ctx))
}

var versionPattern = regexp.MustCompile(`v=(\S+)`)

func redisVersion(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "redis-server", "--version").Output()
	if m := versionPattern.FindSubmatch(out); err == nil && m != nil {
		return string(m[1])
	}
	return "unknown"
}
