package main

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/guest"
)

// scanner reads JSON of the shop, which writes some members now as texts, now as
// numbers.
type scanner struct{ *guest.Scanner }

// scan reads a whole text, and says whether it is what read takes it for.
func scan(body []byte, read func(s scanner) bool) bool {
	s := scanner{guest.Scan(body)}
	return read(s) && s.Err() == nil
}

// scalar is a text as it is meant, or a number as it is written; anything else is "".
func (s scanner) scalar() text { return text(s.Text()) }

// flag is a number, a text, true or false as it is written, without quotes.
func (s scanner) flag() text { return text(strings.Trim(string(s.Raw()), `"`)) }
