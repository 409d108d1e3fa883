package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type shopListCmd struct {
	gatewayFlags `embed:""`
}

// Help shows an example.
func (shopListCmd) Help() string {
	return "The shops of the configuration file and those that were added since.\n\nExamples:\n\n  kassette shop list\n  KASSETTE_ADMIN_URL=https://ops.example KASSETTE_ADMIN_KEY=$(cat key) kassette shop list --json"
}

// Run lists shops.
func (cmd shopListCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	all, err := client.Shops(ctx)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(s, map[string]any{"shops": all})
	}
	if len(all) == 0 {
		fmt.Fprintln(s.out, "The gateway has no shops. Add one: kassette shop add NAME --origin https://shop.example")
		return nil
	}
	t := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "SHOP\tNAME\tFROM\tKEYS\tACCOUNTS\tORIGINS")
	for _, shop := range all {
		var keys, accounts []string
		for _, k := range shop.Keys {
			keys = append(keys, k.ID)
		}
		for _, a := range shop.Accounts {
			accounts = append(accounts, a.ID)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", plain(shop.ID), plain(shop.Name), shop.Source, plain(words(keys)), plain(words(accounts)), plain(words(shop.Origins)))
	}
	return t.Flush()
}

// words joins words, or says that there are none.
func words(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, " ")
}

type shopShowCmd struct {
	Shop         string `arg:"" help:"The shop's id."`
	gatewayFlags `embed:""`
}

// Help shows an example.
func (shopShowCmd) Help() string {
	return "Of keys and secrets it shows fingerprints: the first 12 digits of the SHA-256, as from printf %s KEY | sha256sum.\n\nExample:\n\n  kassette shop show wafels"
}

// Run shows a shop.
func (cmd shopShowCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	shop, err := client.Shop(ctx, cmd.Shop)
	if err != nil {
		return fmt.Errorf("show shop %s: %w", cmd.Shop, err)
	}
	if cmd.JSON {
		return writeJSON(s, shop)
	}
	tellShop(s.out, shop)
	return nil
}

func tellShop(w io.Writer, shop adminclient.Shop) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	say := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, plain(fmt.Sprintf(format, args...)))
	}
	from := map[string]string{"file": "of the configuration file", "state": "added by an operator"}[shop.Source]
	say("shop", "%s, %q, %s", shop.ID, shop.Name, from)
	say("gateway", "%s", shop.Gateway)
	say("origins", "%s", words(shop.Origins))
	if shop.Platform != "" {
		say("platform", "%s", shop.Platform)
	}
	for _, k := range shop.Keys {
		say("key", "%s, %s, %s, fingerprint %s", k.ID, mode(k.Live), words(k.Scopes), k.Fingerprint)
		for _, old := range k.Old {
			say("", "  before it %s, until %s", old.Fingerprint, moment(old.Until))
		}
	}
	for _, k := range shop.FormKeys {
		say("form key", "%s, %s, fingerprint %s", k.ID, mode(k.Live), k.Fingerprint)
	}
	for _, n := range shop.NoticeSecrets {
		say("notice secret", "fingerprint %s%s", n.Fingerprint, until(n.Until))
	}
	for _, a := range shop.Accounts {
		say("account", "%s, %s, %s, secrets: %s", a.ID, a.Provider, mode(a.Live), words(a.Secrets))
		if a.Webhook != "" {
			say("", "  its provider tells news to %s", a.Webhook)
		}
	}
	for _, c := range shop.History {
		say("done", "%s %s, by %s", moment(&c.At), strings.TrimSpace(strings.ReplaceAll(c.What, "_", " ")+" "+c.About), c.By)
	}
	_ = t.Flush() // what it is for is the terminal
}

func until(at *time.Time) string {
	if at == nil {
		return ""
	}
	return ", until " + moment(at)
}

func moment(at *time.Time) string {
	if at == nil {
		return "it is taken back"
	}
	return at.UTC().Format(time.RFC3339)
}
