package paypal

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callToken          = "token"
	callCreate         = "create_order"
	callOrder          = "get_order"
	callPatch          = "patch_order"
	callCaptureOrder   = "capture_order"
	callAuthorizeOrder = "authorize_order"
	callAuthorization  = "get_authorization"
	callCapture        = "capture_authorization"
	callReauthorize    = "reauthorize"
	callVoid           = "void"
	callGetCapture     = "get_capture"
	callRefund         = "refund"
	callGetRefund      = "get_refund"
	callVerify         = "verify_signature"
	callCertificate    = "certificate"
	callWebhooks       = "webhooks"
	callPage           = "page" // the buyer's page
)

// What the simulator sends by itself; faults fit these as well.
const (
	callDelivery = "delivery"
	callReturn   = "return"
)

var apiCalls = []string{callToken, callCreate, callOrder, callPatch, callCaptureOrder, callAuthorizeOrder, callAuthorization, callCapture,
	callReauthorize, callVoid, callGetCapture, callRefund, callGetRefund, callVerify, callCertificate, callWebhooks}

// The names of this provider's own faults, beside those of [control.TransportFaults].
const (
	faultExpiredToken   = "expired_token"
	faultInProgress     = "in_progress"
	faultWrongSignature = "wrong_signature"
	faultFlippedField   = "flipped_field"
	faultWrongCertURL   = "wrong_cert_url"
	faultWrongAmount    = "wrong_amount"
	faultDuplicate      = "duplicate_event"
	faultLostEvent      = "lost_event"
	faultLostReturn     = "lost_return"
)

func faultKinds() []control.Kind {
	bearer := slices.DeleteFunc(slices.Clone(apiCalls), func(c string) bool { return c == callToken || c == callCertificate })
	kinds := control.TransportFaults(append(slices.Clone(apiCalls), callPage)...)
	for i := range kinds {
		if kinds[i].Name == control.UnknownMember {
			kinds[i].Calls = append(slices.Clone(apiCalls), callDelivery)
		}
	}
	return append(kinds,
		control.Kind{Name: faultExpiredToken, Calls: bearer, Means: "the token counts as expired: 401"},
		control.Kind{Name: faultInProgress, Calls: bearer, Means: "409 PREVIOUS_REQUEST_IN_PROGRESS to a call with a PayPal-Request-Id, nothing is carried out"},
		control.Kind{Name: faultWrongAmount, Calls: []string{callOrder, callCaptureOrder}, Means: "captures are one of the smallest unit short"},
		control.Kind{Name: faultWrongSignature, Calls: []string{callDelivery}, Means: "the signature does not verify"},
		control.Kind{Name: faultFlippedField, Calls: []string{callDelivery}, Means: "the body is changed after signing"},
		control.Kind{Name: faultWrongCertURL, Calls: []string{callDelivery}, Means: "the certificate's address is elsewhere"},
		control.Kind{Name: faultDuplicate, Calls: []string{callDelivery}, Means: "each event is delivered twice"},
		control.Kind{Name: faultLostEvent, Calls: []string{callDelivery}, Means: "the event is made but not delivered"},
		control.Kind{Name: faultLostReturn, Calls: []string{callReturn}, Means: "the buyer is not brought back to the shop"},
	)
}
