package storetest

import (
	"errors"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

var replacingRules = []rule{
	{"supersede_writesBothOrNeither", supersede},
	{"lateStepOfAReplacedOrder_leavesTheReference", lateStep},
}

func supersede(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	next := newOrder(t, "A-1", e.now())
	end := apply(t, rec, e.now(), order.Cancel{SupersededBy: next.Order.ID})
	moved := e.commit(t, apply(t, rec, e.now(), reserve(rec.Order, e.now())))
	before := e.dump(t)
	if err := e.Supersede(t.Context(), next, end); !errors.Is(err, checkout.ErrMoved) {
		t.Fatalf("supersede a moved order: got %v, want %v", err, checkout.ErrMoved)
	}
	e.unchanged(t, before)
	end = apply(t, moved, e.now(), order.Cancel{SupersededBy: next.Order.ID})
	if err := e.Supersede(t.Context(), next, end); err != nil {
		t.Fatalf("supersede: %v", err)
	}
	if got := e.load(t, rec.Order.ID); got.Order.Status() != order.Cancelled || got.Order.SupersededBy != next.Order.ID {
		t.Errorf("old order: got %s, replaced by %q", got.Order.Status(), got.Order.SupersededBy)
	}
	if got := e.load(t, next.Order.ID); got.Version != 1 {
		t.Errorf("new order: got version %d", got.Version)
	}
	if ref, err := e.FindReference(t.Context(), shop, "A-1"); err != nil || ref.Order != next.Order.ID {
		t.Errorf("reference: got %+v, %v, want %s", ref, err, next.Order.ID)
	}
	again := newOrder(t, "A-1", e.now())
	if err := e.Supersede(t.Context(), again, end); !errors.Is(err, checkout.ErrMoved) {
		t.Errorf("supersede it twice: got %v, want %v", err, checkout.ErrMoved)
	}
}

func lateStep(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	r := reserve(rec.Order, e.now())
	rec = e.commit(t, apply(t, rec, e.now(), r))
	rec = e.commit(t, apply(t, rec, e.now(), order.Cancel{}))
	next := e.made(t, "A-1")
	rec = e.commit(t, apply(t, rec, e.now(), captured(r.Payment, e.now())))
	if ref, err := e.FindReference(t.Context(), shop, "A-1"); err != nil || ref.Order != next.Order.ID {
		t.Errorf("reference after late money on %s: got %+v, %v, want %s", rec.Order.ID, ref, err, next.Order.ID)
	}
}
