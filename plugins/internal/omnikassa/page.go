package omnikassa

// page is one page of a status pull, v2.
type page struct {
	More, Signature string
	Results         []result
}

type result struct {
	MerchantOrderID, OrderID, POIID, Status, StatusAt, ErrorCode string

	Paid, Total  money
	Transactions []transaction
}

// transaction is one try to pay.
type transaction struct {
	ID, Brand, Type, Status, StartTime, UpdatedAt string

	Amount, Confirmed money
}

func readPage(n *node) page {
	p := page{More: n.scalar("moreOrderResultsAvailable"), Signature: n.scalar("signature")}
	for r := range n.get("orderResults").items {
		p.Results = append(p.Results, result{
			MerchantOrderID: r.scalar("merchantOrderId"), OrderID: r.scalar("omnikassaOrderId"), POIID: r.scalar("poiId"),
			Status: r.scalar("orderStatus"), StatusAt: r.scalar("orderStatusDateTime"), ErrorCode: r.scalar("errorCode"),
			Paid: r.money("paidAmount"), Total: r.money("totalAmount"),
			Transactions: readTransactions(r, "startTime", "lastUpdateTime"),
		})
	}
	return p
}

// readTransactions reads those of an order. A pull and the order-by-id call
// have other names for their times.
func readTransactions(order *node, started, updated string) []transaction {
	var all []transaction
	for t := range order.get("transactions").items {
		all = append(all, transaction{
			ID: t.scalar("id"), Brand: t.scalar("paymentBrand"), Type: t.scalar("type"), Status: t.scalar("status"),
			StartTime: t.scalar(started), UpdatedAt: t.scalar(updated), Amount: t.money("amount"), Confirmed: t.money("confirmedAmount"),
		})
	}
	return all
}

// signed are the values that a page's signature covers, in order. An absent
// confirmedAmount is two empty values; absent transactions are none.
func (p page) signed() []string {
	values := []string{p.More}
	add := func(list ...string) { values = append(values, list...) }
	for _, r := range p.Results {
		add(r.MerchantOrderID, r.OrderID, r.POIID, r.Status, r.StatusAt, r.ErrorCode, r.Paid.Currency, r.Paid.Amount, r.Total.Currency, r.Total.Amount)
		for _, t := range r.Transactions {
			add(t.ID, t.Brand, t.Type, t.Status, t.Amount.Currency, t.Amount.Amount, t.Confirmed.Currency, t.Confirmed.Amount, t.StartTime, t.UpdatedAt)
		}
	}
	return values
}
