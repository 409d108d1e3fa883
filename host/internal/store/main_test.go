package store

import (
	"testing"

	"go.uber.org/goleak"
)

// What a store starts ends when it is closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
