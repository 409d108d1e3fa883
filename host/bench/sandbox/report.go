package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// machine names what was measured on.
func machine() string {
	cpu := "unknown"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, on %s (%s/%s, %d cores), Go %s.", time.Now().UTC().Format(time.DateOnly), cpu,
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), strings.TrimPrefix(runtime.Version(), "go"))
}

// ratio is ours divided by a side's: p50, one caller.
func (r *report) ratio(name, guest string) float64 {
	for _, c := range r.calls {
		if c.name == name && c.guest == guest && c.callers == 1 {
			return c.ratio
		}
	}
	return 0
}

// ratios is the one line that sums the run up: ours divided by theirs, Go guest.
func (r *report) ratios() string {
	of := func(name string) float64 { return r.ratio(name, "Go") }
	return fmt.Sprintf("ratios: extism-pooled=%.2f extism-timeout=%.2f extism-instance=%.3f hashicorp-go-plugin=%.2f fuel=%.3f native=%.1f",
		of(extismPooled), of(extismTimeout), of(extismInstance), of(processRPC), r.meter.ratio, of(native))
}

// others is what else there is a goal for.
func (r *report) others() string {
	var load, memory, idle float64
	for _, l := range r.loads {
		if l.guest == "Go" {
			load = l.ratio
		}
	}
	for _, m := range r.memory {
		if m.name == ours && m.guest == "Go" {
			memory, idle = m.used[len(m.used)-2], m.used[len(m.used)-1]
		}
	}
	return fmt.Sprintf("others: c-extism-pooled=%.2f assemblyscript-extism-pooled=%.2f load-cold-by-cached=%.1f go-plugins-mib=%.0f go-plugins-idle-mib=%.0f hostile-p50-shift=%+.2f hostile-slowest-ms=%.0f hostile-pause-ms=%.0f hostile-memory-mib=%+.1f",
		r.ratio(extismPooled, "C"), r.ratio(extismPooled, "AssemblyScript"), load, memory, idle, r.hostile.shift, r.hostile.slowest, r.hostile.pause, r.hostile.returned)
}

func (r *report) tables() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n`%s`\n", r.machine, r.ratios())
	for _, callers := range []int{1, most} {
		r.callTable(&b, callers)
	}
	fmt.Fprintf(&b, "\n### Counting\n\nA call of the Go guest with the charges, and with the charges taken out of the rewritten bytes.\n\n")
	table(&b, []string{"", "with, µs", "without, µs", "with ÷ without"},
		[]string{"Kassette, Go", number(r.meter.metered), number(r.meter.bare), fmt.Sprintf("%.3f", r.meter.ratio)})
	r.hostileTable(&b)
	r.loadTable(&b)
	r.memoryTable(&b)
	return b.String()
}

func (r *report) callTable(b *strings.Builder, callers int) {
	fmt.Fprintf(b, "\n### Calls, %d at once\n\n", callers)
	var rows [][]string
	for _, c := range r.calls {
		if c.callers == callers {
			rows = append(rows, []string{c.name, c.guest, number(c.p50), number(c.p99), fmt.Sprintf("%.3g", c.ratio), number(c.allocs), number(c.bytes / 1024)})
		}
	}
	table(b, []string{"side", "guest", "p50, µs", "p99, µs", "Kassette ÷ this", "allocations", "garbage, KB"}, rows...)
}

func (r *report) hostileTable(b *strings.Builder) {
	h := r.hostile
	fmt.Fprintf(b, "\n### Beside hostile guests\n\nA good Go plugin called without a break, alone and beside ten hostile calls a second (%s), in %d pairs of %.1f s; the collector runs four times a second in both. Medians of the pairs, the worst in brackets.\n\n",
		strings.Join(hostileExports, ", "), hostilePairs, hostileTime.Seconds())
	table(b, []string{"", "p50 alone, µs", "p50 beside, µs", "p50 moves by", "slowest call, ms", "longest pause, ms", "memory afterwards, MiB", "hostile calls", "answered"},
		[]string{"Kassette, Go", number(h.quiet), number(h.beside), fmt.Sprintf("%+.0f %%", 100*h.shift),
			fmt.Sprintf("%.0f (%.0f)", h.slowest, h.worst), fmt.Sprintf("%.0f (%.0f)", h.pause, h.longest), fmt.Sprintf("%+.1f", h.returned), fmt.Sprint(h.calls), fmt.Sprint(h.answered)})
}

func (r *report) loadTable(b *strings.Builder) {
	fmt.Fprintf(b, "\n### Loading\n\nAdmission, rewriting, compilation and proof, with an empty cache folder and with compiled code in it; Extism's NewCompiledPlugin, which only compiles, beside it.\n\n")
	var rows [][]string
	for _, l := range r.loads {
		rows = append(rows, []string{l.guest, number(float64(l.bytes) / 1024), number(l.cold), number(l.cached), fmt.Sprintf("%.1f", l.ratio), number(l.peer), number(l.peerCached), fmt.Sprintf("%.2f", l.againstPeerCached)})
	}
	table(b, []string{"guest", "KB", "cold, ms", "cached, ms", "cold ÷ cached", "Extism cold, ms", "Extism cached, ms", "cached ÷ Extism cached"}, rows...)
}

func (r *report) memoryTable(b *strings.Builder) {
	fmt.Fprintf(b, "\n### Memory of loaded plugins\n\nThe same bytes loaded as often, none of which are shared, as if the plugins were different ones of that size. MiB more than the empty process, in a process of its own, all processes of a side together (proportional set size), after each plugin has answered once and a collection; and when all of them have been idle for a minute, which lets Kassette give its sandboxes back.\n\n")
	heads := []string{"side", "guest"}
	for _, n := range loadedSteps(r.loaded) {
		heads = append(heads, fmt.Sprintf("%d loaded", n))
	}
	var rows [][]string
	for _, m := range r.memory {
		row := []string{m.name, m.guest}
		for _, used := range m.used {
			row = append(row, number(used))
		}
		rows = append(rows, row)
	}
	table(b, append(heads, "after a minute"), rows...)
}

func table(b *strings.Builder, heads []string, rows ...[]string) {
	fmt.Fprintf(b, "| %s |\n|", strings.Join(heads, " | "))
	for _, h := range heads {
		if h == "" || h == "side" || h == "guest" {
			b.WriteString(" --- |")
		} else {
			b.WriteString(" ---: |")
		}
	}
	b.WriteString("\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(r, " | "))
	}
}

// number shows three digits or so, and groups of three where there are more.
func number(f float64) string {
	switch {
	case f >= 100:
		digits := fmt.Sprintf("%.0f", f)
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
		return digits
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}

const (
	begin = "<!-- bench:begin -->\n"
	end   = "<!-- bench:end -->"
)

// replace puts text between the markers of a page.
func replace(page []byte, text string) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return nil, errors.New("it lacks the lines between which the tables go")
	}
	return []byte(string(before) + begin + text + end + string(after)), nil
}
