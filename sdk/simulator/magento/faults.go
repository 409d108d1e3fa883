package magento

import (
	"slices"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callOrder        = "order"
	callOrders       = "orders"
	callInvoice      = "invoice"
	callRefund       = "refund"
	callOnlineRefund = "invoice_refund"
	callComment      = "comment"
	callCancel       = "cancel"
	callHold         = "hold"
	callEmail        = "email"
	callStatus       = "status"
	callInvoices     = "invoices"
	callCreditMemos  = "credit_memos"
	callTransactions = "transactions"
	callCapture      = "invoice_capture"
	callVoid         = "invoice_void"
	callToken        = "admin_token"
)

// callOutbox is what the module sends by itself; faults fit it as well.
const callOutbox = "outbox"

var apiCalls = []string{
	callOrder, callOrders, callInvoice, callRefund, callOnlineRefund, callComment, callCancel, callHold, callEmail, callStatus, callInvoices,
	callCreditMemos, callTransactions, callCapture, callVoid, callToken,
}

// The names of the shop's own faults, beside those of [control.TransportFaults].
const (
	faultLostMessage    = "lost_message"
	faultDuplicate      = "duplicate_message"
	faultWrongSignature = "wrong_signature"
	faultOldMessage     = "old_message"
)

func faultKinds() []control.Kind {
	outbox := []string{callOutbox}
	return append(control.TransportFaults(slices.Clone(apiCalls)...),
		control.Kind{Name: faultLostMessage, Calls: outbox, Means: "the module's message is never sent"},
		control.Kind{Name: faultDuplicate, Calls: outbox, Means: "each message is sent twice, under the same id"},
		control.Kind{Name: faultWrongSignature, Calls: outbox, Means: "the message is signed with another secret"},
		control.Kind{Name: faultOldMessage, Calls: outbox, Means: "the message was signed an hour ago"},
	)
}
