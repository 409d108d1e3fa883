package omnikassa

import (
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// announcement is an order as it is announced (manual, order announcement, v2).
type announcement struct {
	Timestamp       string     `json:"timestamp"`
	MerchantOrderID string     `json:"merchantOrderId"`
	BankStatement   string     `json:"shopperBankstatementReference,omitempty"`
	Amount          *sentMoney `json:"amount"`
	ReturnURL       string     `json:"merchantReturnURL"`
	Description     string     `json:"description,omitempty"`
	Language        string     `json:"language"`
	Items           []item     `json:"orderItems,omitempty"`
	Shipping        *address   `json:"shippingDetail,omitempty"`
	Billing         *address   `json:"billingDetail,omitempty"`
	Customer        *customer  `json:"customerInformation,omitempty"`
	Brand           string     `json:"paymentBrand"`
	BrandForce      string     `json:"paymentBrandForce"`
	BrandData       *brandData `json:"paymentBrandMetaData,omitempty"`
	SkipResultPage  bool       `json:"skipHppResultPage"`
}

type brandData struct {
	IssuerID string `json:"issuerId"`
}

// Bounds of an announcement.
const (
	maxDescription   = 35
	maxBankStatement = 24
	maxReturnURL     = 1024
)

// CreatePayment announces the order and sends the consumer to the bank's page.
// An announced order cannot be paid unless the consumer is sent there.
func (p Provider) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.CreateResult{}, err
	}
	m, ok := p.method(in.Payment.Method)
	if !ok {
		return contract.CreateResult{}, &contract.Failure{Code: contract.Unsupported, Message: "no method " + in.Payment.Method}
	}
	order, err := announce(in.Payment, m.Brand, a.settings, c.Now())
	if err != nil {
		return contract.CreateResult{}, err
	}
	req, err := body(contract.Request{Method: "POST", URL: a.calls + "/order/server/api/v2/order", Effect: contract.Prepare}, order)
	if err != nil {
		return contract.CreateResult{}, err
	}
	got, err := a.send(req)
	if err != nil {
		return contract.CreateResult{}, err
	}
	page, id := got.scalar("redirectUrl"), got.scalar("omnikassaOrderId")
	if page == "" || !isID(id) {
		return contract.CreateResult{}, internal("the bank's answer lacks redirectUrl or omnikassaOrderId")
	}
	return contract.CreateResult{ProviderReference: id, Action: contract.Action{Type: contract.ActionRedirect, URL: page}}, nil
}

func announce(p contract.Payment, brand string, s settings, now time.Time) (announcement, error) {
	if len(p.ReturnURL) > maxReturnURL {
		return announcement{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the return URL is longer than the bank's 1024 characters"}
	}
	o := announcement{
		Timestamp:       now.Format("2006-01-02T15:04:05.000Z07:00"),
		MerchantOrderID: p.Reference,
		BankStatement:   statement(p.OrderReference),
		Amount:          moneyOf(p.Amount),
		ReturnURL:       p.ReturnURL,
		Description:     description(p),
		Language:        language(p.Locale),
		Items:           items(p.Lines, p.Amount),
		Shipping:        addressOf(p.ShippingAddress),
		Billing:         addressOf(p.BillingAddress),
		Customer:        customerOf(p.Customer),
		Brand:           brand, BrandForce: s.ForceBrand,
		SkipResultPage: !s.ResultPage,
	}
	if issuer := p.MethodOptions["option"]; issuer != "" && brand == "IDEAL" {
		o.BrandData = &brandData{issuer}
	}
	return o, nil
}

// statement is the shop's number as it may stand on a bank statement:
// letters and digits alone, at most 24.
func statement(reference string) string {
	keep := func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}
	return cut(strings.Map(keep, reference), maxBankStatement)
}

// description tells the consumer which order is paid: it always carries the
// shop's number.
func description(p contract.Payment) string {
	if text := cut(p.Description, maxDescription); strings.Contains(text, p.OrderReference) {
		return text
	}
	return cut(strings.TrimSpace(p.OrderReference+" "+p.Description), maxDescription)
}

// language is one of the four that the bank's pages speak.
func language(locale string) string {
	tag, _, _ := strings.Cut(strings.ToUpper(locale), "-")
	switch tag {
	case "NL", "EN", "FR", "DE":
		return tag
	}
	return "EN"
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
