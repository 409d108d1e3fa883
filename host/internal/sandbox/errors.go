package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What ends a call. Each stands in a *CallError.
var (
	// ErrFuel: the budget is used up. The error's text has the budget.
	ErrFuel = errors.New("fuel used up")
	// ErrMemory: the guest stopped after it was refused more memory.
	ErrMemory = errors.New("memory limit reached")
	// ErrTrap: the guest trapped: unreachable, an access out of bounds, a
	// division by zero, a stack overflow.
	ErrTrap = errors.New("guest trapped")
	// ErrExit: the guest called proc_exit, with whatever code.
	ErrExit = errors.New("guest exited")
	// ErrGuest: the export returned something other than 0, or set an error.
	ErrGuest = errors.New("guest answered an error")
	// ErrHandle: the guest named memory of the kernel that it had not been given.
	ErrHandle = errors.New("guest used memory it was not given")
	// ErrNoOutput: the export returned 0 and set no output.
	ErrNoOutput = errors.New("guest gave no output")
	// ErrOutputTooLarge: the output is over contract.MaxOutput.
	ErrOutputTooLarge = errors.New("output too large")
	// ErrInputTooLarge: the input is over contract.MaxInput.
	ErrInputTooLarge = errors.New("input too large")
	// ErrHostFunction: a host function was called where there is none.
	ErrHostFunction = errors.New("host function not available")
	// ErrInit comes beside another of these: it happened while the module
	// started up, not in the export.
	ErrInit = errors.New("start-up")
	// ErrNoExport: there is no such export, or it cannot be called.
	ErrNoExport = errors.New("no such export")
	// ErrBusy: no sandbox became free before the context ended.
	ErrBusy = errors.New("no sandbox free")
	// ErrClosed: the module or engine is closed.
	ErrClosed = errors.New("closed")
)

// CallError is a call that gave nothing. Its text is safe to log: one line, in
// which what the guest wrote is cut and escaped.
type CallError struct {
	Label  string // of the plugin, as given to Load
	Digest string // hex SHA-256 of the plugin's bytes
	Export string
	Fuel   int64 // what was used, where it is known
	Err    error
}

// Error names the plugin, the export and the cause.
func (e *CallError) Error() string {
	return fmt.Sprintf("plugin %s %s: %v", e.Label, e.Export, e.Err)
}

// Unwrap gives the cause.
func (e *CallError) Unwrap() error { return e.Err }

// AdmissionError is a module that is refused. Its text says what to do.
type AdmissionError struct {
	Label  string // of the plugin, as given to Load
	Rule   Rule
	Detail string
}

// Error names the plugin, the rule and the remedy.
func (e *AdmissionError) Error() string {
	return fmt.Sprintf("admit plugin %s: %s: %s", e.Label, e.Rule, e.Detail)
}

// Rule is the name of a rule of admission.
type Rule string

// The rules of admission.
const (
	RuleFormat     Rule = "format"     // not a well-formed Wasm module
	RuleSize       Rule = "size"       // larger than contract.MaxModule
	RuleImport     Rule = "import"     // imports what a plugin is not given, or by another signature
	RuleExport     Rule = "export"     // exports with a wrong signature or a reserved name
	RuleFeature    Rule = "feature"    // uses a feature that is not admitted
	RuleStart      Rule = "start"      // has a start section
	RuleMemory     Rule = "memory"     // memory missing or too large
	RuleTable      Rule = "table"      // table too large
	RuleComplexity Rule = "complexity" // more functions, locals, branches or segments than can be compiled in bounded time
	RuleIndex      Rule = "index"      // an index that the module does not have
	RuleValidation Rule = "validation" // the compiler refused it
)

// refusal is an admission error that does not know its label yet.
type refusal struct {
	rule   Rule
	detail string
}

func (e *refusal) Error() string { return string(e.rule) + ": " + e.detail }

func refuse(rule Rule, format string, args ...any) error {
	return &refusal{rule, fmt.Sprintf(format, args...)}
}

// maxErrorText bounds what of a guest's or the engine's text is kept.
const maxErrorText = 240

// oneLine is the first line of s, cut, with everything that does not print replaced.
func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > maxErrorText {
		cut := maxErrorText
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
