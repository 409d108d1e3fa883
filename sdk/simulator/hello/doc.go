// Package hello is Hello, a payment provider that does not exist: small, but
// with all that a plugin must cope with. It keeps its books in memory. It is the
// tutorial's provider: package simulator does not list it, since it has no
// control API.
//
// # Payments
//
// All requests bear the key of the API, "authorization: Bearer KEY"; without it
// the answer is 401. Amounts are text with two decimals, the currency is EUR.
//
//	POST /payments {"reference", "amount", "currency", "return_url", "notify_url"}
//	201 {"id", "page"}
//
// The consumer is to be sent to the page. The same reference gives the same
// payment again.
//
//	GET /payments/REFERENCE
//	200 {"id", "reference", "status", "paid", "currency", "at"}, or 404
//
// The status is open, paid, cancelled or expired; at is when it became so. A
// try that was declined leaves a payment open: the consumer may try again.
//
// # Notices
//
// When a status changes, the same document is posted to the notify_url, with
// the header hello-signature: its HMAC-SHA256 under the signing key, in hex.
// Any answer but 2xx means that it may come again.
//
// # Returns
//
// The consumer is led back to the return_url as it was given. Nothing is added
// to it, so nothing is signed there: ask how the payment stands.
//
// # Refunds
//
//	PUT /payments/REFERENCE/refunds/KEY {"amount", "currency"}
//	200 {"id", "status": "done"}, 404, or 422 where it is more than is left
//
// The same key gives the same refund again, so asking twice refunds once.
package hello
