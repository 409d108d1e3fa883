package sandbox

import (
	"fmt"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// A service takes its parameters from the stack and leaves its result there.
// One that has to end the guest panics: the engine turns that into an error of
// the call. There is no other way out of compiled guest code.
type service func(*run, []uint64)

// hostFunction is a function of moduleSandbox.
type hostFunction struct {
	name      string
	signature signature
	serve     service
}

// hostFunctions are what an engine gives to every module alike: a service for
// each import, and those that the rewrite imports.
func hostFunctions() []hostFunction {
	all := []hostFunction{{importSettle, "Ii:I", settle}, {importKeep, "iI:", keepGlobal}, {importPut, "i:I", putGlobal}}
	for _, h := range hostImports {
		serve := services[h.name]
		if h.absent {
			serve = answers(notSupported) // the guest's wrapper answers that without a call
		}
		all = append(all, hostFunction{h.name, h.signature, serve})
	}
	return all
}

func settle(r *run, s []uint64) { s[0] = uint64(r.settle(int64(s[0]), uint32(s[1]) != 0)) }

func keepGlobal(r *run, s []uint64) { r.kept = append(r.kept, s[1]) }

func putGlobal(r *run, s []uint64) {
	if uint32(s[0]) == growthIndex {
		s[0] = r.growth
		return
	}
	s[0] = r.put[uint32(s[0])]
}

// services serve the imports, by name: Extism's kernel, the functions on
// secrets and signatures, and WASI.
var services = map[string]service{
	"input_length":   inputLength,
	"input_load_u8":  inputByte,
	"input_load_u64": inputWord,
	"load_u8":        loadByte,
	"load_u64":       loadWord,
	"store_u8":       storeByte,
	"store_u64":      storeWord,
	"length":         length,
	"length_unsafe":  length,
	"alloc":          alloc,
	"free":           free,
	"output_set":     outputSet,
	"error_set":      errorSet,
	"get_log_level":  func(_ *run, s []uint64) { s[0] = logLevelInfo },
	"log_trace":      logger("trace"),
	"log_debug":      logger("debug"),
	"log_info":       logger("info"),
	"log_warn":       logger("warn"),
	"log_error":      logger("error"),

	string(contract.SecretMAC):       pure(contract.SecretMAC),
	string(contract.SecretDigest):    pure(contract.SecretDigest),
	string(contract.VerifySignature): pure(contract.VerifySignature),

	"proc_exit": func(r *run, s []uint64) {
		r.abort(fmt.Errorf("%w: proc_exit(%d)", ErrExit, uint32(s[0])))
	},
	"args_get":            answers(success),
	"args_sizes_get":      noStrings,
	"environ_get":         answers(success),
	"environ_sizes_get":   noStrings,
	"clock_res_get":       clockResolution,
	"clock_time_get":      clockTime,
	"fd_close":            ofFile(success),
	"fd_fdstat_get":       fileStatus,
	"fd_fdstat_set_flags": ofFile(success),
	"fd_prestat_get":      answers(badFile),
	"fd_seek":             ofFile(notImplemented),
	"fd_read":             fileRead,
	"fd_write":            fileWrite,
	"poll_oneoff":         poll,
	"random_get":          random,
	"sched_yield":         answers(success),
}

// logLevelInfo is that of Extism: what is below is dropped.
const logLevelInfo = 2

// cutMark ends a line of the log that was longer than contract.MaxLogLine.
const cutMark = "…[cut]"

// logger takes a line of the log and frees its block, as the kernel does.
func logger(level string) service {
	dropped := level == "trace" || level == "debug"
	return func(r *run, s []uint64) {
		if !dropped && r.call != nil && r.call.Log != nil && r.lines < contract.MaxLogLines {
			r.lines++
			line, size := r.read(s[0], contract.MaxLogLine)
			if size > contract.MaxLogLine {
				line = append(cut(line, contract.MaxLogLine-len(cutMark)), cutMark...)
			}
			r.call.Log(level, string(line))
		}
		r.release(s[0])
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
func pure(name contract.HostFunction) service {
	return func(r *run, s []uint64) {
		if r.call == nil || r.call.Host == nil {
			r.abort(fmt.Errorf("%w: %s", ErrHostFunction, name))
		}
		input, size := r.read(s[0], contract.MaxInput)
		if size > contract.MaxInput {
			r.abort(fmt.Errorf("%w: %s is given %d bytes, at most %d are taken", ErrInputTooLarge, name, size, contract.MaxInput))
		}
		output, err := r.call.Host(r.ctx, name, input)
		if err != nil {
			r.abort(fmt.Errorf("%s: %w", name, err))
		}
		at := r.give(uint64(len(output)))
		if at == 0 {
			r.abort(fmt.Errorf("%w: no room for %d bytes from %s", ErrMemory, len(output), name))
		}
		copy(r.store(at, uint64(len(output))), output)
		s[0] = at
	}
}
