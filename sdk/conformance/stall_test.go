package conformance_test

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// stallBase is where the kit's own shop lives, stallHello its first contact;
// stall_world_test.go says what it is like.
const (
	stallBase  = "https://stall.example"
	stallHello = "hello=1"
)

// stall is a healthy plugin for it. The members are where a plugin can be broken
// in one way; nil or false is healthy.
type stall struct {
	check   func(c *guest.Call, data string, signature []byte) error
	parse   func(decimal, currency string) (contract.Money, error)
	read    func(c *guest.Call, o stallOrder, m contract.Message) (contract.ReadOrderResult, bool)
	send    func(c *guest.Call, req contract.Request) (contract.Response, error)
	refused func(resp contract.Response) error
	mark    func(e contract.Event) string
	lacks   contract.Lacks

	noHello, byEvent, own, markLate, anyAmount, reopens, overwrites, anyYes, firstPage, deaf, blind, anyKey, anyName, quiet, newest bool
}

func (s stall) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "stall", Version: "1.0.0", Kind: contract.KindShop, Title: contract.Text{"en": "Stall"}, Provider: "stall",
		SettingsSchema: json.RawMessage(`{"type":"object","properties":{"base":{"type":"string","x-host":true},` +
			`"api":{"type":"string","x-secret-use":["header"]},"hook":{"type":"string","x-secret-use":["mac:sha256"]}}}`),
		Lacks: s.lacks,
	}
}

// ReadOrder reads an order as the shop sends it.
func (s stall) ReadOrder(c *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	m, body := in.Message, string(in.Message.Bytes())
	signature := m.Header("x-signature")
	if signature == "" && body == stallHello && !s.noHello {
		return contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200}}, nil
	}
	sum, err := hex.DecodeString(signature)
	if err != nil || body == "" {
		return contract.ReadOrderResult{}, &contract.Failure{Code: contract.BadSignature, Message: "there is no signed order"}
	}
	check := s.check
	if check == nil {
		check = func(c *guest.Call, data string, signature []byte) error { return c.CheckMAC(stallMAC(data), signature) }
	}
	if err := check(c, body, sum); err != nil {
		return contract.ReadOrderResult{}, err
	}
	var o stallOrder
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return contract.ReadOrderResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the order is no JSON"}
	}
	if s.read != nil {
		if r, ok := s.read(c, o, m); ok {
			return r, nil
		}
	}
	order, command, err := s.wants(o)
	r := contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200}, Order: order}
	if command != nil {
		r.Commands = []contract.Command{*command}
	}
	return r, err
}

func stallMAC(data string) contract.MACRequest {
	return contract.MACRequest{Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("hook")}, Data: contract.Parts{contract.Lit(data)}}
}

// wants is what the shop wants done with an order that is so.
func (s stall) wants(o stallOrder) (*contract.OrderRequest, *contract.Command, error) {
	switch {
	case o.Deleted || o.Status == "cancelled":
		return nil, &contract.Command{Type: contract.CommandCancel, Reference: o.reference()}, nil
	case (o.Status == "waiting" || o.Status == "open") && o.Shipped:
		return nil, &contract.Command{Type: contract.CommandCapture, Reference: o.reference()}, nil
	case o.Status != "open":
		return nil, nil, nil
	}
	r, err := s.request(o)
	if err != nil || r.Amount.Value == 0 {
		return nil, nil, err
	}
	return &r, nil, nil
}

func (o stallOrder) reference() string { return "stall-" + o.ID }

func (s stall) money(decimal, currency string) (contract.Money, error) {
	parse := contract.ParseDecimal
	if s.parse != nil {
		parse = s.parse
	}
	m, err := parse(decimal, currency)
	if err != nil {
		return m, &contract.Failure{Code: contract.InvalidRequest, Message: "amount " + decimal + " " + currency + ": " + err.Error()}
	}
	return m, nil
}

// name is one that a gateway takes.
func (s stall) name(text string) string {
	if s.anyName {
		return text
	}
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	if runes := []rune(text); len(runes) > 255 {
		text = string(runes[:255])
	}
	return cmp.Or(text, "-")
}

func (s stall) request(o stallOrder) (contract.OrderRequest, error) {
	amount, err := s.money(o.Total, o.Currency)
	r := contract.OrderRequest{Reference: o.reference(), Amount: amount, Description: "Order " + o.Number, Metadata: map[string]string{
		contract.MetadataPlatform: "stall", contract.MetadataOrderID: o.ID, contract.MetadataOrderNumber: o.Number,
	}}
	for i, item := range o.Items {
		total, err1 := s.money(item.Total, o.Currency)
		tax, err2 := s.money(item.Tax, o.Currency)
		if err := errors.Join(err1, err2); err != nil {
			return r, err
		}
		r.Lines = append(r.Lines, contract.Line{ID: strconv.Itoa(i + 1), Name: s.name(item.Name), Kind: item.Kind, Quantity: item.Quantity, Amount: total, TaxAmount: tax})
	}
	return r, err
}
