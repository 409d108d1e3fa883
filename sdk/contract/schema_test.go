package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	reflector "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kassette-pay/kassette/sdk/contract"
)

var update = flag.Bool("update", false, "rewrite the files in schema/")

// documents are the JSON documents of the contract, by the name of their schema.
func documents() map[string]any {
	return map[string]any{
		"envelope": contract.Envelope{}, "answer": contract.Answer{}, "manifest": contract.Manifest{},

		"create_payment.input": contract.PaymentInput{}, "create_payment.result": contract.CreateResult{},
		"complete_payment.input": contract.CompleteInput{}, "complete_payment.result": contract.UpdatesResult{},
		"get_payment.input": contract.PaymentInput{}, "get_payment.result": contract.UpdatesResult{},
		"receive_webhook.input": contract.WebhookInput{}, "receive_webhook.result": contract.WebhookResult{},
		"capture_payment.input": contract.CaptureInput{}, "capture_payment.result": contract.OperationResult{},
		"cancel_payment.input": contract.PaymentInput{}, "cancel_payment.result": contract.OperationResult{},
		"refund_payment.input": contract.RefundInput{}, "refund_payment.result": contract.OperationResult{},
		"get_refund.input": contract.RefundInput{}, "get_refund.result": contract.OperationResult{},
		"list_options.input": contract.OptionsInput{}, "list_options.result": []contract.Option{},
		"check_settings.input": contract.CheckInput{}, "check_settings.result": contract.CheckResult{},
		"read_order.input": contract.ReadOrderInput{}, "read_order.result": contract.ReadOrderResult{},
		"tell_shop.input": contract.TellInput{}, "tell_shop.result": contract.TellResult{},
		"sync_shop.input": contract.SyncInput{}, "sync_shop.result": contract.SyncResult{},

		"secret_mac.input": contract.MACRequest{}, "secret_mac.output": contract.SumResult{},
		"secret_digest.input": contract.DigestRequest{}, "secret_digest.output": contract.SumResult{},
		"verify_signature.input": contract.VerifyRequest{}, "verify_signature.output": contract.VerifyResult{},
	}
}

