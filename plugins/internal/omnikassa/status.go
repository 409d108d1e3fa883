package omnikassa

import "github.com/kassette-pay/kassette/sdk/contract"

// statuses of an order. IN_PROGRESS, and words that the bank may add, are
// pending: only these three end an order (manual, status pull). A transaction's
// FAILURE ends none: the consumer may try again.
var statuses = map[scalar]contract.UpdateType{
	"COMPLETED":   contract.UpdateCaptured,
	"CANCELLED":   contract.UpdateCancelled,
	"EXPIRED":     contract.UpdateExpired,
	"IN_PROGRESS": contract.UpdatePending,
}

func typeOf(status scalar) contract.UpdateType {
	if t, ok := statuses[status]; ok {
		return t
	}
	return contract.UpdatePending
}

// attentionAmount asks the operator to compare an amount with the bank's dashboard.
const attentionAmount = "provider_amount"

// update is a pulled result as the host books it. What cannot be read of it
// is raised, not refused: its page is handed out once, and its other results
// count.
func (r result) update() contract.Update {
	u := contract.Update{
		Payment:              contract.PaymentKey{Reference: string(r.MerchantOrderID), ProviderReference: string(r.OrderID)},
		NewProviderReference: string(r.OrderID),
		Type:                 typeOf(r.Status),
		Trust:                contract.Verified,
		OccurredAt:           when(r.StatusAt),
	}
	paid, err := r.Paid.value()
	switch {
	case u.Type == contract.UpdateCaptured && err == nil:
		u.Amount = paid
	case u.Type == contract.UpdateCaptured:
		u.Type = contract.UpdatePending
		u.Attention = &contract.Attention{Code: attentionAmount, Message: "the bank says COMPLETED without an amount that can be read"}
	case err == nil && paid.Value > 0:
		u.Attention = &contract.Attention{Code: attentionAmount, Message: "the bank says " + cut(string(r.Status), 20) + " and yet that " + paid.String() + " was paid"}
	}
	for _, t := range r.Transactions {
		u.Transactions = append(u.Transactions, known(t.ID, t.Type, t.Status, t.Brand, t.Amount, t.UpdatedAt))
	}
	if t, ok := paying(u.Transactions); ok {
		u.Brand = t.Brand
	}
	return u
}

// known is one of the bank's transactions; an amount that cannot be read is
// left out.
func known(id, kind, status, brand scalar, amount money, at scalar) contract.Transaction {
	m, _ := amount.value()
	return contract.Transaction{ID: string(id), Type: string(kind), Status: string(status), Brand: string(brand), Amount: m, OccurredAt: when(at)}
}

// paying is the transaction that paid: the one that can be refunded.
func paying(list []contract.Transaction) (contract.Transaction, bool) {
	for _, t := range list {
		if t.Type != "REFUND" && (t.Status == "SUCCESS" || t.Status == "ACCEPTED") {
			return t, true
		}
	}
	return contract.Transaction{}, false
}
