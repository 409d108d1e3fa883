package hello

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The credentials of the shop that every Hello knows.
const (
	DemoAPIKey     = "hello-demo-api-key"
	DemoSigningKey = "hello-demo-signing-key"
)

// Status is how far a payment has come.
type Status string

// The statuses of a payment.
const (
	Open      Status = "open"
	Paid      Status = "paid"
	Cancelled Status = "cancelled"
	Expired   Status = "expired"
)

// Errors of [Provider.End] and [Provider.Notify].
var (
	ErrUnknown = errors.New("there is no such payment")
	ErrOver    = errors.New("the payment has ended already")
)

// Payment is a payment as the provider shows it.
type Payment struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Status    Status    `json:"status"`
	Paid      string    `json:"paid"`
	Currency  string    `json:"currency"`
	At        time.Time `json:"at"`
}

// Provider is Hello with its books. It is safe for concurrent use.
type Provider struct {
	base   string
	client *http.Client
	now    func() time.Time
	routes http.Handler

	mu       sync.Mutex
	payments []*booked
}

// booked is a payment in the books. Amounts are cents.
type booked struct {
	Payment
	asked                int64
	returnURL, notifyURL string
	refunds              map[string]int64 // by key
}

// New opens a provider at a base URL. Its notices go out through the client.
func New(base string, client *http.Client, now func() time.Time) *Provider {
	p := &Provider{base: base, client: client, now: now}
	p.routes = p.mux()
	return p
}

// ServeHTTP implements [http.Handler].
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.routes.ServeHTTP(w, r) }

// Find gives a payment with the cents of each of its refunds.
func (p *Provider) Find(reference string) (Payment, []int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.find(func(b *booked) bool { return b.Reference == reference })
	if b == nil {
		return Payment{}, nil, false
	}
	var refunds []int64
	for _, cents := range b.refunds {
		refunds = append(refunds, cents)
	}
	return b.Payment, refunds, true
}

// End ends an open payment, as the consumer or time does, and says so to the
// shop. [Open] leaves it as it is: a try that was declined.
func (p *Provider) End(ctx context.Context, reference string, s Status) error {
	if err := p.end(reference, s); err != nil || s == Open {
		return err
	}
	return p.Notify(ctx, reference)
}

func (p *Provider) end(reference string, s Status) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.find(func(b *booked) bool { return b.Reference == reference })
	switch {
	case b == nil:
		return ErrUnknown
	case b.Status != Open:
		return ErrOver
	case s == Paid:
		b.Paid = decimal(b.asked)
	}
	b.Status, b.At = s, p.now()
	return nil
}

// Notify posts a payment's notice. The error says that the shop did not take it.
func (p *Provider) Notify(ctx context.Context, reference string) error {
	p.mu.Lock()
	b := p.find(func(b *booked) bool { return b.Reference == reference })
	if b == nil {
		p.mu.Unlock()
		return ErrUnknown
	}
	url := b.notifyURL
	body, err := json.Marshal(b.Payment)
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("write notice: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("send notice: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Hello-Signature", Sign(DemoSigningKey, body))
	resp, err := p.client.Do(r)
	if err != nil {
		return fmt.Errorf("send notice: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("send notice: the shop answered %d", resp.StatusCode)
	}
	return nil
}

// Sign is the signature of a notice: HMAC-SHA256 in hex.
func Sign(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body) // never fails
	return hex.EncodeToString(mac.Sum(nil))
}

// find looks a payment up. It is called under the lock.
func (p *Provider) find(is func(b *booked) bool) *booked {
	for _, b := range p.payments {
		if is(b) {
			return b
		}
	}
	return nil
}

// decimal writes cents as "49.99".
func decimal(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// parse reads an amount as decimal writes it, more than zero and in EUR.
func parse(amount, currency string) (cents int64, ok bool) {
	n := len(amount)
	if n < 4 || n > 12 || amount[n-3] != '.' || currency != "EUR" {
		return 0, false
	}
	cents, err := strconv.ParseInt(amount[:n-3]+amount[n-2:], 10, 64)
	return cents, err == nil && cents > 0 && decimal(cents) == amount
}

var _ http.Handler = (*Provider)(nil)
