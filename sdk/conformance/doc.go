// Package conformance drives plugins without the host. A [Runner] runs one
// round of a plugin, natively or in its Wasm sandbox; [Drive] is a host in
// small around it: it sends the requests that the plugin needs to a world of
// the test's making, puts credentials in, keeps tokens, answers the host
// functions, and holds the plugin to the contract until it has a result.
//
// It is not the gateway: there is no journal, no retry and no cache, and what
// a result means for an order is not its business. For a plugin's own tests in
// Go see package guesttest, for the Wasm module package plugintest.
package conformance
