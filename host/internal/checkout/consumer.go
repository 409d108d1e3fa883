package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Open finds the order of a pay link.
func (s *Service) Open(ctx context.Context, token string) (order.Order, Shop, error) {
	rec, err := s.open(ctx, token)
	if err != nil {
		return order.Order{}, Shop{}, err
	}
	shop, err := s.o.Directory.Shop(rec.Order.Shop)
	if err != nil {
		return order.Order{}, Shop{}, fmt.Errorf("shop %s: %w", rec.Order.Shop, err)
	}
	return rec.Order, shop, nil
}

func (s *Service) open(ctx context.Context, token string) (Record, error) {
	id, secret, _ := strings.Cut(token, ".")
	if _, err := PartitionOfID(id); err != nil {
		return Record{}, fmt.Errorf("pay link: %w", ErrNotFound)
	}
	rec, err := s.o.Store.Load(ctx, id)
	if err != nil {
		return Record{}, fmt.Errorf("read order %s: %w", id, err)
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(rec.Order.Secret)) != 1 {
		return Record{}, fmt.Errorf("pay link: %w", ErrNotFound)
	}
	return rec, nil
}

// Choose reserves and creates a payment, or finds the attempt under way.
// Errors: ErrOption where the method has options and the choice names none.
func (s *Service) Choose(ctx context.Context, token string, c Choice) (order.Order, string, error) {
	rec, err := s.open(ctx, token)
	if err != nil {
		return order.Order{}, "", err
	}
	if s.lacksOption(rec.Order, c) {
		return rec.Order, "", fmt.Errorf("method %q: %w", c.Method, ErrOption)
	}
	reply, err := s.start(ctx, starting{rec: &rec, order: rec.Order.ID, payment: NewPaymentID(s.now()), choice: c})
	if reply.Order.ID == "" {
		reply.Order = rec.Order
	}
	return reply.Order, reply.Subject, err
}

// Return takes the consumer's way back. It completes where the plugin can,
// and asks where the provider may be asked; it never books by itself. The
// action is where the plugin sends the consumer on to, nil for nowhere: their
// means were declined, or they are to prove who they are.
func (s *Service) Return(ctx context.Context, token, payment string, m contract.Message) (order.Order, *contract.Action, error) {
	rec, err := s.open(ctx, token)
	if err != nil {
		return order.Order{}, nil, err
	}
	p, ok := rec.Order.Payment(payment)
	if !ok {
		return rec.Order, nil, fmt.Errorf("payment %q: %w", payment, ErrNotFound)
	}
	if p.Final() {
		return rec.Order, nil, nil
	}
	onward := make(chan contract.Action, 1)
	after, err := s.complete(ctx, rec, asking{payment: payment, message: &m, onward: onward})
	switch {
	case errors.Is(err, errUnsupported):
		after, err = rec, nil
	case errors.Is(err, ErrBusy): // another tab is at it
		return after.Order, nil, nil
	}
	if err != nil {
		return after.Order, nil, err
	}
	select {
	case a := <-onward:
		return after.Order, &a, nil
	default:
	}
	p, _ = after.Order.Payment(payment)
	if r := p.Rules.Polling; r == nil || !r.OnHint || p.Final() {
		return after.Order, nil, nil
	}
	asked, err := s.ask(ctx, after, asking{export: contract.GetPayment, payment: payment})
	if err != nil && !booked(err) {
		s.o.Logger.Warn("payment not asked about on return", "order", after.Order.ID, "payment", payment, "error", err)
		return after.Order, nil, nil
	}
	return asked.Order, nil, nil
}

// ReturnToAccount takes the way back to an account's one fixed address.
func (s *Service) ReturnToAccount(ctx context.Context, account string, m contract.Message) (string, string, error) {
	a, err := s.o.Directory.Account(account)
	if err != nil {
		return "", "", fmt.Errorf("account %q: %w", account, err)
	}
	n := &incoming{message: m, consumer: true}
	if err := s.receive(context.WithoutCancel(ctx), a, n); err != nil {
		return "", "", err
	}
	for _, to := range n.orders {
		rec, err := s.o.Store.Load(ctx, to.Order)
		if err != nil {
			return "", "", fmt.Errorf("read order %s: %w", to.Order, err)
		}
		if to.Payment != "" {
			return Token(rec.Order), to.Payment, nil
		}
	}
	return "", "", fmt.Errorf("return to account %q names no payment: %w", account, ErrNotFound)
}

// Abort cancels a payment that is under way, where its provider can.
func (s *Service) Abort(ctx context.Context, token, payment string) (order.Order, error) {
	rec, err := s.open(ctx, token)
	if err != nil {
		return order.Order{}, err
	}
	after, err := s.cancelPayment(ctx, rec, payment)
	return after.Order, err
}

// Leave gives the shop's address to go back to, "" where it gave none. Where the order has a result
// it is the return URL, signed: order, status, reference and timestamp, with
// the hex HMAC-SHA256 over return.v1 and these, joined by line feeds. They
// stand behind the shop's own query, which stays as it is.
func (s *Service) Leave(o order.Order, shop Shop) string {
	target, status := o.ReturnURL, o.Status()
	if (status == order.Open || status == order.Cancelled || status == order.Expired) && o.CancelURL != "" {
		target = o.CancelURL
	}
	u, err := url.Parse(target)
	if err != nil || target == "" || len(shop.NoticeSecrets) == 0 {
		return target
	}
	at := s.now().Format(time.RFC3339)
	mac := hmac.New(sha256.New, shop.NoticeSecrets[0])
	mac.Write([]byte(strings.Join([]string{"return.v1", o.ID, string(status), o.Reference, at}, "\n")))
	query := []string{u.RawQuery}
	if u.RawQuery == "" {
		query = nil
	}
	for _, pair := range [][2]string{{"order", o.ID}, {"status", string(status)}, {"reference", o.Reference}, {"timestamp", at}, {"signature", hex.EncodeToString(mac.Sum(nil))}} {
		query = append(query, pair[0]+"="+url.QueryEscape(pair[1]))
	}
	u.RawQuery = strings.Join(query, "&")
	return u.String()
}
