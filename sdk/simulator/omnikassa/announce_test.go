package omnikassa

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

type object = map[string]any

func eur(amount any) object { return object{"currency": "EUR", "amount": amount} }

func line(change object) object {
	m := object{"name": "Sokken", "quantity": 1, "amount": eur(4999), "category": "PHYSICAL"}
	for name, v := range change {
		if m[name] = v; v == nil {
			delete(m, name)
		}
	}
	return m
}

func home(change object) object {
	m := object{"firstName": "Jan", "lastName": "Jansen", "street": "Straat", "houseNumber": "1", "postalCode": "1234AB", "city": "Utrecht", "countryCode": "NL"}
	for name, v := range change {
		if m[name] = v; v == nil {
			delete(m, name)
		}
	}
	return m
}

func TestAnnounce_refused(t *testing.T) {
	t.Parallel()
	const (
		alnum    = "merchantOrderId should only contain alphanumeric characters"
		web      = "merchantReturnURL is not a valid web address"
		positive = "order amount must be greater than zero"
		whole    = "order amount should be a whole number of cents"
		currency = "currency required and should be one of: [AUD, CAD, CHF, DKK, EUR, GBP, JPY, NOK, SEK, USD]"
		stale    = "The timestamp of the order announcement is invalid"
		longName = "the item name is too long, maximum length is [50]"
		brandSet = "order could not be restricted to %s, POI with id 5000 can only be restricted to payment brands: BANCONTACT, IDEAL, MAESTRO, MASTERCARD, PAYPAL, VISA, V_PAY"
	)
	fast := func(fields any) object { return object{"fastCheckout": object{"requiredCheckoutFields": fields}} }
	for name, c := range map[string]struct {
		change       object
		status, code int
		message      string
	}{
		"no timestamp":                         {object{"timestamp": nil}, 403, 5001, stale},
		"timestamp not a time":                 {object{"timestamp": "yesterday"}, 403, 5001, stale},
		"timestamp without offset":             {object{"timestamp": time.Now().Format("2006-01-02T15:04:05")}, 403, 5001, stale},
		"timestamp too old":                    {object{"timestamp": time.Now().Add(-11 * time.Minute).Format(time.RFC3339)}, 403, 5001, stale},
		"timestamp ahead":                      {object{"timestamp": time.Now().Add(11 * time.Minute).Format(time.RFC3339)}, 403, 5001, stale},
		"no order id":                          {object{"merchantOrderId": nil}, 422, 5017, "merchantOrderId is required"},
		"empty order id":                       {object{"merchantOrderId": ""}, 422, 5017, "merchantOrderId is required"},
		"null order id":                        {object{"merchantOrderId": json.RawMessage("null")}, 422, 5017, "merchantOrderId is required"},
		"order id with a dash":                 {object{"merchantOrderId": "order-1"}, 422, 5002, alnum},
		"order id with a letter outside ASCII": {object{"merchantOrderId": "orderé"}, 422, 5002, alnum},
		"bad character after the cut":          {object{"merchantOrderId": strings.Repeat("a", 30) + "-"}, 422, 5002, alnum},
		"statement reference with a dash":      {object{"shopperBankstatementReference": "a-b"}, 422, 5002, "shopperBankstatementReference should only contain alphanumeric characters"},
		"long order id outside ASCII":          {object{"merchantOrderId": "é", "shopperBankstatementReference": "ab"}, 422, 5002, "merchantOrderId should only contain ASCII characters"},
		"no amount":                            {object{"amount": nil}, 422, 5017, "order amount is required"},
		"no currency":                          {object{"amount": object{"amount": 1}}, 422, 5017, currency},
		"dollars":                              {object{"amount": object{"currency": "USD", "amount": 1}}, 422, 5017, currency},
		"zero":                                 {object{"amount": eur(0)}, 422, 5017, positive},
		"negative":                             {object{"amount": eur("-1")}, 422, 5017, positive},
		"fraction":                             {object{"amount": eur(json.RawMessage("1.5"))}, 422, 5017, whole},
		"whole fraction":                       {object{"amount": eur(json.RawMessage("1.0"))}, 422, 5017, whole},
		"exponent":                             {object{"amount": eur(json.RawMessage("1e2"))}, 422, 5017, whole},
		"decimal text":                         {object{"amount": eur("1,50")}, 422, 5017, whole},
		"plus sign":                            {object{"amount": eur("+1")}, 422, 5017, whole},
		"too many digits":                      {object{"amount": eur(json.RawMessage(strings.Repeat("9", 40)))}, 422, 5017, whole},
		"a cent too much":                      {object{"amount": eur(10_000_000)}, 422, 5017, "order amount must not be greater than 9999999"},
		"shipping cost too much":               {object{"shippingCost": eur(10_000_000)}, 422, 5017, "shipping cost must be between 0 and 9999999"},
		"no return address":                    {object{"merchantReturnURL": nil}, 422, 5017, "merchantReturnURL is required"},
		"return to a .test host":               {object{"merchantReturnURL": "https://shop.test/back"}, 422, 5017, web},
		"return to a path":                     {object{"merchantReturnURL": "/back"}, 422, 5017, web},
		"return to an app":                     {object{"merchantReturnURL": "shop://back"}, 422, 5017, web},
		"return address too long":              {object{"merchantReturnURL": "https://a.example.org/" + strings.Repeat("x", 1024)}, 422, 5017, "merchantReturnURL is too long, maximum length is [1024]"},
		"100 items":                            {object{"orderItems": make([]object, 100)}, 422, 5017, "there are too many order items, maximum number is [99]"},
		"item without name":                    {object{"orderItems": []object{line(object{"name": nil})}}, 422, 5017, "the item name is required"},
		"item name of 51":                      {object{"orderItems": []object{line(object{"name": strings.Repeat("n", 51)})}}, 422, 5017, longName},
		"item name of 11 ampersands":           {object{"orderItems": []object{line(object{"name": strings.Repeat("&", 11)})}}, 422, 5017, longName},
		"item name of 13 full-width signs":     {object{"orderItems": []object{line(object{"name": strings.Repeat("＜", 13)})}}, 422, 5017, longName},
		"item name with a tag":                 {object{"orderItems": []object{line(object{"name": "<b>x</b>"})}}, 422, 5017, "the item name should not contain HTML tags"},
		"item quantity 0":                      {object{"orderItems": []object{line(object{"quantity": 0})}}, 422, 5017, "the item quantity should be between 1 and 2147483647"},
		"item quantity too large":              {object{"orderItems": []object{line(object{"quantity": 2147483648})}}, 422, 5017, "the item quantity should be between 1 and 2147483647"},
		"item without category":                {object{"orderItems": []object{line(object{"category": nil})}}, 422, 5017, "the item category is required"},
		"item with vatCategory 5":              {object{"orderItems": []object{line(object{"vatCategory": "5"})}}, 422, 5017, "the item vatCategory should be one of: [1, 2, 3, 4]"},
		"item amount in dollars":               {object{"orderItems": []object{line(object{"amount": object{"currency": "USD", "amount": 1}})}}, 422, 5017, currency},
		"no last name":                         {object{"shippingDetail": home(object{"lastName": nil})}, 422, 5017, "the last name is required"},
		"no street":                            {object{"billingDetail": home(object{"street": ""})}, 422, 5017, "the street is required"},
		"no city":                              {object{"shippingDetail": home(object{"city": nil})}, 422, 5017, "city is required"},
		"no postal code":                       {object{"shippingDetail": home(object{"postalCode": nil})}, 422, 5017, "the postal code is required"},
		"no country":                           {object{"shippingDetail": home(object{"countryCode": nil})}, 422, 5017, "the country code is required"},
		"country of three letters":             {object{"shippingDetail": home(object{"countryCode": "NLD"})}, 422, 5017, "the country code should be an ISO 3166-1 alpha-2 code"},
		"Belgian code in Dutch form":           {object{"shippingDetail": home(object{"countryCode": "BE"})}, 422, 5017, "the postal code is not valid for the country"},
		"birthday the other way":               {object{"customerInformation": object{"dateOfBirth": "1987-03-20"}}, 422, 5017, "the date of birth should be written as DD-MM-YYYY"},
		"unknown gender":                       {object{"customerInformation": object{"gender": "MALE"}}, 422, 5017, "the gender should be one of: [M, F, O]"},
		"brand without force":                  {object{"paymentBrand": "IDEAL"}, 422, 5017, "paymentBrandForce is required with paymentBrand"},
		"unknown force":                        {object{"paymentBrand": "IDEAL", "paymentBrandForce": "ALWAYS"}, 422, 5017, "paymentBrandForce should be one of: [FORCE_ONCE, FORCE_ALWAYS]"},
		"metadata without brand":               {object{"paymentBrandMetaData": object{"issuerId": "RABONL2U"}}, 422, 5017, "paymentBrandMetaData requires paymentBrand and paymentBrandForce"},
		"fast checkout by card":                {object{"paymentBrand": "VISA", "paymentBrandForce": "FORCE_ALWAYS", "paymentBrandMetaData": fast([]string{"BILLING_ADDRESS"})}, 422, 5017, "fastCheckout requires paymentBrand IDEAL and paymentBrandForce FORCE_ALWAYS"},
		"fast checkout once":                   {object{"paymentBrand": "IDEAL", "paymentBrandForce": "FORCE_ONCE", "paymentBrandMetaData": fast([]string{"BILLING_ADDRESS"})}, 422, 5017, "fastCheckout requires paymentBrand IDEAL and paymentBrandForce FORCE_ALWAYS"},
		"fast checkout of the unknown":         {object{"paymentBrand": "IDEAL", "paymentBrandForce": "FORCE_ALWAYS", "paymentBrandMetaData": fast([]string{"SHOE_SIZE"})}, 422, 5017, "requiredCheckoutFields should be some of: [CUSTOMER_INFORMATION, BILLING_ADDRESS, SHIPPING_ADDRESS]"},
		"withdrawn brand":                      {object{"paymentBrand": "AFTERPAY", "paymentBrandForce": "FORCE_ONCE"}, 422, 5024, fmt.Sprintf(brandSet, "AFTERPAY")},
		"inactive brand":                       {object{"paymentBrand": "BILLINK", "paymentBrandForce": "FORCE_ONCE"}, 422, 5024, fmt.Sprintf(brandSet, "BILLINK")},
		"flag as text":                         {object{"skipHppResultPage": "yes"}, 422, 5017, "skipHppResultPage should be true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			got := s.announceRaw(draft(c.change))
			var e apiError
			if err := json.Unmarshal(got.body, &e); err != nil {
				t.Fatalf("got %d %q: %v", got.status, got.body, err)
			}
			if got.status != c.status || e.ErrorCode != c.code || e.ConsumerMessage != c.message {
				t.Errorf("got %d %s, want %d with code %d and %q", got.status, got.body, c.status, c.code, c.message)
			}
			if n := len(s.sim.Books().Orders); n != 0 {
				t.Errorf("got %d orders, want none", n)
			}
		})
	}
}

