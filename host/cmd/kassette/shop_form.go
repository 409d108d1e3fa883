package main

import (
	"context"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type shopAddFormKeyCmd struct {
	Shop        string `arg:"" help:"The shop's id."`
	ID          string `arg:"" help:"The key's id, which stands in the forms."`
	Live        bool   `help:"Its forms are about real money."`
	changeFlags `embed:""`
}

// Help shows an example.
func (shopAddFormKeyCmd) Help() string {
	return "The secret is shown once: kassette form sign takes it. A form names its key, so that a new one stands beside the old until kassette shop end-form-key ends that.\n\nExample:\n\n  kassette shop add-form-key wafels donate > form-secret"
}

// Run adds a form key.
func (cmd shopAddFormKeyCmd) Run(ctx context.Context, s streams) error {
	if err := cmd.confirm(ctx, s, cmd.Live, fmt.Sprintf("Shop %s gets a form key for REAL MONEY. Add it?", cmd.Shop)); err != nil {
		return err
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	secret := adminclient.NewFormSecret()
	done, err := client.AddFormKey(ctx, cmd.Shop, adminclient.NewFormKey{ID: cmd.ID, Live: cmd.Live, Secret: secret})
	if err != nil {
		return fmt.Errorf("add form key %s to shop %s: %w", cmd.ID, cmd.Shop, err)
	}
	if cmd.JSON {
		return writeJSON(s, map[string]any{"shop": done.Shop, "id": cmd.ID, "live": cmd.Live, "secret": secret})
	}
	fmt.Fprintf(s.err, "Form key %s is added. Its secret is shown this once:\n", cmd.ID)
	fmt.Fprintln(s.out, secret)
	return nil
}

type shopEndFormKeyCmd struct {
	Shop        string `arg:"" help:"The shop's id."`
	ID          string `arg:"" help:"The key's id."`
	changeFlags `embed:""`
}

// Help shows an example.
func (shopEndFormKeyCmd) Help() string {
	return "Orders that were begun by its forms go on.\n\nExample:\n\n  kassette shop end-form-key wafels donate"
}

// Run ends a form key.
func (cmd shopEndFormKeyCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	shop, err := client.Shop(ctx, cmd.Shop)
	if err != nil {
		return fmt.Errorf("end form key %s of shop %s: %w", cmd.ID, cmd.Shop, err)
	}
	for _, k := range shop.FormKeys {
		if err := cmd.confirm(ctx, s, k.ID == cmd.ID && k.Live, "Forms for REAL MONEY that it signed are taken no more. Go on?"); err != nil {
			return err
		}
	}
	if shop, err = client.EndFormKey(ctx, cmd.Shop, cmd.ID); err != nil {
		return fmt.Errorf("end form key %s of shop %s: %w", cmd.ID, cmd.Shop, err)
	}
	if cmd.JSON {
		return writeJSON(s, shop)
	}
	fmt.Fprintf(s.out, "Forms of key %s are taken no more.\n", cmd.ID)
	return nil
}
