package pages

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var update = flag.Bool("update", false, "rewrite the golden pages")

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	os.Exit(m.Run())
}

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

const (
	token   = "ord_7f01J.s3cr3t"
	payment = "pay_1"
)

// consumer is a fake of the use cases with one order in it.
type consumer struct {
	order   order.Order
	shop    checkout.Shop
	offers  []checkout.MethodOffer
	options map[string][]contract.Option
	action  *contract.Action // of a return
	// errors to be given
	openErr, offersErr, optionsErr, chooseErr, returnErr, abortErr, formErr error

	forms []checkout.PostedForm

	chosen    []checkout.Choice
	chooses   func(c *consumer) // what a choice makes of the order
	returned  []contract.Message
	aborted   []string
	toAccount string
	asked     string // the locale in which options were asked for
}

func (c *consumer) Open(_ context.Context, t string) (order.Order, checkout.Shop, error) {
	if c.openErr != nil {
		return order.Order{}, checkout.Shop{}, c.openErr
	}
	if t != checkout.Token(c.order) {
		return order.Order{}, checkout.Shop{}, checkout.ErrNotFound
	}
	return c.order, c.shop, nil
}

func (c *consumer) Offers(context.Context, order.Order) ([]checkout.MethodOffer, error) {
	if c.offersErr != nil {
		return nil, c.offersErr
	}
	return c.offers, nil
}

func (c *consumer) OptionsFor(_ context.Context, o order.Order, method string) ([]contract.Option, error) {
	c.asked = o.Locale
	return c.options[method], c.optionsErr
}

func (c *consumer) Choose(ctx context.Context, t string, ch checkout.Choice) (order.Order, string, error) {
	if _, _, err := c.Open(ctx, t); err != nil {
		return order.Order{}, "", err
	}
	c.chosen = append(c.chosen, ch)
	if c.chooses != nil {
		c.chooses(c)
	}
	return c.order, payment, c.chooseErr
}

func (c *consumer) Return(ctx context.Context, t, _ string, m contract.Message) (order.Order, *contract.Action, error) {
	if _, _, err := c.Open(ctx, t); err != nil {
		return order.Order{}, nil, err
	}
	c.returned = append(c.returned, m)
	return c.order, c.action, c.returnErr
}

func (c *consumer) ReturnToAccount(_ context.Context, account string, m contract.Message) (string, string, error) {
	if account != c.toAccount {
		return "", "", checkout.ErrNotFound
	}
	c.returned = append(c.returned, m)
	return checkout.Token(c.order), payment, c.returnErr
}

func (c *consumer) Abort(ctx context.Context, t, p string) (order.Order, error) {
	if _, _, err := c.Open(ctx, t); err != nil {
		return order.Order{}, err
	}
	c.aborted = append(c.aborted, p)
	return c.order, c.abortErr
}

func (c *consumer) PayForm(_ context.Context, f checkout.PostedForm) (order.Order, error) {
	c.forms = append(c.forms, f)
	return c.order, c.formErr
}

func (c *consumer) Leave(o order.Order, _ checkout.Shop) string {
	if o.ReturnURL == "" {
		return ""
	}
	return o.ReturnURL + "?status=" + string(o.Status())
}

var _ checkout.Consumer = (*consumer)(nil)

// house is the pages with a fake behind them.
type house struct {
	*consumer
	t      *testing.T
	engine *gin.Engine
	seen   []string
	// operations are those of the plugin whose payments are made; none: not known.
	operations []contract.Export
	// hides is the shop's wish to have what cannot be used left out.
	hides bool
}

// logo is a picture that is only a box.
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 40"><rect width="64" height="40"/></svg>`

func offer(id string, title contract.Text, provider string) checkout.MethodOffer {
	return checkout.MethodOffer{ID: id, Title: title, ProviderTitle: contract.Text{"en": provider}, Logo: logo, Available: true}
}

