package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type shopCmd struct {
	Add        shopAddCmd        `cmd:"" help:"Add a shop, and show its key and notice secret once."`
	List       shopListCmd       `cmd:"" help:"List the shops of a gateway."`
	Show       shopShowCmd       `cmd:"" help:"Show a shop with its keys and accounts, without secrets."`
	Test       shopTestCmd       `cmd:"" help:"Try everything that a shop's customers would otherwise find out."`
	AddAccount shopAddAccountCmd `cmd:"" help:"Give a shop an account at a provider."`
	AddKey     shopAddKeyCmd     `cmd:"" help:"Give a shop a further API key, such as its live one."`
	AddFormKey shopAddFormKeyCmd `cmd:"" help:"Give a shop a key that signs its HTML forms."`
	EndFormKey shopEndFormKeyCmd `cmd:"" help:"Take the forms that a form key signed no more."`
	RotateKey  shopRotateKeyCmd  `cmd:"" help:"Put a new API key or notice secret in place of one."`
}

// keyFlags are what an API key may do.
type keyFlags struct {
	Scope   []string `help:"What the API key may do; by default what a shop's extension needs." enum:"orders:write,orders:read,refunds:write,statement:read" default:"orders:write,orders:read,refunds:write" placeholder:"SCOPE"`
	Network []string `help:"Addresses and networks that alone may use the key; by default all." placeholder:"NETWORK"`
}

// make makes a key, which this command alone knows.
func (f keyFlags) make(id string, live bool) (adminclient.NewKey, string) {
	text, hash := adminclient.NewAPIKey(live)
	return adminclient.NewKey{ID: id, Live: live, Scopes: f.Scope, Networks: f.Network, Hash: hash}, text
}

type shopAddCmd struct {
	Shop         string   `arg:"" name:"name" help:"The shop's id, such as wafels: up to 32 of a-z, 0-9, _ and -."`
	Origin       []string `required:"" help:"Where the shop is, https://HOST; its notices and shoppers go nowhere else. Several are separated by commas." placeholder:"URL"`
	Title        string   `help:"The shop's name as its customers read it; by default NAME." placeholder:"TEXT"`
	Platform     string   `help:"What the shop is made with, if there is an extension for it: woocommerce or magento." enum:"woocommerce,magento," default:"" placeholder:"NAME"`
	Live         bool     `help:"Give it a key for real money too."`
	Email        string   `help:"Where customers write to." placeholder:"ADDRESS"`
	Phone        string   `help:"Where they call." placeholder:"NUMBER"`
	TermsURL     string   `name:"terms-url" help:"The shop's terms." placeholder:"URL"`
	AllowPrivate bool     `help:"The shop is in the gateway's own network."`
	AllowHTTP    bool     `name:"allow-http" help:"The shop is without TLS, as on a developer's machine."`
	DryRun       bool     `help:"Say what is wrong, and add nothing."`
	keyFlags     `embed:""`
	changeFlags  `embed:""`
}

// Help shows an example.
func (shopAddCmd) Help() string {
	return "Prints once what goes into the shop's settings: the gateway's address, an API key and the notice secret. They are made here; the gateway keeps of the key no more than its hash. Every gateway process knows the shop within two seconds.\n\nExamples:\n\n  kassette shop add wafels --origin https://wafels.example --platform woocommerce\n  kassette shop add wafels --origin https://wafels.example,https://www.wafels.example --title \"Molen & Maan\" --live\n  kassette shop add dev --origin http://127.0.0.1:8000 --allow-private --allow-http --json"
}

// given is what goes into a shop's settings.
type given struct {
	Shop         adminclient.Shop `json:"shop"`
	Gateway      string           `json:"gateway"`
	Keys         []givenKey       `json:"keys,omitempty"`
	NoticeSecret string           `json:"notice_secret,omitempty"`
	Next         []string         `json:"next,omitempty"`
}

type givenKey struct {
	ID   string `json:"id"`
	Live bool   `json:"live"`
	Key  string `json:"key"`
}

