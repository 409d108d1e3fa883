package shop

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// maxNotice bounds the body of a notice.
const maxNotice = 1 << 20

// notice is what the gateway tells. Event.Number orders the notices of an order.
type notice struct {
	Type string `json:"type"`
	Data struct {
		Event struct {
			Number int64 `json:"number"`
		} `json:"event"`
		Order apiOrder `json:"order"`
	} `json:"data"`
}

// notices hears the gateway, signed after the Standard Webhooks specification.
// A repeat, an old one, and one about an order that is not known are answered
// well and change nothing: the gateway has done its part.
func (s *shop) notices(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNotice))
	if err != nil {
		http.Error(w, "the notice is too long or was cut off", http.StatusRequestEntityTooLarge)
		return
	}
	if err := s.webhook.Verify(body, r.Header); err != nil {
		slog.Warn("notice refused", "error", err)
		http.Error(w, "the signature does not fit", http.StatusUnauthorized)
		return
	}
	var n notice
	if err := json.Unmarshal(body, &n); err != nil || n.Type == "" || n.Data.Order.Reference == "" || n.Data.Event.Number < 1 {
		http.Error(w, "this is no notice of an order", http.StatusBadRequest)
		return
	}
	s.book.hear(r.Header.Get(standardwebhooks.HeaderWebhookID), n, s.now())
	w.WriteHeader(http.StatusNoContent)
}
