// Package hostfn computes the three functions that a plugin may call in the
// host: secret_mac, secret_digest and verify_signature. They are pure: the
// same input and the same secrets give the same output. The host, native runs
// of a plugin and the conformance kit all use this one implementation.
//
// Plugins never import it. They reach it through the guest SDK, which knows
// names of secrets and no values.
package hostfn
