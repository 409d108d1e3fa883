package robokassa

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// teaReceipt is the receipt of vector R3.
const teaReceipt = "%7B%22sno%22%3A%22osn%22%2C%22items%22%3A%5B%7B%22name%22%3A%22%D0%A7%D0%B0%D0%B9+%D0%B7%D0%B5%D0%BB%D1%91%D0%BD%D1%8B%D0%B9%22%2C%22quantity%22%3A2%2C%22sum%22%3A300.00%2C%22tax%22%3A%22vat10%22%2C%22payment_method%22%3A%22full_payment%22%2C%22payment_object%22%3A%22commodity%22%7D%5D%7D"

func TestStart_errors(t *testing.T) {
	t.Parallel()
	with := func(name, value string) url.Values {
		form := startForm()
		form.Set(name, value)
		return form
	}
	hold := startForm("StepByStep", "true", "ResultUrl2", "https://shop.example/result2")
	tests := []struct {
		name string
		form url.Values
		want string
	}{
		{"nothing", url.Values{}, "26"},
		{"another shop", with("MerchantLogin", "nobody"), "26"},
		{"no sum", with("OutSum", ""), "31"},
		{"sum of zero", with("OutSum", "0.00"), "31"},
		{"sum with a comma", with("OutSum", "90,00"), "31"},
		{"sum of thousandths", with("OutSum", "90.001"), "31"},
		{"negative sum", with("OutSum", "-90"), "31"},
		{"number that is none", with("InvId", "A1"), "30"},
		{"number too large", with("InvId", "9223372036854775808"), "30"},
		{"another sum", with("OutSum", "1.00"), "29"},
		{"another signature", with("SignatureValue", "00"), "29"},
		{"no signature", with("SignatureValue", ""), "29"},
		{"live passwords with IsTest", with("IsTest", "1"), "29"},
		{"a field of the shop that is not signed", with("Shp_x", "1"), "29"},
		{"an unknown currency", with("OutSumCurrency", "CHF"), "30"},
		{"the shop's own currency", with("OutSumCurrency", "RUB"), "30"},
		{"a long description", with("Description", strings.Repeat("ё", 101)), "30"},
		{"many fields of the shop", with("Shp_x", strings.Repeat("x", 2049)), "30"},
		{"a return address without its method", with("SuccessUrl2", "https://shop.example/"), "30"},
		{"an address that is none", with("ResultUrl2", "shop"), "30"},
		{"time is over", with("ExpirationDate", "2026-03-02T12:30"), "33"}, // Moscow's time
		{"a time that is none", with("ExpirationDate", "tomorrow"), "30"},
		{"a receipt that is none", startForm("Receipt", "%7B%7D"), "30"},
		{"a receipt of another sum", startForm("Receipt", teaReceipt), "30"},
		{"StepByStep of another word", startForm("StepByStep", "1"), "65"},
		{"hold", hold, "0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			w := d.call("POST", "/Merchant/Index.aspx", tt.form.Encode())
			if got := errorCode(w); got != tt.want || got != "0" && w.Code != http.StatusOK {
				t.Errorf("got %d, code %s, want %s: %s", w.Code, got, tt.want, w.Body)
			}
		})
	}
	d := open(t, func(c *Config) { c.NoHolds = true })
	if got := errorCode(d.call("POST", "/Merchant/Index.aspx", hold.Encode())); got != "64" {
		t.Errorf("a shop without holds: got %s", got)
	}
}

