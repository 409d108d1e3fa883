package omnikassa

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestOrderByID(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if got := s.call("GET", "/v2/orders/nothing", s.access, ""); got.status != 404 || !strings.Contains(string(got.body), `"errorCode":`) {
		t.Errorf("unknown: got %d %s", got.status, got.body)
	}
	id, page := s.announced(forced)
	if got := s.call("GET", "/v2/orders/"+id, s.access, ""); s.member(got, "order.status") != orderInProgress || !strings.Contains(string(got.body), `"transactions":[]`) {
		t.Errorf("announced: got %s", got.body)
	}
	s.visit(page).press("outcome", "success")
	got := s.call("GET", "/v2/orders/"+id, s.access, "")
	var d struct {
		Order struct {
			ID, MerchantOrderID, Status string
			TotalAmount                 object
			Transactions                []object
			CheckoutDetails             object
		}
	}
	if err := json.Unmarshal(got.body, &d); err != nil {
		t.Fatal(err)
	}
	o := d.Order
	if o.ID != id || o.MerchantOrderID != "order1" || o.Status != orderCompleted || o.TotalAmount["amount"] != 4999.0 || o.CheckoutDetails != nil {
		t.Errorf("got %s", got.body)
	}
	want := []string{"amount", "createdAt", "id", "lastUpdatedAt", "paymentBrand", "status", "type"}
	var names []string
	for name := range o.Transactions[0] {
		names = append(names, name)
	}
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("got transaction members %v, want exactly %v", names, want)
	}
}

func TestOrderByID_fastCheckout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asked, want []string }{
		{[]string{"CUSTOMER_INFORMATION"}, []string{"customerInformation"}},
		{[]string{"BILLING_ADDRESS", "SHIPPING_ADDRESS"}, []string{"billingAddress", "shippingAddress"}},
	} {
		s := newShop(t)
		id, page := s.announced(with(forced, object{"paymentBrandMetaData": object{"fastCheckout": object{"requiredCheckoutFields": c.asked}}}))
		read := func() answer { return s.call("GET", "/v2/orders/"+id, s.access, "") }
		if got := read(); strings.Contains(string(got.body), "checkoutDetails") {
			t.Errorf("before it is paid: got %s", got.body)
		}
		s.visit(page).press("outcome", "success")
		var d struct {
			Order struct{ CheckoutDetails map[string]any }
		}
		if err := json.Unmarshal(read().body, &d); err != nil {
			t.Fatal(err)
		}
		var got []string
		for name := range d.Order.CheckoutDetails {
			got = append(got, name)
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("asked for %v: got %v, want %v", c.asked, got, c.want)
		}
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const path = "/v1/shopper-payment-details"
	if got := s.call("GET", path, s.access, ""); got.status != 422 {
		t.Errorf("no shopper: got %d %s", got.status, got.body)
	}
	list := func(shopper string) []card {
		got := s.call("GET", path+"?shopper-ref="+shopper, s.access, "")
		var a struct {
			Cards []card `json:"cardOnFileList"`
		}
		if err := json.Unmarshal(got.body, &a); err != nil || a.Cards == nil {
			t.Fatalf("got %d %s (%v)", got.status, got.body, err)
		}
		return a.Cards
	}
	visa := object{"paymentBrand": "VISA", "paymentBrandForce": "FORCE_ALWAYS", "shopperRef": "anna", "enableCardOnFile": true}
	s.paid(Cancelled, visa)
	s.paid(Success, with(visa, object{"enableCardOnFile": false}))
	s.paid(Success, with(visa, object{"paymentBrand": "IDEAL"}))
	if got := list("anna"); len(got) != 0 {
		t.Fatalf("got %+v, want none stored", got)
	}
	s.paid(Success, visa)
	got := list("anna")
	if len(got) != 1 || got[0].Brand != "VISA" || got[0].Last4Digits != "1111" || got[0].Status != "ACTIVE" || len(got[0].CardExpiry) != len("2028-04") {
		t.Fatalf("got %+v, want the Visa", got)
	}
	if other := list("bert"); len(other) != 0 {
		t.Errorf("another shopper: got %+v", other)
	}
	id := got[0].ID
	for _, c := range []struct {
		shopper string
		status  int
	}{{"bert", 404}, {"anna", 204}, {"anna", 404}} {
		if got := s.call("DELETE", path+"/"+id+"?shopper-ref="+c.shopper, s.access, ""); got.status != c.status {
			t.Errorf("delete for %s: got %d %s, want %d", c.shopper, got.status, got.body, c.status)
		}
	}
	if got := list("anna"); len(got) != 0 {
		t.Errorf("after delete: got %+v", got)
	}
	if c := s.sim.Books().Cards; len(c) != 1 || c[0].Status != cardDeleted {
		t.Errorf("books: got %+v", c)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *Config) { c.Brands = []Brand{{"PAYPAL", true}, {"IDEAL", true}, {"GIROPAY", false}} })
	got := s.call("GET", apiBase+"/order/server/api/payment-brands", s.access, "")
	const want = `{"paymentBrands":[{"name":"PAYPAL","status":"Active"},{"name":"IDEAL","status":"Active"},{"name":"GIROPAY","status":"Inactive"}]}`
	if string(got.body) != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	_, page := s.announced(nil)
	if got := s.visit(page).buttons("brand"); !slices.Equal(got, []string{"IDEAL", "PAYPAL"}) {
		t.Errorf("page: got %v, want the bank's order", got)
	}
	got = s.call("GET", apiBase+"/ideal/server/api/v2/issuers", s.access, "")
	var a struct {
		Issuers []struct {
			ID, Name, CountryNames string
			Logos                  []struct{ URL, MimeType string }
		}
	}
	if err := json.Unmarshal(got.body, &a); err != nil || len(a.Issuers) == 0 {
		t.Fatalf("got %s (%v)", got.body, err)
	}
	for _, i := range a.Issuers {
		if len(i.ID) == 0 || len(i.ID) > 11 || len(i.Name) > 35 || i.CountryNames == "" || i.Logos[0].MimeType != "image/png" {
			t.Errorf("got %+v", i)
		}
		logo := s.call("GET", strings.TrimPrefix(i.Logos[0].URL, s.sim.cfg.PublicURL), "", "")
		if _, err := png.Decode(bytes.NewReader(logo.body)); logo.status != http.StatusOK || err != nil {
			t.Errorf("logo of %s: got %d, %v", i.ID, logo.status, err)
		}
	}
}

func TestBillink_isAccepted(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *Config) { c.Brands = []Brand{{"BILLINK", true}} })
	s.paid(Success, nil)
	r := s.verifiedPull(resultsPath, tokenOf(s)).Results[0]
	if r.Status != orderCompleted || r.Transactions[0].Status != txAccepted || r.Transactions[0].Confirmed == nil {
		t.Errorf("got %+v, want COMPLETED with ACCEPTED", r)
	}
}

func TestNew_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"public URL":        {PublicURL: "127.0.0.1:80"},
		"webhook":           {WebhookURL: "ftp://x/"},
		"key":               {SigningKeys: []string{"?"}},
		"CARDS as a brand":  {Brands: []Brand{{brandCards, true}}},
		"negative duration": {OrderLife: -1},
	} {
		if s, err := New(c); err == nil {
			_ = s.Close()
			t.Errorf("%s: got no error", name)
		}
	}
}
