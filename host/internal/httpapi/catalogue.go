package httpapi

import "net/http"

// problemKind is a kind of problem by its name. Names are for ever: they end the
// type of a problem, and programs compare them.
type problemKind string

// The problems that the interface knows.
const (
	problemMalformed        problemKind = "malformed-body"
	problemKeyMissing       problemKind = "idempotency-key-missing"
	problemKeyInvalid       problemKind = "idempotency-key-invalid"
	problemUnauthorized     problemKind = "unauthorized"
	problemDeclined         problemKind = "declined"
	problemScope            problemKind = "scope-missing"
	problemAddress          problemKind = "address-not-allowed"
	problemNotFound         problemKind = "not-found"
	problemMethodNotAllowed problemKind = "method-not-allowed"
	problemClosed           problemKind = "order-closed"
	problemPaid             problemKind = "order-paid"
	problemReference        problemKind = "reference-taken"
	problemLiveAttempt      problemKind = "attempt-under-way"
	problemAttempts         problemKind = "too-many-attempts"
	problemRefused          problemKind = "refused"
	problemConflict         problemKind = "provider-conflict"
	problemRunning          problemKind = "still-running"
	problemBusy             problemKind = "busy"
	problemTooLarge         problemKind = "body-too-large"
	problemMediaType        problemKind = "unsupported-media-type"
	problemInvalid          problemKind = "invalid-request"
	problemMethod           problemKind = "method-not-possible"
	problemKeyReused        problemKind = "idempotency-key-reused"
	problemProviderRefused  problemKind = "provider-refused"
	problemFlood            problemKind = "too-many-messages"
	problemInternal         problemKind = "internal"
	problemProviderFailed   problemKind = "provider-failed"
	problemUnavailable      problemKind = "unavailable"
	problemMethodDown       problemKind = "method-unavailable"
	problemOutcomeUnknown   problemKind = "outcome-unknown"
)

// entry is what is always true of a problem: its HTTP status, what it is
// called, and what to do.
type entry struct {
	Kind   problemKind
	Status int
	Title  string
	// Do is for the reader of /docs/problems.
	Do string
	// Retry is the Retry-After in seconds; 0 is none.
	Retry int
	// Unsure: where the request was a POST, something may have been attempted.
	Unsure bool
}

