// Package shoptest is what the tests of the extensions for shops share: tools
// that are run to their end or until the test's, a gateway with simulated
// providers, and shoppers with and without a real browser.
package shoptest
