package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// FormKey signs the HTML forms of a shop, and nothing else.
type FormKey struct {
	ID     string
	Live   bool
	Secret []byte
}

// PostedForm is a form as a consumer's browser posts it.
type PostedForm struct {
	Shop string
	// Fields are names and values, in the order in which they came.
	Fields   [][2]string
	RemoteIP string
}

// FormReason is why a form is refused.
type FormReason string

// The reasons.
const (
	FormUnsigned FormReason = "signature" // its signature does not fit
	FormMissing  FormReason = "missing"
	FormTwice    FormReason = "twice"
	FormUnknown  FormReason = "unknown"
	FormValue    FormReason = "value"
	FormExpired  FormReason = "expired"
	FormTaken    FormReason = "taken" // the reference is another order's
)

// FormError says what is wrong with a form; nothing was changed. Field is none
// of a browser's texts unless it is a name; Detail is for the shop's owner.
type FormError struct {
	Reason FormReason
	Field  string
	Detail string
}

func (e *FormError) Error() string {
	return fmt.Sprintf("form: %s %s: %s", e.Reason, e.Field, e.Detail)
}

// The fields of a form that are no part of the order.
const (
	FormFieldKey       = "key"
	FormFieldSignature = "signature"
	formExpires        = "expires_at"
	formReference      = "reference"
)

// formFields are the fields of a form, named as in POST /v1/orders with dots
// between; a function puts each into the order. What they may hold is for the
// domain to say.
var formFields = map[string]func(s *CreateSpec, v string) error{
	FormFieldKey: nil, FormFieldSignature: nil,
	formReference: func(s *CreateSpec, v string) error { s.Reference = v; return nil },
	"amount.value": func(s *CreateSpec, v string) (err error) {
		if s.Amount.Value, err = strconv.ParseInt(v, 10, 64); err != nil || !wholeAmount.MatchString(v) {
			return errors.New("give minor units, digits alone and above zero: 1000 is 10.00 EUR")
		}
		return nil
	},
	"amount.currency": func(s *CreateSpec, v string) error {
		if _, known := contract.Exponent(v); !known {
			return errors.New("give a currency of ISO 4217, such as EUR")
		}
		s.Amount.Currency = v
		return nil
	},
	"description":    func(s *CreateSpec, v string) error { s.Description = v; return nil },
	"customer.name":  func(s *CreateSpec, v string) error { s.Customer.Name = v; return nil },
	"customer.email": func(s *CreateSpec, v string) error { s.Customer.Email = v; return nil },
	"locale":         func(s *CreateSpec, v string) error { s.Locale = v; return nil },
	"country":        func(s *CreateSpec, v string) error { s.Country = v; return nil },
	"methods":        func(s *CreateSpec, v string) error { s.Methods = strings.Split(v, ","); return nil },
	"return_url":     func(s *CreateSpec, v string) error { s.ReturnURL = v; return nil },
	"cancel_url":     func(s *CreateSpec, v string) error { s.CancelURL = v; return nil },
	"notify_url":     func(s *CreateSpec, v string) error { s.NotifyURL = v; return nil },
	formExpires: func(s *CreateSpec, v string) (err error) {
		if s.ExpiresAt, err = time.Parse(time.RFC3339, v); err != nil {
			return errors.New("give a time of RFC 3339, such as 2026-12-31T12:00:00Z")
		}
		return nil
	},
}

var (
	wholeAmount = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)
	formName    = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)
	// formNeeds are the fields that each form has.
	formNeeds = []string{FormFieldKey, FormFieldSignature, "amount.value", "amount.currency"}
)

// formMinted is how many tokens of its address an order costs whose form may
// be posted again and again: ten at once, then five in two seconds.
const formMinted = 20

// FormFields lists the names that a form may have, sorted.
func FormFields() []string { return slices.Sorted(maps.Keys(formFields)) }

// SignForm gives the signature of a form: hex HMAC-SHA512/256 with the decoded
// secret over form.v1, the shop, and the fields but the signature as name=value
// by their names in the order of bytes, joined by line feeds. Values hold no
// line feed, so nothing can pass for something else. Error: [*FormError].
func SignForm(secret []byte, shop string, fields map[string]string) (string, error) {
	text := "form.v1\n" + shop
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, known := formFields[name]; !known {
			return "", unknownField(name)
		}
		if err := formValue(name, fields[name]); err != nil {
			return "", err
		}
		if name != FormFieldSignature {
			text += "\n" + name + "=" + fields[name]
		}
	}
	mac := hmac.New(sha512.New512_256, secret)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// PayForm makes or finds the order of a signed form. A form without a
// reference makes a new one each time. Errors: ErrNotFound for a shop that
// takes no forms, [ErrFlood], [*FormError], and those of Create.
func (s *Service) PayForm(ctx context.Context, f PostedForm) (order.Order, error) {
	shop, err := s.o.Directory.Shop(f.Shop)
	if err == nil && len(shop.FormKeys) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return order.Order{}, fmt.Errorf("forms of shop %q: %w", f.Shop, err)
	}
	from := senderOf("form "+shop.ID, f.RemoteIP)
	if !s.flood.take(from, s.now()) {
		return order.Order{}, fmt.Errorf("forms of shop %s, address %s: %w", shop.ID, from.address, ErrFlood)
	}
	fields, err := readForm(f.Fields)
	if err != nil {
		return order.Order{}, err
	}
	key, err := signedBy(shop, fields)
	if err != nil {
		return order.Order{}, err
	}
	spec, err := s.formSpec(fields)
	if err != nil {
		return order.Order{}, err
	}
	if spec.Reference != "" {
		if o, ended, err := s.calledOff(ctx, shop.ID, spec.Reference, key.Live); ended || err != nil {
			return o, err
		}
	} else {
		if !s.flood.takeMore(from, formMinted-1, s.now()) {
			return order.Order{}, fmt.Errorf("orders by forms of shop %s, address %s: %w", shop.ID, from.address, ErrFlood)
		}
		spec.Reference = "F-" + newULID(s.now())
	}
	reply, err := s.Create(ctx, Request{Key: Key{ID: "form " + key.ID, Shop: shop.ID, Live: key.Live, Scopes: []Scope{OrdersWrite}}}, spec)
	o := reply.Order
	var taken *ReferenceError
	if errors.As(err, &taken) && taken.Reason == string(order.RepeatPaid) {
		o, err = taken.Order, nil
	}
	if err != nil {
		return order.Order{}, formProblem(err)
	}
	return o, nil
}

