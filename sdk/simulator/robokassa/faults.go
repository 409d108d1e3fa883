package robokassa

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callPage        = "page" // the buyer's pages
	callIndexJSON   = "index_json"
	callConfirm     = "confirm"
	callCancel      = "cancel"
	callRecurring   = "recurring"
	callSaved       = "saved_card"
	callState       = "state"
	callCurrencies  = "currencies"
	callMethods     = "methods"
	callCalc        = "calc"
	callRates       = "rates"
	callInvoice     = "invoice"
	callRefund      = "refund"
	callRefundState = "refund_state"
)

// kindReturn is the buyer's way back; faults fit it beside the kinds of notification.
const kindReturn = "return"

var apiCalls = []string{callIndexJSON, callConfirm, callCancel, callRecurring, callSaved, callState, callCurrencies, callMethods, callCalc,
	callRates, callInvoice, callRefund, callRefundState}

// The names of this provider's own faults, beside those of [control.TransportFaults].
const (
	faultWrongSignature = "wrong_signature"
	faultWrongSum       = "wrong_sum"
	faultLost           = "lost_notification"
	faultDuplicate      = "duplicate_notification"
	faultLate           = "late_notification"
	faultXMLCode        = "xml_code"
	faultUnknownState   = "unknown_state"
	faultLostReturn     = "lost_return"
)

func faultKinds() []control.Kind {
	kinds := control.TransportFaults(slices.Concat(apiCalls, []string{callPage})...)
	news := []string{kindResult, kindResult2}
	return append(kinds,
		control.Kind{Name: faultWrongSignature, Calls: []string{kindResult, kindResult2, kindReturn}, Means: "the signature does not verify"},
		control.Kind{Name: faultWrongSum, Calls: []string{kindResult}, Means: "OutSum is a hundredth more than was paid, correctly signed"},
		control.Kind{Name: faultLost, Calls: news, Means: "the notification is made but not sent"},
		control.Kind{Name: faultDuplicate, Calls: news, Means: "the notification is sent twice"},
		control.Kind{Name: faultLate, Calls: news, Means: "the notification is sent `delay` later by the provider's clock"},
		control.Kind{Name: faultXMLCode, Calls: []string{callState, callCurrencies, callMethods, callCalc, callRates}, Means: "Result/Code is `count`, such as 1000"},
		control.Kind{Name: faultUnknownState, Calls: []string{callState}, Means: "State/Code is 777, which no document knows"},
		control.Kind{Name: faultLostReturn, Calls: []string{kindReturn}, Means: "the buyer is not led back to the shop"},
	)
}
