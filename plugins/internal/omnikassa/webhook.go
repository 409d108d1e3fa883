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
	if strings.Contains(in.Message.Path, "/return/") {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.Unsupported, Message: "consumers return to their payment's own address"}
	}
	var n notification
	if err := json.Unmarshal(in.Message.Bytes(), &n); err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "read notification: " + err.Error()}
	}
	if err := check(c, string(n.Signature), string(n.Authentication), string(n.Expiry), string(n.EventName), string(n.POIID)); err != nil {
		return contract.WebhookResult{}, err
	}
	if n.Authentication == "" || !eventName(string(n.EventName)) {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the notification lacks authentication or names no event"}
	}
	a, err := newAPI(c)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	resp, err := c.Do(contract.Request{
		Method: "GET", URL: a.calls + "/order/server/api/v2/events/results/" + string(n.EventName), Consumes: true,
		Headers: map[string]string{"authorization": "Bearer " + string(n.Authentication), "accept": "application/json", "x-api-user-agent": userAgent},
	})
	if err != nil {
		return lost(err)
	}
	var got page
	if err := read(resp, &got); err != nil {
		return contract.WebhookResult{}, err
	}
	if err := check(c, string(got.Signature), got.signed()...); err != nil {
		c.Log(guest.LevelError, "the pulled page's signature does not hold; nothing of it is booked, open payments are asked about")
		return contract.WebhookResult{Response: contract.WebhookResponse{Status: 400, ContentType: "text/plain", Body: "bad signature"}, Repair: true}, nil
	}
	return p.results(in.Cursor, got)
}

// lost answers a pull without an answer. Where it may have reached the bank
// its results may be gone: each open payment is asked about once.
func lost(err error) (contract.WebhookResult, error) {
	var x *contract.ExchangeError
	if !errors.As(err, &x) || x.Sent == contract.SentNo {
		return contract.WebhookResult{}, err
	}
	return contract.WebhookResult{Response: contract.WebhookResponse{Status: 503, ContentType: "text/plain", Body: "pull lost"}, Repair: true}, nil
}

// eventName says whether a name may stand in the path.
func eventName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "" && !strings.Contains(s, "..")
}

func (p Provider) results(cursor string, got page) (contract.WebhookResult, error) {
	out := contract.WebhookResult{Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain"}, Unknown: contract.UnknownAccept}
	for _, r := range got.Results {
		u, err := r.update()
		if err != nil {
			return contract.WebhookResult{}, err
		}
		out.Updates = append(out.Updates, u)
	}
	if got.More == "true" {
		turn, _ := strconv.Atoi(cursor)
		out.Next = strconv.Itoa(turn + 1)
	}
	return out, nil
}
