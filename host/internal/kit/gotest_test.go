package kit

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
)

func TestReadGoTest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said string
		want []conformance.Verdict
	}{
		"leaves, each once": {`{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestPlugin"}
{"Action":"output","Package":"p","Test":"TestPlugin/Wasm/happy/one","Output":"=== RUN   TestPlugin/Wasm/happy/one\n"}
{"Action":"pass","Package":"p","Test":"TestPlugin/Wasm/happy/create_payment","Elapsed":0.25}
{"Action":"output","Package":"p","Test":"TestPlugin/Wasm/pages/two","Output":"    conform.go:72: not applicable: /lacks/pages: one each\n"}
{"Action":"pass","Package":"p","Test":"TestPlugin/Wasm/pages/two"}
{"Action":"output","Package":"p","Test":"TestPlugin/Wasm","Output":"    x.go:1: the dearest round used 3 of 4\n"}
{"Action":"pass","Package":"p","Test":"TestPlugin/Wasm"}
{"Action":"pass","Package":"p","Test":"TestPlugin"}
{"Action":"pass","Package":"p"}
`, []conformance.Verdict{
			{Family: "Wasm/happy", Name: "create payment", Took: 250 * time.Millisecond},
			{Family: "Wasm/pages", Name: "two", NotApplicable: "/lacks/pages: one each"},
		}},
		"what fails around failed leaves is theirs": {`{"Action":"output","Package":"p","Test":"TestPlugin/Wasm/pure/a","Output":"    x.go:9: other bytes\n"}
{"Action":"output","Package":"p","Test":"TestPlugin/Wasm/pure/a","Output":"        twice\n"}
{"Action":"output","Package":"p","Test":"TestPlugin/Wasm/pure/a","Output":"--- FAIL: TestPlugin/Wasm/pure/a (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestPlugin/Wasm/pure/a"}
{"Action":"output","Package":"p","Test":"TestPlugin/Wasm","Output":"    x.go:1: the dearest round\n"}
{"Action":"fail","Package":"p","Test":"TestPlugin/Wasm"}
{"Action":"fail","Package":"p","Test":"TestPlugin"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p"}
`, []conformance.Verdict{{Family: "Wasm/pure", Name: "a", Problems: []string{"x.go:9: other bytes\n        twice"}}}},
		"a test that fails on its own": {`{"Action":"pass","Package":"p","Test":"TestA/one"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    x.go:2: no plugin\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}
`, []conformance.Verdict{
			{Family: "go test", Name: "one"}, {Family: "go test", Name: "TestA", Problems: []string{"x.go:2: no plugin"}}, {Family: "go test", Name: "TestB"},
		}},
		"a package that does not compile": {`{"ImportPath":"p [p.test]","Action":"build-output","Output":"# p [p.test]\n"}
{"ImportPath":"p [p.test]","Action":"build-output","Output":"./a.go:3:5: undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p [p.test]"}
`, []conformance.Verdict{{Family: "go test", Name: "p", Problems: []string{"# p [p.test]\n./a.go:3:5: undefined: x"}}}},
		"nothing": {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadGoTest(strings.NewReader(c.said))
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
	if _, err := ReadGoTest(strings.NewReader("go: no module\n")); err == nil || !strings.Contains(err.Error(), "go: no module") {
		t.Errorf("got %v, want what was said", err)
	}
}
