package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

var callTime = time.Date(2026, 11, 3, 9, 30, 0, 250e6, time.UTC)

func TestCall(t *testing.T) { onGuests(t, testCall) }

func testCall(t *testing.T, m Module) {
	input := bytes.Repeat([]byte("abcdefg"), 1000)
	r, err := m.Call(t.Context(), Call{Export: "echo", Input: input})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Output, input) {
		t.Errorf("got %d bytes, want the %d of the input", len(r.Output), len(input))
	}
	if r.Fuel <= 0 || r.Fuel >= contract.RoundFuel || r.Elapsed <= 0 {
		t.Errorf("got fuel %d and %v", r.Fuel, r.Elapsed)
	}
	if got := m.Exports(); len(got) == 0 || got[0] != "_initialize" || len(m.Digest()) != 64 {
		t.Errorf("got exports %q, digest %q", got, m.Digest())
	}
}

func TestCall_errors(t *testing.T) { onGuests(t, testCallErrors) }

func testCallErrors(t *testing.T, m Module) {
	tests := map[string]struct {
		call Call
		want error
		text string
	}{
		"loop":            {Call{Export: "spin"}, ErrFuel, fmt.Sprint(contract.RoundFuel)},
		"small budget":    {Call{Export: "spin", Fuel: 5000}, ErrFuel, "5000"},
		"negative budget": {Call{Export: "echo", Fuel: -1}, ErrFuel, "-1"},
		"recursion":       {Call{Export: "recurses"}, ErrFuel, fmt.Sprint(contract.RoundFuel)},
		"hoarding":        {Call{Export: "hoards", Fuel: 1e9}, ErrMemory, "64 MiB"},
		"panic":           {Call{Export: "panics"}, ErrTrap, "unreachable"},
		"exit 0":          {Call{Export: "exits"}, ErrExit, "proc_exit(0)"},
		"no output":       {Call{Export: "silent"}, ErrNoOutput, "no output"},
		"return code":     {Call{Export: "returns_7"}, ErrGuest, "7"},
		"error set":       {Call{Export: "sets_error"}, ErrGuest, `"no"`},
		"output outside":  {Call{Export: "output_outside"}, ErrHandle, "16 bytes"},
		"output large":    {Call{Export: "output_large"}, ErrOutputTooLarge, "2097152"},
		"store outside":   {Call{Export: "store_outside"}, ErrHandle, "at 8"},
		"input large":     {Call{Export: "echo", Input: make([]byte, contract.MaxInput+1)}, ErrInputTooLarge, "1048577"},
		"no host":         {Call{Export: "mac", Input: []byte("x")}, ErrHostFunction, "secret_mac"},
		"no export":       {Call{Export: "refund_payment"}, ErrNoExport, "no such export"},
		"start-up":        {Call{Export: "_initialize"}, ErrNoExport, "signature"},
		"ours":            {Call{Export: exportBegin}, ErrNoExport, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := m.Call(t.Context(), tt.call)
			var failed *CallError
			if !errors.As(err, &failed) || !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if len(r.Output) != 0 {
				t.Errorf("got output %q beside an error", r.Output)
			}
			if failed.Label != "guest@1.0.0" || failed.Digest != m.Digest() || failed.Export != tt.call.Export {
				t.Errorf("got %+v", failed)
			}
			text := err.Error()
			if !strings.Contains(text, tt.text) || !strings.Contains(text, "guest@1.0.0") || strings.Contains(text, "\n") {
				t.Errorf("got %q, want one line with the plugin and %q", text, tt.text)
			}
		})
	}
}

// TestCall_endless: guests that would never end do, and the host's garbage
// collector runs meanwhile.
func TestCall_endless(t *testing.T) { onEngines(t, testCallEndless) }

