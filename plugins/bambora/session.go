package main

import (
	"encoding/json"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// maxOrderID is the length of an order number (3.2).
const maxOrderID = 20

// session is a checkout session as it is asked for (3.2).
type session struct {
	Order          order     `json:"order"`
	Customer       *customer `json:"customer,omitempty"`
	InstantCapture int64     `json:"instantcaptureamount"`
	URL            addresses `json:"url"`
	Window         window    `json:"paymentwindow"`
}

type order struct {
	ID       string  `json:"id"`
	Amount   int64   `json:"amount"`
	Currency string  `json:"currency"`
	VAT      *int64  `json:"vatamount,omitempty"`
	Lines    []line  `json:"lines,omitempty"`
	Billing  *postal `json:"billingaddress,omitempty"`
	Shipping *postal `json:"shippingaddress,omitempty"`
}

type customer struct {
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phonenumber,omitempty"`
	Country string `json:"phonenumbercountrycode,omitempty"`
}

type addresses struct {
	Accept    string     `json:"accept"`
	Cancel    string     `json:"cancel"`
	Callbacks []callback `json:"callbacks"`
	Immediate int        `json:"immediateredirecttoaccept"`
}

type callback struct {
	URL string `json:"url"`
}

type window struct {
	ID       int64    `json:"id"`
	Language string   `json:"language"`
	Methods  []filter `json:"paymentmethods,omitempty"`
}

type filter struct {
	ID     string `json:"id"`
	Action string `json:"action"`
}

// CreatePayment opens a session and sends the consumer to its window. Nothing
// can be paid unless the consumer is sent there.
func (provider) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	none := contract.CreateResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	s, err := a.session(in.Payment)
	if err != nil {
		return none, err
	}
	body, err := json.Marshal(s)
	if err != nil {
		return none, err
	}
	r := a.request("POST", a.Checkout+"/sessions")
	r.Effect, r.Body = contract.Prepare, string(body)
	var got struct {
		reply
		URL string `json:"url"`
	}
	if err := a.do(r, &got); err != nil {
		return none, err
	}
	if got.URL == "" {
		return none, internal("the provider's answer lacks the address of the window")
	}
	// The provider knows the payment by its order number until there is a transaction.
	return contract.CreateResult{ProviderReference: s.Order.ID, Action: contract.Action{Type: contract.ActionRedirect, URL: got.URL}}, nil
}

// session writes a payment as a session.
func (a api) session(p contract.Payment) (session, error) {
	id := orderID(p.Reference)
	switch {
	case !within(p.Reference, digits+letters, 64):
		return session{}, invalid("the reference " + p.Reference + " is no order number of letters and digits")
	case !isTaken(p.Amount.Currency):
		return session{}, invalid("currency " + p.Amount.Currency + " is not taken: take one of " + strings.Join(currencies, ", "))
	case p.Amount.Value <= 0 || p.Amount.Value > maxAmount:
		return session{}, invalid("the amount " + p.Amount.String() + " is not 1 to 2147483647 minor units")
	}
	s := session{
		Order:    order{ID: id, Amount: p.Amount.Value, Currency: p.Amount.Currency, Billing: postalOf(p.BillingAddress), Shipping: postalOf(p.ShippingAddress)},
		Customer: customerOf(p),
		URL:      addresses{Accept: p.ReturnURL, Cancel: p.CancelURL, Callbacks: []callback{{named(p.WebhookURL, p.Reference)}}, Immediate: 1},
		Window:   window{ID: a.WindowID, Language: language(p.Locale)},
	}
	if p.Capture == contract.CaptureAutomatic {
		s.InstantCapture = p.Amount.Value
	}
	if a.ReceiptPage {
		s.URL.Immediate = 0
	}
	if !a.AllTypes {
		s.Window.Methods = []filter{{"paymentcard", "include"}}
	}
	if len(p.Lines) > 0 {
		var vat int64
		s.Order.Lines, vat = linesOf(p.Lines, p.Amount.Value)
		s.Order.VAT = &vat
	}
	return s, nil
}

// orderID is the order number that the provider gets: the last 20 characters of
// the host's reference, which are random.
func orderID(reference string) string {
	return reference[max(0, len(reference)-maxOrderID):]
}

// ownParameter carries the payment's whole reference in the address of its
// callback, of which the order number is a part: parameters that are there
// already come back first, and are hashed too (5).
const ownParameter = "payment"

func named(webhook, reference string) string {
	mark := "?"
	if strings.Contains(webhook, "?") {
		mark = "&"
	}
	return webhook + mark + ownParameter + "=" + reference
}

func isTaken(currency string) bool {
	for _, c := range currencies {
		if c == currency {
			return true
		}
	}
	return false
}

// languages of the window by locale (3.2).
var languages = map[string]string{"sv": "sv-SE", "da": "da-DK", "nb": "nb-NO", "nn": "nb-NO", "no": "nb-NO", "fi": "fi-FI"}

func language(locale string) string {
	tag, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if l, ok := languages[tag]; ok {
		return l
	}
	return "en-US"
}

func customerOf(p contract.Payment) *customer {
	c := customer{Email: p.Customer.Email}
	if p.Customer.Phone != "" && p.BillingAddress.Country != "" {
		c.Phone, c.Country = p.Customer.Phone, p.BillingAddress.Country
	}
	if c == (customer{}) {
		return nil
	}
	return &c
}

// postal is an address; all but att are needed (3.2).
type postal struct {
	Att       string `json:"att,omitempty"`
	FirstName string `json:"firstname"`
	LastName  string `json:"lastname"`
	Street    string `json:"street"`
	Zip       string `json:"zip"`
	City      string `json:"city"`
	Country   string `json:"country"`
}

// postalOf leaves out what is not complete: the provider would refuse it.
func postalOf(a contract.Address) *postal {
	p := postal{
		Att: cut(a.Company), FirstName: cut(a.FirstName), LastName: cut(spaced(a.MiddleName, a.LastName)),
		Street: cut(spaced(a.Street, a.HouseNumber, a.HouseNumberAddition)), Zip: cut(a.PostalCode), City: cut(a.City), Country: a.Country,
	}
	if p.FirstName == "" || p.LastName == "" || p.Street == "" || p.Zip == "" || p.City == "" || p.Country == "" {
		return nil
	}
	return &p
}

func spaced(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// cut keeps the 255 characters that an address member may have.
func cut(s string) string {
	const most = 255
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func invalid(message string) error {
	return &contract.Failure{Code: contract.InvalidRequest, Message: message}
}
