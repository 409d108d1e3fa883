package conformance

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

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
