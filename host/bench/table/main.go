// Command table runs the benchmarks and writes docs/bench.md: the tables go
// between its markers, the raw output into docs/bench.txt beside it.
//
//	go run ./host/bench/table
//
// It wants redis-server. With -raw it runs nothing and writes the tables of an
// output that is there already.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

// suites are the runs of go test, each with the time or the number of rounds
// that its benchmarks need for a steady median.
var suites = []struct{ pattern, time, pkg string }{
	{"^BenchmarkRound$", "5s", "./plugins/..."},
	{"^BenchmarkAnnounce$", "12x", "./host/bench"},
	{"^BenchmarkTrips$", "5x", "./host/bench"},
	{"^BenchmarkModule$", "5x", "./host/bench"},
}

func main() {
	dir := flag.String("docs", "docs", "folder of bench.md and bench.txt")
	raw := flag.Bool("raw", false, "use the output in bench.txt; run nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *dir, *raw, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, raw bool, progress io.Writer) error {
	page, output := filepath.Join(dir, "bench.md"), filepath.Join(dir, "bench.txt")
	old, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	text, err := os.ReadFile(output)
	if !raw {
		text, err = measure(ctx, progress)
	}
	if err != nil {
		return err
	}
	r, err := parse(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("read the output: %w", err)
	}
	table, err := write(r)
	if err != nil {
		return err
	}
	fresh, err := replace(old, table)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	if err := os.WriteFile(output, text, 0o644); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	if err := os.WriteFile(page, fresh, 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// measure runs the suites and gives their output, under a head that names the machine.
func measure(ctx context.Context, progress io.Writer) ([]byte, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("redis-server not found: run `make tools`: %w", err)
	}
	var out bytes.Buffer
	to := io.MultiWriter(&out, progress)
	if _, err := io.WriteString(to, head(ctx, time.Now())); err != nil {
		return nil, err
	}
	for _, s := range suites {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", s.pattern, "-benchtime", s.time, "-timeout", "30m", s.pkg)
		cmd.Stdout, cmd.Stderr = to, progress
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("go test -bench %s %s: %w", s.pattern, s.pkg, err)
		}
	}
	return out.Bytes(), nil
}
