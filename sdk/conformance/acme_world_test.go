package conformance_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// What the kit's own provider knows of its merchant.
const (
	acmeClient = "client-password-of-acme"
	acmeKey    = "signing-key-of-acme"
	acmePage   = 4
)

func acmeAccount() *conformance.Account {
	return &conformance.Account{Secrets: map[string]string{"client": acmeClient, "key": acmeKey}}
}

// acmeWorld is the kit's own provider. The consumer approves, then the shop
// takes the money; a manual payment is reserved by the approval. Its webhook
// says which pieces of news to pull; messages, answers and returns are signed.
type acmeWorld struct {
	http.RoundTripper
	now    time.Time
	orders []*acmeBooked
	// news are snapshots, of which the first sent ones were announced.
	news []acmeOrder
	sent int
	// done are answers by idempotency key, refunds those by id.
	done    map[string]map[string]string
	refunds map[string]*acmeRefund
	// tokens were handed out so many times.
	tokens int
	// forge and said change the next page of news.
	forge conformance.Forgery
	said  contract.Money
	// account has the consumer return to the account's one address.
	account bool
}

// acmeBooked is an order in the books.
type acmeBooked struct {
	acmeOrder
	asked, held, taken, givenBack int64
	captures, refunds             int
	shown                         bool // to the consumer
}

type acmeRefund struct{ at time.Time }

func newAcmeWorld() (conformance.World, error) {
	w := &acmeWorld{now: conformance.Start, done: map[string]map[string]string{}, refunds: map[string]*acmeRefund{}}
	w.RoundTripper = conformance.Handler(w.routes())
	return w, nil
}

func newAcmeAccountWorld() (conformance.World, error) {
	w, err := newAcmeWorld()
	w.(*acmeWorld).account = true
	return w, err
}

func (w *acmeWorld) Now() time.Time { return w.now }

func (w *acmeWorld) Advance(_ context.Context, d time.Duration) error {
	w.now = w.now.Add(d)
	return nil
}

func (w *acmeWorld) find(is func(o *acmeBooked) bool) *acmeBooked {
	if i := slices.IndexFunc(w.orders, is); i >= 0 {
		return w.orders[i]
	}
	return nil
}

func (w *acmeWorld) of(p contract.Payment) *acmeBooked {
	return w.find(func(o *acmeBooked) bool { return o.Reference == p.Reference })
}

// becomes gives an order a status and the account news of it.
func (w *acmeWorld) becomes(o *acmeBooked, status string) {
	w.now = w.now.Add(time.Second)
	o.Status, o.At = status, w.now
	o.Authorized, o.Captured = o.decimal(o.held), o.decimal(o.taken)
	w.news = append(w.news, o.acmeOrder)
}

func (o *acmeBooked) decimal(v int64) string {
	return contract.Money{Value: v, Currency: o.Currency}.Decimal()
}

func (w *acmeWorld) End(_ context.Context, p contract.Payment, e conformance.Ending) error {
	o := w.of(p)
	if o == nil || !o.shown {
		return errors.New("the consumer was not sent to this order")
	}
	if o.Status != "open" && o.Status != "declined" {
		return fmt.Errorf("the order is %s", o.Status)
	}
	switch {
	case e == conformance.Paid && o.Capture == "manual":
		o.held = o.asked
		w.becomes(o, "authorized")
	default:
		w.becomes(o, map[conformance.Ending]string{
			conformance.Paid: "approved", conformance.Cancelled: "cancelled", conformance.Expired: "expired",
			conformance.Declined: "declined", conformance.Open: "open",
		}[e])
	}
	return nil
}

// Follow opens the payment page.
func (w *acmeWorld) Follow(_ context.Context, _ contract.Payment, a contract.Action) error {
	if a.Type != contract.ActionRedirect {
		return nil
	}
	_, id, _ := strings.Cut(a.URL, "/pay/")
	o := w.find(func(o *acmeBooked) bool { return o.ID == id })
	if o == nil {
		return errors.New("there is no such page")
	}
	o.shown = true
	return nil
}

func acmeSign(key, data string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(data))
	return hex.EncodeToString(mac.Sum(nil))
}

