package woocommerce

import "testing"

func TestBlocks_inNode(t *testing.T) {
	t.Parallel()
	need(t, "node")
	if out, err := run(t, nil, "node", "--test", "tests/blocks/"); err != nil {
		t.Errorf("node: %s", out)
	}
}
