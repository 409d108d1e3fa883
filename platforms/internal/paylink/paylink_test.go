package paylink

import "testing"

func TestText(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"": "You can pay your order here: L", "xx-YY": "You can pay your order here: L", "en-GB": "You can pay your order here: L",
		"NL-be": "Hier kun je je bestelling betalen: L", "bg": "Можете да платите поръчката си тук: L",
	} {
		if got := Text(locale, "L"); got != want {
			t.Errorf("%q: got %q, want %q", locale, got, want)
		}
	}
}
