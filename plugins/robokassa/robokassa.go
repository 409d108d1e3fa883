package main

import (
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// settings of an account. Secrets: password1, password2, password3.
type settings struct {
	Environment string             `json:"environment"`
	Login       string             `json:"merchant_login"`
	Auth        string             `json:"auth_url"`
	Services    string             `json:"services_url"`
	Hash        contract.Algorithm `json:"hash_algorithm"`
	Currency    string             `json:"currency"`
	ResultKey   string             `json:"result_key"`
	Senders     []string           `json:"senders"`
	Simulator   bool               `json:"simulator"`
	Receipt     bool               `json:"receipt"`
	fiscal
}

// The secrets: the first signs what the shop sends and SuccessURL, the second
// ResultURL and OpStateExt, the third refunds (protocol, 1).
const (
	password1 = "password1"
	password2 = "password2"
	password3 = "password3"
)

// Currencies of shops and payments.
const (
	rub = "RUB"
	kzt = "KZT"
)

// shop is an account during one call.
type shop struct {
	call *guest.Call
	settings
	// test says that payments bear IsTest=1, of which the provider keeps nothing to ask about.
	test bool
}

func newShop(c *guest.Call) (shop, error) {
	s := shop{call: c}
	if err := c.Settings(&s.settings); err != nil {
		return s, err
	}
	if s.Hash == "" {
		s.Hash = contract.MD5 // the provider's own default
	}
	if s.Currency == "" {
		s.Currency = rub
	}
	if s.Auth == "" {
		s.Auth = map[string]string{rub: "https://auth.robokassa.ru", kzt: "https://auth.robokassa.kz"}[s.Currency]
	}
	if s.Services == "" {
		s.Services = "https://services.robokassa.ru"
	}
	s.Auth, s.Services = strings.TrimRight(s.Auth, "/"), strings.TrimRight(s.Services, "/")
	s.test = s.Environment != "live" && !s.Simulator
	switch {
	case s.Login == "":
		return s, &contract.Failure{Code: contract.InvalidSettings, Message: "merchant_login is missing"}
	case s.Simulator && (s.Environment == "live" || robokassas(s.Auth) || robokassas(s.Services)):
		return s, &contract.Failure{Code: contract.InvalidSettings, Message: "simulator is for a test account with a simulator's addresses: Robokassa itself would take real money"}
	}
	return s, nil
}

// robokassas says whether an address is one of the provider itself.
func robokassas(address string) bool {
	host, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(address), "https://"), "/")
	host, _, _ = strings.Cut(host, ":")
	return strings.HasSuffix(host, "robokassa.ru") || strings.HasSuffix(host, "robokassa.kz")
}

// CreatePayment signs the form that the browser posts to the payment page.
// Nothing is sent: the provider learns of the payment when the buyer is there.
func (plugin) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.CreateResult{}, err
	}
	p := in.Payment
	if err := s.takes(p); err != nil {
		return contract.CreateResult{}, err
	}
	f, err := s.start(p)
	if err != nil {
		return contract.CreateResult{}, err
	}
	signature, err := s.sign(password1, f.signed, f.shp)
	if err != nil {
		return contract.CreateResult{}, err
	}
	f.hint("SignatureValue", signature)
	return contract.CreateResult{
		ProviderReference: invoice(p),
		Action:            contract.Action{Type: contract.ActionForm, URL: s.Auth + "/Merchant/Index.aspx", Fields: f.fields},
	}, nil
}

// takes says whether the shop can take this payment.
func (s shop) takes(p contract.Payment) error {
	hold := p.Capture == contract.CaptureManual
	option := p.MethodOptions["option"]
	refuse := func(code contract.FailureCode, why string) error {
		return &contract.Failure{Code: code, Message: why}
	}
	switch {
	case p.Method != methodID:
		return refuse(contract.Unsupported, "no method "+p.Method)
	case p.Number < 1:
		return refuse(contract.InvalidRequest, "the payment has no number: the provider's InvId is one of the account's counter")
	case p.Amount.Value < 1:
		return refuse(contract.InvalidRequest, "the amount must be above zero")
	case p.Amount.Currency != s.Currency && (p.Amount.Currency != kzt || s.Currency != rub || hold):
		return refuse(contract.Unsupported, "the shop is in "+s.Currency+" and cannot take this payment in "+p.Amount.Currency)
	case hold && s.test:
		return refuse(contract.Unsupported, "Robokassa has no holds in test mode; take the money at once")
	case hold && s.ResultKey == "":
		return refuse(contract.InvalidSettings, "a hold needs result_key, which verifies the news of it")
	case !isLabel(option):
		return refuse(contract.InvalidRequest, "the option is no label of a way to pay")
	}
	return nil
}

// isLabel takes labels and aliases of ways to pay, and none.
func isLabel(s string) bool {
	const maxLabel = 64
	return len(s) <= maxLabel && strings.Trim(s, digits+letters+"_-") == ""
}

// Alphabets.
const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// invoice is the provider's InvId of a payment.
func invoice(p contract.Payment) string { return strconv.FormatInt(p.Number, 10) }
