package omnikassa

import (
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// GetPayment repairs what a lost pull took along. The call is not available
// everywhere and never proves that an order does not exist: what is no answer
// is no news.
func (p Provider) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	a, err := newAPI(c)
	if err != nil || in.Payment.ProviderReference == "" {
		return contract.UpdatesResult{}, err
	}
	o, ok, err := a.order(in.Payment)
	if err != nil || !ok {
		return contract.UpdatesResult{}, err
	}
	return contract.UpdatesResult{Updates: []contract.Update{o}}, nil
}

// order asks for an order by id. It is false where the bank has no answer.
func (a api) order(p contract.Payment) (contract.Update, bool, error) {
	if !isID(p.ProviderReference) {
		return contract.Update{}, false, internal("the provider reference is no id of the bank")
	}
	resp, err := a.do(contract.Request{Method: "GET", URL: a.root + "/v2/orders/" + p.ProviderReference})
	if err != nil {
		return contract.Update{}, false, err
	}
	if resp.Status == 404 || resp.Status >= 500 {
		return contract.Update{}, false, nil
	}
	body, err := read(resp)
	if err != nil {
		return contract.Update{}, false, err
	}
	o := body.get("order")
	if o.scalar("id") != p.ProviderReference || o.scalar("merchantOrderId") != p.Reference {
		return contract.Update{}, false, internal("the bank answered with another order")
	}
	u, err := orderUpdate(p.ID, o)
	return u, err == nil, err
}

// orderUpdate tells how an order stands. The call has no paid amount: it is
// that of the transaction that paid, or the order's where none is told.
func orderUpdate(payment string, o *node) (contract.Update, error) {
	u := contract.Update{Payment: contract.PaymentKey{ID: payment}, Type: typeOf(o.scalar("status")), Trust: contract.Verified}
	for _, t := range readTransactions(o, "createdAt", "lastUpdatedAt") {
		k := t.known()
		u.Transactions = append(u.Transactions, k)
		if k.OccurredAt.After(u.OccurredAt) {
			u.OccurredAt = k.OccurredAt
		}
	}
	t, ok := paying(u.Transactions)
	u.Brand = t.Brand
	if u.Type != contract.UpdateCaptured {
		return u, nil
	}
	if u.Amount = t.Amount; ok && !t.Amount.IsZero() {
		return u, nil
	}
	var err error
	u.Amount, err = o.money("totalAmount").value()
	return u, err
}
