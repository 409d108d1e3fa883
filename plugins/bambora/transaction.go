package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// transaction is what the provider knows of a payment (7.1).
type transaction struct {
	ID        text   `json:"id"`
	OrderID   text   `json:"orderid"`
	Status    string `json:"status"`
	Created   string `json:"createddate"`
	CanDelete bool   `json:"candelete"`
	Merchant  text   `json:"merchantnumber"`
	Currency  struct {
		Code       string `json:"code"`
		Number     text   `json:"number"`
		MinorUnits text   `json:"minorunits"`
	} `json:"currency"`
	Available struct {
		Capture text `json:"capture"`
	} `json:"available"`
	Total struct {
		Authorized text `json:"authorized"`
		Captured   text `json:"captured"`
		Credited   text `json:"credited"`
		Declined   text `json:"declined"`
		Fee        text `json:"feeamount"`
	} `json:"total"`
	Information struct {
		Types []struct {
			Name text `json:"displayname"`
		} `json:"paymenttypes"`
	} `json:"information"`
}

// facts are a transaction's amounts in minor units, the surcharge among what was
// authorized.
type facts struct {
	transaction
	authorized, captured, credited, declined, fee, capturable int64
	// deleted says that the reservation was released.
	deleted bool
}

// lookUp is the request for a transaction.
func (a api) lookUp(id string) contract.Request {
	return a.request("GET", a.Merchant+"/transactions/"+id)
}

// transaction asks for a transaction.
func (a api) transaction(id string) (facts, error) {
	if !isTransaction(id) {
		return facts{}, internal("the provider's reference is no transaction number")
	}
	resp, err := a.call.Do(a.lookUp(id))
	if err != nil {
		return facts{}, err
	}
	return a.facts(id, resp)
}

// facts reads the answer to a look-up.
func (a api) facts(id string, resp contract.Response) (facts, error) {
	var got struct {
		reply
		Transaction transaction `json:"transaction"`
	}
	if err := read(resp, contract.Read, &got); err != nil {
		return facts{}, err
	}
	f := facts{transaction: got.Transaction}
	if string(f.ID) != id || f.Merchant != "" && string(f.Merchant) != a.MerchantNumber {
		return facts{}, internal("the provider answered with another transaction")
	}
	// Its own table of minor units errs for some currencies (11): what it says here is the scale of these amounts.
	scale, known := contract.Exponent(f.Currency.Code)
	if u := f.Currency.MinorUnits; !known || u != "" && string(u) != strconv.Itoa(scale) {
		return facts{}, internal("the provider counts " + f.Currency.Code + " in other units than ISO 4217")
	}
	var err error
	for _, m := range []struct {
		into *int64
		from text
	}{
		{&f.authorized, f.Total.Authorized}, {&f.captured, f.Total.Captured}, {&f.credited, f.Total.Credited},
		{&f.declined, f.Total.Declined}, {&f.fee, f.Total.Fee}, {&f.capturable, f.Available.Capture},
	} {
		if *m.into, err = m.from.minor(); err != nil {
			return facts{}, err
		}
	}
	f.deleted = f.authorized > 0 && f.captured == 0 && f.capturable == 0 && !f.CanDelete // (7.1)
	return f, nil
}

func (f facts) money(value int64) contract.Money {
	return contract.Money{Value: value, Currency: f.Currency.Code}
}

// due is what the order asked for: what was authorized, less the surcharge.
func (f facts) due() int64 { return f.authorized - f.fee }

// agrees holds what was told against the look-up (5.1, rule 5). Currencies are
// told by letters or by number.
func (f facts) agrees(t told) error {
	same := func(told string, have int64) bool {
		n, err := text(told).minor()
		return err == nil && n == have
	}
	switch {
	case t.orderid == "" || t.orderid != string(f.OrderID):
		return forged("the transaction is of another order")
	case t.currency != f.Currency.Code && t.currency != string(f.Currency.Number):
		return forged("the transaction is in another currency")
	case !same(t.amount, f.due()) || !same(t.fee, f.fee):
		return forged("the transaction has another amount")
	}
	return nil
}

// updates tell how a transaction stands, as totals. The order of the states is
// the table's (7.1): what went back counts after what was taken.
func (f facts) updates(key contract.PaymentKey) []contract.Update {
	base := contract.Update{
		Payment: key, Trust: contract.Verified, NewProviderReference: string(f.ID), Brand: f.brand(),
		Transactions: []contract.Transaction{{
			ID: string(f.ID), Type: "PAYMENT", Status: strings.ToUpper(f.Status), Brand: f.brand(), Amount: f.money(f.authorized), OccurredAt: when(f.Created),
		}},
	}
	var list []contract.Update
	add := func(t contract.UpdateType, value int64) {
		u := base
		if u.Type = t; value > 0 {
			u.Amount = f.money(value)
		}
		if fee := f.surcharge(); fee > 0 && (t == contract.UpdateAuthorized || t == contract.UpdateCaptured) {
			u.Surcharge = f.money(fee)
		}
		list = append(list, u)
	}
	if f.authorized > f.captured { // else all of it was taken, which says more
		add(contract.UpdateAuthorized, f.authorized)
	}
	if f.captured > 0 {
		add(contract.UpdateCaptured, f.captured)
	}
	if f.credited > 0 {
		add(contract.UpdateRefunded, f.credited)
	}
	switch {
	case f.deleted:
		add(contract.UpdateCancelled, 0)
	case f.authorized == 0 && f.declined > 0:
		add(contract.UpdateFailed, 0)
		list[0].Failure = &contract.Failure{Code: contract.Declined, Message: "the payment was declined"}
	case len(list) == 0:
		add(contract.UpdatePending, 0)
	}
	return list
}

// surcharge is how much of the surcharge is in what is told: all of it while
// the payment is only reserved, afterwards what was captured beyond the order's
// own amount.
func (f facts) surcharge() int64 {
	if f.captured == 0 {
		return f.fee
	}
	return max(0, f.captured-f.due())
}

func (f facts) brand() string {
	if len(f.Information.Types) == 0 {
		return ""
	}
	return string(f.Information.Types[0].Name)
}

// when reads a date-time; what is none is the zero time.
func when(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 2 || t.Year() > 9998 {
		return time.Time{}
	}
	return t.UTC()
}
