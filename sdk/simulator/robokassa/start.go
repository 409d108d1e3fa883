package robokassa

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// start is what the shop sends to begin a payment, checked.
type start struct {
	invID       int64 // 0: the provider is to assign one
	sum         int64 // minor units
	sumText     string
	currency    string
	description string
	label       string   // IncCurrLabel
	only        []string // the ways that are offered; nil: all
	culture     string
	email       string
	receipt     string
	test, hold  bool
	series      bool // Recurring=true: the first of a series
	result2     string
	back        [2]string // SuccessUrl2 and FailUrl2
	backMethod  [2]string
	shop        []shopParam
	expires     time.Time
}

// pageError is what the buyer is shown (and Indexjson.aspx answers).
type pageError struct {
	Code    int    `json:"errorCode"`
	Message string `json:"errorMessage"`
}

// Codes of errors of the payment page.
const (
	errShop      = 26
	errSignature = 29
	errInvoice   = 30
	errSum       = 31
	errTime      = 33
	errSeries    = 34
	errSeriesBad = 35
	errPaid      = 40
	errLinkTime  = 51
	errLinkPaid  = 52
	errLinkNone  = 53
	errHolds     = 64
	errHoldBad   = 65
)

var errorTexts = map[int]string{
	errShop: "Магазин не найден", errSignature: "Неверный параметр SignatureValue", errInvoice: "Неверный параметр счёта",
	errSum: "Неверная сумма платежа", errTime: "Время отведённое на оплату счёта истекло", errSeries: "Услуга рекуррентных платежей не разрешена магазину",
	errSeriesBad: "Неверные параметры для инициализации рекуррентного платежа", errPaid: "Повторная оплата счёта с тем же номером невозможна",
	errLinkTime: "Срок оплаты счёта истёк", errLinkPaid: "Попытка повторной оплаты счёта", errLinkNone: "Счёт не найден",
	errHolds: "Функционал холдирования запрещён для магазина", errHoldBad: "Некорректные параметры для холдирования",
}

func fails(code int) *pageError { return &pageError{Code: code, Message: errorTexts[code]} }

// bounds of a start.
const (
	maxDescription = 100
	maxShop        = 2048
)

// read checks the parameters of a start in the order in which a shop gets them
// wrong: its name, its numbers, its signature, its agreements.
func (s *Simulator) read(p params) (start, *pageError) {
	st := start{
		sumText: p.get("outsum"), currency: p.get("outsumcurrency"), description: p.get("description"), label: p.get("inccurrlabel"),
		culture: p.get("culture"), email: p.get("email"), receipt: p.get("receipt"), result2: p.get("resulturl2"), shop: p.shop, only: p.only,
		test: p.get("istest") == "1", hold: p.get("stepbystep") != "", series: strings.EqualFold(p.get("recurring"), "true"),
		back:       [2]string{p.get("successurl2"), p.get("failurl2")},
		backMethod: [2]string{p.get("successurl2method"), p.get("failurl2method")},
	}
	if p.get("merchantlogin") != s.cfg.Login {
		return st, fails(errShop)
	}
	var ok bool
	if st.sum, ok = parseSum(st.sumText); !ok {
		return st, fails(errSum)
	}
	if st.invID, ok = readInvID(p.get("invid")); !ok || !st.sound(p) {
		return st, fails(errInvoice)
	}
	if !s.signed(p, st) {
		return st, fails(errSignature)
	}
	if st.currency == s.cfg.Currency {
		st.currency = "" // it says what is so anyway
	}
	switch {
	case st.hold && (s.cfg.NoHolds):
		return st, fails(errHolds)
	case st.hold && (p.get("stepbystep") != "true" || st.test || st.series):
		return st, fails(errHoldBad)
	case st.series && st.test:
		return st, fails(errSeriesBad)
	}
	if text := p.get("expirationdate"); text != "" {
		if st.expires, ok = readTime(text); !ok {
			return st, fails(errInvoice)
		}
		if !s.clock.Now().Before(st.expires) {
			return st, fails(errTime)
		}
	}
	return st, nil
}

// readInvID reads 1 to 9223372036854775807; absent, empty and 0 have the
// provider assign one.
func readInvID(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// sound holds what is no number to its bounds.
func (st start) sound(p params) bool {
	switch st.currency {
	case "", "USD", "EUR", currencyKZT:
	default:
		return false
	}
	for i, method := range st.backMethod {
		if (st.back[i] == "") != (method == "") || method != "" && !isMethod(method) {
			return false
		}
	}
	for _, address := range []string{st.result2, st.back[0], st.back[1]} {
		if decoded, err := url.QueryUnescape(address); err != nil || checkURL(address) != nil && checkURL(decoded) != nil {
			return false
		}
	}
	return utf8.RuneCountInString(st.description) <= maxDescription && p.length <= maxShop && soundReceipt(st.receipt, st.sum)
}

// signed compares SignatureValue with what it must cover. Addresses are signed
// as received, or percent-encoded: the documents sign the encoded address, one
// official module the plain one.
func (s *Simulator) signed(p params, st start) bool {
	one, _ := s.passwords(st.test)
	plain := func(address string) string { return address }
	for _, receipt := range receiptForms(st.receipt) {
		for _, form := range []func(string) string{plain, url.QueryEscape} {
			if equal(p.get("signaturevalue"), s.sign(st.parts(p, receipt, form), one, st.shop)) {
				return true
			}
		}
	}
	return false
}

// parts are what the signature of a start covers, in order: the receipt as it
// is given, addresses in a form.
func (st start) parts(p params, receipt string, form func(string) string) []string {
	parts := []string{p.get("merchantlogin"), st.sumText, p.get("invid")}
	optional := func(values ...string) {
		if values[0] != "" {
			parts = append(parts, values...)
		}
	}
	optional(p.get("outsumcurrency"))
	optional(p.get("userip"))
	optional(receipt)
	optional(p.get("stepbystep"))
	optional(form(st.result2))
	for i, address := range st.back {
		optional(form(address), st.backMethod[i])
	}
	optional(p.get("token"))
	return parts
}

// moscow is the zone of times without an offset.
var moscow = time.FixedZone("MSK", int((3*time.Hour)/time.Second))

// readTime reads ISO 8601 to the minute or finer, with or without an offset. The
// Android SDK writes offsets without a colon, and does not encode their plus,
// which a form gives as a space.
func readTime(text string) (time.Time, bool) {
	if i := strings.LastIndexByte(text, ' '); i > len("2006-01-02T") {
		text = text[:i] + "+" + text[i+1:]
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02",
	} {
		if t, err := time.ParseInLocation(layout, text, moscow); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// begin starts a payment, or says why not. A number that was paid live cannot
// be paid again; before that the buyer may come as often as he likes.
func (s *Simulator) begin(p params) (*operation, *pageError) {
	st, bad := s.read(p)
	if bad != nil {
		return nil, bad
	}
	return s.enter(st)
}

// enter puts a start that is as it must be into the books, if its number allows.
func (s *Simulator) enter(st start) (*operation, *pageError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.operations[st.invID]; old != nil && !st.test && !old.open() && old.state != StateCancelled {
		return nil, fails(errPaid)
	}
	return s.register(st), nil
}

// startJSON is Indexjson.aspx: the start without its page.
func (s *Simulator) startJSON(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	if !ok {
		s.json(w, fails(errInvoice))
		return
	}
	o, bad := s.begin(p)
	if bad != nil {
		s.json(w, bad)
		return
	}
	s.json(w, struct {
		InvoiceID string `json:"invoiceID"`
		Code      int    `json:"errorCode"`
	}{o.page, 0})
}
