package omnikassa

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// ReceiveWebhook checks a notification and pulls one page of results: those
// of every order of the account, whatever its method. A pull hands results
// out once. The host books the page and comes back for the next.
func (p Provider) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	n, err := parse(string(in.Message.Bytes()))
	if err != nil {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "read notification: " + err.Error()}
	}
	// It says that there are results and names no order. Expiry is signed as the text that came.
	token, event := n.scalar("authentication"), n.scalar("eventName")
	if err := check(c, n.scalar("signature"), token, n.scalar("expiry"), event, n.scalar("poiId")); err != nil {
		return contract.WebhookResult{}, err
	}
	if token == "" || !isEvent(event) {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.InvalidRequest, Message: "the notification lacks authentication or names no event"}
	}
	a, err := newAPI(c)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	resp, err := c.Do(named(contract.Request{
		Method: "GET", URL: a.calls + "/order/server/api/v2/events/results/" + event, Consumes: true,
		Headers: map[string]string{"authorization": "Bearer " + token},
	}))
	if err != nil {
		return unanswered(err)
	}
	body, err := read(resp)
	if err != nil {
		if resp.OK() { // handed out, and gone
			return gone(c, "cannot be read"), nil
		}
		return contract.WebhookResult{}, err
	}
	got := readPage(body)
	err = check(c, got.Signature, got.signed()...)
	var f *contract.Failure
	if errors.As(err, &f) && f.Code == contract.BadSignature {
		return gone(c, "is not signed by the bank"), nil
	}
	if err != nil {
		return contract.WebhookResult{}, err
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
