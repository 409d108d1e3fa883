package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// pure is what makes a plugin a pure function: [Drive] runs each round twice,
// here all of them come once more, in another order.
func pure() []Scenario {
	return family("pure", anyPlugin,
		Scenario{Name: "same input, whatever came before", run: func(d *desk) error {
			if err := everything(d); err != nil {
				return err
			}
			for i := len(d.calls) - 1; i >= 0; i-- {
				if err := d.again(d.calls[i]); err != nil {
					return err
				}
			}
			return nil
		}},
	)
}

// secrets are canaries: no secret and no token may come out of a plugin.
func secrets() []Scenario {
	return family("secrets", anyPlugin,
		Scenario{Name: "in no output", run: func(d *desk) error {
			if err := everything(d); err != nil {
				return err
			}
			for _, t := range d.calls {
				d.search(t)
			}
			return nil
		}},
	)
}

// everything runs each operation once. Of what comes of it only errors matter
// here.
func everything(d *desk) error {
	p, err := d.ended(Paid)
	if err != nil {
		return err
	}
	if m, ok := d.world.Return(p.Payment); ok {
		if _, err := d.back(p, m); err != nil {
			return err
		}
	}
	if err := d.hear(p); err != nil {
		return err
	}
	if err := d.ask(p); err != nil {
		return err
	}
	if p.Capture == contract.CaptureManual {
		if err := d.takes(p, d.capture(p, p.Amount.Value, true)); err != nil {
			return err
		}
	}
	if needsRefunds(false, false)(d) == "" {
		if _, err := refunded(d, p, p.Amount.Value); err != nil {
			return err
		}
	}
	if needsManual(false, false)(d) == "" {
		if err := shopsWay(d); err != nil {
			return err
		}
	}
	if d.has(contract.ListOptions) {
		if _, err := d.call(nil, contract.ListOptions, d.options()); err != nil {
			return err
		}
	}
	if d.has(contract.CheckSettings) {
		if _, err := d.call(nil, contract.CheckSettings, contract.CheckInput{}); err != nil {
			return err
		}
	}
	return nil
}

// shopsWay captures one authorisation and gives another up.
func shopsWay(d *desk) error {
	d.manual = true
	p, err := d.sure()
	if err != nil {
		return err
	}
	if err := d.takes(p, d.capture(p, p.Amount.Value, true)); err != nil {
		return err
	}
	if !d.has(contract.CancelPayment) {
		return nil
	}
	if p, err = d.sure(); err != nil {
		return err
	}
	_, err = d.giveUp(p)
	return err
}

// again runs the rounds of a call once more: they must give the same bytes.
func (c *caller) again(t Transcript) error {
	k := keeper{account: c.account, info: *c.info, now: c.clock}
	for i, r := range t.Rounds {
		out, err := c.runner.Round(context.WithoutCancel(c.ctx), t.Export, bytes.Clone(r.Input), Host{
			Call: func(name contract.HostFunction, input []byte) ([]byte, error) { return hostfn.Do(name, input, k) },
			Log:  func(string, string) {},
		})
		if err != nil {
			return fmt.Errorf("%s, round %d once more: %w", t.Export, i+1, err)
		}
		c.want(bytes.Equal(out, r.Output), "%s, round %d: the same input gave\n%s\nand later\n%s", t.Export, i+1, r.Output, out)
	}
	return nil
}

// search looks for secrets and tokens in what a plugin put out.
func (c *caller) search(t Transcript) {
	var out []string
	for _, r := range t.Rounds {
		out = append(out, string(r.Output))
	}
	for _, l := range t.Logs {
		out = append(out, l.Text)
	}
	for _, h := range t.HostCalls {
		out = append(out, string(h.Input))
	}
	all := strings.Join(out, "\n")
	for name, value := range c.account.Secrets {
		c.want(len(value) < minScrubbed || !leaks(all, value), "%s: secret %q stands in an output", t.Export, name)
	}
	for name, token := range c.account.Tokens {
		c.want(len(token.Value) < minScrubbed || !leaks(all, token.Value), "%s: token %q stands in an output", t.Export, name)
	}
	for i, x := range t.Exchanges {
		for name, value := range x.Request.Headers {
			_, credential, found := strings.Cut(value, " ")
			if !strings.EqualFold(name, "authorization") || !found || len(credential) < minScrubbed {
				continue
			}
			for _, before := range t.Exchanges[:i] {
				c.want(before.Response == nil || !strings.Contains(string(before.Response.Bytes()), credential),
					"%s: a token of an answer is sent as %s: have the host keep it", t.Export, name)
			}
		}
	}
}

// leaks looks for a value as it is and in the usual encodings.
func leaks(text, value string) bool {
	for _, v := range []string{
		value, strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(value)), "="),
		base64.RawURLEncoding.EncodeToString([]byte(value)), hex.EncodeToString([]byte(value)),
	} {
		if strings.Contains(text, v) {
			return true
		}
	}
	return false
}
