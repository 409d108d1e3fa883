package shop

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testKey    = "key-of-the-test"
	testSecret = "whsec_bW9sZW4tZW4tbWFhbi10ZXN0LXNlY3JldC0wMQ=="
)

// fakeAPI is the gateway as its document tells: strict, and the same answer
// for the same idempotency key.
type fakeAPI struct {
	*httptest.Server
	mu      sync.Mutex
	orders  map[string]*apiOrder // by id
	bodies  map[string]string    // by idempotency key
	created []newOrder
	posts   int
	// answer, where set, is given instead.
	answer func(w http.ResponseWriter, r *http.Request) bool
}

func newFakeAPI(t *testing.T) *fakeAPI {
	f := &fakeAPI{orders: map[string]*apiOrder{}, bodies: map[string]string{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeAPI) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.answer != nil && f.answer(w, r) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+testKey {
		refuse(w, 401, "The API key is missing or wrong", "Unknown key.")
		return
	}
	if r.Method == http.MethodGet {
		o, ok := f.orders[strings.TrimPrefix(r.URL.Path, "/v1/orders/")]
		if !ok {
			refuse(w, 404, "There is no such thing", "There is nothing with this id for this key.")
			return
		}
		_ = json.NewEncoder(w).Encode(o)
		return
	}
	f.posts++
	raw, _ := io.ReadAll(r.Body)
	key := r.Header.Get("Idempotency-Key")
	if kept, ok := f.bodies[key]; key == "" || ok && kept != string(raw) {
		refuse(w, 422, "The key was used for another request", "This Idempotency-Key came with another request before.")
		return
	}
	var o newOrder
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil || r.Header.Get("Content-Type") != "application/json" {
		refuse(w, 422, "The request is invalid", fmt.Sprint(err))
		return
	}
	if wrong := addsUp(o); wrong != "" {
		refuse(w, 422, "The request is invalid", wrong)
		return
	}
	id := "ord_" + strconv.Itoa(len(f.orders)+1)
	if _, ok := f.bodies[key]; ok {
		for known, x := range f.orders {
			if x.Reference == o.Reference {
				id = known
			}
		}
	} else {
		f.created = append(f.created, o)
		f.orders[id] = &apiOrder{ID: id, Reference: o.Reference, Status: "open", Amount: o.Amount, CheckoutURL: f.URL + "/pay/" + id + ".secret", Version: 1}
		f.bodies[key] = string(raw)
	}
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(f.orders[id])
}

func addsUp(o newOrder) string {
	var sum int64
	for _, l := range o.Lines {
		quantity, err := strconv.ParseInt(l.Quantity, 10, 64)
		if err != nil || l.UnitPrice.Value*quantity != l.Amount.Value || l.Amount.Currency != o.Amount.Currency || l.TaxAmount.Value >= l.Amount.Value || l.Name == "" {
			return "line " + l.ID + " makes no sense"
		}
		sum += l.Amount.Value
	}
	if sum != o.Amount.Value || sum <= 0 {
		return fmt.Sprintf("the lines add up to %d, the order is %d", sum, o.Amount.Value)
	}
	return ""
}

func refuse(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": title, "detail": detail, "status": status, "request_id": "req_7", "attempted": "no"})
}

// set makes an order of the fake something else.
func (f *fakeAPI) set(id, status string, version int64) apiOrder {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders[id].Status, f.orders[id].Version = status, version
	return *f.orders[id]
}

// visit is a shop with a fake gateway and a browser in it.
type visit struct {
	t      *testing.T
	api    *fakeAPI
	shop   *shop
	server *httptest.Server
	client *http.Client
}

func newVisit(t *testing.T) *visit {
	t.Helper()
	v := &visit{t: t, api: newFakeAPI(t)}
	var err error
	if v.shop, err = open(Config{Name: "Molen & Maan", PublicURL: "http://shop.example", GatewayURL: v.api.URL, Key: testKey, NoticeSecret: testSecret, StoryURL: "/story"}); err != nil {
		t.Fatal(err)
	}
	v.server = httptest.NewServer(v.shop.routes())
	t.Cleanup(v.server.Close)
	v.client = v.browser()
	return v
}

// browser follows no redirect out of the shop.
func (v *visit) browser() *http.Client {
	jar, _ := cookiejar.New(nil) // never fails
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type answer struct {
	status   int
	text     string
	location string
	header   http.Header
}

func (v *visit) do(req *http.Request, err error) answer {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{resp.StatusCode, string(b), resp.Header.Get("Location"), resp.Header}
}

func (v *visit) get(path string) answer {
	v.t.Helper()
	return v.do(http.NewRequest(http.MethodGet, v.server.URL+path, nil))
}

func (v *visit) post(path string, form url.Values) answer {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodPost, v.server.URL+path, strings.NewReader(form.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return v.do(req, err)
}

func (v *visit) add(product string) {
	v.t.Helper()
	if a := v.post("/basket?lang=en", url.Values{"product": {product}, "change": {"add"}}); a.status != http.StatusSeeOther {
		v.t.Fatalf("add %s: got %d, want 303", product, a.status)
	}
}

func form(once string) url.Values {
	return url.Values{"name": {"A. Bakker"}, "email": {"a@example.org"}, "once": {once}}
}

// buy puts a mug into the basket and orders it.
func (v *visit) buy() (reference, id string) {
	v.t.Helper()
	v.add("mug")
	if a := v.post("/checkout?lang=en", form("1")); a.status != http.StatusSeeOther {
		v.t.Fatalf("checkout: got %d, want 303: %s", a.status, a.text)
	}
	o := v.api.created[len(v.api.created)-1]
	return o.Reference, "ord_" + strconv.Itoa(len(v.api.created))
}

// tell sends a notice, signed at a time.
func (v *visit) tell(id string, at time.Time, body []byte) answer {
	v.t.Helper()
	signature, err := v.shop.webhook.Sign(id, at, body)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.tellSigned(id, strconv.FormatInt(at.Unix(), 10), signature, body)
}

func (v *visit) tellSigned(id, at, signature string, body []byte) answer {
	v.t.Helper()
	req, err := http.NewRequest(http.MethodPost, v.server.URL+"/notices", bytes.NewReader(body))
	if err == nil {
		req.Header.Set("Webhook-Id", id)
		req.Header.Set("Webhook-Timestamp", at)
		req.Header.Set("Webhook-Signature", signature)
	}
	return v.do(req, err)
}

func noticeOf(kind string, number int64, o apiOrder) []byte {
	b, _ := json.Marshal(map[string]any{"type": kind, "timestamp": time.Now(), "data": map[string]any{"event": map[string]any{"number": number, "type": kind}, "order": o}}) // never fails
	return b
}

// signReturn makes the address that the gateway sends a consumer back to.
func signReturn(secret []byte, id, status, reference, at string) url.Values {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("return.v1\n" + id + "\n" + status + "\n" + reference + "\n" + at))
	return url.Values{"order": {id}, "status": {status}, "reference": {reference}, "timestamp": {at}, "signature": {hex.EncodeToString(mac.Sum(nil))}, "lang": {"en"}}
}
