package main

import (
	"testing"

	"github.com/kassette-pay/kassette/plugins/internal/texts/textstest"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// No text is left in English but for names.
func TestTexts(t *testing.T) {
	t.Parallel()
	textstest.Check(t, provider, map[string]contract.Text{"wait": lookAtTerminal, "declined": cardDeclined, "PIN": wrongPIN, "away": terminalAway})
}
