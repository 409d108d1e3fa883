package guest

import (
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

type nobody struct{}

func (nobody) Describe() contract.Manifest { return contract.Manifest{} }

func TestRegister_twice(t *testing.T) {
	defer func() {
		registered = nil
		if recover() == nil {
			t.Error("got no panic")
		}
	}()
	Register(nobody{})
	Register(nobody{})
}

func TestHandlers_everyExport(t *testing.T) {
	for _, e := range contract.CannedExports() {
		if _, ok := handlers[e]; !ok {
			t.Errorf("%s has no handler", e)
		}
	}
	if len(handlers) != len(contract.CannedExports()) {
		t.Errorf("got %d handlers, want %d", len(handlers), len(contract.CannedExports()))
	}
}
