package paypal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	intentCapture   = "CAPTURE"
	intentAuthorize = "AUTHORIZE"
)

// maxUnits bounds purchase_units (openapi, order_request).
const maxUnits = 10

// orderRequest is the body of a create.
type orderRequest struct {
	Intent  string            `json:"intent"`
	Units   []json.RawMessage `json:"purchase_units"`
	Source  json.RawMessage   `json:"payment_source"`
	Context *experience       `json:"application_context"`
}

// experience is experience_context, or its older place application_context.
type experience struct {
	ReturnURL  string `json:"return_url"`
	CancelURL  string `json:"cancel_url"`
	BrandName  string `json:"brand_name"`
	Locale     string `json:"locale"`
	Landing    string `json:"landing_page"`
	UserAction string `json:"user_action"`
	Shipping   string `json:"shipping_preference"`
	Preference string `json:"payment_method_preference"`
}

// amountRequest is an order's amount with its parts.
type amountRequest struct {
	money
	Breakdown map[string]*money `json:"breakdown"`
}

// itemRequest is a line of the order.
type itemRequest struct {
	Name     string `json:"name"`
	Quantity string `json:"quantity"`
	Unit     *money `json:"unit_amount"`
}

// createOrder answers POST /v2/checkout/orders.
func (s *Simulator) createOrder(q *request) (answer, *apiError) {
	var in orderRequest
	if q.body == nil {
		return answer{}, refuse("MALFORMED_REQUEST_JSON")
	}
	if e := q.decode(&in); e != nil {
		return answer{}, e
	}
	o, e := readOrder(in, q)
	if e != nil {
		return answer{}, e
	}
	o.id, o.created, o.updated, o.expires = newID(17), q.now, q.now, q.now.Add(s.cfg.OrderLife)
	s.orders[o.id] = o
	s.list = append(s.list, o)
	s.expireAt(o, o.expires)
	return s.orderAnswer(http.StatusCreated, o, q.base), nil
}

func readOrder(in orderRequest, q *request) (*order, *apiError) {
	switch {
	case in.Intent == "":
		return nil, refuseField("MISSING_REQUIRED_PARAMETER", "/intent", "")
	case in.Intent != intentCapture && in.Intent != intentAuthorize:
		return nil, refuseField("INVALID_PARAMETER_VALUE", "/intent", in.Intent)
	case in.Units == nil:
		return nil, refuseField("MISSING_REQUIRED_PARAMETER", "/purchase_units", "")
	case len(in.Units) == 0:
		return nil, refuseField("INVALID_ARRAY_MIN_ITEMS", "/purchase_units", "")
	case len(in.Units) > maxUnits:
		return nil, refuseField("INVALID_ARRAY_MAX_ITEMS", "/purchase_units", "")
	case len(in.Source) > 0 && string(in.Source) != "null" && q.Header.Get("PayPal-Request-Id") == "":
		return nil, refuse("PAYPAL_REQUEST_ID_REQUIRED")
	}
	o := &order{intent: in.Intent, status: statusCreated}
	seen := map[string]bool{}
	for i, raw := range in.Units {
		u, e := readUnit(raw, fmt.Sprintf("/purchase_units/%d", i), len(in.Units) > 1)
		if e != nil {
			return nil, e
		}
		switch {
		case seen[u.ReferenceID]:
			return nil, refuseField("DUPLICATE_REFERENCE_ID", fmt.Sprintf("/purchase_units/%d/reference_id", i), u.ReferenceID)
		case i > 0 && u.Money.CurrencyCode != o.currency():
			return nil, refuseField("MULTI_CURRENCY_ORDER", fmt.Sprintf("/purchase_units/%d/amount/currency_code", i), u.Money.CurrencyCode)
		}
		seen[u.ReferenceID] = true
		o.units = append(o.units, u)
	}
	if in.Intent == intentAuthorize && len(o.units) > 1 {
		return nil, refuseField("UNSUPPORTED_INTENT", "/intent", in.Intent)
	}
	return o, o.readExperience(in)
}

// readExperience reads where the buyer goes.
func (o *order) readExperience(in orderRequest) *apiError {
	at, preference := "/application_context", "BILLING"
	if in.Context != nil {
		o.where = *in.Context
	}
	var source struct {
		PayPal *struct {
			Context *experience `json:"experience_context"`
		} `json:"paypal"`
	}
	if json.Unmarshal(in.Source, &source) == nil && source.PayPal != nil {
		o.funding, o.status = in.Source, statusPayerAction
		if source.PayPal.Context != nil {
			o.where, at, preference = *source.PayPal.Context, "/payment_source/paypal/experience_context", "GUEST_CHECKOUT"
		}
	}
	w := o.where
	for _, f := range []struct{ name, value, allowed string }{
		{"landing_page", w.Landing, "LOGIN NO_PREFERENCE " + preference},
		{"user_action", w.UserAction, "CONTINUE PAY_NOW"},
		{"shipping_preference", w.Shipping, "GET_FROM_FILE NO_SHIPPING SET_PROVIDED_ADDRESS"},
		{"payment_method_preference", w.Preference, "UNRESTRICTED IMMEDIATE_PAYMENT_REQUIRED"},
	} {
		if f.value != "" && !strings.Contains(" "+f.allowed+" ", " "+f.value+" ") {
			return refuseField("INVALID_PARAMETER_VALUE", at+"/"+f.name, f.value)
		}
	}
	for name, text := range map[string]string{"return_url": w.ReturnURL, "cancel_url": w.CancelURL} {
		if u, err := url.Parse(text); text != "" && (err != nil || u.Scheme == "" || u.Host == "") {
			return refuseField("INVALID_PARAMETER_SYNTAX", at+"/"+name, text)
		}
	}
	return tooLong(at+"/brand_name", w.BrandName, 127)
}

