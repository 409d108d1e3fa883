// Package contract is version 1 of the plugin contract: every type that
// crosses the sandbox, the names of a plugin's exports, and the bounds that
// the host holds a plugin to.
//
// A plugin is a pure function. It takes an [Envelope] and answers an
// [Answer]: what it needs (HTTP requests that the host is to send), the
// result of the operation, or a failure. It is run again from the start with
// the answers to its requests in the envelope's exchanges, until it has a
// result. A plugin does no I/O and holds no secret.
//
// The package needs the standard library only, so that a plugin carries
// nothing but its own code. The JSON Schemas beside it in schema/ are made
// from these types: see [Canned] for an input of every export.
package contract

// Version is the contract's version. It stands in every envelope and manifest.
const Version = "1"
