package woocommerce

import "github.com/kassette-pay/kassette/sdk/simulator/control"

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callOrders   = "orders"
	callOrder    = "order"
	callChange   = "change_order"
	callNotes    = "notes"
	callNote     = "add_note"
	callRefunds  = "refunds"
	callRefund   = "refund"
	callGateway  = "payment_gateway"
	callWebhooks = "webhooks"
	callWebhook  = "change_webhook"
)

// callDelivery is what the shop sends by itself; faults fit it as well.
const callDelivery = "delivery"

var apiCalls = []string{callOrders, callOrder, callChange, callNotes, callNote, callRefunds, callRefund, callGateway, callWebhooks, callWebhook}

// The names of the shop's own faults, beside those of [control.TransportFaults].
const (
	faultLost           = "lost_delivery"
	faultWrongSignature = "wrong_signature"
)

func faultKinds() []control.Kind {
	return append(control.TransportFaults(apiCalls...),
		control.Kind{Name: faultLost, Calls: []string{callDelivery}, Means: "the webhook does not arrive; it is not sent again"},
		control.Kind{Name: faultWrongSignature, Calls: []string{callDelivery}, Means: "the webhook is signed with another secret"},
	)
}
