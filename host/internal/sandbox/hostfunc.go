package sandbox

import (
	"context"
	"fmt"
	"unicode/utf8"

	extism "github.com/extism/go-sdk"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// A host function that has to end the guest panics: the engine turns it into
// an error of the call. There is no other way out of compiled guest code.

const (
	i32 = extism.ValueTypeI32
	i64 = extism.ValueTypeI64
)

type values = []extism.ValueType

// hostFunctions are those of moduleSandbox and contract.ModuleUser, for every
// module alike: which call they serve is in the context.
func hostFunctions() []extism.HostFunction {
	own := []extism.HostFunction{
		serve(importSettle, values{i64, i32}, values{i64}, func(r *run, _ *extism.CurrentPlugin, s []uint64) {
			s[0] = uint64(r.settle(int64(s[0]), uint32(s[1]) != 0))
		}),
		serve("input_length", nil, values{i64}, func(r *run, _ *extism.CurrentPlugin, s []uint64) { s[0] = uint64(len(r.input)) }),
		serve("input_load_u8", values{i64}, values{i32}, inputByte),
		serve("input_load_u64", values{i64}, values{i64}, inputWord),
		serve("load_u8", values{i64}, values{i32}, loadByte),
		serve("load_u64", values{i64}, values{i64}, loadWord),
		serve("store_u8", values{i64, i32}, nil, storeByte),
		serve("store_u64", values{i64, i64}, nil, storeWord),
		serve("length", values{i64}, values{i64}, length),
		serve("length_unsafe", values{i64}, values{i64}, length),
		serve("alloc", values{i64}, values{i64}, alloc),
		serve("free", values{i64}, nil, free),
		serve("output_set", values{i64, i64}, nil, outputSet),
		serve("error_set", values{i64}, nil, errorSet),
		serve("get_log_level", nil, values{i32}, func(_ *run, _ *extism.CurrentPlugin, s []uint64) {
			s[0] = extism.EncodeI32(extism.LogLevelInfo.ExtismCompat())
		}),
		serve("proc_exit", values{i32}, nil, func(r *run, _ *extism.CurrentPlugin, s []uint64) {
			r.abort(fmt.Errorf("%w: proc_exit(%d)", ErrExit, uint32(s[0])))
		}),
	}
	for _, level := range []string{"trace", "debug", "info", "warn", "error"} {
		own = append(own, serve("log_"+level, values{i64}, nil, logger(level)))
	}
	for i := range own {
		own[i].SetNamespace(moduleSandbox)
	}
	for _, name := range []contract.HostFunction{contract.SecretMAC, contract.SecretDigest, contract.VerifySignature} {
		own = append(own, extism.NewHostFunctionWithStack(string(name), pure(name), values{i64}, values{i64}))
	}
	return own
}

// serve makes a host function that is given the state of its call.
func serve(name string, params, results values, f func(*run, *extism.CurrentPlugin, []uint64)) extism.HostFunction {
	return extism.NewHostFunctionWithStack(name, func(ctx context.Context, p *extism.CurrentPlugin, s []uint64) {
		f(runOf(ctx), p, s)
	}, params, results)
}

// cutMark ends a line of the log that was longer than contract.MaxLogLine.
const cutMark = "…[cut]"

// logger takes a line of the log and frees its block, as the kernel does.
func logger(level string) func(*run, *extism.CurrentPlugin, []uint64) {
	return func(r *run, p *extism.CurrentPlugin, s []uint64) {
		if level != "trace" && level != "debug" && !r.starting && r.call.Log != nil && r.lines < contract.MaxLogLines {
			r.lines++
			line, size := r.read(p, s[0], contract.MaxLogLine)
			if size > contract.MaxLogLine {
				line = append(cut(line, contract.MaxLogLine-len(cutMark)), cutMark...)
			}
			r.call.Log(level, string(line))
		}
		r.release(p, s[0])
	}
}

// cut shortens b to at most n bytes, without splitting a character.
func cut(b []byte, n int) []byte {
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}

// pure serves one of the functions on secrets and signatures.
func pure(name contract.HostFunction) extism.HostFunctionStackCallback {
	return func(ctx context.Context, p *extism.CurrentPlugin, s []uint64) {
		r := runOf(ctx)
		if r.starting || r.call.Host == nil {
			r.abort(fmt.Errorf("%w: %s", ErrHostFunction, name))
		}
		input, size := r.read(p, s[0], contract.MaxInput)
		if size > contract.MaxInput {
			r.abort(fmt.Errorf("%w: %s is given %d bytes, at most %d are taken", ErrInputTooLarge, name, size, contract.MaxInput))
		}
		output, err := r.call.Host(ctx, name, input)
		if err != nil {
			r.abort(fmt.Errorf("%s: %w", name, err))
		}
		at := r.give(p, uint64(len(output)))
		if at == 0 || !p.Memory().Write(uint32(at), output) {
			r.abort(fmt.Errorf("%w: no room for %d bytes from %s", ErrMemory, len(output), name))
		}
		s[0] = at
	}
}
