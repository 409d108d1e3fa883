package contract

import "fmt"

func checkUpdates(p *problems, at string, updates []Update) {
	for i, u := range updates {
		u.check(p, fmt.Sprintf("%s/updates/%d", at, i))
	}
}

func (u Update) check(p *problems, at string) {
	p.when(u.Payment == PaymentKey{}, at+"/payment", "it names no payment")
	oneOf(p, at+"/type", u.Type, UpdateTypes()...)
	oneOf(p, at+"/trust", u.Trust, Verified, Hint)
	checkAmount(p, at+"/amount", u.Amount)
	checkAmount(p, at+"/tip", u.Tip)
	checkAmount(p, at+"/surcharge", u.Surcharge)
	checkAmount(p, at+"/fee", u.Fee)
	for _, m := range []Money{u.Tip, u.Surcharge} {
		p.when(!m.IsZero() && m.Currency != u.Amount.Currency, at+"/amount", "tip and surcharge are in its currency")
	}
	p.when(u.needsAmount() && u.Amount.IsZero(), at+"/amount", "%q needs one", u.Type)
	if u.Item != nil {
		p.when(u.Item.ID == "" && u.Item.ProviderReference == "", at+"/item", "it names nothing")
	}
	if u.Failure != nil {
		u.Failure.check(p, at+"/failure")
	}
	checkState(p, at+"/state", u.State)
}

// needsAmount says whether money was moved or reserved.
func (u Update) needsAmount() bool {
	switch u.Type {
	case UpdateAuthorized, UpdateCaptured, UpdateRefunded, UpdateChargedBack:
		return u.Trust == Verified
	}
	return false
}
