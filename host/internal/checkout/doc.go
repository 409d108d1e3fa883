// Package checkout holds the use cases: create an order, choose a method,
// take a webhook, come back, capture, cancel, refund, ask, tell.
//
// Each use case reads an order, lets [order.Apply] decide, and commits. What
// it needs of the house it declares here as small interfaces: [Store] for
// state, [Caller] for plugin operations, [Registry] for plugin versions,
// [Directory] for shops and accounts.
package checkout
