package main

import (
	"testing"

	"github.com/kassette-pay/kassette/plugins/internal/texts/textstest"
)

// No text is left in English but for names.
func TestTexts(t *testing.T) {
	t.Parallel()
	textstest.Check(t, provider, nil, "Rabo OnlineKassa", "iDEAL")
}
