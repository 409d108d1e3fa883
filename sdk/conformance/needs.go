package conformance

import (
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// A need says why a scenario does not apply: it names a field of the manifest,
// or is "".
type need = func(d *desk) string

// anyPlugin lacks nothing.
func anyPlugin(*desk) string { return "" }

// both asks for all of several.
func both(needs ...need) need {
	return func(d *desk) string {
		for _, lacks := range needs {
			if why := lacks(d); why != "" {
				return why
			}
		}
		return ""
	}
}

// needs asks for operations of the manifest.
func needs(exports ...contract.Export) need {
	return func(d *desk) string { return d.lacksOperation(exports...) }
}

// able asks for what the manifest does not deny the provider.
func able(a contract.Ability) need {
	return func(d *desk) string { return d.denies(a) }
}

// at is the place of the paid method in the manifest.
func (d *desk) at() string {
	i := slices.IndexFunc(d.manifest.Methods, func(m contract.Method) bool { return m.ID == d.method.ID })
	return fmt.Sprintf("/methods/%d", i)
}

// needsPage asks for a method whose consumer is sent away and comes back.
func needsPage(d *desk) string {
	if d.terminal() {
		return d.at() + "/flow is terminal"
	}
	return ""
}

// needsTerminal asks for one whose consumer pays while create_payment runs.
func needsTerminal(d *desk) string {
	if !d.terminal() {
		return fmt.Sprintf("%s/flow is %s", d.at(), d.method.Flow)
	}
	return ""
}

// needsPolling asks for a provider that may be asked about any payment.
func needsPolling(d *desk) string {
	if d.rules().Polling == nil {
		return "/polling is missing"
	}
	return needs(contract.GetPayment)(d)
}

// needsRefunds asks for a refund rule that the API can carry out.
func needsRefunds(partial, multiple bool) need {
	return func(d *desk) string {
		rule := d.rules().Refund
		switch {
		case rule == nil:
			return "/refund is missing"
		case !rule.Full && !rule.Partial:
			return "/refund/elsewhere says where refunds are made"
		case partial && !rule.Partial:
			return "/refund/partial is false"
		case multiple && !rule.Multiple:
			return "/refund/multiple is false"
		}
		return needs(contract.RefundPayment)(d)
	}
}

// needsManual asks for captures that the shop asks for.
func needsManual(partial, multiple bool) need {
	return func(d *desk) string {
		rule := d.rules().Capture
		switch {
		case rule == nil:
			return "/capture is missing"
		case !rule.Manual:
			return "/capture/manual is false"
		case partial && !rule.Partial:
			return "/capture/partial is false"
		case multiple && !rule.Multiple:
			return "/capture/multiple is false"
		}
		return needs(contract.CapturePayment)(d)
	}
}
