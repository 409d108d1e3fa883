package order

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// How long an order is open.
const (
	// DefaultLife stands where the shop gives no expires_at.
	DefaultLife = 60 * time.Minute
	// MaxLife bounds it.
	MaxLife = 30 * 24 * time.Hour
)

// Spec is what a new order is made from. ID, Secret and Shop are the host's,
// the rest is the shop's.
type Spec struct {
	ID, Secret, Shop string
	Live             bool
	Reference        string
	Amount           Money
	Description      string
	Lines            []contract.Line
	Customer         contract.Customer
	BillingAddress   contract.Address
	ShippingAddress  contract.Address
	Locale, Country  string
	Methods          []string
	// Capture is automatic where it is empty.
	Capture contract.CaptureMode
	// ReturnURL is empty for a shop without a page: the host shows the result then.
	ReturnURL string
	CancelURL string
	NotifyURL string
	// ExpiresAt is [DefaultLife] from now where it is zero.
	ExpiresAt time.Time
	Metadata  map[string]string
	// Announce has the shop told that the order is open: it did not ask for it by
	// itself, so nobody has read the answer with the pay link.
	Announce bool
}

// Problem is something wrong with a request. Pointer is a JSON pointer (RFC
// 6901) into it; Message says what to do.
type Problem struct {
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// InvalidError lists everything that is wrong with a request.
type InvalidError struct{ Problems []Problem }

func (e *InvalidError) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Pointer + ": " + p.Message
	}
	return "invalid order: " + strings.Join(texts, "; ")
}

var errSpec = errors.New("new order: id, secret and shop are needed")

// New makes an order and its first events. Whether the URLs are on the shop's
// origins, and whether the methods exist, is not its business. Errors:
// [*InvalidError] with every problem.
func New(s Spec, now time.Time) (Order, []Event, error) {
	if s.ID == "" || s.Secret == "" || s.Shop == "" {
		return Order{}, nil, errSpec
	}
	now = utc(now)
	if s.Capture == "" {
		s.Capture = contract.CaptureAutomatic
	}
	if s.ExpiresAt.IsZero() {
		s.ExpiresAt = now.Add(DefaultLife)
	}
	if problems := s.validate(now); len(problems) > 0 {
		return Order{}, nil, &InvalidError{Problems: problems}
	}
	o := Order{
		Schema: Schema, ID: s.ID, Shop: s.Shop, Reference: s.Reference, Live: s.Live,
		Amount: s.Amount, Description: s.Description, Lines: cloneLines(s.Lines),
		Customer: s.Customer, BillingAddress: s.BillingAddress, ShippingAddress: s.ShippingAddress,
		Locale: s.Locale, Country: s.Country, Methods: slices.Clone(s.Methods), Capture: s.Capture,
		ReturnURL: s.ReturnURL, CancelURL: s.CancelURL, NotifyURL: s.NotifyURL, Metadata: maps.Clone(s.Metadata),
		Secret: s.Secret, CreatedAt: now, UpdatedAt: now, ExpiresAt: utc(s.ExpiresAt),
	}
	st := step{o: o, now: now}
	st.happened(Event{Type: OrderCreated, Amount: o.Amount})
	if s.Announce {
		st.happened(Event{Type: OrderOpen, Amount: o.Amount})
	}
	st.number()
	return st.o, st.events, nil
}

func cloneLines(lines []contract.Line) []contract.Line {
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i].Codes = maps.Clone(lines[i].Codes)
	}
	return lines
}