// Signatures of the protocol's vectors, in every way in which clients send them.
func TestStart_taken(t *testing.T) {
	t.Parallel()
	tea := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"300.00"}, "InvId": {"1002"}, "Receipt": {teaReceipt},
		"Shp_shop": {"north"}, "Shp_order": {"A-77"}, "SignatureValue": {"548a647f99354ef32d1196a4183aaa02593c5061487f9e772eb133bab9f17436"}}
	plain := `{"items":[{"name":"a","quantity":1,"sum":90.00,"tax":"none"}]}`
	twice := startForm("Receipt", url.QueryEscape(plain))
	twice.Set("Receipt", url.QueryEscape(url.QueryEscape(plain)))
	mixed := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"90.000000"}, "InvId": {"5"}, "shp_label": {"y"}, "Shp_merchant_id": {"z"},
		"SignatureValue": {md5of("plughost-demo", "90.000000", "5", "Adm1n-pass-one", "shp_label=y", "Shp_merchant_id=z")}}
	encoded := startForm()
	for name, value := range map[string]string{"StepByStep": "true", "ResultUrl2": "https://shop.example/result2", "SignatureValue": "6ca903c0b6a9cc9fad2b038a099e4e95"} {
		encoded.Set(name, value)
	}
	tests := []struct {
		name, hash string
		form       url.Values
	}{
		{"R1", "md5", url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"1234.50"}, "InvId": {"1001"}, "SignatureValue": {"C91E5E0A46328541611B35489FE7D4CF"}}},
		{"R2, no InvId", "md5", url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"1234.50"}, "SignatureValue": {"c2df950b5862f3b0efafe2d134d0c7f4"}}},
		{"R3, receipt and Shp", "sha256", tea},
		{"R4, the address signed encoded", "md5", encoded},
		{"the address signed plain", "md5", startForm("StepByStep", "true", "ResultUrl2", "https://shop.example/result2")},
		{"the address sent encoded twice", "md5", startForm("StepByStep", "true", "ResultUrl2", "https%3A%2F%2Fshop.example%2Fresult2")},
		{"return addresses", "md5", startForm("SuccessUrl2", "https://shop.example/yes", "SuccessUrl2Method", "GET", "FailUrl2", "https://shop.example/no", "FailUrl2Method", "POST")},
		{"the PHP SDK's receipt, encoded twice", "md5", twice},
		{"a plain receipt", "md5", startForm("Receipt", plain)},
		{"aliases in other letter case", "md5", url.Values{"mrchlogin": {"plughost-demo"}, "outsum": {"1234.50"}, "invoiceID": {"1001"}, "Desc": {"tea"}, "signaturevalue": {"c91e5e0a46328541611b35489fe7d4cf"}}},
		{"six decimals, Shp in two cases", "md5", mixed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"POST", "GET"} {
				d := open(t, func(c *Config) { c.Hash = tt.hash })
				var w = d.call("POST", "/Merchant/Index.aspx", tt.form.Encode())
				if method == "GET" {
					w = d.call("GET", "//merchant/INDEX.aspx/?"+tt.form.Encode(), "")
				}
				if w.Code != http.StatusSeeOther {
					t.Fatalf("%s: got %d: %s", method, w.Code, w.Body)
				}
				page := d.call("GET", "/Merchant/"+w.Header().Get("Location"), "")
				if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), `name="outcome" value="success"`) {
					t.Errorf("%s: the page is %d: %s", method, page.Code, page.Body)
				}
			}
		})
	}
}

// Vector R3 once more, as the link of which the documents speak: encoded twice.
func TestStart_linkEncodedTwice(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *Config) { c.Hash = "sha256" })
	twice := strings.NewReplacer("%", "%25", "+", "%2B").Replace(teaReceipt)
	w := d.call("GET", "/Merchant/Index.aspx?MerchantLogin=plughost-demo&OutSum=300.00&InvId=1002&Receipt="+twice+
		"&Shp_shop=north&Shp_order=A-77&SignatureValue=548a647f99354ef32d1196a4183aaa02593c5061487f9e772eb133bab9f17436", "")
	if w.Code != http.StatusSeeOther {
		t.Errorf("got %d: %s", w.Code, w.Body)
	}
}

// The text of R1 in each hash, by another program (openssl).
func TestStart_sixHashes(t *testing.T) {
	t.Parallel()
	for hash, signature := range map[string]string{
		"md5":       "c91e5e0a46328541611b35489fe7d4cf",
		"ripemd160": "07f1d1ea7c9b7f5d9002d4f06e9c2a33b385093f",
		"sha1":      "31d8150118f878c5c3d19457a7a24710aad1f354",
		"sha256":    "c771f331ef3928bf790d28d0bc136eea9e39661176a654e1b501e5595ce942f1",
		"sha384":    "4020a14629d1a83fc80f0af551286aa0f0c5963caa731513c638e61843385c0cbfce6a720fcb443b828232e232ebba47",
		"sha512":    "1c56925431bbba0f9a0b1e8edd2aa439d08b82d64d3dc155f9458152222ef6e522a02820f4566e482d0b1058cf6c1d553dff9f2f8513e73c6f7d21e7b163dbb8",
	} {
		d := open(t, func(c *Config) { c.Hash = hash })
		d.started(url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"1234.50"}, "InvId": {"1001"}, "SignatureValue": {signature}})
	}
}

