package main

import (
	"testing"

	"github.com/kassette-pay/kassette/plugins/internal/omnikassa/omnikassatest"
)

func BenchmarkRound(b *testing.B) { omnikassatest.Bench(b, provider, "visa") }
