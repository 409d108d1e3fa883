package terminal

import "github.com/kassette-pay/kassette/sdk/simulator/control"

// The names of the calls, in the journal, in faults and in scripted answers.
const (
	callPayment = "payment"
	callStatus  = "transaction_status"
	callPage    = "page" // the display
)

var nexoCalls = []string{"login", "logout", callPayment, "reversal", "abort", callStatus, "admin", "diagnosis"}

// The names of this provider's own faults, beside those of [control.TransportFaults].
const (
	faultWrongHeader      = "wrong_header"
	faultStrangeCondition = "strange_condition"
	faultLogOut           = "log_out"
	faultWrongAmount      = "wrong_amount"
	faultTextAmount       = "text_amount"
	faultNoStatus         = "no_status"
)

func faultKinds() []control.Kind {
	return append(control.TransportFaults(append([]string{callPage}, nexoCalls...)...),
		control.Kind{Name: faultWrongHeader, Calls: nexoCalls, Means: "the response's header has another ServiceID"},
		control.Kind{Name: faultStrangeCondition, Calls: nexoCalls, Means: "the call is carried out and answered with an ErrorCondition that no document knows"},
		control.Kind{Name: faultLogOut, Calls: nexoCalls, Means: "the terminal forgets the login before the call"},
		control.Kind{Name: faultWrongAmount, Calls: []string{callPayment}, Means: "AuthorizedAmount is one minor unit more than was charged"},
		control.Kind{Name: faultTextAmount, Calls: []string{callPayment}, Means: "AuthorizedAmount is a string"},
		control.Kind{Name: faultNoStatus, Calls: []string{callStatus}, Means: "TransactionStatus is answered with UnavailableService"},
	)
}