// announce is a message about news that were not announced yet.
func (w *acmeWorld) announce(from, to int) contract.Message {
	body := fmt.Sprintf(`{"from":%d,"to":%d}`, from, to)
	return contract.Message{Method: "POST", Path: "/webhooks/acc_1", Body: body, Headers: map[string][]string{"x-signature": {acmeSign(acmeKey, body)}}}
}

func (w *acmeWorld) Messages(context.Context) ([]contract.Message, error) {
	if w.sent == len(w.news) {
		return nil, nil
	}
	m := w.announce(w.sent, len(w.news))
	w.sent = len(w.news)
	return []contract.Message{m}, nil
}

func (w *acmeWorld) Acknowledged(_ contract.Message, r contract.WebhookResponse) bool {
	return r.Status == 200 && r.Body == "taken"
}

func (w *acmeWorld) Repeat(_ context.Context, p contract.Payment) error {
	w.news = append(w.news, w.of(p).acmeOrder)
	return nil
}

func (w *acmeWorld) Return(p contract.Payment) (contract.Message, bool) {
	o := w.of(p)
	if o == nil {
		return contract.Message{}, false
	}
	q := url.Values{"order": {o.ID}, "status": {o.Status}, "signature": {acmeSign(acmeKey, o.ID+","+o.Status)}}
	u, _ := url.Parse(p.ReturnURL)
	if w.account {
		u.Path = conformance.AccountReturn + "acc_1"
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: q.Encode()}, true
}

func (w *acmeWorld) Books(p contract.Payment) conformance.Books {
	o := w.of(p)
	if o == nil {
		return conformance.Books{}
	}
	m := func(v int64) contract.Money { return contract.Money{Value: v, Currency: o.Currency} }
	return conformance.Books{
		Known: true, ProviderReference: o.ID, Authorized: m(o.held), Captured: m(o.taken), Captures: o.captures,
		Refunded: m(o.givenBack), Refunds: o.refunds,
	}
}

func (w *acmeWorld) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	if m.Method == http.MethodGet {
		q, _ := url.ParseQuery(m.Query)
		if f == conformance.ForgedContent {
			q.Set("status", "approved!")
		} else {
			q.Set("signature", forgedSum(f, q.Get("signature"), q.Get("order")+","+q.Get("status")))
		}
		m.Query = q.Encode()
		return m
	}
	if f == conformance.ForgedContent {
		m.Body += " "
		return m
	}
	m.Headers = map[string][]string{"x-signature": {forgedSum(f, m.Header("x-signature"), m.Body)}}
	return m
}

func forgedSum(f conformance.Forgery, sum, data string) string {
	switch f {
	case conformance.ForgedBad:
		return map[bool]string{true: "1", false: "0"}[sum[0] == '0'] + sum[1:]
	case conformance.ForgedMissing:
		return ""
	case conformance.ForgedCut:
		return sum[:len(sum)-2]
	case conformance.ForgedForeign:
		return acmeSign("key-of-another-shop", data)
	}
	return sum
}

func (w *acmeWorld) ForgeNext(f conformance.Forgery) bool {
	w.forge = f
	return true
}

func (w *acmeWorld) Misreport(paid contract.Money) error {
	w.said = paid
	return nil
}

func (w *acmeWorld) Strangers(n int) error {
	for i := range n {
		w.news = append(w.news, acmeOrder{
			ID: "other-" + strconv.Itoa(i), Reference: "OTHER" + strconv.Itoa(i), Status: "captured", Currency: "EUR", Captured: "1.00", At: w.now,
		})
	}
	return nil
}

func (w *acmeWorld) Close() error { return nil }

// show is an order as an answer has it, misreported where that was asked for.
func (w *acmeWorld) show(o acmeOrder) acmeOrder {
	if o.Status == "captured" && !w.said.IsZero() && !strings.HasPrefix(o.Reference, "OTHER") {
		o.Captured, o.Currency = w.said.Decimal(), w.said.Currency
	}
	return o
}

func answer(rw http.ResponseWriter, status int, v any) {
	b, _ := json.Marshal(v)
	rw.WriteHeader(status)
	_, _ = rw.Write(b)
}

var (
	_ conformance.Follower     = (*acmeWorld)(nil)
	_ conformance.Acknowledger = (*acmeWorld)(nil)
)
