package guest

import (
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

func handle[I, In, Out any](method func(I, *Call, In) (Out, error)) handler {
	return handler{
		has: func(p Provider) bool { _, ok := p.(I); return ok },
		run: func(p Provider, c *Call) (any, error) {
			var in In
			if err := json.Unmarshal(c.env.Input, &in); err != nil {
				return nil, &contract.Failure{Code: contract.InvalidRequest, Message: "read input: " + err.Error()}
			}
			out, err := method(p.(I), c, in)
			if err != nil {
				return nil, err
			}
			return filled(out), nil
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
	var out any
	switch {
	case p == nil:
		out = failed(contract.Internal, "the plugin registered no provider in init")
	case export == contract.Describe:
		out = describe(p)
	default:
		out = answer(p, export, input, fns)
	}
	b, err := json.Marshal(out)
	if err != nil {
		b, _ = json.Marshal(failed(contract.Internal, "write output of "+string(export)+": "+err.Error()))
	}
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	return b
}

func describe(p Provider) any {
	out, err := guarded(contract.Describe, func() (any, error) { return p.Describe(), nil })
	if err != nil {
		return contract.Answer{Failure: failureOf(err)}
	}
	m := out.(contract.Manifest)
	m.Contract = contract.Version
	m.Operations = []contract.Export{}
	for _, e := range contract.Exports(m.Kind) {
		if handlers[e].has(p) {
			m.Operations = append(m.Operations, e)
		}
	}
	return m
}

func answer(p Provider, export contract.Export, input []byte, fns HostFuncs) contract.Answer {
	h, ok := handlers[export]
	if !ok || !h.has(p) {
		return failed(contract.Unsupported, "this plugin has no "+string(export))
	}
	c, err := newCall(input, fns)
	if err != nil {
		return failed(contract.Internal, err.Error())
	}
	result, err := guarded(export, func() (any, error) { return h.run(p, c) })
	switch {
	case c.broken != nil:
		return contract.Answer{Failure: c.broken}
	case c.need != nil:
		return contract.Answer{Need: c.need}
	case err != nil:
		return contract.Answer{Failure: failureOf(err)}
	case c.next < len(c.env.Exchanges):
		return contract.Answer{Failure: notDeterministic("it asked for fewer requests than before")}
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return failed(contract.Internal, "write result of "+string(export)+": "+err.Error())
	}
	return contract.Answer{Result: raw}
}

// guarded turns a panic into an error. What was panicked with may hold the
// payment's data, so only the runtime's own words are passed on.
func guarded(export contract.Export, f func() (any, error)) (result any, err error) {
	defer func() {
		if r := recover(); r != nil {
			text := "the plugin panicked in " + string(export)
			if re, ok := r.(runtime.Error); ok {
				text += ": " + re.Error()
			}
			err = &contract.Failure{Code: contract.Internal, Message: text}
		}
	}()
	return f()
}

func failureOf(err error) *contract.Failure {
	var f *contract.Failure
	if errors.As(err, &f) && f != nil {
		return f
	}
	var e *contract.ExchangeError
	if errors.As(err, &e) && e != nil {
		return &contract.Failure{Code: contract.ProviderUnavailable, Message: err.Error()}
	}
	return &contract.Failure{Code: contract.Internal, Message: err.Error()}
}

func failed(code contract.FailureCode, message string) contract.Answer {
	return contract.Answer{Failure: &contract.Failure{Code: code, Message: message}}
}

func notDeterministic(why string) *contract.Failure {
	return &contract.Failure{Code: contract.Internal, Message: "the plugin is not deterministic: " + why}
}