func TestStartJSON(t *testing.T) {
	t.Parallel()
	d := open(t)
	w := d.call("POST", "/Merchant/Indexjson.aspx", startForm().Encode())
	if body := w.Body.String(); !strings.HasPrefix(body, `{"invoiceID":"`) || !strings.HasSuffix(body, `","errorCode":0}`) {
		t.Fatalf("got %s", body)
	}
	id := strings.Split(w.Body.String(), `"`)[3]
	if page := d.call("GET", "/Merchant/Index/"+id, ""); !strings.Contains(page.Body.String(), "outcome") {
		t.Errorf("its page is %s", page.Body)
	}
	form := startForm()
	form.Set("OutSum", "91.00")
	if body := d.call("POST", "/Merchant/Indexjson.aspx", form.Encode()).Body.String(); !strings.HasPrefix(body, `{"errorCode":29,"errorMessage":"`) {
		t.Errorf("got %s", body)
	}
}

// Error 40 is of live payments alone; a test payment's number is free again.
func TestStart_paidTwice(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.press(d.started(startForm()), Success, "")
	if got := errorCode(d.call("POST", "/Merchant/Index.aspx", startForm().Encode())); got != "40" {
		t.Errorf("got %s, want 40", got)
	}
	test := startForm()
	test.Set("IsTest", "1")
	test.Set("SignatureValue", md5of("plughost-demo", "90.00", "1003", DemoTestPassword1))
	for range 2 {
		d.press(d.started(test), Success, "")
	}
	if body := d.state(1003); !strings.Contains(body, "<Code>100</Code>") || strings.Count(body, "InvId") > 0 {
		t.Errorf("the live payment is %s", body)
	}
}

// Times as the documents, clients and the Android SDK write them; without an
// offset they are Moscow's.
func TestReadTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2029, 1, 16, 9, 0, 0, 0, time.UTC)
	for _, text := range []string{
		"2029-01-16T12:00", "2029-01-16T12:00:00", "2029-01-16T12:00:00.0000000+03:00", "2029-01-16T09:00Z",
		"2029-01-16T12:00:00.000+0300", "2029-01-16T12:00:00.000 0300", "2029-01-16T12:00:00 03:00",
	} {
		if got, ok := readTime(text); !ok || !got.Equal(want) {
			t.Errorf("%s: got %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " ", "soon", "2029-01-16 12:00", "2029-13-16T12:00", "2029-01-16T12:00 x"} {
		if got, ok := readTime(text); ok {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

// PaymentMethods, which is not signed, narrows what the page offers.
func TestStart_paymentMethods(t *testing.T) {
	t.Parallel()
	d := open(t)
	for name, c := range map[string]struct {
		only        []string
		card, qiwi  bool
		paymentName string
	}{
		"none":       {nil, true, true, "PaymentMethods"},
		"two":        {[]string{"bankcard", "SBP"}, true, false, "paymentMethods"},
		"a wallet":   {[]string{"QiwiWallet"}, false, true, "PaymentMethods"},
		"none known": {[]string{"Barter"}, true, true, "PaymentMethods"},
	} {
		form := startForm()
		form[c.paymentName] = c.only
		page := d.call("GET", d.started(form), "").Body.String()
		if strings.Contains(page, `value="BANKOCEAN2R"`) != c.card || strings.Contains(page, `value="Qiwi40PS"`) != c.qiwi {
			t.Errorf("%s: the page offers a card: %v, a wallet: %v", name, strings.Contains(page, `value="BANKOCEAN2R"`), strings.Contains(page, `value="Qiwi40PS"`))
		}
	}
}

// A start is signed over OutSumCurrency, UserIp and Receipt in this order
// (section 3.1).
func TestStart_userIpOrder(t *testing.T) {
	t.Parallel()
	d := open(t)
	receipt := url.QueryEscape(`{"items":[{"name":"Tea","quantity":1,"sum":90.00,"tax":"none"}]}`)
	for want, form := range map[string]url.Values{
		"29": startForm("UserIp", "192.0.2.7", "OutSumCurrency", "USD", "Receipt", receipt),
		"0":  startForm("OutSumCurrency", "USD", "UserIp", "192.0.2.7", "Receipt", receipt),
	} {
		if got := errorCode(d.call("POST", "/Merchant/Index.aspx", form.Encode())); got != want {
			t.Errorf("%v: got error %s, want %s", form, got, want)
		}
	}
	late := startForm("OutSumCurrency", "USD", "Receipt", receipt, "UserIp", "192.0.2.7")
	if got := errorCode(d.call("POST", "/Merchant/Index.aspx", late.Encode())); got != "29" {
		t.Errorf("after the receipt: got error %s", got)
	}
}
