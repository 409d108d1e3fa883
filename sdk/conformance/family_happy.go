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
			p, err := d.sure()
			if err != nil {
				return err
			}
			b, want := d.world.Books(p.Payment), contract.UpdateCaptured
			if p.Capture == contract.CaptureManual {
				want = contract.UpdateAuthorized
			}
			d.want(d.holds(p) == p.Amount, "the provider's books hold %s of %s", d.holds(p), p.Amount)
			d.want(p.status == want, "the payment ended as %q, want %s", p.status, want)
			d.want(p.ProviderReference == b.ProviderReference, "got provider reference %q, the provider calls it %q", p.ProviderReference, b.ProviderReference)
			return nil
		}},
		Scenario{Name: "ask", lacks: needs(contract.GetPayment), run: func(d *desk) error {
			p, err := d.askable()
			if err != nil {
				return err
			}
			if err := d.ask(p); err != nil {
				return err
			}
			d.want(p.told() == p.Amount, "get_payment told %s of %s", p.told(), p.Amount)
			return nil
		}},
		Scenario{Name: "webhook", lacks: needs(contract.ReceiveWebhook), run: func(d *desk) error {
			p, list, err := announcedPaid(d, 1)
			if err != nil {
				return err
			}
			for _, m := range list {
				response, err := d.deliver(m)
				if err != nil {
					return err
				}
				d.want(d.acknowledged(m, response), "the provider's own message was answered %d %q", response.Status, response.Body)
			}
			d.want(p[0].status != "", "nothing came of the provider's messages")
			return nil
		}},
		Scenario{Name: "complete", lacks: both(needsPage, needs(contract.CompletePayment)), run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			m, ok := d.world.Return(p.Payment)
			failure, err := d.complete(p, where(ok, &m))
			d.want(failure == nil, "complete_payment refuses the provider's own return: %v", failure)
			return err
		}},
		Scenario{Name: "authorise", lacks: needsManual(false, false), run: func(d *desk) error {
			d.manual = true
			p, err := d.sure()
			if err != nil {
				return err
			}
			b := d.world.Books(p.Payment)
			d.want(b.Authorized == p.Amount && b.Captured.Value == 0, "the provider's books hold %s reserved and %s captured of %s", b.Authorized, b.Captured, p.Amount)
			d.want(p.status == contract.UpdateAuthorized, "the payment ended as %q, want authorized", p.status)
			return nil
		}},
		Scenario{Name: "capture", lacks: needsManual(false, false), run: func(d *desk) error {
			d.manual = true
			p, err := d.paid()
			if err != nil {
				return err
			}
			b := d.world.Books(p.Payment)
			d.want(b.Captured == p.Amount && b.Captures == 1, "the provider's books hold %d captures of %s, want one of %s", b.Captures, b.Captured, p.Amount)
			return nil
		}},
		Scenario{Name: "cancel", lacks: both(needsManual(false, false), needs(contract.CancelPayment)), run: func(d *desk) error {
			_, err := given(d)
			return err
		}},
		Scenario{Name: "refund", lacks: needsRefunds(false, false), run: func(d *desk) error {
			p, err := d.paid()
			if err != nil {
				return err
			}
			return refundedWhole(d, p)
		}},
		Scenario{Name: "options", lacks: needs(contract.ListOptions), run: listOptions},
		Scenario{Name: "settings", lacks: needs(contract.CheckSettings), run: checkSettings},
		Scenario{Name: "wrong credentials", lacks: wrongCredentials, run: func(d *desk) error {
			for name := range maps.Keys(d.account.Secrets) {
				d.account.Secrets[name] = "wrong-credential-of-nobody"
			}
			r, _, failure, err := result[contract.CheckResult](d, nil, contract.CheckSettings, contract.CheckInput{})
			d.want(failure != nil || !r.OK, "check_settings takes credentials that are all wrong")
			return err
		}},
	)
}

// refundedWhole gives all of a payment back.
func refundedWhole(d *desk, p *attempt) error {
	op, err := refunded(d, p, p.Amount.Value)
	if err != nil {
		return err
	}
	d.want(op.Status != contract.OperationFailed, "the refund failed")
	d.want(!d.has(contract.GetRefund) || op.Status == contract.OperationSucceeded, "the refund is %s for good", op.Status)
	b := d.world.Books(p.Payment)
	d.want(b.Refunded == p.Amount, "the provider's books hold a refund of %s, want %s", b.Refunded, p.Amount)
	return nil
}

// options asks for the ways to pay within the method.
func (d *desk) options() contract.OptionsInput {
	return contract.OptionsInput{Method: d.method.ID, Amount: d.amount(contract.CannedPayment().Amount), Country: "NL", Locale: "nl-NL"}
}

func listOptions(d *desk) error {
	list, _, failure, err := result[[]contract.Option](d, nil, contract.ListOptions, d.options())
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
	r, _, failure, err := result[contract.CheckResult](d, nil, contract.CheckSettings, contract.CheckInput{})
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
