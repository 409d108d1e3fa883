package omnikassa

import (
	"net/url"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// statuses of an order. IN_PROGRESS, and words that the bank may add, are
// pending: only these three end an order (manual, status pull).
var statuses = map[string]contract.UpdateType{
	"COMPLETED":   contract.UpdateCaptured,
	"CANCELLED":   contract.UpdateCancelled,
	"EXPIRED":     contract.UpdateExpired,
	"IN_PROGRESS": contract.UpdatePending,
}

func typeOf(status scalar) contract.UpdateType {
	if t, ok := statuses[string(status)]; ok {
		return t
	}
	return contract.UpdatePending
}

// update is a pulled result as the host books it.
func (r result) update() (contract.Update, error) {
	u := contract.Update{
		Payment:              contract.PaymentKey{Reference: string(r.MerchantOrderID), ProviderReference: string(r.OrderID)},
		NewProviderReference: string(r.OrderID),
		Type:                 typeOf(r.Status),
		Trust:                contract.Verified,
		OccurredAt:           when(r.StatusAt),
	}
	if u.Type == contract.UpdateCaptured {
		paid, err := r.Paid.value()
		if err != nil {
			return u, err
		}
		u.Amount = paid
	}
	for _, t := range r.Transactions {
		known, err := known(t.ID, t.Type, t.Status, t.Brand, t.Amount, t.UpdatedAt)
		if err != nil {
			return u, err
		}
		u.Transactions = append(u.Transactions, known)
		if succeeded(known) {
			u.Brand = known.Brand
		}
	}
	return u, nil
}

func known(id, kind, status, brand scalar, amount money, at scalar) (contract.Transaction, error) {
	m, err := amount.value()
	if err != nil {
		return contract.Transaction{}, err
	}
	return contract.Transaction{ID: string(id), Type: string(kind), Status: string(status), Brand: string(brand), Amount: m, OccurredAt: when(at)}, nil
}

// succeeded says whether a transaction is the one that paid.
func succeeded(t contract.Transaction) bool {
	return t.Type != "REFUND" && (t.Status == "SUCCESS" || t.Status == "ACCEPTED")
}

// CompletePayment reads what the consumer's browser brings back. Its signature
// covers neither amount nor time and is the same each time, so it is a hint:
// the webhook brings the result.
func (p Provider) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{Updates: []contract.Update{}}
	if in.Message == nil {
		return none, nil
	}
	q, err := url.ParseQuery(in.Message.Query)
	if err != nil || !q.Has("order_id") && !q.Has("signature") {
		return none, nil // the consumer came back by another way
	}
	id, status := q.Get("order_id"), q.Get("status")
	if !within(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24) || !within(status, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_", 20) {
		return none, &contract.Failure{Code: contract.BadSignature, Message: "order_id or status of the return is malformed"}
	}
	if err := check(c, q.Get("signature"), id, status); err != nil {
		return none, err
	}
	if id != in.Payment.Reference {
		return none, &contract.Failure{Code: contract.BadSignature, Message: "the return is of another payment"}
	}
	return contract.UpdatesResult{Updates: []contract.Update{{
		Payment: contract.PaymentKey{ID: in.Payment.ID}, Type: typeOf(scalar(status)), Amount: hinted(status, in.Payment.Amount), Trust: contract.Hint,
	}}}, nil
}

func hinted(status string, m contract.Money) contract.Money {
	if status == "COMPLETED" {
		return m
	}
	return contract.Money{}
}

func within(s, alphabet string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, alphabet) == ""
}

// orderByID is the answer of the order-by-id call; its times have names of
// their own.
type orderByID struct {
	Order struct {
		ID              scalar `json:"id"`
		MerchantOrderID scalar `json:"merchantOrderId"`
		Status          scalar `json:"status"`
		Total           money  `json:"totalAmount"`
		Transactions    []struct {
			ID        scalar `json:"id"`
			Brand     scalar `json:"paymentBrand"`
			Type      scalar `json:"type"`
			Status    scalar `json:"status"`
			Amount    money  `json:"amount"`
			UpdatedAt scalar `json:"lastUpdatedAt"`
		} `json:"transactions"`
	} `json:"order"`
}

// GetPayment repairs what a lost pull took along. The call is not available
// everywhere and never proves that an order does not exist: what is no answer
// is no news.
func (p Provider) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	none := contract.UpdatesResult{Updates: []contract.Update{}}
	if in.Payment.ProviderReference == "" {
		return none, nil
	}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	o, ok, err := a.order(in.Payment)
	if err != nil || !ok {
		return none, err
	}
	return contract.UpdatesResult{Updates: []contract.Update{o}}, nil
}

// order asks for an order by id. It is false where the bank has no answer.
func (a api) order(p contract.Payment) (contract.Update, bool, error) {
	resp, err := a.call.DoWithToken(contract.Request{
		Method: "GET", URL: a.root + "/v2/orders/" + url.PathEscape(p.ProviderReference),
		Headers: map[string]string{"accept": "application/json", "x-api-user-agent": userAgent},
	}, accessToken, a.fetchToken())
	if err != nil {
		return contract.Update{}, false, err
	}
	if resp.Status == 404 || resp.Status >= 500 {
		return contract.Update{}, false, nil
	}
	var got orderByID
	if err := read(resp, &got); err != nil {
		return contract.Update{}, false, err
	}
	o := got.Order
	if string(o.ID) != p.ProviderReference || string(o.MerchantOrderID) != p.Reference {
		return contract.Update{}, false, internal("the bank answered with another order")
	}
	u := contract.Update{Payment: contract.PaymentKey{ID: p.ID}, Type: typeOf(o.Status), Trust: contract.Verified}
	var paid int64
	for _, t := range o.Transactions {
		k, err := known(t.ID, t.Type, t.Status, t.Brand, t.Amount, t.UpdatedAt)
		if err != nil {
			return contract.Update{}, false, err
		}
		u.Transactions = append(u.Transactions, k)
		if succeeded(k) {
			u.Brand, u.OccurredAt = k.Brand, k.OccurredAt
			paid += k.Amount.Value
		}
	}
	if u.Type == contract.UpdateCaptured {
		if u.Amount, err = o.Total.value(); err != nil {
			return contract.Update{}, false, err
		}
		if paid > 0 {
			u.Amount.Value = paid
		}
	}
	return u, true, nil
}
