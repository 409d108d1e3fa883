package storetest

import "testing"

// A key without its partition as hash tag would be found by every rule that
// leaves one behind.
func TestTagged(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"":                      false,
		"order:ord_1":           false,
		"k:p7f:order:ord_1":     false,
		"{p7f}:order:ord_1":     false,
		"k:{p7F}:order:ord_1":   false,
		"k:{p7}:order:ord_1":    false,
		"k:{p7ff}:order:ord_1":  false,
		"k:{}{p7f}:order:ord_1": false,
		"x:{p00}k:{p7f}:order":  false,
		"k:{p7f}:":              false,
		"k:{p7f}:ref:{a}":       false,
		"k:{p7f}:ref:a b":       false,
		"k:{p7f}:ref:a\n":       false,
		"k:{p7f}:ref:schön":     false,
		"k:{p7f}:order:ord_1":   true,
		"k:{p00}:due":           true,
		"k:{pff}:op:shop:~abc":  true,
	} {
		if got := tagged(name); got != want {
			t.Errorf("%q: got %t, want %t", name, got, want)
		}
	}
}
