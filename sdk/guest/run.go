package guest

import (
	"bytes"
	"encoding/json"
	"errors"
	"runtime"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// HostFuncs is what a call reaches beside its input.
type HostFuncs struct {
	// Call runs one of the host's pure functions on JSON. Nil has none of them.
	Call func(name contract.HostFunction, input []byte) ([]byte, error)
	// Log takes a line. Nil drops it.
	Log func(level Level, text string)
}

// handler runs one export on a provider.
type handler struct {
	has func(p Provider) bool
	run func(p Provider, c *Call) (any, error)
}

var handlers = map[contract.Export]handler{
	contract.CreatePayment:   handle(Creator.CreatePayment),
	contract.CompletePayment: handle(Completer.CompletePayment),
	contract.GetPayment:      handle(Getter.GetPayment),
	contract.ReceiveWebhook:  handle(WebhookReceiver.ReceiveWebhook),
	contract.CapturePayment:  handle(Capturer.CapturePayment),
	contract.CancelPayment:   handle(Canceller.CancelPayment),
	contract.RefundPayment:   handle(Refunder.RefundPayment),
	contract.GetRefund:       handle(RefundGetter.GetRefund),
	contract.ListOptions:     handle(OptionLister.ListOptions),
	contract.CheckSettings:   handle(SettingsChecker.CheckSettings),
	contract.ReadOrder:       handle(OrderReader.ReadOrder),
	contract.TellShop:        handle(ShopTeller.TellShop),
	contract.SyncShop:        handle(ShopSyncer.SyncShop),
}

// handle makes a handler of an interface's method. It is instantiated for
// every export, so what it does is left to functions that are not.
func handle[I, In, Out any](method func(I, *Call, In) (Out, error)) handler {
	return handler{
		has: func(p Provider) bool { _, ok := p.(I); return ok },
		run: func(p Provider, c *Call) (any, error) {
			in := new(In)
			if err := c.input(in); err != nil {
				return nil, err
			}
			return method(p.(I), c, *in)
		},
	}
}

// filled writes lists that the contract demands as [] where they are nil.
func filled(out any) any {
	switch r := out.(type) {
	case contract.UpdatesResult:
		if r.Updates == nil {
			r.Updates = []contract.Update{}
		}
		return r
	case []contract.Option:
		if r == nil {
			return []contract.Option{}
		}
	}
	return out
}

// Run runs one round of an export natively: JSON in, JSON out, as the Wasm
// module does it, to the byte. The output is padded with spaces to a multiple
// of 8, which is how it crosses the boundary fastest. It never panics: a panic
// of the plugin is a failure.
func Run(p Provider, export contract.Export, input []byte, fns HostFuncs) []byte {
	b, err := run(p, export, input, fns)
	if err != nil {
		b, _ = write("failure", failureOf(err)) // texts and numbers alone: never an error
	}
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	return b
}

func run(p Provider, export contract.Export, input []byte, fns HostFuncs) ([]byte, error) {
	switch {
	case p == nil:
		return nil, errors.New("the plugin registered no provider in init")
	case export == contract.Describe:
		return describe(p)
	}
	h, ok := handlers[export]
	if !ok || !h.has(p) {
		return nil, &contract.Failure{Code: contract.Unsupported, Message: "this plugin has no " + string(export)}
	}
	c, err := newCall(input, fns)
	if err != nil {
		return nil, err
	}
	result, err := guarded(export, func() (any, error) { return h.run(p, c) })
	switch {
	case c.broken != nil:
		return nil, c.broken
	case c.need != nil:
		return c.need.json()
	case err != nil:
		return nil, err
	case c.next < len(c.env.exchanges):
		return nil, notDeterministic("it asked for fewer requests than before")
	}
	return write("result", result)
}

func describe(p Provider) ([]byte, error) {
	out, err := guarded(contract.Describe, func() (any, error) { return p.Describe(), nil })
	if err != nil {
		return nil, err
	}
	m := out.(contract.Manifest)
	m.Contract = contract.Version
	m.Operations = []contract.Export{}
	for _, e := range contract.Exports(m.Kind) {
		if handlers[e].has(p) {
			m.Operations = append(m.Operations, e)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil, errors.New("write manifest: " + err.Error())
	}
	return b, nil
}

// json writes the answer {"need": …}.
func (n *need) json() ([]byte, error) {
	b := []byte(`{"need":{"requests":[`)
	b = append(b, bytes.Join(n.requests, []byte(","))...)
	b = append(b, ']')
	if n.interim != nil {
		i, err := json.Marshal(n.interim)
		if err != nil {
			return nil, errors.New("write interim: " + err.Error())
		}
		b = append(append(b, `,"interim":`...), i...)
	}
	return append(b, "}}"...), nil
}

// write writes an answer of one member.
func write(name string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, errors.New("write " + name + ": " + err.Error())
	}
	return append(append([]byte(`{"`+name+`":`), b...), '}'), nil
}

// guarded runs the plugin's code, its errors' text included, and turns a panic
// into a failure. What was panicked with may hold the payment's data, so only
// the runtime's own words are passed on.
func guarded(export contract.Export, f func() (any, error)) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			text := "the plugin panicked in " + string(export)
			if re, ok := r.(runtime.Error); ok {
				text += ": " + re.Error()
			}
			err = &contract.Failure{Code: contract.Internal, Message: text, Panicked: true}
		}
	}()
	if result, err = f(); err != nil {
		return nil, failureOf(err)
	}
	return filled(result), nil
}

func failureOf(err error) *contract.Failure {
	var f *contract.Failure
	if errors.As(err, &f) {
		if f == nil {
			f = &contract.Failure{Code: contract.Internal, Message: "the plugin returned a failure that is nil"}
		}
		return f
	}
	var e *contract.ExchangeError
	if errors.As(err, &e) {
		return &contract.Failure{Code: contract.ProviderUnavailable, Message: err.Error()}
	}
	return &contract.Failure{Code: contract.Internal, Message: err.Error()}
}

func notDeterministic(why string) *contract.Failure {
	return &contract.Failure{Code: contract.Internal, Message: "the plugin is not deterministic: " + why}
}
