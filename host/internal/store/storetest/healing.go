package storetest

import (
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

var healingRules = []rule{{"heal_isSeenInItsPartitionAlone", healing}}

func healing(t *testing.T, e *env) {
	sick, well := e.made(t, "A-1"), e.made(t, "A-2")
	if sick.Healing || well.Healing {
		t.Error("a partition heals that nobody set")
	}
	p := mustPartition(t, sick.Order.ID)
	if q := mustPartition(t, well.Order.ID); p == q {
		t.Fatalf("both orders lie in partition %s", p)
	}
	heal := "k:{p" + p.String() + "}:heal"
	if err := e.b.Client.Set(t.Context(), heal, "1", 0).Err(); err != nil {
		t.Fatalf("set %s: %v", heal, err)
	}
	// What is told or committed there goes on, and does not end it.
	sick = e.commit(t, apply(t, sick, e.now(), reserve(sick.Order, e.now())))
	if err := e.Tell(t.Context(), checkout.Telling{Order: sick.Order.ID, Told: 1}); err != nil {
		t.Errorf("tell: %v", err)
	}
	if sick = e.load(t, sick.Order.ID); !sick.Healing || sick.Version != 2 || sick.Told != 1 {
		t.Errorf("healing %t, version %d, told %d; want true, 2, 1", sick.Healing, sick.Version, sick.Told)
	}
	if e.load(t, well.Order.ID).Healing {
		t.Error("another partition heals")
	}
	if err := e.b.Client.Del(t.Context(), heal).Err(); err != nil {
		t.Fatalf("drop %s: %v", heal, err)
	}
	if e.load(t, sick.Order.ID).Healing {
		t.Error("it heals though nobody says so any more")
	}
}
