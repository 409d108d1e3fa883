package omnikassa

import "github.com/kassette-pay/kassette/sdk/contract"

// statuses of an order. IN_PROGRESS, and words that the bank may add, are
// pending: only these three end an order (manual, status pull). A transaction's
// FAILURE ends none: the consumer may try again.
var statuses = map[string]contract.UpdateType{
	"COMPLETED":   contract.UpdateCaptured,
	"CANCELLED":   contract.UpdateCancelled,
	"EXPIRED":     contract.UpdateExpired,
	"IN_PROGRESS": contract.UpdatePending,
}

func typeOf(status string) contract.UpdateType {
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
		Payment:              contract.PaymentKey{Reference: r.MerchantOrderID, ProviderReference: r.OrderID},
		NewProviderReference: r.OrderID,
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
		u.Attention = &contract.Attention{Code: attentionAmount, Message: "the bank says " + cut(r.Status, 20) + " and yet that " + paid.String() + " was paid"}
	}
	for _, t := range r.Transactions {
		u.Transactions = append(u.Transactions, t.known())
	}
	if t, ok := paying(u.Transactions); ok {
		u.Brand = t.Brand
	}
	return u
}

// known is the transaction as the host knows it; an amount that cannot be
// read is left out.
func (t transaction) known() contract.Transaction {
	m, _ := t.Amount.value()
	return contract.Transaction{
		ID: t.ID, Type: t.Type, Status: t.Status, Brand: t.Brand, Amount: m, OccurredAt: when(t.UpdatedAt),
	}
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