// Run adds a shop.
func (cmd shopAddCmd) Run(ctx context.Context, s streams) error {
	if err := cmd.confirm(ctx, s, cmd.Live && !cmd.DryRun, fmt.Sprintf("Shop %s gets a key for REAL MONEY. Add it?", cmd.Shop)); err != nil {
		return err
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	g := given{NoticeSecret: adminclient.NewNoticeSecret()}
	ask := adminclient.NewShop{
		ID: cmd.Shop, Name: cmd.Title, Contact: adminclient.Contact{Email: cmd.Email, Phone: cmd.Phone}, TermsURL: cmd.TermsURL, Origins: cmd.Origin,
		Platform: cmd.Platform, AllowPrivate: cmd.AllowPrivate, AllowHTTP: cmd.AllowHTTP, ConfirmPrivate: cmd.Live, NoticeSecret: g.NoticeSecret,
	}
	if ask.Name == "" {
		ask.Name = cmd.Shop
	}
	for _, live := range []bool{false, true} {
		if live && !cmd.Live {
			break
		}
		k, text := cmd.make(mode(live), live)
		ask.Keys, g.Keys = append(ask.Keys, k), append(g.Keys, givenKey{k.ID, live, text})
	}
	done, err := client.AddShop(ctx, ask, cmd.DryRun)
	if err != nil {
		return fmt.Errorf("add shop %s: %w", cmd.Shop, err)
	}
	if cmd.DryRun {
		return cmd.dry(s, done.Shop)
	}
	g.Shop, g.Gateway = done.Shop, done.Shop.Gateway
	g.Next = nextSteps(g)
	if cmd.JSON {
		return writeJSON(s, g)
	}
	fmt.Fprintf(s.err, "Shop %s is added. What follows is shown this once:\n", cmd.Shop)
	tellGiven(s.out, g)
	return nil
}

func (cmd shopAddCmd) dry(s streams, shop adminclient.Shop) error {
	if cmd.JSON {
		return writeJSON(s, map[string]any{"shop": shop, "created": false})
	}
	fmt.Fprintf(s.out, "Shop %s could be added; nothing was.\n", cmd.Shop)
	return nil
}

// confirm asks before something about real money.
func (f changeFlags) confirm(ctx context.Context, s streams, about bool, question string) error {
	if !about || f.Yes {
		return nil
	}
	err := f.ask(ctx, s, question)
	switch {
	case errors.Is(err, errNobody):
		return errors.New("this is about real money, and there is no terminal to ask on: say --yes")
	case errors.Is(err, errDeclined):
		return errors.New("nothing was changed")
	}
	return err
}

func mode(live bool) string {
	if live {
		return "live"
	}
	return "test"
}

// tellGiven writes what goes into a shop's settings, and where.
func tellGiven(w io.Writer, g given) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(t, "gateway\t%s\n", plain(g.Gateway))
	for _, k := range g.Keys {
		fmt.Fprintf(t, "API key, %s\t%s\n", mode(k.Live), k.Key)
	}
	if g.NoticeSecret != "" {
		fmt.Fprintf(t, "notice secret\t%s\n", g.NoticeSecret)
	}
	_ = t.Flush() // what it is for is the terminal
	for i, step := range g.Next {
		fmt.Fprintf(w, "%s%d. %s\n", map[bool]string{true: "\nNext:\n"}[i == 0], i+1, plain(step))
	}
}

// settingsPages are where an extension takes them: the README of each under platforms.
var settingsPages = map[string][]string{
	"woocommerce": {
		"In WordPress: Plugins, Add New, Upload Plugin: kassette-woocommerce.zip (make shop-woocommerce builds it). Activate it.",
		"In WordPress: WooCommerce, Kassette. Paste %s. Press \"Save and test the connection\".",
	},
	"magento": {
		"In the shop's folder: unpack kassette-magento.zip (make shop-magento builds it) in app/code/Kassette/Payment; then bin/magento module:enable Kassette_Payment, bin/magento setup:upgrade, bin/magento cache:flush.",
		"In the admin: Stores, Configuration, Sales, Payment Methods, Kassette. Paste %s. Save.",
	},
	"": {
		"In the shop's own code: ask %[2]s/v1/orders with the header Authorization: Bearer and the API key, and verify notices with the notice secret; %[2]s/docs has it all. Paste %[1]s.",
	},
}

// nextSteps says what to do with what was given.
func nextSteps(g given) []string {
	what := []string{"the gateway's address"}
	for _, k := range g.Keys {
		what = append(what, "the API key for "+map[bool]string{true: "real money", false: "tests"}[k.Live])
	}
	if g.NoticeSecret != "" {
		what = append(what, "the notice secret")
	}
	paste := strings.Join(what[:len(what)-1], ", ") + " and " + what[len(what)-1]
	var steps []string
	for _, step := range settingsPages[g.Shop.Platform] {
		if strings.Contains(step, "%") {
			step = strings.NewReplacer("%[1]s", paste, "%[2]s", g.Gateway, "%s", paste).Replace(step)
		}
		steps = append(steps, step)
	}
	if len(g.Shop.Accounts) == 0 {
		steps = append(steps, "Give it something to pay with: kassette shop add-account "+g.Shop.ID+" --help")
	}
	return append(steps, "See whether all is well: kassette shop test "+g.Shop.ID)
}
