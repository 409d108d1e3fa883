package shop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// money is an amount in minor units.
type money struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// newOrder is the body of POST /v1/orders, as far as this shop needs it.
type newOrder struct {
	Reference   string            `json:"reference"`
	Amount      money             `json:"amount"`
	Description string            `json:"description"`
	Lines       []orderLine       `json:"lines"`
	Customer    customer          `json:"customer"`
	Locale      string            `json:"locale"`
	Country     string            `json:"country"`
	ReturnURL   string            `json:"return_url"`
	CancelURL   string            `json:"cancel_url"`
	NotifyURL   string            `json:"notify_url"`
	Metadata    map[string]string `json:"metadata"`
}

type orderLine struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Quantity  string `json:"quantity"`
	UnitPrice money  `json:"unit_price"`
	Amount    money  `json:"amount"`
	TaxRate   string `json:"tax_rate"`
	TaxAmount money  `json:"tax_amount"`
}

type customer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// apiOrder is an order as the gateway shows it, as far as this shop reads it.
// Of two the one with the higher version is the newer.
type apiOrder struct {
	ID          string `json:"id"`
	Reference   string `json:"reference"`
	Status      string `json:"status"`
	Amount      money  `json:"amount"`
	Captured    money  `json:"captured"`
	Refunded    money  `json:"refunded"`
	CheckoutURL string `json:"checkout_url"`
	Version     int64  `json:"version"`
}

// problem is an error of the gateway, as RFC 9457 writes it. Status is 0 where
// there was no answer at all.
type problem struct {
	Title     string `json:"title"`
	Detail    string `json:"detail"`
	Status    int    `json:"status"`
	RequestID string `json:"request_id"`
	cause     error
}

func (p *problem) Error() string {
	if p.cause != nil {
		return p.cause.Error()
	}
	return fmt.Sprintf("the gateway answered %d %s: %s (request %s)", p.Status, p.Title, p.Detail, p.RequestID)
}

func (p *problem) Unwrap() error { return p.cause }

// gateway is the API's client.
type gateway struct {
	url, key string
	client   *http.Client
}

// create makes an order. The same key and order again give the same answer,
// so where the connection broke it is asked once more.
func (g gateway) create(ctx context.Context, key string, o newOrder) (apiOrder, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return apiOrder{}, fmt.Errorf("write order %s: %w", o.Reference, err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {key}}
	got, err := g.do(ctx, http.MethodPost, "/v1/orders", header, body)
	if p := (*problem)(nil); errors.As(err, &p) && p.Status == 0 && ctx.Err() == nil {
		got, err = g.do(ctx, http.MethodPost, "/v1/orders", header, body)
	}
	if err == nil && !isWeb(got.CheckoutURL) {
		err = &problem{cause: fmt.Errorf("order %s: checkout_url %q is no address of the web", o.Reference, got.CheckoutURL)}
	}
	return got, err
}

// get reads an order.
func (g gateway) get(ctx context.Context, id string) (apiOrder, error) {
	return g.do(ctx, http.MethodGet, "/v1/orders/"+url.PathEscape(id), http.Header{}, nil)
}

func (g gateway) do(ctx context.Context, method, path string, header http.Header, body []byte) (apiOrder, error) {
	req, err := http.NewRequestWithContext(ctx, method, g.url+path, bytes.NewReader(body))
	if err != nil {
		return apiOrder{}, &problem{cause: fmt.Errorf("%s %s: %w", method, path, err)}
	}
	req.Header = header.Clone()
	req.Header.Set("Authorization", "Bearer "+g.key)
	req.Header.Set("Accept", "application/json, application/problem+json")
	resp, err := g.client.Do(req)
	if err != nil {
		return apiOrder{}, &problem{cause: fmt.Errorf("%s %s: %w", method, path, err)}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(answer) > maxAnswer {
		return apiOrder{}, &problem{cause: fmt.Errorf("%s %s: the answer was cut off or too long (%d bytes): %w", method, path, len(answer), errors.Join(err, io.ErrUnexpectedEOF))}
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		p := &problem{}
		if json.Unmarshal(answer, p) != nil {
			*p = problem{} // a proxy's page, say
		}
		p.Status = resp.StatusCode
		return apiOrder{}, p
	}
	var o apiOrder
	if err := json.Unmarshal(answer, &o); err != nil || o.ID == "" {
		return apiOrder{}, &problem{cause: fmt.Errorf("%s %s: the answer is no order: %w", method, path, errors.Join(err, io.ErrUnexpectedEOF))}
	}
	return o, nil
}

func isWeb(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && strings.HasPrefix(u.Scheme, "http")
}
