package main

import (
	"testing"

	"github.com/kassette-pay/kassette/plugins/internal/omnikassa/omnikassatest"
)

func TestConformance(t *testing.T) { omnikassatest.Conform(t, provider, "ideal") }
