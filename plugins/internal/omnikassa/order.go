package omnikassa

import (
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

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
	var got orderByID
	if err := read(resp, &got); err != nil {
		return contract.Update{}, false, err
	}
	if string(got.Order.ID) != p.ProviderReference || string(got.Order.MerchantOrderID) != p.Reference {
		return contract.Update{}, false, internal("the bank answered with another order")
	}
	u, err := got.update(p.ID)
	return u, err == nil, err
}

// update tells how the order stands. The call has no paid amount: it is that
// of the transaction that paid, or the order's where none is told.
func (o orderByID) update(payment string) (contract.Update, error) {
	u := contract.Update{Payment: contract.PaymentKey{ID: payment}, Type: typeOf(o.Order.Status), Trust: contract.Verified}
	for _, t := range o.Order.Transactions {
		k := known(t.ID, t.Type, t.Status, t.Brand, t.Amount, t.UpdatedAt)
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
	u.Amount, err = o.Order.Total.value()
	return u, err
}
