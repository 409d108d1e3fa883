package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/sdk/contract"
)

type configCmd struct {
	Validate validateCmd `cmd:"" help:"Say everything that is wrong with the configuration."`
}

type validateCmd struct{}

// Run reads the configuration as serve would, without opening anything.
func (validateCmd) Run(c *cli, s streams) error {
	cfg, err := host.LoadConfig(c.Config)
	if err == nil {
		err = cfg.Validate()
	}
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

// Run shows one order.
func (cmd showCmd) Run(ctx context.Context, c *cli, s streams) error {
	cfg, err := host.LoadConfig(c.Config)
	if err != nil {
		return err
	}
	return host.ShowOrder(ctx, cfg, cmd.ID, s.out)
}

type checkCmd struct{}

// Run checks every order and fails if one breaks an invariant.
func (checkCmd) Run(ctx context.Context, c *cli, s streams) error {
	cfg, err := host.LoadConfig(c.Config)
	if err != nil {
		return err
	}
	found, err := host.Check(ctx, cfg, s.err)
	if err != nil {
		return err
	}
	for _, b := range found.Broken {
		fmt.Fprintln(s.out, b)
	}
	if n := len(found.Broken); n > 0 {
		return fmt.Errorf("%d of %d orders break an invariant", n, found.Orders)
	}
	fmt.Fprintf(s.out, "%d orders, all well\n", found.Orders)
	return nil
}

type versionCmd struct{}

// Run says the version, the commit and the contract.
func (versionCmd) Run(s streams) error {
	version, commit := "(devel)", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, v := range info.Settings {
			if v.Key == "vcs.revision" {
				commit = v.Value
			}
		}
	}
	fmt.Fprintf(s.out, "kassette %s, commit %s, plugin contract %s\n", version, commit, contract.Version)
	return nil
}
