package bambora

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callSession     = "session"
	callCapture     = "capture"
	callCredit      = "credit"
	callDelete      = "delete"
	callTransaction = "transaction"
	callOperations  = "operations"
	callTypes       = "payment_types"
	callCodes       = "response_codes"
	callLogin       = "login"
	callRequests    = "payment_requests"
	callWindow      = "window" // the consumer's pages
)

// What the simulator sends by itself; faults fit these as well.
const (
	callCallback = "callback"
	callReturn   = "return"
)

var apiCalls = []string{
	callSession, callCapture, callCredit, callDelete, callTransaction, callOperations, callTypes, callCodes, callLogin, callRequests,
}

// The names of this provider's own faults, beside those of [control.TransportFaults].
const (
	faultWrongHash    = "wrong_hash"
	faultWrongAmount  = "wrong_amount"
	faultUnknownBrand = "unknown_brand"
	faultLostCallback = "lost_callback"
	faultDuplicate    = "duplicate_callback"
	faultLostReturn   = "lost_return"
)

// strangeBrand is a name that no document of the provider knows.
const strangeBrand = "Krona Card"

func faultKinds() []control.Kind {
	kinds := control.TransportFaults(slices.Concat(apiCalls, []string{callWindow})...)
	for i := range kinds {
		if kinds[i].Name == control.UnknownMember {
			kinds[i].Calls = apiCalls
		}
	}
	return append(kinds,
		control.Kind{Name: faultWrongHash, Calls: []string{callCallback, callReturn}, Means: "the hash is made with another key"},
		control.Kind{Name: faultWrongAmount, Calls: []string{callWindow}, Means: "one minor unit less is authorised than was asked for"},
		control.Kind{Name: faultUnknownBrand, Calls: []string{callTransaction}, Means: "the payment type is " + strangeBrand},
		control.Kind{Name: faultLostCallback, Calls: []string{callCallback}, Means: "the callback does not arrive; it is sent again an hour later"},
		control.Kind{Name: faultDuplicate, Calls: []string{callCallback}, Means: "each callback is sent twice"},
		control.Kind{Name: faultLostReturn, Calls: []string{callReturn}, Means: "the consumer is not brought back to the shop"},
	)
}
