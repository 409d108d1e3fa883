// Package strict reads JSON that strangers wrote, and tells them everything
// that is wrong with it.
//
// [Parse] takes one JSON value and refuses what encoding/json lets pass: text
// that is not UTF-8, half surrogates, a member that is there twice, nesting
// without end. [Document] then reads members one by one; what nobody asked
// for, or has another type, is noted with a JSON pointer, and reading goes
// on, so that one answer names all the mistakes.
//
// Numbers are whole: there is no way to read a fraction, because the only
// numbers in the API are amounts in minor units and counts.
package strict

// Problem is one thing that is wrong with a document.
type Problem struct {
	// Pointer is a JSON pointer (RFC 6901) to the member.
	Pointer string `json:"pointer"`
	// Message says what is wrong and what is asked for.
	Message string `json:"message"`
}

// SyntaxError says why bytes are not one JSON value as asked for.
type SyntaxError struct{ Problem }

func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return e.Message
	}
	return e.Pointer + ": " + e.Message
}
