// Package order is the domain: orders, payments, captures, refunds, what
// providers say about them, and what happened.
//
// Everything that is decided about money is decided in [Apply], a pure
// function without I/O or a clock: it takes an order and a change and gives
// the order and the events that follow. [Next] says what is due and when.
// Ids are minted before the first try, and Apply ignores an id that the order
// holds: any order and any repetition of the same changes ends in the same
// statuses and amounts.
//
// What a provider reports is kept as a set ([News]); statuses, amounts and
// attention are derived from that set, never from the order of arrival.
// An amount can only grow, so an order that was paid stays paid. What the host
// concludes by itself (nothing was sent, time is over) counts as the oldest
// news there is: any word of the provider's wins over it.
//
// [Check] holds an order and its events to the invariants.
package order