func readUnit(raw json.RawMessage, at string, several bool) (*unit, *apiError) {
	u := &unit{}
	if json.Unmarshal(raw, &u.unitRequest) != nil {
		return nil, refuseField("INVALID_PARAMETER_SYNTAX", at, "")
	}
	for _, part := range []*json.RawMessage{&u.Amount, &u.Items, &u.Shipping} {
		if string(*part) == "null" {
			*part = nil
		}
	}
	switch {
	case u.ReferenceID == "" && several:
		return nil, refuseField("MISSING_REQUIRED_PARAMETER", at+"/reference_id", "")
	case u.ReferenceID == "":
		u.ReferenceID = "default"
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{
		{"reference_id", u.ReferenceID, 256}, {"description", u.Description, 127}, {"custom_id", u.CustomID, 127},
		{"invoice_id", u.InvoiceID, 127}, {"soft_descriptor", u.SoftDescriptor, 22},
	} {
		if e := tooLong(at+"/"+f.name, f.value, f.most); e != nil {
			return nil, e
		}
	}
	if u.Amount == nil {
		return nil, refuseField("MISSING_REQUIRED_PARAMETER", at+"/amount", "")
	}
	var a amountRequest
	if json.Unmarshal(u.Amount, &a) != nil {
		return nil, refuseField("INVALID_PARAMETER_SYNTAX", at+"/amount", "")
	}
	total, e := cents(&a.money, at+"/amount", "DECIMAL_PRECISION", false)
	if e != nil {
		return nil, e
	}
	u.Money, u.total = a.money, total
	return u, checkParts(a, u, at)
}

// partSigns says how each part of an amount counts (openapi, amount_breakdown).
var partSigns = map[string]int64{
	"item_total": 1, "tax_total": 1, "shipping": 1, "handling": 1, "insurance": 1, "shipping_discount": -1, "discount": -1,
}

// checkParts holds breakdown and items to the amount.
func checkParts(a amountRequest, u *unit, at string) *apiError {
	var sum int64
	parts := map[string]int64{}
	for name, m := range a.Breakdown {
		sign, known := partSigns[name]
		if !known || m == nil {
			continue
		}
		n, e := cents(m, at+"/amount/breakdown/"+name, "DECIMAL_PRECISION", true)
		if e != nil {
			return e
		}
		if m.CurrencyCode != a.CurrencyCode {
			return refuseField("MULTI_CURRENCY_ORDER", at+"/amount/breakdown/"+name+"/currency_code", m.CurrencyCode)
		}
		parts[name], sum = n, sum+sign*n
	}
	if len(parts) > 0 && sum != u.total {
		return refuseField("AMOUNT_MISMATCH", at+"/amount/value", a.Value)
	}
	if u.Items == nil {
		return nil
	}
	var items []itemRequest
	if json.Unmarshal(u.Items, &items) != nil {
		return refuseField("INVALID_PARAMETER_SYNTAX", at+"/items", "")
	}
	total, ok := parts["item_total"]
	if len(items) > 0 && !ok {
		return refuseField("ITEM_TOTAL_REQUIRED", at+"/amount/breakdown/item_total", "")
	}
	if sum, e := itemTotal(items, a.CurrencyCode, at+"/items"); e != nil || len(items) > 0 && sum != total {
		if e == nil {
			e = refuseField("ITEM_TOTAL_MISMATCH", at+"/amount/breakdown/item_total/value", a.Breakdown["item_total"].Value)
		}
		return e
	}
	return nil
}

func itemTotal(items []itemRequest, currency, at string) (int64, *apiError) {
	var sum int64
	for i, item := range items {
		at := at + "/" + strconv.Itoa(i)
		quantity, err := strconv.ParseInt(item.Quantity, 10, 64)
		switch {
		case item.Name == "":
			return 0, refuseField("MISSING_REQUIRED_PARAMETER", at+"/name", "")
		case item.Quantity == "":
			return 0, refuseField("MISSING_REQUIRED_PARAMETER", at+"/quantity", "")
		case item.Unit == nil:
			return 0, refuseField("MISSING_REQUIRED_PARAMETER", at+"/unit_amount", "")
		case err != nil || quantity < 1 || len(item.Quantity) > 10:
			return 0, refuseField("INVALID_PARAMETER_SYNTAX", at+"/quantity", item.Quantity)
		case item.Unit.CurrencyCode != currency && len(item.Unit.CurrencyCode) == 3:
			return 0, refuseField("MULTI_CURRENCY_ORDER", at+"/unit_amount/currency_code", item.Unit.CurrencyCode)
		}
		if e := tooLong(at+"/name", item.Name, 127); e != nil {
			return 0, e
		}
		n, e := cents(item.Unit, at+"/unit_amount", "DECIMAL_PRECISION", true)
		if e != nil {
			return 0, e
		}
		sum += n * quantity
	}
	return sum, nil
}

func tooLong(field, value string, most int) *apiError {
	if utf8.RuneCountInString(value) > most {
		return refuseField("INVALID_STRING_LENGTH", field, value)
	}
	return nil
}
