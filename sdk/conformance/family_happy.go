package conformance

import (
	"fmt"
	"maps"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// happy is each operation that the manifest declares, with nothing in its way.
func happy() []Scenario {
	return family("happy", anyPlugin,
		Scenario{Name: "pay", run: func(d *desk) error {
			p, err := d.paid()
			if err != nil {
				return err
			}
			b := d.world.Books(p.Payment)
			d.want(b.Captured == p.Amount, "the provider's books hold %s of %s", b.Captured, p.Amount)
			d.want(p.status == contract.UpdateCaptured, "the payment ended as %q, want captured", p.status)
			d.want(p.ProviderReference == b.ProviderReference, "got provider reference %q, the provider calls it %q", p.ProviderReference, b.ProviderReference)
			return nil
		}},
		Scenario{Name: "ask", lacks: needs(contract.GetPayment), run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			if err := d.ask(p); err != nil {
				return err
			}
			d.want(p.captured() == p.Amount, "get_payment told %s of %s", p.captured(), p.Amount)
			return nil
		}},
		Scenario{Name: "refund", lacks: needsRefunds(false, false), run: func(d *desk) error {
			p, err := d.paid()
			if err != nil {
				return err
			}
			op := d.refund(p, p.Amount.Value)
			if _, err := d.operate(contract.RefundPayment, p, op); err != nil {
				return err
			}
			if err := d.settle(p, op); err != nil {
				return err
			}
			d.want(op.Status != contract.OperationFailed, "the refund failed")
			d.want(needs(contract.GetRefund)(d) != "" || op.Status == contract.OperationSucceeded, "the refund is %s for good", op.Status)
			b := d.world.Books(p.Payment)
			d.want(b.Refunded == p.Amount, "the provider's books hold a refund of %s, want %s", b.Refunded, p.Amount)
			return nil
		}},
		Scenario{Name: "options", lacks: needs(contract.ListOptions), run: listOptions},
		Scenario{Name: "settings", lacks: needs(contract.CheckSettings), run: checkSettings},
		Scenario{Name: "wrong credentials", lacks: wrongCredentials, run: func(d *desk) error {
			for name := range maps.Keys(d.account.Secrets) {
				d.account.Secrets[name] = "wrong-credential-of-nobody"
			}
			r, _, failure, err := result[contract.CheckResult](d, contract.CheckSettings, contract.CheckInput{})
			d.want(failure != nil || !r.OK, "check_settings takes credentials that are all wrong")
			return err
		}},
	)
}

func listOptions(d *desk) error {
	p := d.attempted()
	list, _, failure, err := result[[]contract.Option](d, contract.ListOptions, contract.OptionsInput{
		Method: d.method.ID, Amount: p.Amount, Country: "NL", Locale: "nl-NL",
	})
	if err != nil {
		return err
	}
	if failure != nil {
		return fmt.Errorf("list_options: %w", failure)
	}
	d.want(!d.method.Options || len(list) > 0, "the manifest says options, and there are none")
	seen := map[string]bool{}
	for _, o := range list {
		d.want(!seen[o.ID], "option %q stands there twice", o.ID)
		seen[o.ID] = true
	}
	return nil
}

func checkSettings(d *desk) error {
	r, _, failure, err := result[contract.CheckResult](d, contract.CheckSettings, contract.CheckInput{})
	if err != nil {
		return err
	}
	if failure != nil {
		return fmt.Errorf("check_settings: %w", failure)
	}
	d.want(r.OK, "good settings are not ok: %+v", r.Findings)
	for _, f := range r.Findings {
		d.want(f.Level != contract.FindingError, "good settings have an error: %s", f.Text)
	}
	return nil
}

func wrongCredentials(d *desk) string {
	if len(d.fixture.Account().Secrets) == 0 {
		return "/settings_schema has no x-secret-use"
	}
	return needs(contract.CheckSettings)(d)
}
