package terminal

import "testing"

// The vectors of section 12.
func TestAmount_vectors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor        int64
		currency     string
		send         string
		read, refuse []string
	}{
		{10000, "SEK", "100", []string{"100.0", "100.00", "1e2", "1.00E+2"}, []string{"100.001", `"100"`, "-100"}},
		{11050, "SEK", "110.5", []string{"110.50", "110.500"}, []string{"110.505"}},
		{5, "SEK", "0.05", []string{"5e-2", "0.5e-1"}, []string{".05", "5e-3"}},
		{100, "JPY", "100", []string{"100.0"}, []string{"100.5"}},
		{1234567890, "SEK", "12345678.9", []string{"12345678.90"}, []string{"123456789", "1e9", "1e99"}},
		{1, "KWD", "0.001", []string{"0.0010"}, []string{"0.0005"}},
		{0, "SEK", "0", []string{"0.00", "0e9", "0e-9"}, []string{"", "00", "1.", "x", "1e", "1e100", "+1"}},
	} {
		if got := number(c.minor, c.currency); string(got) != c.send {
			t.Errorf("%d %s: got %s, want %s", c.minor, c.currency, got, c.send)
		}
		for _, text := range append(c.read, c.send) {
			if got, err := parseAmount(text, c.currency); err != nil || got != c.minor {
				t.Errorf("%s %s: got %d, %v, want %d", text, c.currency, got, err, c.minor)
			}
		}
		for _, text := range c.refuse {
			if got, err := parseAmount(text, c.currency); err == nil {
				t.Errorf("%s %s: got %d, want it refused", text, c.currency, got)
			}
		}
	}
	if _, err := parseAmount("1", "XXX"); err == nil {
		t.Error("an unknown currency is taken")
	}
}
