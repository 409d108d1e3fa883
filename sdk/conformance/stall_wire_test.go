package conformance_test

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// stallOrder is an order as the shop shows it.
type stallOrder struct {
	ID          string        `json:"id"`
	Number      string        `json:"number"`
	Status      string        `json:"status"`
	Currency    string        `json:"currency"`
	Total       string        `json:"total"`
	Transaction string        `json:"transaction"`
	Shipped     bool          `json:"shipped"`
	Deleted     bool          `json:"deleted"`
	Items       []stallItem   `json:"items"`
	Refunds     []stallRefund `json:"refunds"`
	Notes       []string      `json:"notes"`
}

type stallItem struct {
	Name     string            `json:"name"`
	Kind     contract.LineKind `json:"kind"`
	Quantity string            `json:"quantity"`
	Total    string            `json:"total"`
	Tax      string            `json:"tax"`
}

type stallRefund struct {
	Amount string `json:"amount"`
	Mark   string `json:"mark"`
}

type stallList struct {
	Orders []stallOrder `json:"orders"`
	More   bool         `json:"more"`
	Last   int          `json:"last"`
}

// do sends a request with the key, and reads a 2xx answer.
func (s stall) do(c *guest.Call, method, path string, body, into any) error {
	req := contract.Request{Method: method, URL: stallBase + path, Headers: map[string]string{"content-type": "application/json"}}
	if body != nil {
		b, _ := json.Marshal(body) // of texts and truths alone
		req.Body = string(b)
	}
	send := s.send
	if send == nil {
		send = func(c *guest.Call, req contract.Request) (contract.Response, error) {
			req.Auth = &contract.Auth{Header: &contract.AuthHeader{Name: "x-key", Value: contract.Parts{contract.Sec("api")}}}
			return c.Do(req)
		}
	}
	resp, err := send(c, req)
	if err != nil {
		return err
	}
	refused := stallRefused
	if s.refused != nil {
		refused = s.refused
	}
	if err := refused(resp); err != nil {
		return err
	}
	if err := json.Unmarshal(resp.Bytes(), into); (err != nil || !utf8.Valid(resp.Bytes())) && !(s.anyYes && method != "GET") {
		return &contract.Failure{Code: contract.ProviderUnavailable, Message: "the shop's answer is no JSON: it may be under maintenance, look at its pages"}
	}
	return nil
}

// stallRefused is what a status means, and what to do about it.
func stallRefused(resp contract.Response) error {
	var body struct{ Code string }
	_ = json.Unmarshal(resp.Bytes(), &body) // an answer of another shape has none
	f := &contract.Failure{Message: fmt.Sprintf("the shop answered %d: ", resp.Status), ProviderCode: body.Code, RetryAfterMS: resp.RetryAfterMS()}
	switch s := resp.Status; {
	case resp.OK():
		return nil
	case s == 401 || s == 403:
		f.Code, f.Message = contract.Unauthorized, f.Message+"check the key in the account's settings"
	case s == 404:
		f.Code, f.Message = contract.NotFound, f.Message+"look whether the order still exists there"
	case s == 429:
		f.Code = contract.RateLimited
	case body.Code == "refund_amount":
		f.Code, f.Message = contract.Conflict, f.Message+"record the refund by hand, the shop does not take it"
	case s >= 500:
		f.Code = contract.ProviderUnavailable
	default:
		f.Code = contract.InvalidRequest
	}
	return f
}