func testCallEndless(t *testing.T, open opener) {
	e := open(t, Limits{})
	guests := spenders()
	loop := forever()
	guests["loop at start-up"] = testModule{funcs: []testFunc{
		{sig: ":i", export: "run", code: constI32(0)},
		{sig: ":", export: "_initialize", code: loop[:len(loop)-2]},
	}}
	for name, guest := range guests {
		t.Run(name, func(t *testing.T) {
			m := load(t, e, guest.bytes())
			done := make(chan error)
			go func() {
				_, err := m.Call(t.Context(), Call{Export: "run", Input: []byte("12345678"), Fuel: contract.RoundFuel / 20})
				done <- err
			}()
			for {
				runtime.GC()
				select {
				case err := <-done:
					if !errors.Is(err, ErrFuel) {
						t.Fatalf("got %v, want %v", err, ErrFuel)
					}
					if got, want := errors.Is(err, ErrInit), name == "loop at start-up"; got != want {
						t.Fatalf("got %v, at start-up %v, want %v", err, got, want)
					}
					return
				default:
				}
			}
		})
	}
}

// TestCall_deterministic: time, chance, maps and sleeping are the call's own.
func TestCall_deterministic(t *testing.T) { onGuests(t, testCallDeterministic) }

func testCallDeterministic(t *testing.T, m Module) {
	call := Call{Export: "world", Now: callTime, Entropy: [32]byte{1, 2, 3}}
	first, err := m.Call(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := m.Call(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Output, first.Output) || again.Fuel != first.Fuel {
			t.Fatalf("got %s for %d, then %s for %d", first.Output, first.Fuel, again.Output, again.Fuel)
		}
	}
	for _, want := range []string{`"calls":1`, `"now":"2026-11-03T09:30:00.25Z"`, `"slept":true`, `"env":0`} {
		if !strings.Contains(string(first.Output), want) {
			t.Errorf("got %s, want %s in it", first.Output, want)
		}
	}
	call.Entropy[0]++
	other, err := m.Call(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(other.Output, first.Output) {
		t.Error("other entropy gave the same random bytes")
	}
}

func TestCall_host(t *testing.T) { onGuests(t, testCallHost) }

func testCallHost(t *testing.T, m Module) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "of the caller")
	r, err := m.Call(ctx, Call{Export: "mac", Input: []byte("data to sign, it is"), Host: func(ctx context.Context, name contract.HostFunction, input []byte) ([]byte, error) {
		return fmt.Appendf(nil, "%s %s %s", ctx.Value(key{}), name, bytes.TrimRight(input, "\x00")), nil
	}})
	if want := "of the caller secret_mac data to sign, it is"; err != nil || string(r.Output) != want {
		t.Errorf("got %q, %v, want %q", r.Output, err, want)
	}
	refused := errors.New("not granted")
	host := func(context.Context, contract.HostFunction, []byte) ([]byte, error) { return nil, refused }
	if _, err := m.Call(ctx, Call{Export: "mac", Input: []byte("x"), Host: host}); !errors.Is(err, refused) {
		t.Errorf("got %v, want %v", err, refused)
	}
	calls := 0
	count := func(context.Context, contract.HostFunction, []byte) ([]byte, error) {
		calls++
		return []byte("12345678"), nil
	}
	_, err = m.Call(ctx, Call{Export: "mac_many", Input: make([]byte, 100_000), Host: count})
	if !errors.Is(err, ErrFuel) || int64(calls) > contract.RoundFuel/(100_000*costCopied) {
		t.Errorf("got %v after %d calls of 100 kB", err, calls)
	}
}

func TestCall_log(t *testing.T) { onGuests(t, testCallLog) }

func testCallLog(t *testing.T, m Module) {
	var lines []string
	log := func(level, line string) { lines = append(lines, level+" "+line) }
	if _, err := m.Call(t.Context(), Call{Export: "logs", Log: log}); err != nil {
		t.Fatal(err)
	}
	if len(lines) != contract.MaxLogLines || strings.TrimRight(lines[1], "\x00") != "info line 1" {
		t.Errorf("got %d lines, the second %q", len(lines), lines[1])
	}
	lines = nil
	if _, err := m.Call(t.Context(), Call{Export: "logs_long", Log: log}); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || len(lines[0]) > contract.MaxLogLine+len("info ") || !strings.HasSuffix(lines[0], "é"+cutMark) {
		t.Errorf("got %d lines, the first of %d bytes, want one of %d, cut and marked", len(lines), len(lines[0]), contract.MaxLogLine)
	}
	if _, err := m.Call(t.Context(), Call{Export: "logs"}); err != nil {
		t.Errorf("without a log: %v", err)
	}
}
