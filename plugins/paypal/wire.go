package main

import (
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bounds of texts (openapi, Orders).
const (
	maxText  = 127 // custom_id, invoice_id, description, brand_name
	maxNote  = 255
	maxOrder = 36 // an id in a path
)

// money is an amount as PayPal writes it.
type money struct {
	CurrencyCode string `json:"currency_code"`
	Value        string `json:"value"`
}

// moneyOf writes an amount. HUF and TWD have no decimals at PayPal: what would
// need them is refused, never rounded.
func moneyOf(m contract.Money) (*money, error) {
	value := m.Decimal()
	if m.Currency == "HUF" || m.Currency == "TWD" {
		whole, ok := strings.CutSuffix(value, ".00")
		if !ok {
			return nil, &contract.Failure{Code: contract.InvalidRequest, Message: "PayPal takes no decimals in " + m.Currency + ": " + value + " cannot be paid; use a whole amount"}
		}
		value = whole
	}
	return &money{m.Currency, value}, nil
}

// read reads an amount of any number of digits that its currency allows.
func (m money) read() (contract.Money, error) {
	value := m.Value
	if strings.HasPrefix(value, ".") {
		value = "0" + value
	}
	got, err := contract.ParseDecimal(value, m.CurrencyCode)
	if err != nil {
		return got, internal("read PayPal's amount: " + err.Error())
	}
	return got, nil
}

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

// order is an order as PayPal answers it (openapi, order).
type order struct {
	ID     string `json:"id"`
	Intent string `json:"intent"`
	Status string `json:"status"`
	Units  []unit `json:"purchase_units"`
	Links  []link `json:"links"`
}

// unit is a purchase unit with what came of it. Ours have one.
type unit struct {
	Amount   money    `json:"amount"`
	CustomID string   `json:"custom_id"`
	Payments payments `json:"payments"`
}

type payments struct {
	Authorizations []resource `json:"authorizations"`
	Captures       []resource `json:"captures"`
	Refunds        []resource `json:"refunds"`
}

// resource is an authorization, a capture or a refund, or what an event is about.
type resource struct {
	ID        string   `json:"id"`
	Status    string   `json:"status"`
	Amount    money    `json:"amount"`
	InvoiceID string   `json:"invoice_id"`
	CustomID  string   `json:"custom_id"`
	Created   string   `json:"create_time"`
	Updated   string   `json:"update_time"`
	Related   related  `json:"supplementary_data"`
	Breakdown earnings `json:"seller_receivable_breakdown"`
	Links     []link   `json:"links"`
}

type related struct {
	IDs struct {
		Order string `json:"order_id"`
	} `json:"related_ids"`
}

type earnings struct {
	Fee money `json:"paypal_fee"`
}

// up is the id of what a resource belongs to, below a path such as "/captures/".
func (r resource) up(path string) string {
	for _, l := range r.Links {
		if l.Rel != "up" {
			continue
		}
		if _, id, ok := strings.Cut(l.Href, path); ok && isID(id) {
			return id
		}
	}
	return ""
}

// at is when the resource last changed; the zero time where nothing tells.
func (r resource) at() time.Time {
	for _, text := range []string{r.Updated, r.Created} {
		if t, err := time.Parse(time.RFC3339, text); err == nil && t.Year() > 1 && t.Year() < 9999 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// payments of the order's one unit.
func (o order) payments() payments {
	if len(o.Units) == 0 {
		return payments{}
	}
	return o.Units[0].Payments
}

// approval is the link for the buyer (openapi, link_description).
func (o order) approval() string {
	found := ""
	for _, l := range o.Links {
		if l.Rel == "payer-action" || l.Rel == "approve" && found == "" {
			found = l.Href
		}
	}
	return found
}

// isID says whether an id of PayPal may stand in a path.
func isID(id string) bool {
	return id != "" && len(id) <= maxOrder && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// invoice is an invoice number of one capture or refund: the shop's order, and
// enough of our own id to be unique. PayPal may refuse one that was paid before.
func invoice(p contract.Payment, id string) string {
	return cut(p.OrderReference, maxText-9) + "-" + id[max(0, len(id)-8):]
}

func internal(message string) error {
	return &contract.Failure{Code: contract.Internal, Message: message}
}
