package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/view"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// plain is the peer: one handler with the method written into it. It makes the
// gateway's writes to Redis, one by one, with the same scripts, and speaks to
// the bank itself.
type plain struct {
	store  *store.Redis
	bank   bank
	client *http.Client
	view   view.Maker
}

const (
	plainShop    = "plain"
	plainAccount = "plain-rabo"
)

// newPlain serves one and gives its address.
func newPlain(b *testing.B, redis string, at bank) string {
	b.Helper()
	ring, err := seal.NewRing(seal.NewKey())
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(b.Context(), store.Options{URL: redis, Seal: ring})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	t := &http.Transport{MaxIdleConnsPerHost: 256}
	b.Cleanup(t.CloseIdleConnections)
	p := &plain{store: s, bank: at, client: &http.Client{Transport: t, Timeout: 10 * time.Second}, view: view.Maker{PublicURL: "https://pay.example"}}
	if err := p.fetchToken(b.Context()); err != nil {
		b.Fatal(err)
	}
	engine := gin.New()
	engine.POST("/v1/orders", func(c *gin.Context) {
		o, err := p.create(c)
		if err != nil {
			c.String(http.StatusInternalServerError, "%v", err)
			return
		}
		c.JSON(http.StatusCreated, p.view.Order(o, time.Now()))
	})
	srv := httptest.NewServer(engine)
	b.Cleanup(srv.Close)
	return srv.URL
}

func (p *plain) fetchToken(ctx context.Context) error {
	var got struct{ Token string }
	if err := p.ask(ctx, http.MethodGet, "/gatekeeper/refresh", omnikassa.DemoRefreshToken, nil, &got); err != nil {
		return err
	}
	return p.store.PutToken(ctx, plainAccount, "access_token", got.Token, time.Now().Add(time.Hour))
}

// ask sends the bank a request and reads its answer.
func (p *plain) ask(ctx context.Context, method, path, bearer string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.bank.url+"/omnikassa-api"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, answer)
	}
	return json.Unmarshal(answer, into)
}

// ordered is what the shop posts.
type ordered struct {
	Reference   string            `json:"reference" binding:"required"`
	Amount      order.Money       `json:"amount" binding:"required"`
	Description string            `json:"description"`
	ReturnURL   string            `json:"return_url" binding:"required"`
	CancelURL   string            `json:"cancel_url"`
	Locale      string            `json:"locale"`
	Country     string            `json:"country"`
	Customer    contract.Customer `json:"customer"`
	Method      string            `json:"method" binding:"required"`
}

// create makes an order, reserves a payment, announces it and books it.
func (p *plain) create(c *gin.Context) (order.Order, error) {
	var in ordered
	if err := c.ShouldBindJSON(&in); err != nil {
		return order.Order{}, err
	}
	ctx, now := c.Request.Context(), time.Now().UTC().Truncate(time.Millisecond)
	part := checkout.PartitionOf(plainShop, in.Reference)
	o, events, err := order.New(order.Spec{
		ID: checkout.NewOrderID(part, now), Secret: checkout.NewSecret(), Shop: plainShop, Reference: in.Reference, Amount: in.Amount,
		Description: in.Description, Locale: in.Locale, Country: in.Country, Customer: in.Customer, ReturnURL: in.ReturnURL, CancelURL: in.CancelURL,
	}, now)
	if err != nil {
		return o, err
	}
	if _, err := p.store.Create(ctx, checkout.Creation{Order: o, Events: events, Next: o.ExpiresAt}); err != nil {
		return o, err
	}
	payment, call := checkout.NewPaymentID(now), checkout.NewCallID(part, now)
	o, err = p.commit(ctx, o, 1, order.Reserve{
		Payment: payment, Reference: checkout.NewReference(part), Method: in.Method, Account: plainAccount,
		Plugin: order.Plugin{Name: "plain", Version: "1.0.0", Digest: "0f1e2d3c"}, IdempotencyKey: payment, Seen: -1,
	}, checkout.Commit{SetBusy: &checkout.Busy{Payment: payment, Call: call, Export: contract.CreatePayment, Until: now.Add(time.Minute)}})
	if err != nil {
		return o, err
	}
	result, journal, err := p.announce(ctx, o, call)
	if err != nil {
		return o, err
	}
	to := checkout.PaymentAddress{Order: o.ID, Payment: payment}
	if _, err := p.store.Learn(ctx, plainAccount, result.ProviderReference, to); err != nil {
		return o, err
	}
	o, err = p.commit(ctx, o, 2, order.Created{Payment: payment, Result: result, At: time.Now()},
		checkout.Commit{ClearBusy: call, Journal: &checkout.JournalEnd{Call: call, Fields: map[string][]byte{"end": journal}}})
	if err != nil {
		return o, err
	}
	_, err = p.store.Orphans(ctx, plainAccount)
	return o, err
}

// commit applies a change and writes it.
func (p *plain) commit(ctx context.Context, o order.Order, version int64, change order.Change, c checkout.Commit) (order.Order, error) {
	o, events, err := order.Apply(o, change, time.Now())
	if err != nil {
		return o, err
	}
	c.Order, c.Version, c.Events, c.Next = o, version, events, o.ExpiresAt
	_, err = p.store.Commit(ctx, c)
	return o, err
}

// announce sends the bank the order, between the two journal entries that the
// gateway writes.
func (p *plain) announce(ctx context.Context, o order.Order, call string) (contract.CreateResult, []byte, error) {
	token, _, err := p.store.Token(ctx, plainAccount, "access_token")
	if err != nil {
		return contract.CreateResult{}, nil, err
	}
	first, last, _ := bytes.Cut([]byte(o.Customer.Name), []byte(" "))
	body, err := json.Marshal(map[string]any{
		"timestamp": time.Now().Format("2006-01-02T15:04:05.000Z07:00"), "merchantOrderId": o.Payments[0].Reference,
		"shopperBankstatementReference": "plain", "amount": map[string]any{"currency": o.Amount.Currency, "amount": fmt.Sprint(o.Amount.Value)},
		"merchantReturnURL": "https://pay.example/pay/" + checkout.Token(o), "description": o.Description, "language": "NL",
		"customerInformation": map[string]any{"emailAddress": o.Customer.Email, "initials": string(first), "lastName": string(last)},
		"paymentBrand":        "IDEAL", "paymentBrandForce": "FORCE_ALWAYS", "skipHppResultPage": true,
	})
	if err != nil {
		return contract.CreateResult{}, nil, err
	}
	if err := p.journal(ctx, call, "step:0", body); err != nil {
		return contract.CreateResult{}, nil, err
	}
	var got struct{ RedirectURL, OmnikassaOrderID string }
	if err := p.ask(ctx, http.MethodPost, "/order/server/api/v2/order", token, body, &got); err != nil {
		return contract.CreateResult{}, nil, err
	}
	result := contract.CreateResult{ProviderReference: got.OmnikassaOrderID, Action: contract.Action{Type: contract.ActionRedirect, URL: got.RedirectURL}}
	answer, err := json.Marshal(result)
	if err != nil {
		return contract.CreateResult{}, nil, err
	}
	return result, answer, p.journal(ctx, call, "step:1", answer)
}

func (p *plain) journal(ctx context.Context, call, field string, value []byte) error {
	ours, err := p.store.Intent(ctx, call, field, map[string][]byte{field: value}, time.Time{})
	if err == nil && !ours {
		err = fmt.Errorf("%s of call %s is there", field, call)
	}
	return err
}
