package call

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// waitSandbox bounds how long a round waits for a free sandbox and runs. A call
// that has begun something waits as long as it is this node's.
const waitSandbox = 15 * time.Second

// round runs the plugin once, from the start, with the answers so far.
func (p *process) round(ctx context.Context, number int) (contract.Answer, error) {
	input, err := p.envelope()
	if err != nil {
		return contract.Answer{}, err
	}
	if len(input) > contract.MaxInput {
		return contract.Answer{}, p.breach(ErrInput, "%d bytes in round %d, at most %d are allowed", len(input), number, contract.MaxInput)
	}
	wait := waitSandbox
	if p.ledger.begun() {
		wait = max(wait, p.ledger.until.Add(-leaving).Sub(p.now()))
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	lines := 0
	got, err := p.module.Call(ctx, sandbox.Call{
		Export:  string(p.call.Export),
		Input:   input,
		Now:     p.frozen.Now,
		Entropy: [32]byte(p.frozen.Entropy),
		Host:    p.sums.do,
		Log: func(level, line string) {
			// A round says again what the rounds before it said.
			if lines++; lines > p.logged && p.logged < contract.MaxLogLines {
				p.logged++
				p.log(ctx, level, line)
			}
		},
	})
	answer, err := p.read(ctx, got.Output, err)
	seen := Round{Number: number, Fuel: got.Fuel, Elapsed: got.Elapsed}
	if answer.Need != nil {
		seen.Asked = len(answer.Need.Requests)
	}
	if err != nil {
		seen.Error = err.Error()
	}
	p.Observer.Round(p.call, seen)
	if err != nil {
		return contract.Answer{}, err
	}
	p.ledger.sums(p.sums.takeFresh())
	return answer, nil
}

// read tells the host's own trouble from the plugin's, and checks the output.
func (p *process) read(ctx context.Context, output []byte, err error) (contract.Answer, error) {
	switch {
	case errors.Is(err, sandbox.ErrBusy), errors.Is(err, sandbox.ErrClosed):
		return contract.Answer{}, err
	case err != nil && ctx.Err() != nil:
		return contract.Answer{}, errors.Join(ctx.Err(), err)
	case errors.Is(err, ErrHostCalls):
		return contract.Answer{}, p.breach(ErrHostCalls, "at most %d different ones a call are allowed", maxSums)
	case err != nil:
		return contract.Answer{}, p.breach(ErrRound, "%v", err)
	}
	answer, err := contract.DecodeAnswer(p.call.Export, output)
	if err != nil {
		return contract.Answer{}, p.breach(ErrAnswer, "%v", err)
	}
	return answer, nil
}

// envelope is the input of the next round: frozen but for the exchanges.
func (p *process) envelope() ([]byte, error) {
	e := contract.Envelope{
		Contract: contract.Version,
		Call:     p.call.ID,
		Now:      p.frozen.Now,
		Entropy:  p.frozen.Entropy,
		Settings: p.frozen.Settings,
		Secrets:  p.frozen.Secrets,
		Input:    p.call.Input,
	}
	for _, x := range p.exchanges() {
		e.Exchanges = append(e.Exchanges, x.Exchange)
	}
	return json.Marshal(e)
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

func (p *process) log(ctx context.Context, level, line string) {
	p.Logger.Log(ctx, levels[level], "plugin says", p.attributes("line", line)...)
}
