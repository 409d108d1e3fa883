package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// need wraps a request, which may be several, into an answer.
func need(requests string) string { return `{"need":{"requests":[` + requests + `]}}` }

func get(member string) string {
	return need(`{"method":"GET","url":"https://a.example/x",` + member + `}`)
}

func TestDecodeAnswer_refuses(t *testing.T) {
	t.Parallel()
	read := `{"method":"GET","url":"https://a.example/x"}`
	write := `{"method":"POST","url":"https://a.example/x"}`
	create := func(member string) string { return `{"result":{"action":{"type":"none"},` + member + `}}` }
	event := func(member string) string {
		return `{"result":{"updates":[{"payment":{"id":"p"},"type":"pending","trust":"hint",` + member + `}]}}`
	}
	tests := []struct {
		name   string
		export contract.Export
		output string
		want   string
	}{
		{"empty", contract.CreatePayment, "  ", "output: it is empty"},
		{"too large", contract.CreatePayment, strings.Repeat(" ", contract.MaxOutput+1), "output: 1048577 bytes"},
		{"not UTF-8", contract.CreatePayment, "\xff", "output: it is not UTF-8"},
		{"no JSON", contract.CreatePayment, "{", "read output: "},
		{"two values", contract.CreatePayment, `{"failure":{"code":"declined","message":""}} {}`, "read output: "},
		{"unknown member", contract.CreatePayment, `{"results":{}}`, "read output: "},
		{"nothing", contract.CreatePayment, `{}`, "output: exactly one"},
		{"two", contract.CreatePayment, `{"failure":{"code":"declined","message":""},"need":{"requests":[` + read + `]}}`, "output: exactly one"},
		{"failure code", contract.CreatePayment, `{"failure":{"code":"oops","message":""}}`, "/failure/code: "},
		{"user message too long", contract.CreatePayment, `{"failure":{"code":"declined","message":"","user_message":{"en":"` + strings.Repeat("é", 301) + `"}}}`, "/failure/user_message/en: "},

		{"no requests", contract.CreatePayment, need(""), "/need/requests: "},
		{"nine requests", contract.CreatePayment, need(strings.Repeat(read+",", 8) + read), "/need/requests: 9"},
		{"a write with company", contract.CreatePayment, need(read + "," + write), "/need/requests/1/effect: "},
		{"method", contract.CreatePayment, need(`{"method":"TRACE","url":"https://a.example/"}`), "/need/requests/0/method: "},
		{"method in lower case", contract.CreatePayment, need(`{"method":"get","url":"https://a.example/"}`), "/need/requests/0/method: "},
		{"relative URL", contract.CreatePayment, need(`{"method":"GET","url":"/x"}`), "/need/requests/0/url: "},
		{"URL of a file", contract.CreatePayment, need(`{"method":"GET","url":"file:///etc/passwd"}`), "/need/requests/0/url: "},
		{"URL with a user", contract.CreatePayment, need(`{"method":"GET","url":"https://me:pw@a.example/"}`), "/need/requests/0/url: "},
		{"URL without a host", contract.CreatePayment, need(`{"method":"GET","url":"https:///x"}`), "/need/requests/0/url: "},
		{"URL of a port", contract.CreatePayment, need(`{"method":"GET","url":"https://:443/x"}`), "/need/requests/0/url: "},
		{"URL with a space", contract.CreatePayment, need(`{"method":"GET","url":"https://a.example/a b"}`), "/need/requests/0/url: "},
		{"URL with a line break", contract.CreatePayment, need(`{"method":"GET","url":"https://a.example/\r\nx: y"}`), "/need/requests/0/url: "},
		{"URL with a backslash", contract.CreatePayment, need(`{"method":"GET","url":"https://a.example\\@b.example/"}`), "/need/requests/0/url: "},
		{"URL with an escaped host", contract.CreatePayment, need(`{"method":"GET","url":"https://a%2eexample/"}`), "/need/requests/0/url: "},
		{"URL with a fragment", contract.CreatePayment, need(`{"method":"GET","url":"https://a.example/#x"}`), "/need/requests/0/url: "},
		{"URL in capitals", contract.CreatePayment, need(`{"method":"GET","url":"HTTPS://a.example/"}`), "/need/requests/0/url: "},
		{"header host", contract.CreatePayment, get(`"headers":{"Host":"b.example"}`), "/need/requests/0/headers/Host: "},
		{"header proxy", contract.CreatePayment, get(`"headers":{"Proxy-Authorization":"x"}`), "/need/requests/0/headers/Proxy-Authorization: "},
		{"header expect", contract.CreatePayment, get(`"headers":{"expect":"100-continue"}`), "/need/requests/0/headers/expect: "},
		{"header name", contract.CreatePayment, get(`"headers":{"a b":"x"}`), "/need/requests/0/headers/a b: "},
		{"header split", contract.CreatePayment, get(`"headers":{"a":"x\r\nb: c"}`), "/need/requests/0/headers/a: "},
		{"two bodies", contract.CreatePayment, need(`{"method":"POST","url":"https://a.example/","body":"a","body_base64":"YQ=="}`), "/need/requests/0/body_base64: "},
		{"GET with a body", contract.CreatePayment, get(`"body":"a"`), "/need/requests/0/body: "},
		{"effect", contract.CreatePayment, get(`"effect":"maybe"`), "/need/requests/0/effect: "},
		{"timeout", contract.CreatePayment, get(`"timeout_ms":30001`), "/need/requests/0/timeout_ms: "},
		{"after", contract.CreatePayment, get(`"after_ms":-1`), "/need/requests/0/after_ms: "},
		{"cached write", contract.CreatePayment, need(`{"method":"POST","url":"https://a.example/","cache_s":1}`), "/need/requests/0/cache_s: "},
		{"consuming write", contract.CreatePayment, need(`{"method":"POST","url":"https://a.example/","consumes":true}`), "/need/requests/0/consumes: "},
		{"repeated consumption", contract.CreatePayment, get(`"consumes":true,"repeat":true`), "/need/requests/0/repeat: "},
		{"auth twice", contract.CreatePayment, get(`"auth":{"bearer":"a","basic":[["b"],[{"secret":"c"}]]}`), "/need/requests/0/auth: "},
		{"auth without", contract.CreatePayment, get(`"auth":{}`), "/need/requests/0/auth: "},
		{"auth over a header", contract.CreatePayment, get(`"auth":{"bearer":"a"},"headers":{"Authorization":"x"}`), "/need/requests/0/auth: "},
		{"auth in host", contract.CreatePayment, get(`"auth":{"header":["host",[{"secret":"a"}]]}`), "/need/requests/0/auth/header/0: "},
		{"auth without a secret", contract.CreatePayment, get(`"auth":{"header":["x-key",["a"]]}`), "/need/requests/0/auth/header/1: "},
		{"oauth method", contract.CreatePayment, get(`"auth":{"oauth1":{"method":"PLAINTEXT","consumer_key":["k"],"consumer_secret":[{"secret":"s"}],"in":"header"}}`), "/need/requests/0/auth/oauth1/method: "},
		{"keep without a life", contract.CreatePayment, get(`"keep":{"t":{"pointer":"/t"}}`), "/need/requests/0/keep/t: "},
		{"keep the document", contract.CreatePayment, get(`"keep":{"t":{"pointer":"","ttl_s":1}}`), "/need/requests/0/keep/t/pointer: "},
		{"keep twice", contract.CreatePayment, need(`{"method":"GET","url":"https://a.example/x","keep":{"t":{"pointer":"/t","ttl_s":1}}},{"method":"GET","url":"https://a.example/y","keep":{"t":{"pointer":"/t","ttl_s":1}}}`), "/need/requests/1/keep/t: "},
		{"interim state", contract.CreatePayment, `{"need":{"requests":[` + write + `],"interim":{"action":{"type":"wait"},"state":"` + strings.Repeat("x", contract.MaxState) + `"}}}`, "/need/interim/state: "},
		{"interim action", contract.CreatePayment, `{"need":{"requests":[` + write + `],"interim":{"action":{"type":"jump"}}}}`, "/need/interim/action/type: "},

		{"null", contract.CreatePayment, `{"result":null}`, "/result: "},
		{"result of another kind", contract.CreatePayment, `{"result":{"status":"pending"}}`, "/result: "},
		{"result of describe", contract.Describe, `{"result":{}}`, "/result: "},
		{"redirect without a URL", contract.CreatePayment, `{"result":{"action":{"type":"redirect"}}}`, "/result/action/url: "},
		{"redirect to a script", contract.CreatePayment, `{"result":{"action":{"type":"redirect","url":"javascript:alert(1)"}}}`, "/result/action/url: "},
		{"fields of a redirect", contract.CreatePayment, `{"result":{"action":{"type":"redirect","url":"https://a.example/","fields":[["a","b"]]}}}`, "/result/action/fields: "},
		{"state", contract.CreatePayment, create(`"state":"` + strings.Repeat("x", contract.MaxState) + `"`), "/result/state: "},
		{"update of nothing", contract.GetPayment, `{"result":{"updates":[{"payment":{},"type":"pending","trust":"hint"}]}}`, "/result/updates/0/payment: "},
		{"update type", contract.GetPayment, `{"result":{"updates":[{"payment":{"id":"p"},"type":"paid","trust":"hint"}]}}`, "/result/updates/0/type: "},
		{"update trust", contract.GetPayment, `{"result":{"updates":[{"payment":{"id":"p"},"type":"pending"}]}}`, "/result/updates/0/trust: "},
		{"captured without an amount", contract.GetPayment, `{"result":{"updates":[{"payment":{"id":"p"},"type":"captured","trust":"verified"}]}}`, "/result/updates/0/amount: "},
		{"amount of no currency", contract.GetPayment, event(`"amount":{"value":1,"currency":"XXX"}`), "/result/updates/0/amount/currency: "},
		{"negative amount", contract.GetPayment, event(`"amount":{"value":-1,"currency":"EUR"}`), "/result/updates/0/amount/value: "},
		{"tip in another currency", contract.GetPayment, event(`"amount":{"value":1,"currency":"EUR"},"tip":{"value":1,"currency":"JPY"}`), "/result/updates/0/amount: "},
		{"item without a name", contract.GetPayment, event(`"item":{"provider_reference":""}`), "/result/updates/0/item: "},
		{"action of get_payment", contract.GetPayment, `{"result":{"updates":[],"action":{"type":"none"}}}`, "/result/action: "},
		{"cursor", contract.ReceiveWebhook, `{"result":{"response":{"status":200},"next":"` + strings.Repeat("x", 1025) + `"}}`, "/result/next: "},
		{"response status", contract.ReceiveWebhook, `{"result":{"response":{"status":100}}}`, "/result/response/status: "},
		{"response in HTML", contract.ReceiveWebhook, `{"result":{"response":{"status":200,"content_type":"text/html","body":"x"}}}`, "/result/response/content_type: "},
		{"unknown", contract.ReceiveWebhook, `{"result":{"response":{"status":200},"unknown":"ignore"}}`, "/result/unknown: "},
		{"operation status", contract.RefundPayment, `{"result":{"status":"done"}}`, "/result/status: "},
		{"failure of a success", contract.CapturePayment, `{"result":{"status":"succeeded","failure":{"code":"declined","message":""}}}`, "/result/failure: "},
		{"option in no language", contract.ListOptions, `{"result":[{"id":"a","title":"x","lang":"en"},{"id":"b","title":"x","lang":"english"}]}`, "/result/1/lang: "},
		{"option", contract.ListOptions, `{"result":[{"id":"","title":"x"}]}`, "/result/0: "},
		{"finding", contract.CheckSettings, `{"result":{"ok":true,"findings":[{"level":"fatal","text":"x"}]}}`, "/result/findings/0/level: "},
		{"order and commands", contract.ReadOrder, `{"result":{"response":{"status":200},"order":{},"commands":[{"type":"cancel","reference":"1"}]}}`, "/result: "},
		{"order without a reference", contract.ReadOrder, `{"result":{"response":{"status":200},"order":{"amount":{"value":1,"currency":"EUR"}}}}`, "/result/order/reference: "},
		{"order for nothing", contract.ReadOrder, `{"result":{"response":{"status":200},"order":{"reference":"1","amount":{"value":0,"currency":"EUR"}}}}`, "/result/order/amount: "},
		{"order in no currency", contract.SyncShop, `{"result":{"orders":[{"reference":"1","amount":{"value":1,"currency":"EURO"}}]}}`, "/result/orders/0/amount/currency: "},
		{"more without a cursor", contract.SyncShop, `{"result":{"more":true}}`, "/result/more: "},
		{"order with a decimal that does not fit", contract.ReadOrder, `{"result":{"response":{"status":200},"order":{"reference":"1","amount":{"decimal":"1.001","currency":"EUR"}}}}`, "/result: "},
		{"command", contract.SyncShop, `{"result":{"commands":[{"type":"refund","reference":"1"}]}}`, "/result/commands/0/type: "},
		{"not delivered", contract.TellShop, `{"result":{"delivered":false}}`, "/result/delivered: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.DecodeAnswer(tt.export, []byte(tt.output))
			if err == nil || !strings.Contains("\n"+err.Error(), "\n"+tt.want) {
				t.Errorf("got %v, want a line that begins with %q", err, tt.want)
			}
		})
	}
}

func TestDecodeAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		export contract.Export
		output string
	}{
		{contract.CreatePayment, `{"failure":{"code":"declined","message":"no","user_message":{"nl":"Geweigerd"}}}`},
		{contract.CreatePayment, get(`"headers":{"accept":"application/json"},"auth":{"bearer":"t"},"cache_s":3600,"timeout_ms":30000`)},
		{contract.CreatePayment, `{"need":{"requests":[{"method":"POST","url":"https://a.example/","body":"{}","timeout_ms":150000}],"interim":{"action":{"type":"wait","text":{"en":"Look"}},"exclusive":"t1"}}}   `},
		{contract.CreatePayment, `{"result":{"action":{"type":"form","url":"https://a.example/pay","fields":[["a","b"],["a","c"]]},"state":{"v":1}}}`},
		{contract.CompletePayment, `{"result":{"updates":[],"action":{"type":"redirect","url":"https://a.example/#3ds"}}}`},
		{contract.GetPayment, `{"result":{"updates":[{"payment":{"reference":"R"},"type":"captured","trust":"verified","amount":{"currency":"TND","decimal":"4.999"}}]}}`},
		{contract.ReceiveWebhook, `{"result":{"response":{"status":200,"content_type":"text/plain","body":"OK"},"next":"2"}}`},
		{contract.CancelPayment, `{"result":{"status":"failed","failure":{"code":"conflict","message":"paid already"}}}`},
		{contract.ListOptions, `{"result":[]}`},
		{contract.CheckSettings, `{"result":{"ok":false,"findings":[{"level":"error","text":"x","fix":"y"}]}}`},
		{contract.ReadOrder, `{"result":{"response":{"status":200}}}`},
		{contract.TellShop, `{"result":{"delivered":true}}`},
		{contract.SyncShop, `{"result":{"next":"x"}}`},
	}
	for _, tt := range tests {
		if _, err := contract.DecodeAnswer(tt.export, []byte(tt.output)); err != nil {
			t.Errorf("%s %s: %v", tt.export, tt.output, err)
		}
	}
}

func FuzzDecodeAnswer(f *testing.F) {
	for i, e := range contract.CannedExports() {
		f.Add(i, `{"result":{"updates":[],"status":"pending","action":{"type":"none"}}}`)
		f.Add(i, get(`"auth":{"header":["x",["a",{"secret":"b"}]]}`))
		f.Add(i, fmt.Sprintf(`{"failure":{"code":"declined","message":%q}}`, e))
	}
	exports := contract.CannedExports()
	f.Fuzz(func(t *testing.T, i int, output string) {
		e := exports[(i%len(exports)+len(exports))%len(exports)]
		a, err := contract.DecodeAnswer(e, []byte(output))
		if err == nil && a.Need == nil && a.Result == nil && a.Failure == nil {
			t.Fatalf("%s %s: no error and no answer", e, output)
		}
	})
}
