package contract

import "testing"

func TestResponse_RetryAfterMS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header string
		want         int64
	}{
		{"none", "", 0},
		{"a date", "Mon, 02 Mar 2026 09:30:00 GMT", 0},
		{"negative", "-7", 0},
		{"a fraction", "1.5", 0},
		{"beyond any number", "99999999999999999999999", 0},
		{"a year", "31536000", 86_400_000},
		{"at once", "0", 0},
		{"seven seconds", "7", 7000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := Response{Status: 429, Headers: map[string][]string{"retry-after": {tt.header}}}
			if got := r.RetryAfterMS(); got != tt.want {
				t.Errorf("got %d of %q, want %d", got, tt.header, tt.want)
			}
		})
	}
}
