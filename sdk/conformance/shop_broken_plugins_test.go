package conformance_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// taken is what a broken reading comes to.
func taken(o *contract.OrderRequest, commands ...contract.Command) (contract.ReadOrderResult, bool) {
	return contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200}, Order: o, Commands: commands}, true
}

func hundredths(decimal, currency string) (contract.Money, error) {
	whole, part, _ := strings.Cut(decimal, ".")
	v, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return contract.Money{Value: v, Currency: currency}, err
}

func heldToo(_ *guest.Call, o stallOrder, _ contract.Message) (contract.ReadOrderResult, bool) {
	if o.Status != "waiting" || o.Shipped {
		return contract.ReadOrderResult{}, false
	}
	r, err := stall{}.request(o)
	if err != nil {
		return contract.ReadOrderResult{}, false
	}
	return taken(&r)
}

func aCent(_ *guest.Call, o stallOrder, _ contract.Message) (contract.ReadOrderResult, bool) {
	if r, err := (stall{}).request(o); err == nil && r.Amount.Value == 0 && o.Status == "open" {
		r.Amount.Value, r.Lines = 1, nil
		return taken(&r)
	}
	return contract.ReadOrderResult{}, false
}

// byTheClock names an order by when it was read, where there is time to.
func byTheClock(c *guest.Call, o stallOrder, _ contract.Message) (contract.ReadOrderResult, bool) {
	r, err := stall{}.request(o)
	if err != nil || c.Now().Unix()%60 == 0 || o.Status != "open" {
		return contract.ReadOrderResult{}, false
	}
	r.Reference += "-" + strconv.FormatInt(c.Now().Unix(), 10)
	return taken(&r)
}

func firstPart(_ *guest.Call, _ stallOrder, m contract.Message) (contract.ReadOrderResult, bool) {
	if m.Header("x-part") != "1" {
		return taken(nil)
	}
	return contract.ReadOrderResult{}, false
}

func byTopic(_ *guest.Call, o stallOrder, m contract.Message) (contract.ReadOrderResult, bool) {
	if r, err := (stall{}).request(o); err == nil && m.Header("x-topic") == "created" && r.Amount.Value > 0 {
		return taken(&r)
	}
	return contract.ReadOrderResult{}, false
}

func notShipped(_ *guest.Call, o stallOrder, _ contract.Message) (contract.ReadOrderResult, bool) {
	if o.Shipped {
		return taken(nil)
	}
	return contract.ReadOrderResult{}, false
}

// capturesPaid has an order captured that the gateway has told it is paid.
func capturesPaid(_ *guest.Call, o stallOrder, _ contract.Message) (contract.ReadOrderResult, bool) {
	if o.Status == "paid" && o.Transaction != "by-hand" {
		return taken(nil, contract.Command{Type: contract.CommandCapture, Reference: o.reference()})
	}
	return contract.ReadOrderResult{}, false
}

// choosy does not know events that came with a later version.
type choosy struct{ stall }

func (p choosy) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	if in.Event.Type == contract.CaptureFailed {
		return contract.TellResult{}, &contract.Failure{Code: contract.Unsupported, Message: "this plugin knows no such event"}
	}
	return p.stall.TellShop(c, in)
}

// stallBelieves verifies the sum that it has computed itself.
func stallBelieves(c *guest.Call, data string, _ []byte) error {
	sum, err := c.MAC(stallMAC(data))
	if err != nil {
		return err
	}
	return c.CheckMAC(stallMAC(data), sum)
}

func stallHalfWay(c *guest.Call, data string, signature []byte) error {
	sum, err := c.MAC(stallMAC(data))
	if err != nil {
		return err
	}
	if len(signature) < 16 || string(sum[:16]) != string(signature[:16]) {
		return &contract.Failure{Code: contract.BadSignature, Message: "the signature does not match"}
	}
	return nil
}

// anyHello takes whatever is not signed for first contact.
type anyHello struct{ stall }

func (p anyHello) ReadOrder(c *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	if in.Message.Header("x-signature") == "" {
		r, _ := taken(nil)
		return r, nil
	}
	return p.stall.ReadOrder(c, in)
}

// supersedes cancels the shop's order though it lives on.
type supersedes struct{ stall }

func (p supersedes) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	if in.Event.Type == contract.OrderSuperseded {
		in.Event.Type = contract.OrderCancelled
	}
	return p.stall.TellShop(c, in)
}

// upToDate drops events that the order has left behind.
type upToDate struct{ stall }

func (p upToDate) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	if in.Event.Number < in.Order.Version {
		return contract.TellResult{Delivered: true}, nil
	}
	return p.stall.TellShop(c, in)
}

func byAmount(e contract.Event) string { return e.Payment + " " + e.Amount.String() }

// takes makes a failure of this code of a status.
func takes(status int, code contract.FailureCode) func(resp contract.Response) error {
	return func(resp contract.Response) error {
		err := stallRefused(resp)
		if f, ok := err.(*contract.Failure); ok && resp.Status == status && f.ProviderCode != "refund_amount" { //nolint:errorlint // it is as it was made
			f.Code = code
		}
		return err
	}
}

func curt(resp contract.Response) error {
	err := stallRefused(resp)
	if f, ok := err.(*contract.Failure); ok && resp.Status == 401 { //nolint:errorlint // it is as it was made
		f.Message = "forbidden"
	}
	return err
}

// tallies keeps a number between its calls.
type tallies struct {
	stall
	n atomic.Int64
}

func (p *tallies) CheckSettings(c *guest.Call, in contract.CheckInput) (contract.CheckResult, error) {
	r, err := p.stall.CheckSettings(c, in)
	r.Findings = append(r.Findings, contract.Finding{Level: contract.FindingInfo, Text: "Look number " + strconv.FormatInt(p.n.Add(1), 10)})
	return r, err
}

// ownStallToken fetches a token, and puts it into a header by itself.
func ownStallToken(c *guest.Call, req contract.Request) (contract.Response, error) {
	resp, err := c.Do(contract.Request{Method: "GET", URL: stallBase + "/token", Auth: &contract.Auth{
		Header: &contract.AuthHeader{Name: "x-key", Value: contract.Parts{contract.Sec("api")}},
	}})
	if err != nil || !resp.OK() {
		return resp, err
	}
	var out struct{ Token string }
	if err := json.Unmarshal(resp.Bytes(), &out); err != nil || out.Token == "" {
		return resp, &contract.Failure{Code: contract.ProviderUnavailable, Message: "there is no token in the shop's answer: look at it"}
	}
	req.Headers["authorization"] = "Bearer " + out.Token
	return c.Do(req)
}
