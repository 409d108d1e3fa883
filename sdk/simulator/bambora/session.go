package bambora

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// maxAmount is the largest order, in minor units: the provider's clients keep it
// in 32 bits (document, 3.2).
const maxAmount = 1<<31 - 1

// maxOrderID is the length of an order number (document, 3.2: ePay's figure).
const maxOrderID = 20

// session is a checkout session: a window in which one order can be paid once.
type session struct {
	token     string
	createdAt time.Time
	orderID   string
	amount    int64
	currency  currency
	instant   int64 // captured at once on approval
	multi     bool  // several captures are allowed
	accept    string
	cancel    string
	callbacks []string
	direct    bool // skip the receipt page
	language  string
	exempt    string // low-value exemption
	filters   []filter
	request   json.RawMessage
	payment   *paymentRequest // that it was opened from, or nil
	tx        *transaction    // once it is approved
	declines  int
	cancelled bool // the consumer left once
	ended     bool // before its time
	late      bool // its callback comes after the browser's return
}

// createSession serves POST /sessions and POST /checkout.
func (s *Simulator) createSession(w http.ResponseWriter, r *http.Request) {
	f, body, refused := readFields(w, r)
	if refused == nil {
		o := f.session("")
		if refused = f.err; refused == nil {
			o.request = body
			s.mu.Lock()
			refused = s.open(o)
			s.mu.Unlock()
			if refused == nil {
				s.write(w, http.StatusOK, map[string]any{"token": o.token, "url": s.publicURL(r) + "/" + o.token, "meta": good()})
				return
			}
		}
	}
	s.refuse(w, refused)
}

// open keeps a session. The caller holds s.mu.
func (s *Simulator) open(o *session) *apiError {
	for _, t := range s.txList {
		if t.orderID == o.orderID {
			return &apiError{http.StatusConflict, codeDupOrder, "order.id: the order " + o.orderID + " is paid already"}
		}
	}
	o.token, o.createdAt = newToken(), s.clock.Now()
	s.sessions[o.token] = o
	s.list = append(s.list, o)
	return nil
}

// newToken is 32 lower-case hex digits.
func newToken() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// session reads a session in either dialect (document, 3). Members lie below
// prefix, as a payment request has them.
func (f *fields) session(prefix string) *session {
	p := func(paths ...string) []string {
		for i := range paths {
			paths[i] = prefix + paths[i]
		}
		return paths
	}
	o := &session{multi: true}
	o.orderID = f.text(p("order.id", "order.ordernumber")...)
	if o.orderID == "" || len(o.orderID) > maxOrderID || strings.Trim(o.orderID, orderChars) != "" {
		f.bad(prefix+"order.id", "1 to %d letters, digits and spaces are needed", maxOrderID)
	}
	var given bool
	o.amount, given = f.whole(p("order.amount", "order.total")...)
	if !given || o.amount <= 0 || o.amount > maxAmount {
		f.bad(prefix+"order.amount", "1 to %d minor units are needed", maxAmount)
	}
	var known bool
	if o.currency, known = currencies[f.text(p("order.currency")...)]; !known {
		f.bad(prefix+"order.currency", "it is no currency of this merchant")
	}
	f.lines(prefix + "order")
	for _, name := range []string{"billingaddress", "shippingaddress"} {
		f.postal(prefix + "order." + name)
	}
	if o.instant, _ = f.whole(p("instantcaptureamount")...); o.instant < 0 || o.instant > o.amount {
		f.bad(prefix+"instantcaptureamount", "it is not 0 to order.amount")
	}
	if multi, isBool := f.get(prefix + "capturemulti").(bool); isBool {
		o.multi = multi
	}
	f.urls(o, prefix)
	f.window(o, prefix)
	if f.get(prefix+"subscription") != nil {
		f.bad(prefix+"subscription", "the simulator has no subscriptions")
	}
	o.exempt = f.text(p("securityexemption")...)
	if level := f.text(p("securitylevel")...); o.exempt != "" && (o.exempt != "lowvaluepayment" || level != "none") {
		f.bad(prefix+"securityexemption", `it is "lowvaluepayment" with securitylevel "none"`)
	}
	return o
}

const orderChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 "

// urls reads where browser and callback go. A payment request has no accept and
// cancel of its own.
func (f *fields) urls(o *session, prefix string) {
	needed := prefix == ""
	o.accept = f.address(needed, prefix+"url.accept")
	o.cancel = f.address(needed, prefix+"url.cancel", prefix+"url.decline")
	for _, c := range f.list(prefix + "url.callbacks") {
		m, _ := c.(map[string]any)
		address, _ := m["url"].(string)
		if !isAddress(address) {
			f.bad(prefix+"url.callbacks", "each holds a url, an absolute http or https address")
		}
		o.callbacks = append(o.callbacks, address)
	}
	direct, _ := f.whole(prefix + "url.immediateredirecttoaccept")
	if o.direct = direct == 1; direct != 0 && direct != 1 {
		f.bad(prefix+"url.immediateredirecttoaccept", "it is 0 or 1")
	}
}

// filter is one entry of the payment filter (document, 3.2).
type filter struct{ kind, id, action string }

// window reads how the window looks and what it offers.
func (f *fields) window(o *session, prefix string) {
	if id, given := f.whole(prefix+"paymentwindow.id", prefix+"paymentwindowid"); given && id < 1 {
		f.bad(prefix+"paymentwindow.id", "it is not 1 or more")
	}
	o.language = f.text(prefix+"paymentwindow.language", prefix+"language")
	for _, kind := range []string{"paymentmethods", "paymentgroups", "paymenttypes"} {
		path := prefix + "paymentwindow." + kind
		for _, v := range f.list(path) {
			m, _ := v.(map[string]any)
			one := filter{kind, scalar(m["id"]), scalar(m["action"])}
			if one.id == "" || (one.action != "include" && one.action != "exclude") {
				f.bad(path, "each holds an id and the action include or exclude")
			}
			o.filters = append(o.filters, one)
		}
	}
}

// lines checks order lines (document, 3.3): their amounts are whole numbers.
func (f *fields) lines(order string) {
	f.whole(order + ".vatamount")
	for _, v := range f.list(order + ".lines") {
		m, ok := v.(map[string]any)
		if !ok || scalar(m["id"]) == "" || scalar(m["quantity"]) == "" {
			f.bad(order+".lines", "each is an object with id and quantity")
			return
		}
		line := &fields{root: m}
		for _, name := range []string{
			"unitprice", "unitpriceinclvat", "unitpricevatamount", "totalprice", "totalpriceinclvat", "totalpricevatamount",
		} {
			line.whole(name)
		}
		if line.err != nil {
			f.bad(order+".lines", "%v", line.err)
		}
	}
}

// postal checks an address: all but att are needed when the object is there.
func (f *fields) postal(path string) {
	if f.get(path) == nil {
		return
	}
	for _, name := range []string{"city", "country", "firstname", "lastname", "street", "zip"} {
		if f.text(path+"."+name) == "" {
			f.bad(path+"."+name, "it is missing")
		}
	}
	f.text(path + ".att")
}
