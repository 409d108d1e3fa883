// Command trapping is a later version of the plugin ideal that is sound but
// for one amount, for which it traps: no proof finds that. Tests of the
// gateway replace the good version by it.
package main

import (
	"github.com/kassette-pay/kassette/plugins/internal/omnikassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// unlucky is the amount, in cents, for which it traps.
const unlucky = 1313

// provider is the one of the plugin ideal, with a fault.
type provider struct{ omnikassa.Issuing }

// CreatePayment traps for the one amount.
func (p provider) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	if in.Payment.Amount.Value == unlucky {
		panic("unlucky")
	}
	return p.Issuing.CreatePayment(c, in)
}

func init() {
	title := omnikassa.Name("iDEAL")
	guest.Register(provider{omnikassa.Issuing{Refunding: omnikassa.Refunding{Provider: omnikassa.Provider{
		Name:    "ideal",
		Version: "1.1.0",
		Title:   title,
		Methods: []contract.Method{{
			ID: "ideal", Title: title, Brand: "IDEAL", Rank: 10,
			Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: omnikassa.MaxAmount}},
			Flow:       contract.FlowRedirect,
			Rules: contract.Rules{
				Refund: &contract.RefundRule{Full: true, Partial: true, Multiple: true, WindowDays: omnikassa.RefundDays},
			},
		}},
	}}}})
}

func main() {}
