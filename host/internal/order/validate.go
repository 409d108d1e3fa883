package order

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bounds of an order's texts, in characters, and of its lists.
const (
	maxText        = 255
	maxDescription = 1000
	maxURL         = 2048
	maxLines       = 500
	maxMethods     = 100
	maxMetadata    = 50
	maxMetaKey     = 40
	maxMetaValue   = 500
	maxCodes       = 20
	maxOptions     = 50
	maxOptionKey   = 40
	maxOptionValue = 2048
)

var (
	localeSyntax  = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	countrySyntax = regexp.MustCompile(`^[A-Z]{2}$`)
	methodSyntax  = regexp.MustCompile(`^[a-z][a-z0-9_-]{1,31}$`)
)

// checker collects problems.
type checker struct{ problems []Problem }

func (c *checker) add(pointer, format string, args ...any) {
	c.problems = append(c.problems, Problem{Pointer: pointer, Message: fmt.Sprintf(format, args...)})
}

// text checks an optional text of at most n characters.
func (c *checker) text(pointer, s string, n int) {
	switch {
	case utf8.RuneCountInString(s) > n:
		c.add(pointer, "shorten it to at most %d characters", n)
	case !printable(s):
		c.add(pointer, "take out line breaks and other control characters")
	}
}

// printable says whether a text is valid UTF-8 without control characters.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// CheckMethodOptions holds what is chosen within a method to its bounds. What
// it means is for the plugin to say. Error: [*InvalidError].
func CheckMethodOptions(options map[string]string) error {
	c := &checker{}
	if len(options) > maxOptions {
		c.add("/method_options", "give at most %d members", maxOptions)
	}
	for _, k := range sortedKeys(options) {
		at := "/method_options/" + escape(k)
		c.text(at, k, maxOptionKey)
		if v := options[k]; !utf8.ValidString(v) || utf8.RuneCountInString(v) > maxOptionValue {
			c.add(at, "give at most %d characters of UTF-8", maxOptionValue)
		}
	}
	if len(c.problems) > 0 {
		return &InvalidError{Problems: c.problems}
	}
	return nil
}

func (s Spec) validate(now time.Time) []Problem {
	c := &checker{}
	s.validateAmount(c)
	if s.Reference == "" {
		c.add("/reference", "give the order number of the shop, 1 to %d characters", maxText)
	}
	c.text("/reference", s.Reference, maxText)
	if !utf8.ValidString(s.Description) || utf8.RuneCountInString(s.Description) > maxDescription {
		c.add("/description", "give at most %d characters of UTF-8", maxDescription)
	}
	c.lines(s.Lines, s.Amount)
	s.validatePeople(c)
	if s.Locale != "" && !localeSyntax.MatchString(s.Locale) {
		c.add("/locale", "use a BCP 47 tag such as nl-NL")
	}
	country(c, "/country", s.Country)
	if s.Capture != contract.CaptureAutomatic && s.Capture != contract.CaptureManual {
		c.add("/capture", "use automatic or manual")
	}
	s.validateChoice(c)
	address(c, "/return_url", s.ReturnURL)
	address(c, "/cancel_url", s.CancelURL)
	address(c, "/notify_url", s.NotifyURL)
	switch {
	case !s.ExpiresAt.After(now):
		c.add("/expires_at", "use a time in the future, or leave it out for %d minutes", int(DefaultLife/time.Minute))
	case s.ExpiresAt.After(now.Add(MaxLife)):
		c.add("/expires_at", "use a time within %d days", int(MaxLife/day))
	}
	return c.problems
}

func (s Spec) validateAmount(c *checker) {
	if _, ok := contract.Exponent(s.Amount.Currency); !ok {
		c.add("/amount/currency", "use an ISO 4217 code such as EUR")
	}
	switch {
	case s.Amount.Value <= 0:
		c.add("/amount/value", "give an amount above zero, in minor units: 4999 is 49.99 EUR")
	case s.Amount.Value > MaxAmount:
		c.add("/amount/value", "give at most %d minor units", int64(MaxAmount))
	}
}

func (s Spec) validateChoice(c *checker) {
	if len(s.Methods) > maxMethods {
		c.add("/methods", "name at most %d methods", maxMethods)
		return
	}
	for i, m := range s.Methods {
		if !methodSyntax.MatchString(m) {
			c.add(fmt.Sprintf("/methods/%d", i), "use the id of a method as GET /v1/methods lists it")
		}
	}
	if len(s.Metadata) > maxMetadata {
		c.add("/metadata", "give at most %d members", maxMetadata)
		return
	}
	for _, k := range sortedKeys(s.Metadata) {
		pointer := "/metadata/" + escape(k)
		if k == "" || utf8.RuneCountInString(k) > maxMetaKey || !printable(k) {
			c.add(pointer, "use a name of 1 to %d printable characters", maxMetaKey)
		}
		if v := s.Metadata[k]; !utf8.ValidString(v) || utf8.RuneCountInString(v) > maxMetaValue {
			c.add(pointer, "give at most %d characters of UTF-8", maxMetaValue)
		}
	}
}

func (s Spec) validatePeople(c *checker) {
	p := s.Customer
	for _, f := range [][2]string{{"id", p.ID}, {"name", p.Name}, {"email", p.Email}, {"phone", p.Phone}} {
		c.text("/customer/"+f[0], f[1], maxText)
	}
	if at := strings.LastIndexByte(p.Email, '@'); p.Email != "" && (at < 1 || at == len(p.Email)-1 || strings.ContainsAny(p.Email, " \t")) {
		c.add("/customer/email", "give an e-mail address such as name@example.com, or none")
	}
	if _, err := netip.ParseAddr(p.IP); p.IP != "" && err != nil {
		c.add("/customer/ip", "give an IPv4 or IPv6 address, or none")
	}
	validateAddress(c, "/billing_address", s.BillingAddress)
	validateAddress(c, "/shipping_address", s.ShippingAddress)
}

func validateAddress(c *checker, at string, a contract.Address) {
	for _, f := range [][2]string{
		{"first_name", a.FirstName}, {"middle_name", a.MiddleName}, {"last_name", a.LastName}, {"company", a.Company},
		{"street", a.Street}, {"house_number", a.HouseNumber}, {"house_number_addition", a.HouseNumberAddition},
		{"postal_code", a.PostalCode}, {"city", a.City}, {"region", a.Region},
	} {
		c.text(at+"/"+f[0], f[1], maxText)
	}
	country(c, at+"/country", a.Country)
}

func country(c *checker, pointer, code string) {
	if code != "" && !countrySyntax.MatchString(code) {
		c.add(pointer, "use two capital letters of ISO 3166-1, such as NL")
	}
}

// address checks that an optional text is an absolute URL of the web.
func address(c *checker, pointer, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > maxURL || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		c.add(pointer, "use an absolute https URL of at most %d characters", maxURL)
	}
}

// escape writes a name as a token of a JSON pointer.
func escape(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }
