// Command kassette is the payment gateway and its tools.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/internal/adminclient"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

// cli is the command line.
type cli struct {
	Config string `help:"Configuration file (YAML)." env:"KASSETTE_CONFIG" type:"path" placeholder:"FILE"`

	Serve    serveCmd    `cmd:"" help:"Run the gateway."`
	ConfigDo configCmd   `cmd:"" name:"config" help:"Look at the configuration."`
	Order    orderCmd    `cmd:"" help:"Look at orders."`
	Check    checkCmd    `cmd:"" help:"Hold every order to the invariants."`
	Plugin   pluginCmd   `cmd:"" help:"Build plugins, test them, sign them and bring them to a gateway."`
	Form     formCmd     `cmd:"" help:"Make HTML forms for a shop without code."`
	Secrets  secretsCmd  `cmd:"" help:"Hand over an account's secrets to an installer."`
	Shop     shopCmd     `cmd:"" help:"Add shops to a gateway, and see whether all is well with them."`
	Simulate simulateCmd `cmd:"" help:"Run a simulated provider, or list those there are."`
	Version  versionCmd  `cmd:"" help:"Say which version this is."`

	Completion completionCmd `cmd:"" help:"Complete commands in your shell."`
	Complete   completeCmd   `cmd:"" hidden:"" help:"Say what words can become."`
}

// load reads the configuration. Where that fails it says how to name a file.
func (c *cli) load() (host.Config, error) {
	cfg, err := host.LoadConfig(c.Config)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; name the file with --config FILE or KASSETTE_CONFIG", err)
	}
	return cfg, c.unnamed(err)
}

// loadValid reads a configuration that a gateway could start with.
func (c *cli) loadValid() (host.Config, error) {
	cfg, err := c.load()
	if err != nil {
		return cfg, err
	}
	return cfg, c.unnamed(cfg.Validate())
}

// unnamed adds to an error that no configuration file was named, if so: the
// environment alone is hardly ever meant.
func (c *cli) unnamed(err error) error {
	if err == nil || c.Config != "" {
		return err
	}
	return fmt.Errorf("%w\nNo configuration file was named: that is --config FILE or KASSETTE_CONFIG", err)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := execute(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(status)
}

// streams are where a command asks, and where it writes what was asked for and
// everything else.
type streams struct{ in, out, err *os.File }

// execute runs one command line and gives the exit status: 0, 1 where the
// command found something wrong, 2 where the command line is.
func execute(ctx context.Context, args []string, s streams) int {
	var c cli
	helped := false
	parser, err := newParser(&c, kong.Writers(s.out, s.err), kong.Exit(func(int) { helped = true }))
	if err != nil {
		fmt.Fprintln(s.err, "kassette:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	switch {
	case helped: // the parser goes on behind it, to complain or to run
		return 0
	case err != nil:
		fmt.Fprintf(s.err, "kassette: %v\nSee: %s --help\n", err, commandOf(err))
		return 2
	}
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(&c, s); err != nil {
		fmt.Fprintln(s.err, "kassette:", err)
		return 1
	}
	return 0
}

// newParser reads command lines into c.
func newParser(c *cli, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(c, append(options, kong.Name("kassette"), kong.Description("A payment gateway whose methods are WebAssembly plugins."),
		kong.Vars{"providers": strings.Join(simulator.All(), ", "), "adminurl": adminclient.DefaultURL})...)
}

// commandOf is the command whose use was wrong, as far as it was understood.
func commandOf(err error) string {
	words := []string{"kassette"}
	var parse *kong.ParseError
	if errors.As(err, &parse) {
		for _, p := range parse.Context.Path {
			if p.Command != nil {
				words = append(words, p.Command.Name)
			}
		}
	}
	return strings.Join(words, " ")
}
