package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type shopTestCmd struct {
	Shop         string `arg:"" help:"The shop's id; one of the configuration file too."`
	NoticeURL    string `name:"notice-url" help:"Where the shop takes notices; its platform's address by default." placeholder:"URL"`
	Platform     string `help:"What the shop is made with, where the gateway does not know: woocommerce or magento." enum:"woocommerce,magento," default:"" placeholder:"NAME"`
	KeyFile      string `help:"A file with the shop's API key, to try it as the shop does; by default it is $$KASSETTE_API_KEY." type:"path" placeholder:"FILE"`
	gatewayFlags `embed:""`
}

// Help shows an example.
func (shopTestCmd) Help() string {
	return "Tries the gateway's public address from here, its certificate and its clock; the shop's keys; every method, with the reason where it is not offered; the credentials of every account; and the address that takes notices, with a signed one that tells nothing. No money moves. Status 1 if something failed.\n\nExamples:\n\n  kassette shop test wafels\n  KASSETTE_API_KEY=$(cat key) kassette shop test wafels\n  kassette shop test wafels --notice-url https://wafels.example/?wc-api=kassette --json"
}

// keyVariable may hold a shop's API key.
const keyVariable = "KASSETTE_API_KEY"

// Run tries a shop, and fails if something does.
func (cmd shopTestCmd) Run(ctx context.Context, s streams) error {
	key := os.Getenv(keyVariable)
	if cmd.KeyFile != "" {
		b, err := os.ReadFile(cmd.KeyFile)
		if err != nil {
			return err
		}
		key = strings.TrimSpace(string(b))
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	shop, err := client.Shop(ctx, cmd.Shop)
	if err != nil {
		return fmt.Errorf("test shop %s: %w", cmd.Shop, err)
	}
	checks := front{shop: shop, key: key}.try(ctx)
	done, err := client.TestShop(ctx, cmd.Shop, adminclient.ShopTestSpec{NoticeURL: cmd.NoticeURL, Platform: cmd.Platform})
	if err != nil {
		return fmt.Errorf("test shop %s: %w", cmd.Shop, err)
	}
	done.Checks = append(checks, done.Checks...)
	if cmd.JSON {
		err = writeJSON(s, done)
	} else {
		tellChecks(s.out, done.Checks)
	}
	if n := count(done.Checks, "failed"); n > 0 && err == nil {
		err = fmt.Errorf("shop %s: %d of %d checks failed", cmd.Shop, n, len(done.Checks))
	}
	return err
}

// tellChecks writes a line for each.
func tellChecks(w io.Writer, checks []adminclient.ShopCheck) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, c := range checks {
		state := c.State
		if state == "failed" {
			state = "FAILED"
		}
		text := c.Text
		if c.Fix != "" {
			text += ". Do: " + c.Fix
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", plain(state), plain(c.Name), plain(text))
	}
	_ = t.Flush() // what it is for is the terminal
}

func count(checks []adminclient.ShopCheck, state string) int {
	return len(slices.DeleteFunc(slices.Clone(checks), func(c adminclient.ShopCheck) bool { return c.State != state }))
}
