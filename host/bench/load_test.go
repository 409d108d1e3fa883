package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// callers are shops that each wait for an answer before they ask again.
type callers struct {
	client *http.Client
	number int
}

func newCallers(b testing.TB, n int) callers {
	t := &http.Transport{MaxIdleConnsPerHost: n}
	b.Cleanup(t.CloseIdleConnections)
	return callers{&http.Client{Transport: t, Timeout: time.Minute}, n}
}

// references makes every order's reference another one.
var references atomic.Int64

func newReference() string { return fmt.Sprintf("2026-%08d", references.Add(1)) }

// spec is an order of a shop as it is posted; a method starts its payment at once.
func spec(reference, method string, cents int) []byte {
	o := map[string]any{
		"reference": reference, "amount": map[string]any{"value": cents, "currency": "EUR"}, "description": "drie wafels",
		"return_url": "https://shop.example/thanks", "cancel_url": "https://shop.example/basket",
		"locale": "nl-NL", "country": "NL", "customer": map[string]any{"name": "J. Jansen", "email": "j@example.org"},
	}
	if method != "" {
		o["method"] = method
	}
	body, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return body
}

// post sends a request of the API and reads the answer whole.
func (c callers) post(url string, body []byte, headers ...string) (int, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// announce has every caller make each orders with a payment at url. It gives
// the time of all of it, and of each order.
func (c callers) announce(b *testing.B, url string, each int) (time.Duration, []time.Duration) {
	b.Helper()
	took := make([][]time.Duration, c.number)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range c.number {
		wg.Go(func() {
			for range each {
				body := spec(newReference(), "ideal", 4999)
				start := time.Now()
				status, answer, err := c.post(url, body)
				took[i] = append(took[i], time.Since(start))
				if err != nil || status != http.StatusCreated || !bytes.Contains(answer, []byte(`"type":"redirect"`)) {
					b.Errorf("%s: %d %.300s %v", url, status, answer, err)
					return
				}
			}
		})
	}
	wg.Wait()
	whole := time.Since(began)
	var all []time.Duration
	for _, list := range took {
		all = append(all, list...)
	}
	if b.Failed() {
		b.FailNow()
	}
	return whole, all
}
