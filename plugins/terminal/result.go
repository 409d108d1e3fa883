package main

import (
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// ending is what an ErrorCondition means for a payment: nothing was charged.
type ending struct {
	update contract.UpdateType
	code   contract.FailureCode
	user   contract.Text
}

// endings are the ErrorConditions that end a payment (section 6). Any other
// word is not known to mean that, and the terminal is asked what it meant.
var endings = map[string]ending{
	"Refusal":            {contract.UpdateFailed, contract.Declined, cardDeclined},
	"WrongPIN":           {contract.UpdateFailed, contract.Declined, wrongPIN},
	"InvalidCard":        {contract.UpdateFailed, contract.Declined, cardDeclined},
	"PaymentRestriction": {contract.UpdateFailed, contract.Declined, cardDeclined},
	"Cancel":             {contract.UpdateCancelled, contract.Declined, nil},
	"Aborted":            {contract.UpdateCancelled, contract.Declined, nil},
	"Busy":               {contract.UpdateFailed, contract.Conflict, terminalAway},
	"LoggedOut":          {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"UnreachableHost":    {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"UnavailableService": {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"UnavailableDevice":  {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"DeviceOut":          {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"InsertedCard":       {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"NotAllowed":         {contract.UpdateFailed, contract.ProviderUnavailable, terminalAway},
	"MessageFormat":      {contract.UpdateFailed, contract.InvalidRequest, terminalAway},
}

// tells says whether a response tells what became of its message. A success
// without a readable amount does not.
func tells(category string, asked contract.Money, r *response) bool {
	switch r.Response.Result {
	case resultSuccess, resultPartial:
		_, readable := r.PaymentResult.AmountsResp.charged(asked)
		return readable || category == "Reversal"
	case resultFailure:
		_, known := endings[r.condition()]
		return known || category == "Reversal" && r.condition() == "NotFound"
	}
	return false
}

// failureOf makes a failure of a response that is no success. Of what it says
// beside, only what is meant to be read is kept.
func failureOf(r *response) *contract.Failure {
	e, known := endings[r.condition()]
	if !known {
		e.code = contract.ProviderUnavailable
	}
	f := &contract.Failure{Code: e.code, Message: "the terminal answered " + words(r), ProviderCode: cut(r.condition(), 40), UserMessage: e.user}
	for _, name := range []string{"message=", "refusalReason=", "errors="} {
		for part := range strings.SplitSeq(r.Response.AdditionalResponse, "&") {
			if text, ok := strings.CutPrefix(part, name); ok && f.ProviderMessage == "" {
				f.ProviderMessage = cut(mask(decode(text)), 200)
			}
		}
	}
	return f
}

// The attentions beside those of amounts.
const (
	attentionMute    = "terminal_status"
	attentionPartial = "partial_approval"
)

// news tells how a payment stands. decide says that a part approval may be
// reversed now.
func (t *terminal) news(p contract.Payment, st state, r *response, how standing, decide bool) (contract.Update, error) {
	u := contract.Update{Payment: contract.PaymentKey{ID: p.ID}, Type: contract.UpdatePending, Trust: contract.Verified}
	switch how {
	case running:
		return u, nil
	case mute:
		u.Attention = &contract.Attention{Code: attentionMute, Message: "The terminal does not tell what became of a payment. Look in its journal for " + st.Service + "."}
		return u, nil
	}
	u.Receipt = receiptOf(r)
	if e, over := endings[r.condition()]; over {
		u.Type, u.Failure = e.update, failureOf(r)
		return u, nil
	}
	if r.Response.Result == resultPartial && !t.AllowPartial {
		gone, err := t.undo(p, st, r, decide)
		if err != nil {
			return u, err
		}
		if gone {
			u.Type = contract.UpdateFailed
			u.Failure = &contract.Failure{Code: contract.Declined, Message: "the card was approved for a part of the amount, which was reversed", ProviderCode: "partial", UserMessage: cardDeclined}
			return u, nil
		}
	}
	t.charged(&u, p, st, r)
	return u, nil
}

// charged fills in what was taken.
func (t *terminal) charged(u *contract.Update, p contract.Payment, st state, r *response) {
	a := r.PaymentResult.AmountsResp
	amount, _ := a.charged(p.Amount) // it is readable: see tells
	percent := int64(100)
	if t.MaxTipPercent != nil {
		percent = *t.MaxTipPercent
	}
	tip, flag := a.tip(p.Amount, amount, percent)
	if tip > 0 {
		u.Tip = contract.Money{Value: tip, Currency: amount.Currency}
	}
	switch {
	case r.Response.Result == resultPartial && !t.AllowPartial:
		u.Attention = &contract.Attention{Code: attentionPartial, Message: "The card was approved for a part of the amount, and the terminal did not reverse it. Refund it, or take the rest otherwise."}
	case flag == amountMismatch:
		u.Attention = &contract.Attention{Code: flag, Message: "The terminal charged " + amount.String() + " for " + p.Amount.String() + ", which amount, tip, fees and rebates do not explain."}
	case flag == tipUnusual:
		u.Attention = &contract.Attention{Code: flag, Message: "The tip of " + u.Tip.String() + " is unusually large for " + p.Amount.String() + "."}
	}
	instrument := r.PaymentResult.PaymentInstrumentData
	u.Type, u.Amount, u.Brand = contract.UpdateCaptured, amount, cut(instrument.CardData.PaymentBrand, 40)
	st.ID, st.At, st.Means = r.POIData.POITransactionID.TransactionID, r.POIData.POITransactionID.TimeStamp, cut(instrument.PaymentInstrumentType, 20)
	u.State, u.NewProviderReference = st.json(), st.ID
	u.OccurredAt, _ = time.Parse(time.RFC3339, st.At) // a time that cannot be read is missing
	if st.ID != "" {
		u.Transactions = []contract.Transaction{{ID: st.ID, Type: "payment", Status: r.Response.Result, Brand: u.Brand, Amount: amount, OccurredAt: u.OccurredAt}}
	}
}
