package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type pluginActivateCmd struct {
	Name        string `arg:"" help:"The plugin's name."`
	Version     string `arg:"" help:"Its version, or twelve characters or more of its digest."`
	Force       bool   `help:"Activate it also if it is older than the active version, or if not every gateway process is ready for it."`
	changeFlags `embed:""`
}

// Help shows an example.
func (pluginActivateCmd) Help() string {
	return "The version takes new payments from then on, on every node. It is proven once more before, and if that fails the active one stays.\n\nExample:\n\n  kassette plugin activate hello 1.1.0"
}

// Run activates a version.
func (cmd pluginActivateCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	next, err := client.Version(ctx, cmd.Name, cmd.Version)
	if err != nil {
		return fmt.Errorf("activate %s@%s: %w", cmd.Name, cmd.Version, err)
	}
	p, err := client.Plugin(ctx, cmd.Name)
	if err != nil {
		return err
	}
	return change{flags: cmd.changeFlags, force: cmd.Force, now: p.Find(p.Active), last: p.Last(), next: next,
		do: func(ctx context.Context, a adminclient.Activation) (adminclient.Activated, error) {
			return client.Activate(ctx, next.Name, next.Digest, a)
		},
	}.run(ctx, s)
}

type pluginRollbackCmd struct {
	Name        string `arg:"" help:"The plugin's name."`
	changeFlags `embed:""`
}

// Help shows an example.
func (pluginRollbackCmd) Help() string {
	return "The version that was active before takes new payments again. What the other one began ends on the other one.\n\nExample:\n\n  kassette plugin rollback hello"
}

// Run brings the version before back.
func (cmd pluginRollbackCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	p, err := client.Plugin(ctx, cmd.Name)
	switch {
	case err != nil:
		return err
	case len(p.Versions) == 0:
		return fmt.Errorf("roll back %s: the gateway has no such plugin; kassette plugin list shows what there is", cmd.Name)
	case p.Previous == "":
		return fmt.Errorf("roll back %s: no version before this one can serve; kassette plugin activate brings any", cmd.Name)
	}
	return change{flags: cmd.changeFlags, now: p.Find(p.Active), last: p.Last(), next: p.Find(p.Previous),
		do: func(ctx context.Context, a adminclient.Activation) (adminclient.Activated, error) {
			return client.Rollback(ctx, cmd.Name, a)
		},
	}.run(ctx, s)
}

type pluginRetireCmd struct {
	Name        string `arg:"" help:"The plugin's name."`
	Version     string `arg:"" help:"Its version, or twelve characters or more of its digest."`
	changeFlags `embed:""`
}

// Help shows an example.
func (pluginRetireCmd) Help() string {
	return "Takes a version out of service. With the active one its payment methods go; payments under way end on it all the same.\n\nExample:\n\n  kassette plugin retire hello 1.0.0"
}

// Run retires a version.
func (cmd pluginRetireCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	v, err := client.Version(ctx, cmd.Name, cmd.Version)
	if err != nil {
		return fmt.Errorf("retire %s@%s: %w", cmd.Name, cmd.Version, err)
	}
	fmt.Fprintf(s.err, "%s is %s; payments under way: %d\n", plain(called(v)), v.State, v.Open)
	err = cmd.ask(ctx, s, "Retire?")
	if errors.Is(err, errDeclined) {
		return errors.New("nothing was retired")
	}
	if err != nil {
		return err
	}
	if v, err = client.Retire(ctx, cmd.Name, v.Digest); err != nil {
		return fmt.Errorf("retire %s@%s: %w", cmd.Name, cmd.Version, err)
	}
	if cmd.JSON {
		return writeJSON(s, v)
	}
	fmt.Fprintf(s.out, "%s is %s\n", plain(called(v)), stateText(v))
	if v.Warning != "" {
		fmt.Fprintln(s.err, plain(v.Warning))
	}
	return nil
}
