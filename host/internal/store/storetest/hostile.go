package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

var hostileRules = []rule{
	{"hostileReferences_findTheirOrders", hostileReferences},
	{"hostileShops_haveTheirOrders", hostileShops},
	{"bigDocuments_areKept", bigDocuments},
}

func hostileReferences(t *testing.T, e *env) {
	references := []string{
		"}", "{", "{}", "{p00}", "a}b{c", "k:{pff}:order:x", "a:b", "a:b:c", "a/b", "a b", "a\nb", "a\r\n*1\r\n", "\x00", "*", "?[]\\",
		"~", "~abc", "é", "e\u0301", "日本語", "🛒", "'; DROP TABLE orders; --", "../../etc", "%s%d", "${x}",
		strings.Repeat("x", 255), strings.Repeat("{", 255), strings.Repeat("é", 127),
	}
	ids := map[string]string{}
	for _, ref := range references {
		c := newOrder(t, "plain", e.now())
		c.Order.Reference = ref
		c.Order.ID = checkout.NewOrderID(checkout.PartitionOf(shop, ref), e.now())
		ids[e.create(t, c).Order.ID] = ref
		got, err := e.FindReference(t.Context(), shop, ref)
		if err != nil || got.Order != c.Order.ID {
			t.Errorf("reference %q: got %+v, %v, want %s", ref, got, err, c.Order.ID)
		}
	}
	if len(ids) != len(references) {
		t.Errorf("%d references made %d orders", len(references), len(ids))
	}
}

func hostileShops(t *testing.T, e *env) {
	for _, name := range []string{"", "}{", "a:b", "a b", "x\ny", strings.Repeat("s", 300)} {
		c := newOrder(t, "plain", e.now())
		c.Order.Shop = name
		c.Order.ID = checkout.NewOrderID(checkout.PartitionOf(name, "plain"), e.now())
		e.create(t, c)
		items, _, err := e.List(t.Context(), name, checkout.Filter{Limit: 10})
		if err != nil || len(items) != 1 || items[0].ID != c.Order.ID {
			t.Errorf("shop %q: got %d orders, %v", name, len(items), err)
		}
	}
}

func bigDocuments(t *testing.T, e *env) {
	c := newOrder(t, "A-1", e.now())
	c.Order.Metadata = map[string]string{}
	for i := range 2000 {
		c.Order.Metadata[fmt.Sprint("key", i)] = strings.Repeat(checkout.NewSecret(), 16)
	}
	rec := e.create(t, c)
	same(t, "order", rec.Order, c.Order)
}