func TestAnnounce_notAnObject(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, body := range []string{"", "null", "[]", `"x"`, "{", `{"timestamp":1}x`, strings.Repeat(" ", maxAnnounce+1)} {
		if got := s.announceRaw(body); got.status/100 != 4 || !strings.Contains(string(got.body), `"errorCode":5017`) {
			t.Errorf("%.20q: got %d %s, want 4xx with code 5017", body, got.status, got.body)
		}
	}
}

func TestAnnounce_accepted(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("a", n) }
	for name, c := range map[string]struct {
		change object
		check  func(a Announcement) bool
	}{
		"smallest":             {object{"language": nil}, func(a Announcement) bool { return a.Language == "EN" && a.Amount == 4999 }},
		"amount as text":       {object{"amount": eur("9999999")}, func(a Announcement) bool { return a.Amount == 9999999 }},
		"null, missing, empty": {object{"orderItems": []object{}, "shippingDetail": object{}, "billingDetail": json.RawMessage("null"), "description": json.RawMessage("null"), "paymentBrand": "", "paymentBrandMetaData": object{}, "customerInformation": []object{}, "skipHppResultPage": json.RawMessage("null")}, func(a Announcement) bool { return a.Shipping == nil && a.Items == nil && !a.ItemsDropped }},
		"unknown members":      {object{"signature": "x", "new": object{"a": 1}}, func(Announcement) bool { return true }},
		"order id cut":         {object{"merchantOrderId": long(30)}, func(a Announcement) bool { return a.MerchantOrderID == long(24) }},
		"long ASCII order id": {object{"merchantOrderId": "web/order #1-" + long(245), "shopperBankstatementReference": long(30)}, func(a Announcement) bool {
			return len(a.MerchantOrderID) == 255 && a.BankStatementReference == long(24)
		}},
		"description cut":      {object{"description": strings.Repeat("é", 40)}, func(a Announcement) bool { return a.Description == strings.Repeat("é", 35) }},
		"language in capitals": {object{"language": "NL"}, func(a Announcement) bool { return a.Language == "NL" }},
		"language unknown":     {object{"language": "sv"}, func(a Announcement) bool { return a.Language == "EN" }},
		"localhost":            {object{"merchantReturnURL": "http://localhost/"}, func(Announcement) bool { return true }},
		"items": {object{"orderItems": []object{line(object{"quantity": 2, "amount": eur(3000), "id": long(30), "description": long(120), "category": "FOOD", "vatCategory": "2"}), line(object{"amount": eur("-1001")})}}, func(a Announcement) bool {
			return len(a.Items) == 2 && len(a.Items[0].ID) == 25 && len(a.Items[0].Description) == 100 && a.Items[0].Category == "PHYSICAL" && a.Items[1].Amount == -1001
		}},
		"items of a wrong sum": {object{"orderItems": []object{line(object{"quantity": 2})}}, func(a Announcement) bool { return a.Items == nil && a.ItemsDropped }},
		"items that overflow":  {object{"orderItems": []object{line(object{"quantity": 2147483647, "amount": eur("999999999999999")})}}, func(a Announcement) bool { return a.ItemsDropped }},
		"item name of 10 &":    {object{"orderItems": []object{line(object{"name": strings.Repeat("&", 10)})}}, func(a Announcement) bool { return len(a.Items) == 1 }},
		"address cut": {object{"shippingDetail": home(object{"lastName": long(60), "middleName": long(30), "houseNumberAddition": long(9), "postalCode": "1234 AB"})}, func(a Announcement) bool {
			return len(a.Shipping.LastName) == 50 && len(a.Shipping.MiddleName) == 20 && len(a.Shipping.HouseNumberAddition) == 6
		}},
		"customer":             {object{"customerInformation": object{"emailAddress": "j@example.org", "dateOfBirth": "20-03-1987", "gender": "F", "initials": "J.M.", "fullName": long(130)}}, func(a Announcement) bool { return len(a.Customer.FullName) == 128 && a.Customer.Initials == "J.M." }},
		"force without brand":  {object{"paymentBrandForce": "FORCE_ONCE"}, func(a Announcement) bool { return a.Brand == "" }},
		"cards":                {object{"paymentBrand": "CARDS", "paymentBrandForce": "FORCE_ALWAYS"}, func(a Announcement) bool { return a.Brand == "CARDS" }},
		"issuer":               {object{"paymentBrand": "IDEAL", "paymentBrandForce": "FORCE_ALWAYS", "paymentBrandMetaData": object{"issuerId": "RABONL2U"}}, func(a Announcement) bool { return a.IssuerID == "RABONL2U" }},
		"timestamp with ms":    {object{"timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}, func(Announcement) bool { return true }},
		"offset without colon": {object{"timestamp": time.Now().Format("2006-01-02T15:04:05.000-0700")}, func(Announcement) bool { return true }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			id, _ := s.announced(c.change)
			if a := s.order(id).Announcement; !c.check(a) {
				t.Errorf("got %+v", a)
			}
		})
	}
}