// catalogue lists the problems in the order of their status. It is the only
// place that chooses a status.
var catalogue = []entry{
	{Kind: problemMalformed, Status: http.StatusBadRequest, Title: "The body is not JSON as this interface reads it",
		Do: "Send one JSON object in UTF-8, each member once, nested at most 32 deep, with nothing after it. `errors` says where reading stopped."},
	{Kind: problemKeyMissing, Status: http.StatusBadRequest, Title: "An Idempotency-Key is needed",
		Do: "Captures and refunds move money, so each needs a key: send the header Idempotency-Key with a value of your own, a new one for each capture or refund that you mean, the same one when you repeat it."},
	{Kind: problemKeyInvalid, Status: http.StatusBadRequest, Title: "The Idempotency-Key is not usable",
		Do: "Send one Idempotency-Key of 1 to 255 printable ASCII characters, such as a UUID."},
	{Kind: problemUnauthorized, Status: http.StatusUnauthorized, Title: "The API key is missing or wrong",
		Do: "Send `Authorization: Bearer` and a key of the shop. A key that was rotated away, or belongs to another installation, is as unknown as a wrong one."},
	{Kind: problemDeclined, Status: http.StatusPaymentRequired, Title: "The provider declined",
		Do: "Nothing was taken or given back. Show `failure.user_message` to the consumer and offer another attempt or another method; the order stays as it is. The same idempotency key gives this same answer again: use a new one."},
	{Kind: problemScope, Status: http.StatusForbidden, Title: "The API key lacks a scope",
		Do: "`detail` names the scope. Use a key that has it, or have an operator give it to this one."},
	{Kind: problemAddress, Status: http.StatusForbidden, Title: "The API key may not be used from this address",
		Do: "The key has an IP allow-list. Have an operator add the address that `detail` names, or find out who else uses the key."},
	{Kind: problemNotFound, Status: http.StatusNotFound, Title: "There is no such thing",
		Do: "Look at the id. A key sees only what belongs to its own shop, and a test key only test orders."},
	{Kind: problemMethodNotAllowed, Status: http.StatusMethodNotAllowed, Title: "This address has no such HTTP method",
		Do: "The header Allow lists what it has."},
	{Kind: problemClosed, Status: http.StatusConflict, Title: "The order takes no more payments",
		Do: "It is authorized, paid, cancelled or expired. Read it; where it is cancelled or expired, create a new one with the same reference."},
	{Kind: problemPaid, Status: http.StatusConflict, Title: "The order is paid",
		Do: "What is paid cannot be cancelled. Refund it."},
	{Kind: problemReference, Status: http.StatusConflict, Title: "The reference is taken by another order",
		Do: "`reason` is already_paid: deliver, do not charge again. Or conflict: a consumer is paying the old cart right now; wait for that order, which is in `order`, or cancel it. Then repeat."},
	{Kind: problemLiveAttempt, Status: http.StatusConflict, Title: "This attempt is under way already",
		Do: "`payment` names it. Read the order and send the consumer to that payment's action."},
	{Kind: problemAttempts, Status: http.StatusConflict, Title: "The order has had too many attempts",
		Do: "Cancel it and create a new one."},
	{Kind: problemRefused, Status: http.StatusConflict, Title: "This cannot be done with the payment as it is",
		Do: "`reason` is a stable word and `detail` says what to do. Nothing was sent to the provider. The order's available_actions tell beforehand."},
	{Kind: problemConflict, Status: http.StatusConflict, Title: "The provider is in the way",
		Do: "What was asked for collides with something else there: a terminal that is in use, a payment in another state. Read the order, then try again with a new idempotency key."},
	{Kind: problemRunning, Status: http.StatusConflict, Retry: 2, Unsure: true, Title: "The first request with this key is still running",
		Do: "Repeat the same request, with the same key, after Retry-After: it gives the answer of the first."},
	{Kind: problemBusy, Status: http.StatusConflict, Retry: 2, Title: "Something else is being done with this order",
		Do: "Repeat the request, with the same key, after Retry-After."},
	{Kind: problemTooLarge, Status: http.StatusRequestEntityTooLarge, Title: "The body is too large",
		Do: "The API takes 1 MiB, a webhook 256 KiB."},
	{Kind: problemMediaType, Status: http.StatusUnsupportedMediaType, Title: "The body has another type",
		Do: "Send `Content-Type: application/json`, in UTF-8 and not compressed."},
	{Kind: problemInvalid, Status: http.StatusUnprocessableEntity, Title: "The request is not right",
		Do: "`errors` names every member and what is wrong with it; a pointer that begins with a question mark is a query parameter. Nothing was done."},
	{Kind: problemMethod, Status: http.StatusUnprocessableEntity, Title: "The method cannot be used for this order",
		Do: "`reason` is unknown, currency, amount, country, restricted, required_field or capture_mode; `detail` says more. GET /v1/methods lists what can be chosen."},
	{Kind: problemKeyReused, Status: http.StatusUnprocessableEntity, Title: "The Idempotency-Key was used for another request",
		Do: "A key stands for one request: same address, same body. Use a new key for what is new. If you meant to repeat, send what you sent the first time."},
	{Kind: problemProviderRefused, Status: http.StatusUnprocessableEntity, Title: "The provider does not take the request",
		Do: "It does not fit the provider's rules though it fits ours. `failure.code` says how; the order's events hold the provider's words."},
	{Kind: problemFlood, Status: http.StatusTooManyRequests, Retry: 1, Title: "Too many messages that nobody could verify",
		Do: "For a provider: this address has sent more news without a valid signature than the account takes. Send it again after Retry-After; messages that are verified are never too many."},
	{Kind: problemInternal, Status: http.StatusInternalServerError, Unsure: true, Title: "Something is wrong in the gateway",
		Do: "Tell the operator the request_id: the log has the cause. Where `attempted` is unknown, read the order before anything else; repeating with the same idempotency key is safe."},
	{Kind: problemProviderFailed, Status: http.StatusBadGateway, Title: "The provider could not do it",
		Do: "`attempted` says whether it was asked at all. With no: nothing left the gateway, offer another attempt, with a new idempotency key. An operator should look where it goes on: the account's credentials, or the provider itself."},
	{Kind: problemUnavailable, Status: http.StatusServiceUnavailable, Retry: 5, Unsure: true, Title: "The gateway cannot reach its state",
		Do: "Repeat the same request, with the same key, after Retry-After. An operator should look at Redis."},
	{Kind: problemMethodDown, Status: http.StatusServiceUnavailable, Retry: 30, Title: "The method is not available now",
		Do: "Its provider does not answer. Nothing was attempted: offer another method, or repeat after Retry-After."},
	{Kind: problemOutcomeUnknown, Status: http.StatusGatewayTimeout, Title: "The provider was asked and has not answered",
		Do: "Money may have moved. Do not try again by another way: the gateway goes on asking, and the order's events and notices tell the end. POST …/sync asks at once."},
}

var byKind = func() map[problemKind]entry {
	m := map[problemKind]entry{}
	for _, e := range catalogue {
		m[e.Kind] = e
	}
	return m
}()
