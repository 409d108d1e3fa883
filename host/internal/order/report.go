package order

import (
	"fmt"
	"reflect"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// reported books what a provider says. The result of complete_payment ends
// that call, with or without updates.
func (s *step) reported(p *Payment, c Reported) error {
	if c.Source == contract.CompletePayment {
		p.Completes++
		p.Completed, p.CompletedAt = true, s.now
		if p.UnknownCall == contract.CompletePayment {
			p.know()
		}
	}
	if err := s.book(p, c.Updates, c.State, c.Source, c.At); err != nil {
		return err
	}
	if c.Source == contract.CompletePayment && c.Action != nil {
		s.onward(p, *c.Action)
	}
	return nil
}

// onward keeps where the consumer goes next with an attempt that still waits
// for them: to choose other means, or to prove who they are.
func (s *step) onward(p *Payment, a contract.Action) {
	if !p.AwaitsConsumer() || a.Type == contract.ActionNone {
		return
	}
	next := action(a)
	if p.Action == nil || !reflect.DeepEqual(*p.Action, *next) {
		s.happened(Event{Type: PaymentInterim, Payment: p.ID, Detail: string(a.Type)})
	}
	p.Action = next
}

// book joins the verified updates of an answer. A webhook's missing
// occurred_at is the oldest there is; for the host's own operations the time
// of the answer stands in.
func (s *step) book(p *Payment, updates []contract.Update, state bool, source contract.Export, at time.Time) error {
	if at.IsZero() {
		at = s.now
	}
	standIn := at
	if source == contract.ReceiveWebhook {
		standIn = time.Time{}
	}
	for _, u := range updates {
		if u.Trust != contract.Verified {
			continue
		}
		own := p.named(u)
		if own != nil && own.ProviderReference == "" {
			own.ProviderReference = u.Item.ProviderReference
		}
		fresh := p.News.book(u, occurred(u.OccurredAt, standIn, at), p.Amount, own)
		p.adorn(u, state)
		if fresh && p.ignores(u.Type) {
			s.happened(Event{Type: PaymentUpdateIgnored, Payment: p.ID,
				Detail: fmt.Sprintf("%s is older than %s", u.Type, p.Status())})
		}
	}
	return nil
}

// named finds the shop's own operation that an update's item names by the
// host's id.
func (p *Payment) named(u contract.Update) *Operation {
	if u.Item == nil || u.Item.ID == "" {
		return nil
	}
	ops := p.Captures
	switch u.Type {
	case contract.UpdateRefunded, contract.UpdateRefundFailed:
		ops = p.Refunds
	case contract.UpdateCaptured, contract.UpdateCaptureFailed:
	default:
		return nil
	}
	if i := find(ops, u.Item.ID); i >= 0 && ops[i].Origin == OriginShop {
		return &ops[i]
	}
	return nil
}

// ignores says that a status that was reported lost to what is known already.
func (p *Payment) ignores(t contract.UpdateType) bool {
	for _, r := range ranked {
		if r.news == t {
			return r.status != p.Status()
		}
	}
	return false
}

// adorn takes what an update says beside amounts and status.
func (p *Payment) adorn(u contract.Update, state bool) {
	p.learn(u.NewProviderReference)
	if u.Brand != "" {
		p.Brand = u.Brand
	}
	if u.Receipt != nil {
		p.print(u)
	}
	if u.Failure != nil && u.Type == contract.UpdateFailed {
		p.Failure = u.Failure
	}
	if state {
		p.keepState(u.State)
	}
	for _, t := range u.Transactions {
		p.transact(t)
	}
}

// print keeps a receipt: a refund's with the shop's refund that it is of, any
// other as the customer's proof of payment, which outlives refunds.
func (p *Payment) print(u contract.Update) {
	switch {
	case u.Type != contract.UpdateRefunded && u.Type != contract.UpdateRefundFailed:
		p.Receipt = u.Receipt
	case u.Item != nil:
		for i, r := range p.Refunds {
			if r.Origin == OriginShop && (r.ID == u.Item.ID || r.ProviderReference != "" && r.ProviderReference == u.Item.ProviderReference) {
				p.Refunds[i].Receipt = u.Receipt
			}
		}
	}
}

// transact keeps the newest word on each of the provider's transactions.
func (p *Payment) transact(t contract.Transaction) {
	t.OccurredAt = utc(t.OccurredAt)
	for i, was := range p.Transactions {
		if was.ID == t.ID {
			if !t.OccurredAt.Before(was.OccurredAt) {
				p.Transactions[i] = t
			}
			return
		}
	}
	p.Transactions = append(p.Transactions, t)
}
