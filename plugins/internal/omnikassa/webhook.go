package omnikassa

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// notification says that there are results; it names no order (manual, order
// status webhook). Expiry is signed as the text that came.
type notification struct {
	Authentication scalar `json:"authentication"`
	Expiry         scalar `json:"expiry"`
	EventName      scalar `json:"eventName"`
	POIID          scalar `json:"poiId"`
	Signature      scalar `json:"signature"`
}

// page is one page of a status pull, v2.
type page struct {
	More      scalar   `json:"moreOrderResultsAvailable"`
	Results   []result `json:"orderResults"`
	Signature scalar   `json:"signature"`
}

type result struct {
	MerchantOrderID scalar        `json:"merchantOrderId"`
	OrderID         scalar        `json:"omnikassaOrderId"`
	POIID           scalar        `json:"poiId"`
	Status          scalar        `json:"orderStatus"`
	StatusAt        scalar        `json:"orderStatusDateTime"`
	ErrorCode       scalar        `json:"errorCode"`
	Paid            money         `json:"paidAmount"`
	Total           money         `json:"totalAmount"`
	Transactions    []transaction `json:"transactions"`
}

type transaction struct {
	ID        scalar `json:"id"`
	Brand     scalar `json:"paymentBrand"`
	Type      scalar `json:"type"`
	Status    scalar `json:"status"`
	Amount    money  `json:"amount"`
	Confirmed money  `json:"confirmedAmount"`
	StartTime scalar `json:"startTime"`
	UpdatedAt scalar `json:"lastUpdateTime"`
}

// signed are the values that a page's signature covers, in order. An absent
// confirmedAmount is two empty values; absent transactions are none.
func (p page) signed() []string {
	values := []string{string(p.More)}
	add := func(list ...scalar) {
		for _, s := range list {
			values = append(values, string(s))
		}
	}
	for _, r := range p.Results {
		add(r.MerchantOrderID, r.OrderID, r.POIID, r.Status, r.StatusAt, r.ErrorCode, r.Paid.Currency, r.Paid.Amount, r.Total.Currency, r.Total.Amount)
		for _, t := range r.Transactions {
			add(t.ID, t.Brand, t.Type, t.Status, t.Amount.Currency, t.Amount.Amount, t.Confirmed.Currency, t.Confirmed.Amount, t.StartTime, t.UpdatedAt)
		}
	}
	return values
}

// ReceiveWebhook checks a notification and pulls one page of results: those
// of every order of the account, whatever its method. A pull hands results
// out once. The host books the page and comes back for the next.
func (p Provider) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	var n notification
	if err := json.Unmarshal(in.Message.Bytes(), &n); err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "read notification: " + err.Error()}
	}
	if err := check(c, string(n.Signature), string(n.Authentication), string(n.Expiry), string(n.EventName), string(n.POIID)); err != nil {
		return contract.WebhookResult{}, err
	}
	if n.Authentication == "" || !isEvent(string(n.EventName)) {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the notification lacks authentication or names no event"}
	}
	a, err := newAPI(c)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	resp, err := c.Do(named(contract.Request{
		Method: "GET", URL: a.calls + "/order/server/api/v2/events/results/" + string(n.EventName), Consumes: true,
		Headers: map[string]string{"authorization": "Bearer " + string(n.Authentication)},
	}))
	if err != nil {
		return unanswered(err)
	}
	var got page
	if err := read(resp, &got); err != nil {
		if resp.OK() { // handed out, and gone
			return gone(c, "cannot be read"), nil
		}
		return contract.WebhookResult{}, err
	}
	if err := check(c, string(got.Signature), got.signed()...); err != nil {
		return gone(c, "is not signed by the bank"), nil
	}
	return got.results(c, in.Cursor), nil
}

// unanswered is a pull without an answer. Where it may have reached the bank
// its results may be gone: each open payment is asked about once.
func unanswered(err error) (contract.WebhookResult, error) {
	var x *contract.ExchangeError
	if !errors.As(err, &x) || x.Sent == contract.SentNo {
		return contract.WebhookResult{}, err
	}
	return repair("pull lost"), nil
}

// gone is a page of which nothing can be booked.
func gone(c *guest.Call, why string) contract.WebhookResult {
	c.Log(guest.LevelError, "the pulled page "+why+": nothing of it is booked, open payments are asked about")
	return repair("page refused")
}

// repair says that the notification was not processed, and has the host ask.
func repair(text string) contract.WebhookResult {
	return contract.WebhookResult{Response: contract.WebhookResponse{Status: 503, ContentType: "text/plain", Body: text}, Repair: true}
}

// isEvent says whether a name may stand in the path.
func isEvent(name string) bool {
	return within(name, lower+digits+"._-", 64) && !strings.Contains(name, "..")
}

// results are the page's news, and the turn to come.
func (p page) results(c *guest.Call, cursor string) contract.WebhookResult {
	out := contract.WebhookResult{Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain"}, Unknown: contract.UnknownAccept}
	for _, r := range p.Results {
		if r.MerchantOrderID == "" && r.OrderID == "" {
			c.Log(guest.LevelWarn, "a pulled result names no order")
			continue
		}
		if _, ok := statuses[r.Status]; !ok {
			c.Log(guest.LevelWarn, "a pulled result has an unknown status; the order stays pending")
		}
		out.Updates = append(out.Updates, r.update())
	}
	if p.More == "true" {
		turn, err := strconv.Atoi(cursor)
		if err != nil {
			turn = 0 // the first has none
		}
		out.Next = strconv.Itoa(turn + 1)
	}
	return out
}
