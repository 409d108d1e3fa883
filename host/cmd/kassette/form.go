package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/sdk/contract"
)

type formCmd struct {
	Sign   formSignCmd   `cmd:"" help:"Sign an HTML form, for a page without code."`
	Keygen formKeygenCmd `cmd:"" help:"Make a secret to sign forms with."`
}

type formKeygenCmd struct {
	Out  string `help:"Where the secret goes." type:"path" default:"kassette-form.secret" placeholder:"FILE"`
	JSON bool   `help:"Answer in JSON." name:"json"`
}

// Help shows an example.
func (formKeygenCmd) Help() string {
	return "The gateway's configuration names it among the shop's form_keys. It signs forms and nothing else.\n\nExample:\n\n  kassette form keygen --out secrets/cheese-form-secret"
}

// Run makes the file, unless it is there.
func (cmd formKeygenCmd) Run(s streams) error {
	if err := host.WriteSecrets(host.HandoverFile{Path: cmd.Out, Text: []byte(host.NewFormSecret() + "\n")}); err != nil {
		return fmt.Errorf("%w; the name is --out FILE", err)
	}
	if cmd.JSON {
		return writeJSON(s, struct {
			Secret string `json:"secret_file"`
		}{cmd.Out})
	}
	fmt.Fprintf(s.out, "The secret is in %s; keep it. The gateway takes what it signs with this in its shop's configuration; the id is yours to choose:\n\n    form_keys:\n      - id: donate\n        secret: {file: %q}\n        live: false\n", plain(cmd.Out), cmd.Out)
	return nil
}

type formSignCmd struct {
	Shop        string `arg:"" help:"The shop's id."`
	Gateway     string `help:"The gateway's public_url." required:"" placeholder:"URL"`
	Key         string `help:"The form key's id in the configuration." required:"" placeholder:"ID"`
	SecretFile  string `help:"File with its secret; else it is asked for." placeholder:"FILE"`
	SecretEnv   string `help:"Variable with its secret." placeholder:"NAME"`
	Amount      string `help:"What is paid, with a point and the currency: 10.00 EUR." required:"" placeholder:"AMOUNT"`
	Reference   string `help:"The order's number, for one order; without it each press of the button makes one. Needs --expires." placeholder:"TEXT"`
	Expires     string `help:"When the form ends: a time (2026-12-31T12:00:00Z), or so long from now (2h)." placeholder:"TIME"`
	Description string `help:"What it is for." placeholder:"TEXT"`
	Name        string `help:"The customer's name." placeholder:"TEXT"`
	Email       string `help:"The customer's address of e-mail." placeholder:"TEXT"`
	Locale      string `help:"The language of the pages, such as nl-NL." placeholder:"TAG"`
	Country     string `help:"The customer's country, such as NL." placeholder:"CODE"`
	Methods     string `help:"Methods to choose from, with commas between." placeholder:"LIST"`
	ReturnURL   string `name:"return-url" help:"Where to go when it is paid, on the shop's origins." placeholder:"URL"`
	CancelURL   string `name:"cancel-url" help:"Where to go when it is not." placeholder:"URL"`
	NotifyURL   string `name:"notify-url" help:"Where the shop is told." placeholder:"URL"`
	Button      string `help:"What the button says." default:"Pay" placeholder:"TEXT"`
	JSON        bool   `help:"Answer with the address and the fields in JSON." name:"json"`
}

// Help shows an example.
func (formSignCmd) Help() string {
	return "What is printed goes into a page as it is. Nothing of it can be changed afterwards: the gateway takes what was signed, and nothing else. The key says whether real money moves.\n\nExamples:\n\n  kassette form sign cheese --gateway https://pay.example.com --key donate --secret-file secrets/cheese-form-secret --amount \"10.00 EUR\" --description \"A gift\" --button \"Give 10 euro\"\n  kassette form sign cheese --gateway https://pay.example.com --key donate --secret-env FORM_SECRET --amount \"49.99 EUR\" --reference 1001 --expires 2h --locale nl-NL"
}

