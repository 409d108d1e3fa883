package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Webhook runs the account's plugin on a provider's message and books what it
// brings. The response is given only when all of it is committed.
func (s *Service) Webhook(ctx context.Context, account string, m contract.Message) (contract.WebhookResponse, error) {
	a, err := s.o.Directory.Account(account)
	if err != nil {
		return contract.WebhookResponse{}, fmt.Errorf("account %q: %w", account, err)
	}
	n := &incoming{message: m}
	// The caller's going away ends nothing: what was handed out once must be booked.
	if err := s.receive(context.WithoutCancel(ctx), a, n); err != nil {
		return contract.WebhookResponse{}, err
	}
	return n.response, nil
}

// incoming is a message with what came of it over all its turns.
type incoming struct {
	message  contract.Message
	response contract.WebhookResponse
	// consumer says that a browser brought the message: then all news is a hint.
	consumer bool
	// orders are those that its updates and hints are about.
	orders []PaymentAddress
	turns  int
	// refused says that the plugin does not take the message.
	refused bool
	// verified says that the plugin took the message and that something was
	// verified on the way.
	verified bool
}

// take books the end of a receive_webhook and runs the turns that it asks
// for. Journals are closed at the very end, the last turn's first: if the
// node dies on the way, the first call's alarm finds the whole chain again.
func (s *Service) take(ctx context.Context, n *incoming, c Call, e Ended) error {
	if e.Failure != nil {
		n.response = refusal(*e.Failure)
		n.refused = n.turns == 0 && n.response.Status == http.StatusBadRequest
		s.o.Logger.Warn("webhook refused by its plugin", "account", c.Account, "plugin", c.Plugin.Name, "version", c.Plugin.Version, "call", c.ID, "failure", e.Failure.Error())
		return s.endCall(ctx, c, e)
	}
	var r contract.WebhookResult
	if err := json.Unmarshal(e.Result, &r); err != nil {
		n.response = refusal(contract.Failure{Code: contract.Internal})
		return errors.Join(fmt.Errorf("result of %s, account %s: %w", c.Export, c.Account, err), s.endCall(ctx, c, e))
	}
	if n.turns == 0 {
		n.response = r.Response
	}
	n.verified = n.verified || e.Verified
	unknown, err := s.bookNews(ctx, n, c, e, r)
	if err != nil {
		return err
	}
	if unknown && r.Unknown != contract.UnknownAccept {
		n.response = contract.WebhookResponse{Status: http.StatusNotFound, ContentType: "text/plain", Body: "unknown payment"}
	}
	if n.turns++; r.Next != "" && n.turns < contract.MaxTurns {
		now := s.now()
		next := Call{
			ID: NewCallID(PartitionOfName(c.Account), now), Export: c.Export, Plugin: c.Plugin, Account: c.Account,
			Input: encode(contract.WebhookInput{Message: n.message, Cursor: r.Next}), Now: now, own: c.own,
		}
		ended, err := s.o.Caller.Run(ctx, next)
		if err != nil {
			return fmt.Errorf("%s of account %s, turn %d: %w", c.Export, c.Account, n.turns, err)
		}
		if err := s.take(ctx, n, next, ended); err != nil {
			return err
		}
	}
	return s.endCall(ctx, c, e)
}

func (s *Service) endCall(ctx context.Context, c Call, e Ended) error {
	if e.Journal == nil {
		return nil
	}
	if err := s.o.Caller.End(ctx, c.ID, e.Journal); err != nil {
		return fmt.Errorf("end call %s: %w", c.ID, err)
	}
	return nil
}

// bookNews books the updates of one turn, asks where hints or the plugin want
// it, and says whether some verified news matched no payment.
func (s *Service) bookNews(ctx context.Context, n *incoming, c Call, e Ended, r contract.WebhookResult) (unknown bool, err error) {
	verified, hints := s.sort(n, c, e, r.Updates)
	for _, u := range verified {
		id, err := s.bookUpdate(ctx, c, e, u)
		if err != nil {
			return unknown, err
		}
		if unknown = unknown || id == ""; id != "" {
			n.orders = append(n.orders, PaymentAddress{Order: id})
		}
	}
	for _, u := range hints {
		to, err := s.hint(ctx, c.Account, u)
		if err != nil {
			return unknown, err
		}
		if to.Order != "" {
			n.orders = append(n.orders, to)
		}
	}
	if r.Repair {
		if err := s.repair(ctx, c.Account); err != nil {
			return unknown, err
		}
	}
	return unknown, nil
}

// sort tells news that may be booked from hints.
func (s *Service) sort(n *incoming, c Call, e Ended, updates []contract.Update) (verified, hints []contract.Update) {
	if n.consumer {
		return nil, updates
	}
	for _, u := range updates {
		if u.Trust == contract.Hint {
			hints = append(hints, u)
		}
	}
	return s.counting(c, e, updates), hints
}

// refusal is the answer to a webhook that its plugin did not take.
func refusal(f contract.Failure) contract.WebhookResponse {
	status := http.StatusBadRequest
	switch f.Code {
	case contract.ProviderUnavailable, contract.RateLimited, contract.Conflict, contract.Internal:
		status = http.StatusServiceUnavailable
	}
	return contract.WebhookResponse{Status: status, ContentType: "text/plain", Body: string(f.Code)}
}

// hint asks about the payment that unverified news names, where its provider
// may be asked on a hint. It gives the payment, if there is one.
func (s *Service) hint(ctx context.Context, account string, u contract.Update) (PaymentAddress, error) {
	id, err := s.find(ctx, account, u.Payment)
	if errors.Is(err, ErrNotFound) {
		return PaymentAddress{}, nil
	}
	if err != nil {
		return PaymentAddress{}, err
	}
	rec, err := s.o.Store.Load(ctx, id)
	if err != nil {
		return PaymentAddress{}, fmt.Errorf("read order %s: %w", id, err)
	}
	for _, p := range rec.Order.Payments {
		if p.Account != account || !matches(p, u.Payment) {
			continue
		}
		to := PaymentAddress{Order: id, Payment: p.ID}
		if p.Rules.Polling == nil || !p.Rules.Polling.OnHint || p.Final() {
			return to, nil
		}
		if _, err := s.ask(ctx, rec, asking{export: contract.GetPayment, payment: p.ID}); err != nil && !booked(err) {
			return to, err
		}
		return to, nil
	}
	return PaymentAddress{}, nil
}

// repair asks once about each open payment of an account.
func (s *Service) repair(ctx context.Context, account string) error {
	live, err := s.o.Store.Live(ctx, account)
	if err != nil {
		return fmt.Errorf("live payments of account %s: %w", account, err)
	}
	for _, to := range live {
		rec, err := s.o.Store.Load(ctx, to.Order)
		if err != nil {
			return fmt.Errorf("read order %s: %w", to.Order, err)
		}
		if _, err := s.ask(ctx, rec, asking{export: contract.GetPayment, payment: to.Payment}); err != nil && !booked(err) {
			s.o.Logger.Warn("payment not asked about", "order", to.Order, "payment", to.Payment, "error", err)
		}
	}
	return nil
}
