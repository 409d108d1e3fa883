package store

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// cursor is the place in a listing after an entry, opaque to the client. It is
// no secret and no capability: what it names is only where to go on.
func (e entry) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(e.at, 10) + " " + e.id))
}

func readCursor(text string) (entry, error) {
	if text == "" {
		return entry{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return entry{}, checkout.ErrCursor
	}
	at, id, _ := strings.Cut(string(b), " ")
	n, err := strconv.ParseInt(at, 10, 64)
	if _, errID := checkout.PartitionOfID(id); err != nil || errID != nil {
		return entry{}, checkout.ErrCursor
	}
	return entry{n, id}, nil
}
