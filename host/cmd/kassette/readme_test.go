package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadme_commandsExist: each command of the README is one, with the flags
// it is shown with. Asked for help, the command line is read and nothing run.
func TestReadme_commandsExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^build/kassette ([^#\n]+)`).FindAllStringSubmatch(string(text), -1)
	if len(lines) < 5 {
		t.Fatalf("the README has %d commands, want one of each", len(lines))
	}
	for _, m := range lines {
		args := strings.Fields(m[1])
		kassette(t, append(args, "--help")...).says(t, 0, []string{"Usage: kassette " + commandIn(args)}, nil)
	}
}

// commandIn is the name of the command among arguments.
func commandIn(args []string) string {
	names := []string{"serve", "config", "order", "check", "plugin", "simulate", "version", "completion"}
	if i := slices.IndexFunc(args, func(a string) bool { return slices.Contains(names, a) }); i >= 0 {
		return args[i]
	}
	return "and its command"
}
