package woocommerce

import (
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

func TestBlocks_inNode(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "node")
	if out, err := shoptest.Run(t, nil, "node", "--test", "tests/blocks/"); err != nil {
		t.Errorf("node: %s", out)
	}
}
