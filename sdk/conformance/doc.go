// Package conformance drives plugins without the host. A [Runner] runs one
// round of a plugin, natively or in its Wasm sandbox; [Drive] is a host in
// small around it: it sends the requests that the plugin needs to a world of
// the test's making, puts credentials in, keeps tokens, answers the host
// functions, and holds the plugin to the contract until it has a result.
//
// It is not the gateway: there is no journal, no retry and no cache, and what
// a result means for an order is not its business. For a plugin's own tests in
// Go see package guesttest, for the Wasm module package plugintest.
//
// # The kit
//
// [Run] runs every [Scenario] against a plugin in a [World] over its
// provider's simulator; the worlds of the providers that have one are in package
// worlds. [Standalone] judges what needs no provider. A scenario is left out where
// a field of the manifest says that it does not apply, and names the field: the
// plugin has no such operation, or /lacks says that the provider does not do it,
// and where its protocol says so. Nothing is left out in silence: a world that
// cannot do what the manifest promises fails the scenario, and so does one that
// does what the manifest says is lacking.
//
// [World] is what every provider has. What only some have is asked for by
// type assertion or stands in [Books]:
//
//   - The consumer is sent on with a form, or with an address that the provider
//     has not given: the world is a [Follower] and is shown each action.
//   - The consumer approves and complete_payment takes the money: nothing more
//     is needed. [Paid] ends with the consumer's approval; the kit runs
//     complete_payment after an approved update and on the return, as a host
//     does, and the books hold the money from then on.
//   - Payments of capture "manual" are authorised, captured and given up: [Paid]
//     reserves the amount where the payment's Capture is manual, and the books
//     say what is reserved, what is captured, and in how many captures.
//   - The consumer pays during create_payment, as on a card terminal: the world
//     is a [Expecter], told beforehand what the consumer does. There are no
//     webhooks and no returns; cancel_payment and get_payment run beside it.
//   - The shop's account has one fixed return address: [World].Return gives a
//     message whose path begins with [AccountReturn]. The kit runs
//     receive_webhook on it and books what it brings as a hint.
//   - The provider reads the answer to its webhook: the world is an
//     [Acknowledger].
//   - Webhooks or returns without a signature, endings that nobody tells, news
//     without a currency: see [contract.Ability].
//
// The families:
//
//   - happy: each operation that the manifest declares, with nothing in its way
//   - actions: the consumer is sent where the flow says, and to granted hosts alone
//   - currencies: all that the method takes, with 0, 2 and 3 decimals
//   - endings: cancelled, expired, declined, open, never begun
//   - returns: before the news, after it, twice, alone, and neither
//   - beside: what happens while a consumer stands at a terminal
//   - repeats: the same message, the same news, out of order, replayed late
//   - forgeries: webhooks, answers and returns with a signature that is bad,
//     missing, cut or foreign, with altered content, and junk
//   - amounts: the provider names another amount or currency
//   - unknown: orders that the account does not know, payments that the provider
//     does not know
//   - pages: several pieces of news in one message, and more than an answer holds
//   - transport: each request of each operation refused, lost, reset, answered
//     with 5xx, 429, HTML, nothing, too much, bad UTF-8 or a redirect
//   - captures, voids, refunds: in parts, in full, too much, twice, two at once
//   - late: money after the consumer gave up or the payment expired
//   - attempts: two payments of one order
//   - pure: the same input gives the same bytes
//   - secrets: no secret and no token comes out
//   - lacks: what the manifest says that the provider lacks, it lacks
//
// For each family the kit's own tests hold a plugin that is broken in just that
// way, which it fails there and nowhere else.
//
// # Shop plugins
//
// [RunShop] runs every [ShopScenario] against a plugin of the kind shop in a
// [ShopWorld]: one shop of its platform, placed in by a consumer, worked on by
// the shop's people, told by the plugin. The kit is the gateway: it reads the
// shop's messages with read_order, keeps the orders that come of them, numbers
// their events, tells each with the order as it is at that moment, again where
// the failure passes, and asks sync_shop for the rest. What counts is what the
// shop's own books hold in the end ([ShopBooks]).
//
// The families:
//
//   - orders: exact amounts with 0, 2 and 3 decimals, lines that add up, the same
//     reference each time; none of what is paid, held, gone or of nothing
//   - ping: first contact is answered, and nothing comes of it
//   - signatures: messages that are forged or junk are refused, nothing is sent
//   - repeats: the same message, its news again, several orders in one delivery
//   - snapshots: changes alone and joined into one message, and what the telling
//     itself changed
//   - order: a whole life told as it happens, again, and when all is over
//   - refunds: in parts, in full, each once; refused ones are noted; the shop
//     itself moves no money
//   - money: another amount or currency, after the shop cancelled, paid by hand,
//     on hold, with a tip, in part
//   - lost: each write of each telling, and its answer, lost; then told again: one
//     effect in the books
//   - errors: each request answered with what passes, what does not, and junk; an
//     order that is gone, a key that is none
//   - sync: what the messages lost, in pages, once, also in the same second; a shop
//     that sends no more
//   - settings: good ones, and findings that say what to do about others
//   - pure, secrets, lacks: as for payments
//
// For each of them, too, there is a plugin that is broken in just that way.
//
// # Cost
//
// A run in Wasm costs thousands of rounds: [Fixture].Scaffold, and that of a
// [ShopFixture], may run those natively that only lead up to what a scenario is
// about.
//
// The kit's payments have the method's own currency, amounts within its
// bounds and one line that adds up to them.
package conformance
