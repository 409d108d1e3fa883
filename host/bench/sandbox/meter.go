package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

// meterRow is what counting costs on a call of the Go guest.
type meterRow struct {
	metered, bare float64 // µs: medians
	ratio         float64 // with by without, the median of the pairs'
}

var meterPattern = regexp.MustCompile(`([0-9.]+) (bare-µs|metered-µs|x-bare)`)

// measureMeter has the sandbox's own benchmark measure that: no switch turns
// the counting off, so it takes the charges out of the rewritten bytes.
func measureMeter(ctx context.Context, g *guests, out io.Writer) (r meterRow, err error) {
	input := filepath.Join(g.dir, "input.json")
	if err := os.WriteFile(input, work.Input(), 0o600); err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkMeter$", "-benchtime", "200x", "./host/internal/sandbox",
		"-meter.guest", filepath.Join(g.dir, "go.wasm"), "-meter.export", export, "-meter.input", input)
	cmd.Dir = filepath.Join("..", "..", "..")
	said, err := cmd.CombinedOutput()
	if err != nil {
		return r, fmt.Errorf("%w: %s", err, said)
	}
	found := map[string]float64{}
	for _, m := range meterPattern.FindAllSubmatch(said, -1) {
		if found[string(m[2])], err = strconv.ParseFloat(string(m[1]), 64); err != nil {
			return r, err
		}
	}
	r = meterRow{found["metered-µs"], found["bare-µs"], found["x-bare"]}
	if r.metered == 0 || r.bare == 0 || r.ratio == 0 {
		return r, fmt.Errorf("the benchmark lacks a measurement: %s", said)
	}
	_, err = io.Copy(out, bytes.NewReader(said))
	return r, err
}
