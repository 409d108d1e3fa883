package omnikassa

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callRefresh           = "refresh"
	callAnnounce          = "announce"
	callPull              = "pull"
	callBrands            = "brands"
	callIssuers           = "issuers"
	callRefund            = "refund"
	callRefundDetails     = "refund_details"
	callRefundableDetails = "refundable_details"
	callOrder             = "order"
	callCards             = "cards"
	callDeleteCard        = "delete_card"
	callPage              = "page" // the consumer's pages
)

// What the simulator sends by itself; faults fit these as well.
const (
	callNotification = "notification"
	callReturn       = "return"
)

var apiCalls = []string{callRefresh, callAnnounce, callPull, callBrands, callIssuers, callRefund, callRefundDetails,
	callRefundableDetails, callOrder, callCards, callDeleteCard}

// The names of this provider's own faults, beside those of [control.TransportFaults].
const (
	faultWrongSignature   = "wrong_signature"
	faultFlippedField     = "flipped_field"
	faultExpiredToken     = "expired_token"
	faultWrongAmount      = "wrong_amount"
	faultUnknownStatus    = "unknown_status"
	faultUnknownBrand     = "unknown_brand"
	faultManyResults      = "many_results"
	faultDuplicate        = "duplicate_notification"
	faultOutOfOrder       = "out_of_order_notification"
	faultLostNotification = "lost_notification"
	faultSilent           = "silent"
	faultLostReturn       = "lost_return"
)

// Texts that no document of the bank knows.
const (
	strangeStatus = "UNDER_REVIEW"
	strangeBrand  = "TULIP_PAY"
)

func faultKinds() []control.Kind {
	kinds := control.TransportFaults(slices.Concat(apiCalls, []string{callPage})...)
	for i := range kinds {
		if kinds[i].Name == control.UnknownMember {
			kinds[i].Calls = slices.Concat(apiCalls, []string{callNotification})
		}
	}
	return append(kinds,
		control.Kind{Name: faultWrongSignature, Calls: []string{callPull, callNotification, callReturn}, Means: "the signature does not verify"},
		control.Kind{Name: faultFlippedField, Calls: []string{callPull, callNotification, callReturn}, Means: "a signed field is changed after signing"},
		control.Kind{Name: faultExpiredToken, Calls: slices.Concat(apiCalls, []string{callNotification}), Means: "the token presented counts as expired (401); a notification carries one that has expired"},
		control.Kind{Name: faultWrongAmount, Calls: []string{callPull}, Means: "paidAmount of a completed order is one cent short, correctly signed"},
		control.Kind{Name: faultUnknownStatus, Calls: []string{callPull, callOrder, callRefund, callRefundDetails, callBrands, callReturn}, Means: "the status is " + strangeStatus},
		control.Kind{Name: faultUnknownBrand, Calls: []string{callPull, callOrder, callRefund, callRefundDetails, callBrands}, Means: "the brand is " + strangeBrand},
		control.Kind{Name: faultManyResults, Calls: []string{callPull}, Means: "`count` (150 unless given) results of unknown orders come before the real ones, over several pages"},
		control.Kind{Name: faultDuplicate, Calls: []string{callNotification}, Means: "each notification is sent twice"},
		control.Kind{Name: faultOutOfOrder, Calls: []string{callNotification}, Means: "a newer notification overtakes each"},
		control.Kind{Name: faultLostNotification, Calls: []string{callNotification}, Means: "the notification is made but not sent"},
		control.Kind{Name: faultSilent, Calls: []string{callNotification}, Means: "notifications are not repeated: one for each final state"},
		control.Kind{Name: faultLostReturn, Calls: []string{callReturn}, Means: "the consumer is not brought back to the shop"},
	)
}

// distort changes a page before it is signed.
func (s *Simulator) distort(p *pullPage) {
	if len(p.Results) == 0 {
		return
	}
	status := s.faults.On(faultUnknownStatus, callPull)
	amount := s.faults.On(faultWrongAmount, callPull)
	brand := s.faults.On(faultUnknownBrand, callPull)
	for i := range p.Results {
		r := &p.Results[i]
		if status {
			r.Status = strangeStatus
		}
		if cents, ok := readWhole([]byte(r.Paid.Amount)); amount && ok && cents > 0 {
			r.Paid = centsText(cents - 1)
		}
		for j := range r.Transactions {
			if brand {
				r.Transactions[j].Brand = strangeBrand
			}
		}
	}
}

// falsify changes a page after it was signed.
func (s *Simulator) falsify(p *pullPage) {
	if s.faults.On(faultWrongSignature, callPull) {
		p.Signature = spoil(p.Signature)
	}
	if !s.faults.On(faultFlippedField, callPull) {
		return
	}
	if len(p.Results) == 0 {
		p.More = !p.More
		return
	}
	if r := &p.Results[0]; r.Status == orderCompleted {
		r.Status = orderCancelled
	} else {
		r.Status = orderCompleted
	}
}
