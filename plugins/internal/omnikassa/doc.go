// Package omnikassa speaks the Rabo OmniKassa 2.0 (Rabo Smart Pay) online
// payment API. It is what the plugins on one OmniKassa account share: ideal,
// card and bancontact differ in their methods alone.
//
// Sources: Rabobank, "API Rabo OmniKassa 2.0", developer's manual 1.7, and the
// README of rabobank-nederland/omnikassa-sdk-doc 1.20; bodies captured from
// the bank. Amounts are euro cents. Paying is final: there is no capture, no
// void, and an order that nobody pays ends by the consumer or by expiry.
package omnikassa
