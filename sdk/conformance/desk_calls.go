package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

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
	r, t, failure, err := result[contract.CreateResult](d, p, contract.CreatePayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil || failure != nil {
		return failure, err
	}
	p.created, p.Status, p.ProviderReference = true, "pending", r.ProviderReference
	if len(r.State) > 0 {
		p.State = r.State
	}
	d.book(t, r.Updates, p)
	return nil, d.follow(p, r.Action)
}

// ended creates a payment and has it end.
func (d *desk) ended(e Ending) (*attempt, error) {
	if d.terminal() {
		return d.endsThere(e)
	}
	p, err := d.create()
	if err != nil {
		return p, err
	}
	return p, d.world.End(d.ctx, p.Payment, e)
}

// endsThere creates a payment that ends before create_payment does.
func (d *desk) endsThere(e Ending) (*attempt, error) {
	x, err := d.expecter()
	if err != nil {
		return nil, err
	}
	if err := x.Expect(e); err != nil {
		return nil, err
	}
	p := d.attempted()
	failure, err := d.start(p)
	switch {
	case err != nil || failure == nil:
		return p, err
	case e != Paid && failure.Code == contract.Declined:
		p.status = contract.UpdateFailed
		return p, nil
	}
	return p, fmt.Errorf("create_payment: %w", failure)
}

// sure creates a payment, has it paid, and hears of it: it is captured, or
// reserved where it is captured later.
func (d *desk) sure() (*attempt, error) {
	p, err := d.ended(Paid)
	if err != nil {
		return p, err
	}
	if err := d.hear(p); err != nil {
		return p, err
	}
	if got := p.told(); got != p.Amount {
		return p, fmt.Errorf("the provider was paid %s, the plugin told %s", p.Amount, got)
	}
	return p, nil
}

// led is such a payment, where it only leads up to what comes next.
func (d *desk) led() (*attempt, error) {
	leads := d.leads
	d.leads = true
	defer func() { d.leads = leads }()
	return d.sure()
}

// paid creates a payment, has it paid, hears of it, and captures it where
// nothing is captured by itself.
func (d *desk) paid() (*attempt, error) {
	p, err := d.led()
	if err != nil || p.Capture != contract.CaptureManual {
		return p, err
	}
	op := d.capture(p, p.Amount.Value, true)
	if err := d.takes(p, op); err != nil {
		return p, err
	}
	if got := p.captured(); got != p.Amount {
		return p, fmt.Errorf("%s was to be captured, the plugin told %s", p.Amount, got)
	}
	return p, nil
}

// deliver runs receive_webhook with a message over all its turns, and gives
// the answer that the provider gets.
func (d *desk) deliver(m contract.Message) (contract.WebhookResponse, error) {
	var response contract.WebhookResponse
	cursor := ""
	for turn := range contract.MaxTurns {
		r, t, failure, err := result[contract.WebhookResult](d, nil, contract.ReceiveWebhook, contract.WebhookInput{Message: m, Cursor: cursor})
		if err != nil {
			return response, err
		}
		if failure != nil {
			r.Response = refusal(failure)
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
	return response, d.approve()
}

// refusal is what the provider is answered on a failure.
func refusal(f *contract.Failure) contract.WebhookResponse {
	status := http.StatusBadRequest
	switch f.Code {
	case contract.ProviderUnavailable, contract.RateLimited, contract.Conflict, contract.Internal:
		status = http.StatusServiceUnavailable
	}
	return contract.WebhookResponse{Status: status, ContentType: "text/plain", Body: f.Error()}
}

// acknowledged says whether the provider takes an answer to its message for a yes.
func (d *desk) acknowledged(m contract.Message, r contract.WebhookResponse) bool {
	if a, ok := d.world.(Acknowledger); ok {
		return a.Acknowledged(m, r)
	}
	return r.Status < 300
}

// repair asks about each payment that is not paid yet.
func (d *desk) repair() error {
	for _, p := range d.payments {
		if !p.created || p.told().Value > 0 || !d.has(contract.GetPayment) {
			continue
		}
		if err := d.ask(p); err != nil {
			return err
		}
	}
	return nil
}

// hear delivers what the provider has sent, and what it sends on that; of a
// provider without webhooks a payment is asked about.
func (d *desk) hear(p *attempt) error {
	if !d.has(contract.ReceiveWebhook) {
		return d.ask(p)
	}
	_, err := d.hearAll()
	return err
}

// hearAll delivers what the provider sends until it falls silent.
func (d *desk) hearAll() (heard []contract.Message, err error) {
	const most = 20
	for range most {
		list, err := d.world.Messages(d.ctx)
		if err != nil || len(list) == 0 {
			return heard, err
		}
		heard = append(heard, list...)
		if err := deliverAll(d, list); err != nil {
			return heard, err
		}
	}
	return heard, fmt.Errorf("the provider still sends news after %d rounds", most)
}

// ask runs get_payment. What the provider cannot say is no news.
func (d *desk) ask(p *attempt) error {
	if !d.has(contract.GetPayment) {
		return nil
	}
	r, t, _, err := result[contract.UpdatesResult](d, p, contract.GetPayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil {
		return err
	}
	d.book(t, r.Updates, p)
	return d.approve()
}

// askable is a paid payment that the provider may be asked about. Some can be
// asked by what comes with the news alone.
func (d *desk) askable() (*attempt, error) {
	if d.rules().Polling == nil || able(FindsUnheard)(d) != "" {
		return d.sure()
	}
	return d.ended(Paid)
}

// approve runs complete_payment for what was approved meanwhile.
func (d *desk) approve() error {
	for _, p := range d.payments {
		if !p.approved || !d.has(contract.CompletePayment) {
			continue
		}
		p.approved = false
		if p.told().Value > 0 {
			continue
		}
		if _, err := d.complete(p, nil); err != nil {
			return err
		}
	}
	return nil
}

// complete runs complete_payment with what the browser brought, or nothing.
func (d *desk) complete(p *attempt, m *contract.Message) (*contract.Failure, error) {
	r, t, failure, err := result[contract.UpdatesResult](d, p, contract.CompletePayment, contract.CompleteInput{Payment: p.Payment, Message: m})
	if err != nil || failure != nil {
		return failure, err
	}
	d.book(t, r.Updates, p)
	p.approved = false
	if r.Action != nil {
		return nil, d.follow(p, *r.Action)
	}
	return nil, nil
}

// back takes the consumer's way back as a host does: a hint, which completes
// and asks. The failure is that of the call that was given the message.
func (d *desk) back(p *attempt, m contract.Message) (*contract.Failure, error) {
	if strings.HasPrefix(m.Path, AccountReturn) {
		r, _, failure, err := result[contract.WebhookResult](d, nil, contract.ReceiveWebhook, contract.WebhookInput{Message: m})
		if err != nil || failure != nil {
			return failure, err
		}
		for _, u := range r.Updates {
			d.want(d.find(u.Payment) == p, "the return to the account names another payment: %+v", u.Payment)
		}
		d.want(len(r.Updates) > 0, "the return to the account names no payment")
	}
	if d.has(contract.CompletePayment) {
		if failure, err := d.complete(p, &m); err != nil || failure != nil {
			return failure, err
		}
	}
	if q := d.rules().Polling; q != nil && q.OnHint {
		return nil, d.ask(p)
	}
	return nil, nil
}

// forget drops what the provider has sent.
func (d *desk) forget() error {
	_, err := d.world.Messages(d.ctx)
	return err
}

// pass lets time pass, so that all payments of now have expired.
func (d *desk) pass() error { return d.world.Advance(d.ctx, life+time.Minute) }