func newHouse(t *testing.T, change func(s *order.Spec)) *house {
	t.Helper()
	s := order.Spec{
		ID: "ord_7f01J", Secret: "s3cr3t", Shop: "demo", Reference: "1001", Amount: order.Money{Value: 4999, Currency: "EUR"},
		Locale: "nl-NL", Country: "NL", ReturnURL: "https://shop.example/back",
		Lines: []contract.Line{
			{Name: "Koffie", Kind: contract.LinePhysical, Quantity: "2", Amount: order.Money{Value: 4599, Currency: "EUR"}},
			{Name: "Verzending", Kind: contract.LineShipping, Quantity: "1", Amount: order.Money{Value: 400, Currency: "EUR"}},
		},
	}
	if change != nil {
		change(&s)
	}
	o, _, err := order.New(s, start)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, consumer: &consumer{order: o, toAccount: "bank", shop: checkout.Shop{
		ID: "demo", Name: "Molen & Maan", Contact: checkout.Contact{Email: "hallo@shop.example", Phone: "+31 20 555 0100", URL: "https://shop.example/contact"},
		TermsURL: "https://shop.example/terms", Accent: "#1f5f5b",
	}}}
	h.offers = []checkout.MethodOffer{offer("ideal", contract.Text{"en": "iDEAL"}, "OnlineKassa"), offer("card", contract.Text{"en": "Card", "nl": "Kaart", "bg": "Карта"}, "OnlineKassa")}
	p, err := New(Options{
		Consumer: h.consumer, PublicURL: "https://pay.example", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Clock: func() time.Time { return start.Add(time.Minute) }, Seen: func(_, page string) { h.seen = append(h.seen, page) },
		HideUnavailable: func(shop string) bool { return h.hides && shop == "demo" },
	})
	if err != nil {
		t.Fatal(err)
	}
	h.engine = gin.New()
	p.Register(h.engine)
	h.engine.POST("/pay/form/:shop", p.Form)
	h.engine.GET("/pay/form/:shop", p.Form)
	return h
}

// attempt adds a payment that was started with this action.
func (h *house) attempt(a contract.Action) {
	h.t.Helper()
	reserved(h)
	h.apply(order.Created{Payment: payment, Result: contract.CreateResult{Action: a}, At: start})
}

// report books what the provider says of the payment.
func (h *house) report(kind contract.UpdateType, change func(u *contract.Update)) {
	h.t.Helper()
	u := contract.Update{Type: kind, Trust: contract.Verified, OccurredAt: start, Payment: contract.PaymentKey{ID: payment}}
	if kind == contract.UpdateCaptured || kind == contract.UpdateAuthorized {
		u.Amount = h.order.Amount
	}
	if change != nil {
		change(&u)
	}
	h.apply(order.Reported{Payment: payment, Updates: []contract.Update{u}, Source: contract.ReceiveWebhook, At: start})
}

// unescaped is JSON as it reads.
func unescaped(s string) string { return strings.ReplaceAll(s, `\u0026`, "&") }

func (h *house) apply(c order.Change) {
	h.t.Helper()
	o, _, err := order.Apply(h.order, c, start.Add(time.Second))
	if err != nil {
		h.t.Fatalf("%T: %v", c, err)
	}
	h.order = o
}

func redirect() contract.Action {
	return contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/pay?x=1"}
}

func formAction() contract.Action {
	return contract.Action{Type: contract.ActionForm, URL: "https://bank.example:8443/form?x=1", Fields: [][2]string{{"b", "1"}, {"a", `"><script>`}, {"a", "2"}, {"submit", ""}}}
}

func (h *house) do(method, target string, body io.Reader) *httptest.ResponseRecorder {
	h.t.Helper()
	req := httptest.NewRequest(method, target, body)
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	h.engine.ServeHTTP(w, req)
	return w
}

func (h *house) get(target string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.do(http.MethodGet, target, nil)
}

func (h *house) post(target string, form url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.do(http.MethodPost, target, strings.NewReader(form.Encode()))
}

// want checks a page's status and what it says and does not say ("!…").
func (h *house) want(w *httptest.ResponseRecorder, status int, says ...string) {
	h.t.Helper()
	if w.Code != status {
		h.t.Errorf("got %d, want %d: %s", w.Code, status, w.Body)
	}
	for _, text := range says {
		if not, ok := strings.CutPrefix(text, "!"); ok {
			if strings.Contains(w.Body.String(), not) {
				h.t.Errorf("the page says %q:\n%s", not, w.Body)
			}
		} else if !strings.Contains(w.Body.String(), text) {
			h.t.Errorf("the page lacks %q:\n%s", text, w.Body)
		}
	}
}

// digests of styles and scripts differ with every change of them.
var digests = regexp.MustCompile(`\?v=[0-9a-f]+`)

// golden compares a page with the one that was looked at.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = digests.ReplaceAllString(got, "?v=DIGEST")
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; make it with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it, then -update:\n%s", path, got)
	}
}
