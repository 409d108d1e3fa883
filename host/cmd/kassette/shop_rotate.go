package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type shopRotateKeyCmd struct {
	Shop         string        `arg:"" help:"The shop's id."`
	Key          string        `help:"The key's id; not needed where the shop has one key." placeholder:"ID"`
	NoticeSecret bool          `help:"The notice secret, in place of a key."`
	Overlap      time.Duration `help:"How long the old one works on." default:"24h" placeholder:"TIME"`
	Now          bool          `help:"End the old one at once: somebody else has it."`
	EndOld       bool          `help:"Make no new one, and end those that still work beside it."`
	changeFlags  `embed:""`
}

// Help shows an example.
func (shopRotateKeyCmd) Help() string {
	return "The new one is shown once. The old one works on beside it until the overlap is over, so that the shop can be changed in peace; notices are signed with both.\n\nExamples:\n\n  kassette shop rotate-key wafels\n  kassette shop rotate-key wafels --key live --overlap 72h\n  kassette shop rotate-key wafels --notice-secret\n  kassette shop rotate-key wafels --key live --end-old\n  kassette shop rotate-key wafels --key live --now"
}

// Run rotates a key or the notice secret.
func (cmd shopRotateKeyCmd) Run(ctx context.Context, s streams) error {
	if cmd.NoticeSecret && cmd.Key != "" {
		return errors.New("a key or the notice secret: one at a time")
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	shop, err := client.Shop(ctx, cmd.Shop)
	if err != nil {
		return fmt.Errorf("rotate a key of shop %s: %w", cmd.Shop, err)
	}
	key, err := cmd.which(shop)
	if err != nil {
		return err
	}
	ends := cmd.Now || cmd.EndOld
	if err := cmd.confirm(ctx, s, ends && (key.Live || cmd.NoticeSecret && anyLive(shop)), "A shop that takes REAL MONEY may use what ends now. Go on?"); err != nil {
		return err
	}
	return cmd.rotate(ctx, s, client, key)
}

// which is the key that is meant.
func (cmd shopRotateKeyCmd) which(shop adminclient.Shop) (adminclient.Key, error) {
	if cmd.NoticeSecret {
		return adminclient.Key{}, nil
	}
	var ids []string
	for _, k := range shop.Keys {
		if k.ID == cmd.Key || cmd.Key == "" && len(shop.Keys) == 1 {
			return k, nil
		}
		ids = append(ids, k.ID)
	}
	if cmd.Key != "" {
		return adminclient.Key{}, fmt.Errorf("shop %s has no key %q: it has %s", cmd.Shop, cmd.Key, words(ids))
	}
	return adminclient.Key{}, fmt.Errorf("shop %s has %s keys: name one of them with --key, or say --notice-secret", cmd.Shop, strings.Join(ids, ", "))
}

func anyLive(shop adminclient.Shop) bool {
	return slices.ContainsFunc(shop.Keys, func(k adminclient.Key) bool { return k.Live }) ||
		slices.ContainsFunc(shop.Accounts, func(a adminclient.Account) bool { return a.Live })
}

func (cmd shopRotateKeyCmd) rotate(ctx context.Context, s streams, client *adminclient.Client, key adminclient.Key) error {
	ask := adminclient.Rotation{Overlap: cmd.Overlap.String(), Now: cmd.Now, EndOld: cmd.EndOld}
	var g given
	var done adminclient.Rotated
	var err error
	if cmd.NoticeSecret {
		if !cmd.EndOld {
			ask.Secret = adminclient.NewNoticeSecret()
			g.NoticeSecret = ask.Secret
		}
		done, err = client.RotateNoticeSecret(ctx, cmd.Shop, ask)
	} else {
		if !cmd.EndOld {
			var text string
			text, ask.Hash = adminclient.NewAPIKey(key.Live)
			g.Keys = []givenKey{{key.ID, key.Live, text}}
		}
		done, err = client.RotateKey(ctx, cmd.Shop, key.ID, ask)
	}
	if err != nil {
		return fmt.Errorf("rotate a key of shop %s: %w", cmd.Shop, err)
	}
	g.Shop, g.Gateway = done.Shop, done.Shop.Gateway
	if cmd.JSON {
		return writeJSON(s, struct {
			given
			OldUntil *time.Time `json:"old_until,omitempty"`
		}{g, done.OldUntil})
	}
	switch {
	case cmd.EndOld && !done.Changed:
		fmt.Fprintln(s.out, "There was no old one that still worked.")
		return nil
	case cmd.EndOld:
		fmt.Fprintln(s.out, "The old ones work no more.")
		return nil
	case done.OldUntil != nil:
		fmt.Fprintf(s.err, "The one before works until %s. What follows is shown this once:\n", moment(done.OldUntil))
	default:
		fmt.Fprintln(s.err, "The one before works no more. What follows is shown this once:")
	}
	if steps := nextSteps(g); len(steps) > 1 {
		g.Next = steps[len(settingsPages[g.Shop.Platform])-1:]
	}
	tellGiven(s.out, g)
	return nil
}

type shopAddKeyCmd struct {
	Shop        string `arg:"" help:"The shop's id."`
	ID          string `help:"The key's id; by default test or live." placeholder:"ID"`
	Live        bool   `help:"A key for real money."`
	keyFlags    `embed:""`
	changeFlags `embed:""`
}

// Help shows an example.
func (shopAddKeyCmd) Help() string {
	return "The key is shown once.\n\nExamples:\n\n  kassette shop add-key wafels --live\n  kassette shop add-key wafels --id accountant --scope statement:read,orders:read --network 192.0.2.0/24"
}

// Run adds a key.
func (cmd shopAddKeyCmd) Run(ctx context.Context, s streams) error {
	if err := cmd.confirm(ctx, s, cmd.Live, fmt.Sprintf("Shop %s gets a key for REAL MONEY. Add it?", cmd.Shop)); err != nil {
		return err
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	if cmd.ID == "" {
		cmd.ID = mode(cmd.Live)
	}
	k, text := cmd.make(cmd.ID, cmd.Live)
	done, err := client.AddKey(ctx, cmd.Shop, k)
	if err != nil {
		return fmt.Errorf("add a key to shop %s: %w", cmd.Shop, err)
	}
	g := given{Shop: done.Shop, Gateway: done.Shop.Gateway, Keys: []givenKey{{k.ID, cmd.Live, text}}}
	if cmd.JSON {
		return writeJSON(s, g)
	}
	fmt.Fprintf(s.err, "Key %s is added. What follows is shown this once:\n", cmd.ID)
	tellGiven(s.out, g)
	return nil
}