func TestAnnounce_timestampAfterTheClockWasMoved(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.advance(48 * time.Hour)
	s.access = s.newToken()
	s.announced(nil)                                                                                 // a client whose clock stands as before
	s.announced(object{"timestamp": s.sim.Now().Format(time.RFC3339)})                               // and one that moved along
	got := s.announceRaw(draft(object{"timestamp": time.Now().Add(time.Hour).Format(time.RFC3339)})) // but not one in between
	if got.status != http.StatusForbidden {
		t.Errorf("got %d %s, want 403", got.status, got.body)
	}
}

func FuzzDecodeAnnouncement(f *testing.F) {
	f.Add([]byte(draft(nil)))
	f.Add([]byte(draft(object{"orderItems": []object{line(nil)}, "shippingDetail": home(nil), "customerInformation": object{"gender": "M"}})))
	f.Add([]byte(draft(object{"paymentBrand": "IDEAL", "paymentBrandForce": "FORCE_ALWAYS", "paymentBrandMetaData": object{"fastCheckout": object{"requiredCheckoutFields": []string{"BILLING_ADDRESS"}}}})))
	f.Add([]byte(`{"amount":{"currency":"EUR","amount":"1"},"orderItems":[[]]}`))
	f.Add([]byte(`{"orderItems":[null,{}],"amount":"\u0000"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, e := decodeAnnouncement(body)
		if (a == nil) == (e == nil) {
			t.Fatalf("got %v and %v, want exactly one", a, e)
		}
		if e != nil {
			if e.ErrorCode == 0 || e.HTTP < 400 || e.ErrorMessage+e.ConsumerMessage == "" {
				t.Errorf("incomplete error %+v", e)
			}
			return
		}
		if a.Amount <= 0 || a.Amount > maxAmount || a.MerchantOrderID == "" || len(a.Description) > 4*maxDescription || len(a.Items) > maxItems {
			t.Errorf("accepted beyond the bounds: %+v", a)
		}
	})
}
