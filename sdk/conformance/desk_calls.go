package conformance

import (
	"fmt"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// life is how long the kit's payments live. Providers end theirs no later.
const life = time.Hour

// attempted makes a payment that was not created yet.
func (d *desk) attempted() *attempt {
	p := contract.CannedPayment()
	n := len(d.payments) + 1
	now := d.world.Now().UTC().Truncate(time.Millisecond)
	p.ID, p.Reference = fmt.Sprintf("pay_%026d", n), fmt.Sprintf("C0NF0RMANCE0000000000%03d", n)
	p.OrderReference, p.Number = fmt.Sprint(1000+n), int64(100_000+n)
	p.Description = "Order " + p.OrderReference
	p.IdempotencyKey = uuid(1, n)
	p.Method, p.MethodOptions, p.Status, p.Capture = d.method.ID, nil, "created", contract.CaptureAutomatic
	p.ReturnURL = "https://pay.example/pay/ord_1.token/return/" + p.ID
	p.CreatedAt, p.ExpiresAt = now, now.Add(life)
	p.ProviderReference, p.State = "", nil
	p.Captures, p.Refunds, p.Transactions = nil, nil, nil
	if d.fixture.Payment != nil {
		d.fixture.Payment(&p)
	}
	zero := contract.Money{Currency: p.Amount.Currency}
	p.Totals = contract.Totals{Authorized: zero, Captured: zero, Refunded: zero, Tip: zero, Surcharge: zero}
	a := &attempt{Payment: p, items: map[string]contract.Money{}}
	d.payments = append(d.payments, a)
	return a
}

// create creates a payment that must come to be.
func (d *desk) create() (*attempt, error) {
	p := d.attempted()
	failure, err := d.start(p)
	if err == nil && failure != nil {
		err = fmt.Errorf("create_payment: %w", failure)
	}
	return p, err
}

func (d *desk) start(p *attempt) (*contract.Failure, error) {
	r, t, failure, err := result[contract.CreateResult](d, contract.CreatePayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil || failure != nil {
		return failure, err
	}
	p.created, p.Status = true, "pending"
	p.ProviderReference, p.State = r.ProviderReference, r.State
	d.book(t, r.Updates, p)
	return nil, nil
}

// ended creates a payment and has it end.
func (d *desk) ended(e Ending) (*attempt, error) {
	p, err := d.create()
	if err != nil {
		return p, err
	}
	return p, d.world.End(d.ctx, p.Payment, e)
}

// paid creates a payment, has it paid, and hears of it.
func (d *desk) paid() (*attempt, error) {
	p, err := d.ended(Paid)
	if err != nil {
		return p, err
	}
	if err := d.hear(p); err != nil {
		return p, err
	}
	if got := p.captured(); got != p.Amount {
		return p, fmt.Errorf("the provider was paid %s, the plugin told %s", p.Amount, got)
	}
	return p, nil
}

// deliver runs receive_webhook with a message over all its turns, and gives
// the answer that the provider gets.
func (d *desk) deliver(m contract.Message) (contract.WebhookResponse, error) {
	var response contract.WebhookResponse
	cursor := ""
	for turn := range contract.MaxTurns {
		r, t, failure, err := result[contract.WebhookResult](d, contract.ReceiveWebhook, contract.WebhookInput{Message: m, Cursor: cursor})
		if err != nil {
			return response, err
		}
		if failure != nil {
			r.Response = contract.WebhookResponse{Status: http.StatusBadRequest, Body: failure.Error()}
		}
		if turn == 0 {
			response = r.Response
		}
		d.book(t, r.Updates, nil)
		if r.Repair {
			if err := d.repair(); err != nil {
				return response, err
			}
		}
		if cursor = r.Next; cursor == "" {
			break
		}
	}
	return response, nil
}

// repair asks about each payment that is not paid yet.
func (d *desk) repair() error {
	for _, p := range d.payments {
		if !p.created || p.captured().Value > 0 || needs(contract.GetPayment)(d) != "" {
			continue
		}
		if err := d.ask(p); err != nil {
			return err
		}
	}
	return nil
}

// hear delivers what the provider has sent; of a provider without webhooks a
// payment is asked about.
func (d *desk) hear(p *attempt) error {
	if needs(contract.ReceiveWebhook)(d) != "" {
		return d.ask(p)
	}
	list, err := d.world.Messages(d.ctx)
	for _, m := range list {
		if _, err := d.deliver(m); err != nil {
			return err
		}
	}
	return err
}

// ask runs get_payment. What the provider cannot say is no news.
func (d *desk) ask(p *attempt) error {
	r, t, _, err := result[contract.UpdatesResult](d, contract.GetPayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil {
		return err
	}
	d.book(t, r.Updates, p)
	return nil
}

// complete runs complete_payment with what the browser brought.
func (d *desk) complete(p *attempt, m contract.Message) (*contract.Failure, error) {
	r, t, failure, err := result[contract.UpdatesResult](d, contract.CompletePayment, contract.CompleteInput{Payment: p.Payment, Message: &m})
	if err != nil || failure != nil {
		return failure, err
	}
	d.book(t, r.Updates, p)
	return nil, nil
}

// forget drops what the provider has sent.
func (d *desk) forget() error {
	_, err := d.world.Messages(d.ctx)
	return err
}
