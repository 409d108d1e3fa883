package paypal

import (
	"encoding/json"
	"net/http"
	"time"
)

// link is a HATEOAS link.
type link struct {
	Href   string `json:"href"`
	Rel    string `json:"rel"`
	Method string `json:"method"`
}

// stamp writes a time as Orders and Payments do: whole seconds, UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// order is an order and what came of it.
type order struct {
	id, intent, status string
	units              []*unit
	funding            json.RawMessage // payment_source as it was sent, or nil
	where              experience
	created, updated   time.Time
	expires            time.Time
	approved           *person
	// pending has captures stay PENDING, declines has so many tries refused.
	pending  bool
	declines int
	declined bool // the last try was; the page says so
}

// unit is a purchase unit.
type unit struct {
	unitRequest
	total          int64 // in the smallest unit of the currency
	authorizations []*authorization
	captures       []*capture
	refunds        []*refund
}

type authorization struct {
	id, status       string
	order            *order
	unit             *unit
	total            int64
	taken            int64 // captured so far
	created, updated time.Time
	expires          time.Time
}

type capture struct {
	id, status, reason string
	order              *order
	unit               *unit
	from               *authorization // nil: the order
	total, refunded    int64
	final              bool
	invoice            string
	note               string
	created, updated   time.Time
}

type refund struct {
	id, status       string
	capture          *capture
	total            int64
	totalRefunded    int64 // of the capture, this one included
	refundRequest    refundRequest
	created, updated time.Time
}

// person is the buyer.
type person struct {
	Name struct {
		Given   string `json:"given_name"`
		Surname string `json:"surname"`
	} `json:"name"`
	Email   string `json:"email_address"`
	PayerID string `json:"payer_id"`
	Address struct {
		Country string `json:"country_code"`
	} `json:"address"`
}

func buyer() *person {
	p := &person{Email: "buyer@example.com", PayerID: newID(13)}
	p.Name.Given, p.Name.Surname, p.Address.Country = "Test", "Buyer", "NL"
	return p
}

// orderView is an order as it is answered (openapi, order).
type orderView struct {
	ID      string         `json:"id"`
	Intent  string         `json:"intent"`
	Status  string         `json:"status"`
	Source  map[string]any `json:"payment_source,omitempty"`
	Units   []unitView     `json:"purchase_units"`
	Payer   *person        `json:"payer,omitempty"`
	Created string         `json:"create_time"`
	Updated string         `json:"update_time,omitempty"`
	Links   []link         `json:"links"`
}

type unitView struct {
	ReferenceID    string          `json:"reference_id"`
	Amount         json.RawMessage `json:"amount"`
	Payee          payee           `json:"payee"`
	Description    string          `json:"description,omitempty"`
	CustomID       string          `json:"custom_id,omitempty"`
	InvoiceID      string          `json:"invoice_id,omitempty"`
	SoftDescriptor string          `json:"soft_descriptor,omitempty"`
	Items          json.RawMessage `json:"items,omitempty"`
	Shipping       json.RawMessage `json:"shipping,omitempty"`
	Payments       *paymentsView   `json:"payments,omitempty"`
}

type payee struct {
	Email      string `json:"email_address"`
	MerchantID string `json:"merchant_id"`
}

type paymentsView struct {
	Authorizations []authorizationView `json:"authorizations,omitempty"`
	Captures       []captureView       `json:"captures,omitempty"`
	Refunds        []refundView        `json:"refunds,omitempty"`
}

type reasonView struct {
	Reason string `json:"reason"`
}

type protection struct {
	Status     string   `json:"status"`
	Categories []string `json:"dispute_categories,omitempty"`
}

func eligible() protection {
	return protection{"ELIGIBLE", []string{"ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"}}
}

type related struct {
	IDs struct {
		Order         string `json:"order_id,omitempty"`
		Authorization string `json:"authorization_id,omitempty"`
	} `json:"related_ids"`
}

type authorizationView struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Amount     *money     `json:"amount"`
	CustomID   string     `json:"custom_id,omitempty"`
	InvoiceID  string     `json:"invoice_id,omitempty"`
	Protection protection `json:"seller_protection"`
	Related    related    `json:"supplementary_data"`
	Payee      payee      `json:"payee"`
	Expiration string     `json:"expiration_time"`
	Created    string     `json:"create_time"`
	Updated    string     `json:"update_time"`
	Links      []link     `json:"links"`
}

type captureView struct {
	ID         string      `json:"id"`
	Status     string      `json:"status"`
	Details    *reasonView `json:"status_details,omitempty"`
	Amount     *money      `json:"amount"`
	Final      bool        `json:"final_capture"`
	CustomID   string      `json:"custom_id,omitempty"`
	InvoiceID  string      `json:"invoice_id,omitempty"`
	Note       string      `json:"note_to_payer,omitempty"`
	Protection protection  `json:"seller_protection"`
	Breakdown  *receivable `json:"seller_receivable_breakdown,omitempty"`
	Related    related     `json:"supplementary_data"`
	Payee      payee       `json:"payee"`
	Created    string      `json:"create_time"`
	Updated    string      `json:"update_time"`
	Links      []link      `json:"links"`
}

type receivable struct {
	Gross *money `json:"gross_amount"`
	Fee   *money `json:"paypal_fee"`
	Net   *money `json:"net_amount"`
}

type refundView struct {
	ID        string   `json:"id"`
	Status    string   `json:"status"`
	Details   any      `json:"status_details,omitempty"`
	Amount    *money   `json:"amount"`
	CustomID  string   `json:"custom_id,omitempty"`
	InvoiceID string   `json:"invoice_id,omitempty"`
	Note      string   `json:"note_to_payer,omitempty"`
	Breakdown *payable `json:"seller_payable_breakdown"`
	Created   string   `json:"create_time"`
	Updated   string   `json:"update_time"`
	Links     []link   `json:"links"`
}

type payable struct {
	Gross *money `json:"gross_amount"`
	Fee   *money `json:"paypal_fee"`
	Net   *money `json:"net_amount"`
	Total *money `json:"total_refunded_amount"`
}

func self(base, path string) link { return link{base + path, "self", http.MethodGet} }

// currency of an order: all of its amounts are in it.
func (o *order) currency() string { return o.units[0].Money.CurrencyCode }

func (s *Simulator) payee() payee { return payee{"merchant@example.com", DemoMerchantID} }
