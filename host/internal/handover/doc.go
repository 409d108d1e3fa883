// Package handover takes an account's secrets from a merchant to an
// installer: an armored age file (https://age-encryption.org/v1) that says
// inside which account, provider and environment they are for, who made it,
// when, and until when it may be opened.
//
// age promises that nobody else reads the file and that it was not changed. It
// does not say who made it: whoever has the installer's recipient can. So both
// sides see a fingerprint of each value, to read to each other.
//
// Nothing here prints a value, and no error holds one.
package handover
