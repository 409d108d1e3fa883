// Package guest is what a plugin written in Go imports. It hides the Wasm
// boundary and the contract's rounds, so that a plugin is straight-line code:
//
//	func (p Plugin) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
//		resp, err := c.DoWithToken(announce(in.Payment), "access_token", refresh())
//		if err != nil {
//			return contract.CreateResult{}, err
//		}
//		…
//	}
//
// A plugin is run from the start again whenever an answer has come in. [Call.Do]
// gives the answers that are there; for the first that is not it returns
// [ErrSuspended], and the call ends by asking the host for it, whatever the
// plugin returns. So plugins are pure functions: no goroutines, files, sleeps,
// sockets or variables that outlive a call. Time, randomness and logs come
// from the [Call], and the same input always leads to the same requests.
//
// The plugin's package calls [Register] in init; its main stays empty. Build with
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags "-s -w" -o plugin.wasm .
//
// The same package builds and tests natively: see [Run] and package guesttest.
package guest
