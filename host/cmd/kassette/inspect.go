package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/sdk/contract"
)

type configCmd struct {
	Validate validateCmd `cmd:"" help:"Say everything that is wrong with the configuration."`
}

type validateCmd struct{}

// Help shows an example.
func (validateCmd) Help() string {
	return "Status 0 if it is valid; else every problem, with its line, goes to standard error.\n\nExample:\n\n  kassette --config /etc/kassette/kassette.yaml config validate"
}

// Run reads the configuration as serve would, without opening anything.
func (validateCmd) Run(c *cli, s streams) error {
	cfg, err := c.loadValid()
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, cfg.String(), "is valid")
	return nil
}

type orderCmd struct {
	Show showCmd `cmd:"" help:"Show an order with its payments and timeline."`
}

type showCmd struct {
	ID string `arg:"" help:"The order's id, ord_…"`
}

// Help shows an example.
func (showCmd) Help() string {
	return "Reads the state in Redis, beside a running gateway, and changes nothing.\n\nExample:\n\n  kassette --config /etc/kassette/kassette.yaml order show ord_1701M8EJFD469WMJ1E4RRBR14QVX"
}

// Run shows one order.
func (cmd showCmd) Run(ctx context.Context, c *cli, s streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	err = host.ShowOrder(ctx, cfg, cmd.ID, s.out)
	if errors.Is(err, host.ErrEmbedded) {
		return c.unnamed(err)
	}
	return err
}

type checkCmd struct{}

// Help shows an example.
func (checkCmd) Help() string {
	return "Reads the state in Redis, beside a running gateway, and changes nothing. What breaks an invariant goes to standard output, an order a line; progress to standard error. Status 1 if there is any.\n\nExample:\n\n  kassette --config /etc/kassette/kassette.yaml check > broken.txt"
}

// Run checks every order and fails if one breaks an invariant.
func (checkCmd) Run(ctx context.Context, c *cli, s streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	found, err := host.Check(ctx, cfg, s.err)
	if errors.Is(err, host.ErrEmbedded) {
		return c.unnamed(err)
	}
	if err != nil {
		return err
	}
	for _, b := range found.Broken {
		fmt.Fprintln(s.out, b)
	}
	if n := len(found.Broken); n > 0 {
		return fmt.Errorf("%d of %d orders break an invariant", n, found.Orders)
	}
	if found.Orders == 0 {
		fmt.Fprintln(s.out, "orders checked: 0; is redis.url the right state, and are all shops configured?")
		return nil
	}
	fmt.Fprintf(s.out, "orders checked: %d, all well\n", found.Orders)
	return nil
}

type versionCmd struct{}

// Help shows an example.
func (versionCmd) Help() string { return "Example:\n\n  kassette version" }

// Run says the version, the commit and the contract.
func (versionCmd) Run(s streams) error {
	version, commit := builtFrom()
	fmt.Fprintf(s.out, "kassette %s, commit %s, plugin contract %s\n", version, commit, contract.Version)
	return nil
}

// builtFrom is the version and the commit that this command was built from.
func builtFrom() (version, commit string) {
	version, commit = "(devel)", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, commit
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, v := range info.Settings {
		if v.Key == "vcs.revision" {
			commit = v.Value
		}
	}
	return version, commit
}
