package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// Start is when a call begins that does not say: a Monday in March 2026.
var Start = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// Call is one call of a plugin and the world that it meets.
type Call struct {
	Export contract.Export
	// Input is the operation's input, such as a [contract.PaymentInput].
	Input any
	// Account may be nil for a plugin without settings. Kept tokens stay in it.
	Account *Account
	// World answers requests: see [Handler], [Script], or any transport. Nil
	// refuses every request.
	World http.RoundTripper
	// Manifest is the plugin's, where it is known already; nil asks for it.
	Manifest *contract.Manifest
	// Interim takes what the plugin commits before a request leaves; nil takes
	// all. An error ends the call as a conflict, and nothing is sent.
	Interim func(i contract.Interim) error
	// Once leaves out the second run of each round, which holds the plugin to
	// the same bytes.
	Once bool
	// ID, Now and Entropy have fixed values where they are empty.
	ID      string
	Now     time.Time
	Entropy []byte
	// info is what the manifest's schema says, where it was read already.
	info *contract.SettingsInfo
}

// Transcript is what happened in a call.
type Transcript struct {
	Export contract.Export
	// Answer is the last: a result or a failure.
	Answer contract.Answer
	// Exchanges are the requests in their order, and what came of them.
	Exchanges []contract.Exchange
	// Rounds are the input and output of each round, to the byte.
	Rounds []Round
	// Interims are those that went with a request.
	Interims []contract.Interim
	// HostCalls are the host functions that the last round called.
	HostCalls []HostCall
	// Logs are the lines of the last round.
	Logs []LogLine
}

// Round is one run of the plugin.
type Round struct{ Input, Output []byte }

// HostCall is one call of a host function.
type HostCall struct {
	Name          contract.HostFunction
	Input, Output []byte
}

// LogLine is a line that a plugin logged.
type LogLine struct{ Level, Text string }

// Result reads the transcript's result into the type that the export's
// documentation names. A failure is returned as the error.
func Result[T any](t Transcript) (T, error) {
	var v T
	if t.Answer.Failure != nil {
		return v, t.Answer.Failure
	}
	if err := json.Unmarshal(t.Answer.Result, &v); err != nil {
		return v, fmt.Errorf("read result: %w", err)
	}
	return v, nil
}

// Drive runs one call to its end. The error says where the plugin broke the
// contract, or that it did not run; a failure that it answers is no error.
// Every round is run twice, if not told otherwise: the same input must give
// the same bytes.
func Drive(ctx context.Context, r Runner, c Call) (Transcript, error) {
	d, err := newDriver(ctx, r, c)
	if err != nil {
		return Transcript{}, err
	}
	for n := range contract.MaxRounds {
		answer, err := d.round(ctx)
		if err != nil {
			return d.transcript, fmt.Errorf("%s@%s %s, round %d: %w", d.manifest.Name, d.manifest.Version, c.Export, n+1, err)
		}
		if answer.Need == nil {
			d.transcript.Answer = answer
			return d.transcript, nil
		}
		if taken := d.commit(answer.Need.Interim); taken != nil {
			d.transcript.Answer = contract.Answer{Failure: taken}
			return d.transcript, nil //nolint:nilerr // it is the call's answer
		}
		if err := d.meet(ctx, *answer.Need); err != nil {
			return d.transcript, fmt.Errorf("%s@%s %s: %w", d.manifest.Name, d.manifest.Version, c.Export, err)
		}
	}
	return d.transcript, fmt.Errorf("%s@%s %s: no result after %d rounds", d.manifest.Name, d.manifest.Version, c.Export, contract.MaxRounds)
}

type driver struct {
	runner     Runner
	call       Call
	manifest   contract.Manifest
	keeper     keeper
	envelope   contract.Envelope
	clock      time.Time
	transcript Transcript
}

func newDriver(ctx context.Context, r Runner, c Call) (*driver, error) {
	if c.Manifest == nil {
		m, err := Describe(ctx, r)
		if err != nil {
			return nil, err
		}
		c.Manifest = &m
	}
	if c.Account == nil {
		c.Account = &Account{}
	}
	if c.Now.IsZero() {
		c.Now = Start
	}
	if c.Entropy == nil {
		c.Entropy = bytes.Repeat([]byte{0x5a}, 32)
	}
	if c.ID == "" {
		c.ID = "call_01KJPXW5M0000000000000TEST"
	}
	d := &driver{runner: r, call: c, manifest: *c.Manifest, clock: c.Now, transcript: Transcript{Export: c.Export}}
	if c.info == nil {
		info, err := contract.ReadSettings(c.Manifest.SettingsSchema)
		if err != nil {
			return nil, err
		}
		c.info = &info
	}
	d.keeper = keeper{account: c.Account, info: *c.info, now: func() time.Time { return d.clock }}
	if err := d.keeper.check(); err != nil {
		return nil, err
	}
	settings, err := d.keeper.settings()
	if err != nil {
		return nil, fmt.Errorf("write settings: %w", err)
	}
	input, err := json.Marshal(c.Input)
	if err != nil {
		return nil, fmt.Errorf("write input of %s: %w", c.Export, err)
	}
	d.envelope = contract.Envelope{
		Contract: contract.Version, Call: c.ID, Now: c.Now, Entropy: c.Entropy,
		Settings: settings, Secrets: d.keeper.names(), Input: input,
	}
	return d, nil
}

// round runs the plugin, twice, and checks its answer.
func (d *driver) round(ctx context.Context) (contract.Answer, error) {
	d.envelope.Exchanges = d.transcript.Exchanges
	input, err := json.Marshal(d.envelope)
	if err != nil {
		return contract.Answer{}, fmt.Errorf("write envelope: %w", err)
	}
	if len(input) > contract.MaxInput {
		return contract.Answer{}, fmt.Errorf("the input has %d bytes, at most %d are allowed", len(input), contract.MaxInput)
	}
	outputs := make([][]byte, 2)
	if d.call.Once {
		outputs = outputs[:1]
	}
	for i := range outputs {
		d.transcript.HostCalls, d.transcript.Logs = nil, nil
		if outputs[i], err = d.runner.Round(ctx, d.call.Export, bytes.Clone(input), d.host()); err != nil {
			return contract.Answer{}, err
		}
	}
	d.transcript.Rounds = append(d.transcript.Rounds, Round{Input: input, Output: outputs[0]})
	if again := outputs[len(outputs)-1]; !bytes.Equal(outputs[0], again) {
		return contract.Answer{}, fmt.Errorf("the plugin is not deterministic: the same input gave %s and %s", outputs[0], again)
	}
	return contract.DecodeAnswer(d.call.Export, outputs[0])
}

// commit hands an interim over. A failure ends the call before it sends.
func (d *driver) commit(i *contract.Interim) *contract.Failure {
	if i == nil {
		return nil
	}
	d.transcript.Interims = append(d.transcript.Interims, *i)
	if d.call.Interim == nil {
		return nil
	}
	if err := d.call.Interim(*i); err != nil {
		return &contract.Failure{Code: contract.Conflict, Message: "interim: " + err.Error()}
	}
	return nil
}

func (d *driver) host() Host {
	return Host{
		Call: func(name contract.HostFunction, input []byte) ([]byte, error) {
			out, err := hostfn.Do(name, input, d.keeper)
			d.transcript.HostCalls = append(d.transcript.HostCalls, HostCall{name, bytes.Clone(input), out})
			return out, err
		},
		Log: func(level, text string) {
			d.transcript.Logs = append(d.transcript.Logs, LogLine{level, text})
		},
	}
}