// Run signs and prints the form.
func (cmd formSignCmd) Run(ctx context.Context, s streams) error {
	gateway, err := url.Parse(cmd.Gateway)
	if err != nil || gateway.Host == "" || (gateway.Scheme != "https" && gateway.Scheme != "http") || gateway.RawQuery != "" {
		return fmt.Errorf("--gateway %q is no URL: write https://host", plain(cmd.Gateway))
	}
	fields, err := cmd.fields(time.Now())
	if err != nil {
		return err
	}
	secret, err := cmd.secret(ctx, s)
	if err != nil {
		return err
	}
	signature, err := host.SignForm(string(secret), cmd.Shop, fields)
	var wrong *host.FormError
	if errors.As(err, &wrong) {
		return fmt.Errorf("field %s: %s", wrong.Field, wrong.Detail)
	}
	if err != nil {
		return fmt.Errorf("the secret: %w; kassette form keygen makes one", err)
	}
	fields["signature"] = signature
	action := strings.TrimRight(cmd.Gateway, "/") + "/pay/form/" + url.PathEscape(cmd.Shop)
	if cmd.JSON {
		return writeJSON(s, struct {
			Action string            `json:"action"`
			Fields map[string]string `json:"fields"`
		}{action, fields})
	}
	fmt.Fprintf(s.out, "<form method=\"post\" action=\"%s\" accept-charset=\"utf-8\">\n", html.EscapeString(action))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(s.out, "  <input type=\"hidden\" name=\"%s\" value=\"%s\">\n", name, html.EscapeString(fields[name]))
	}
	fmt.Fprintf(s.out, "  <button>%s</button>\n</form>\n", html.EscapeString(cmd.Button))
	return nil
}

// secret reads it from where it is.
func (cmd formSignCmd) secret(ctx context.Context, s streams) (host.Secret, error) {
	kind, where := "", ""
	switch {
	case cmd.SecretFile != "" && cmd.SecretEnv != "":
		return "", errors.New("--secret-file and --secret-env can't be used together")
	case cmd.SecretFile != "":
		kind, where = "file", cmd.SecretFile
	case cmd.SecretEnv != "":
		kind, where = "env", cmd.SecretEnv
	}
	secret, err := readSecret(ctx, s, "secret", kind, where)
	if errors.Is(err, errNoTerminal) {
		err = errors.New("there is no terminal to ask for it: give --secret-file FILE or --secret-env NAME")
	}
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	return secret, nil
}

// fields are those that were asked for.
func (cmd formSignCmd) fields(now time.Time) (map[string]string, error) {
	fields := map[string]string{"key": cmd.Key}
	for name, v := range map[string]string{
		"reference": cmd.Reference, "description": cmd.Description, "customer.name": cmd.Name, "customer.email": cmd.Email, "locale": cmd.Locale,
		"country": cmd.Country, "methods": cmd.Methods, "return_url": cmd.ReturnURL, "cancel_url": cmd.CancelURL, "notify_url": cmd.NotifyURL,
	} {
		if v != "" {
			fields[name] = v
		}
	}
	var err error
	if fields["amount.value"], fields["amount.currency"], err = amount(cmd.Amount); err != nil {
		return nil, err
	}
	switch span, err := time.ParseDuration(cmd.Expires); {
	case cmd.Expires == "" && cmd.Reference != "":
		return nil, errors.New("a form with a reference ends: give --expires, such as 2h")
	case cmd.Expires == "":
	case err == nil && span > 0:
		fields["expires_at"] = now.Add(span).UTC().Truncate(time.Second).Format(time.RFC3339)
	default:
		at, err := time.Parse(time.RFC3339, cmd.Expires)
		if err != nil || !at.After(now) {
			return nil, fmt.Errorf("--expires %q is no time to come: write 2h, or 2026-12-31T12:00:00Z", plain(cmd.Expires))
		}
		fields["expires_at"] = at.UTC().Format(time.RFC3339)
	}
	return fields, nil
}

// amount reads "10.00 EUR" into minor units, digit by digit: as many decimals
// as the currency has, or none.
func amount(text string) (value, currency string, err error) {
	number, currency, _ := strings.Cut(text, " ")
	exponent, known := contract.Exponent(currency)
	whole, decimals, point := strings.Cut(number, ".")
	wrong := fmt.Errorf("--amount %q is none: write 10.00 EUR, with a point and as many decimals as the currency has", plain(text))
	if !known || whole == "" || (point && (len(decimals) != exponent || exponent == 0)) || len(whole) > 12 {
		return "", "", wrong
	}
	if !point {
		decimals = strings.Repeat("0", exponent)
	}
	if strings.Trim(whole+decimals, "0123456789") != "" {
		return "", "", wrong
	}
	n, err := strconv.ParseInt(whole+decimals, 10, 64)
	if err != nil || n == 0 {
		return "", "", wrong
	}
	return strconv.FormatInt(n, 10), currency, nil
}