// calledOff finds the cancelled order of a reference. The consumer has its form
// still, and what the shop called off does not begin anew by it.
func (s *Service) calledOff(ctx context.Context, shop, reference string, live bool) (order.Order, bool, error) {
	ref, err := s.o.Store.FindReference(ctx, shop, reference)
	if errors.Is(err, ErrNotFound) {
		return order.Order{}, false, nil
	}
	if err != nil {
		return order.Order{}, false, fmt.Errorf("find reference %q: %w", reference, err)
	}
	rec, err := s.o.Store.Load(ctx, ref.Order)
	if err != nil {
		return order.Order{}, false, fmt.Errorf("read order %s: %w", ref.Order, err)
	}
	return rec.Order, rec.Order.Live == live && rec.Order.Status() == order.Cancelled, nil
}

// readForm holds the names of a form to what there is.
func readForm(posted [][2]string) (map[string]string, error) {
	fields := map[string]string{}
	for _, f := range posted {
		name, value := f[0], f[1]
		if _, known := formFields[name]; !known {
			return nil, unknownField(name)
		}
		if _, twice := fields[name]; twice {
			return nil, &FormError{FormTwice, name, "leave one of the two"}
		}
		if err := formValue(name, value); err != nil {
			return nil, err
		}
		fields[name] = value
	}
	needs := formNeeds
	if fields[formReference] != "" { // else whoever keeps an old form could post it after the cart changed
		needs = append(slices.Clone(needs), formExpires)
	}
	for _, name := range needs {
		if _, there := fields[name]; !there {
			return nil, &FormError{FormMissing, name, "sign the form with it"}
		}
	}
	return fields, nil
}

func unknownField(name string) error {
	if !formName.MatchString(name) {
		name = ""
	}
	return &FormError{FormUnknown, name, "known are " + strings.Join(FormFields(), ", ")}
}

func formValue(name, value string) error {
	switch {
	case value == "":
		return &FormError{FormValue, name, "it is empty: leave the field out"}
	case !utf8.ValidString(value):
		return &FormError{FormValue, name, "it is not UTF-8: give the form accept-charset=\"utf-8\""}
	case strings.ContainsFunc(value, unicode.IsControl):
		return &FormError{FormValue, name, "take out line breaks and other control characters"}
	}
	return nil
}

// signedBy verifies a form with the key that it names.
func signedBy(shop Shop, fields map[string]string) (FormKey, error) {
	wrong := &FormError{FormUnsigned, FormFieldSignature, "it was not made with this key over these fields: sign the form anew with kassette form sign"}
	i := slices.IndexFunc(shop.FormKeys, func(k FormKey) bool { return k.ID == fields[FormFieldKey] })
	if i < 0 {
		return FormKey{}, wrong
	}
	want, err := SignForm(shop.FormKeys[i].Secret, shop.ID, fields)
	if err != nil {
		return FormKey{}, err
	}
	if !hmac.Equal([]byte(want), []byte(fields[FormFieldSignature])) {
		return FormKey{}, wrong
	}
	return shop.FormKeys[i], nil
}

// formSpec makes the order of the fields. A form that can be posted again and
// again makes orders of the usual life, until its own time is over.
func (s *Service) formSpec(fields map[string]string) (CreateSpec, error) {
	var spec CreateSpec
	for _, name := range FormFields() {
		v, there := fields[name]
		if set := formFields[name]; there && set != nil {
			if err := set(&spec, v); err != nil {
				return spec, &FormError{FormValue, name, err.Error()}
			}
		}
	}
	now := s.now()
	if !spec.ExpiresAt.IsZero() && !now.Before(spec.ExpiresAt) {
		return spec, &FormError{FormExpired, formExpires, "sign the form anew"}
	}
	if usual := now.Add(order.DefaultLife); spec.Reference == "" && spec.ExpiresAt.After(usual) {
		spec.ExpiresAt = usual
	}
	return spec, nil
}

// formProblem says of which field an error of Create is.
func formProblem(err error) error {
	var invalid *order.InvalidError
	var link *URLError
	var taken *ReferenceError
	field := func(pointer string) string {
		for _, name := range FormFields() {
			if at := "/" + strings.ReplaceAll(name, ".", "/"); pointer == at || strings.HasPrefix(pointer, at+"/") {
				return name
			}
		}
		return strings.ReplaceAll(strings.Trim(pointer, "/"), "/", ".")
	}
	switch {
	case errors.As(err, &invalid) && len(invalid.Problems) > 0:
		return &FormError{FormValue, field(invalid.Problems[0].Pointer), invalid.Problems[0].Message}
	case errors.As(err, &link):
		return &FormError{FormValue, field(link.Pointer), "it is not on an origin that is registered for the shop: have an operator add it, or give another"}
	case errors.As(err, &taken):
		return &FormError{FormTaken, formReference, "an order of this reference is being paid with another amount, or is of the other mode, test or live: use another reference"}
	}
	return err
}