// TestSchemas holds the files in schema/ to the types. Rewrite them with
//
//	go test ./sdk/contract -run TestSchemas -update
func TestSchemas(t *testing.T) {
	want := map[string][]byte{}
	for name, v := range documents() {
		want[name+".json"] = generate(t, v)
	}
	have := map[string][]byte{}
	err := filepath.WalkDir("schema", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		have[e.Name()] = b
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; ok {
			continue
		}
		if !*update {
			t.Errorf("schema/%s belongs to no document", name)
		} else if err := os.Remove(filepath.Join("schema", name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if bytes.Equal(have[name], want[name]) {
			continue
		}
		if !*update {
			t.Errorf("schema/%s is not fresh: run go test ./sdk/contract -run TestSchemas -update", name)
		} else if err := os.WriteFile(filepath.Join("schema", name), want[name], 0o644); err != nil {
			t.Error(err)
		}
	}
}

func generate(t *testing.T, v any) []byte {
	t.Helper()
	r := reflector.Reflector{
		Anonymous: true, ExpandedStruct: reflect.TypeOf(v).Kind() == reflect.Struct && reflect.TypeOf(v).NumField() > 0,
		Mapper: mapped,
	}
	if err := r.AddGoComments("github.com/kassette-pay/kassette/sdk/contract", "./"); err != nil {
		t.Fatal(err)
	}
	// The comments' paths end in "./"; the types' do not.
	for key, text := range r.CommentMap {
		r.CommentMap[strings.Replace(key, "/contract/.", "/contract.", 1)] = strings.NewReplacer("[", "", "]", "", "\n", " ").Replace(text)
	}
	b, err := json.MarshalIndent(r.Reflect(v), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

// mapped gives the schemas of types that write their own JSON, and the closed
// lists of words.
func mapped(t reflect.Type) *reflector.Schema {
	object := func(required []string, pairs ...any) *reflector.Schema {
		s := &reflector.Schema{Type: "object", Properties: reflector.NewProperties(), Required: required, AdditionalProperties: reflector.FalseSchema}
		for i := 0; i < len(pairs); i += 2 {
			s.Properties.Set(pairs[i].(string), pairs[i+1].(*reflector.Schema))
		}
		return s
	}
	text := &reflector.Schema{Type: "string"}
	parts := func() *reflector.Schema {
		return &reflector.Schema{Type: "array", Items: &reflector.Schema{OneOf: []*reflector.Schema{text, object([]string{"secret"}, "secret", text)}}}
	}
	pair := func(a, b *reflector.Schema) *reflector.Schema {
		two := uint64(2)
		return &reflector.Schema{Type: "array", PrefixItems: []*reflector.Schema{a, b}, MinItems: &two, MaxItems: &two}
	}
	switch t {
	case reflect.TypeFor[contract.Money]():
		return object([]string{"currency"}, "value", &reflector.Schema{Type: "integer", Description: "Minor units."},
			"currency", &reflector.Schema{Type: "string", Description: "ISO 4217."},
			"decimal", &reflector.Schema{Type: "string", Pattern: `^-?[0-9]+(\.[0-9]+)?$`, Description: "Enough without value, and must agree with it."})
	case reflect.TypeFor[contract.Parts]():
		return parts()
	case reflect.TypeFor[[2]contract.Parts]():
		return pair(parts(), parts())
	case reflect.TypeFor[contract.AuthHeader]():
		return pair(text, parts())
	case reflect.TypeFor[[2]string]():
		return pair(text, text)
	case reflect.TypeFor[contract.Lacks]():
		least, most := uint64(1), uint64(200)
		s := object(nil)
		for _, a := range slices.Concat(contract.Abilities(contract.KindPayment), contract.Abilities(contract.KindShop)) {
			s.Properties.Set(string(a), &reflector.Schema{Type: "string", MinLength: &least, MaxLength: &most})
		}
		return s
	case reflect.TypeFor[json.RawMessage]():
		return &reflector.Schema{}
	case reflect.TypeFor[time.Time]():
		return &reflector.Schema{Type: "string", Format: "date-time"}
	}
	if words, ok := enums()[t]; ok {
		return &reflector.Schema{Type: "string", Enum: words}
	}
	return nil
}

func enums() map[reflect.Type][]any {
	return map[reflect.Type][]any{
		reflect.TypeFor[contract.FailureCode]():     words(contract.FailureCodes()),
		reflect.TypeFor[contract.UpdateType]():      words(contract.UpdateTypes()),
		reflect.TypeFor[contract.LineKind]():        words(contract.LineKinds()),
		reflect.TypeFor[contract.Trust]():           words([]contract.Trust{contract.Verified, contract.Hint}),
		reflect.TypeFor[contract.Effect]():          words([]contract.Effect{contract.Read, contract.Prepare, contract.Write}),
		reflect.TypeFor[contract.Kind]():            words([]contract.Kind{contract.KindPayment, contract.KindShop}),
		reflect.TypeFor[contract.Export]():          words(contract.CannedExports()),
		reflect.TypeFor[contract.Flow]():            words([]contract.Flow{contract.FlowRedirect, contract.FlowForm, contract.FlowTerminal}),
		reflect.TypeFor[contract.CaptureMode]():     words([]contract.CaptureMode{contract.CaptureAutomatic, contract.CaptureManual}),
		reflect.TypeFor[contract.ActionType]():      words([]contract.ActionType{contract.ActionRedirect, contract.ActionForm, contract.ActionWait, contract.ActionNone}),
		reflect.TypeFor[contract.OperationStatus](): words([]contract.OperationStatus{contract.OperationPending, contract.OperationSucceeded, contract.OperationFailed}),
		reflect.TypeFor[contract.Sent]():            words([]contract.Sent{contract.SentNo, contract.SentMaybe, contract.SentYes}),
		reflect.TypeFor[contract.ErrorKind](): words([]contract.ErrorKind{contract.ErrorDNS, contract.ErrorRefused, contract.ErrorTLS, contract.ErrorTimeout,
			contract.ErrorReset, contract.ErrorTooLarge, contract.ErrorBlocked, contract.ErrorLost}),
	}
}

func words[T ~string](list []T) []any {
	out := make([]any, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// compiled is a schema of schema/, ready to validate.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(filepath.Join("schema", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCanned_fitsSchemas(t *testing.T) {
	t.Parallel()
	validate := func(t *testing.T, schema string, doc []byte) {
		t.Helper()
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled(t, schema).Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", schema, err, doc)
		}
	}
	for _, e := range contract.CannedExports() {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			doc := contract.Canned(e)
			validate(t, "envelope", doc)
			var env contract.Envelope
			if err := json.Unmarshal(doc, &env); err != nil {
				t.Fatal(err)
			}
			validate(t, string(e)+".input", env.Input)
			if again := contract.Canned(e); !bytes.Equal(doc, again) {
				t.Error("got other bytes the second time")
			}
			if len(env.Entropy) != 32 {
				t.Errorf("got %d bytes of entropy, want 32", len(env.Entropy))
			}
		})
	}
	if got := contract.Canned(contract.Describe); got != nil {
		t.Errorf("got %s for describe, want nothing", got)
	}
}
