// Command kassette is the payment gateway and its tools.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/kassette-pay/kassette/sdk/simulator"
)

// cli is the command line.
type cli struct {
	Config string `help:"Configuration file (YAML)." env:"KASSETTE_CONFIG" type:"path" placeholder:"FILE"`

	Serve    serveCmd    `cmd:"" help:"Run the gateway."`
	ConfigDo configCmd   `cmd:"" name:"config" help:"Look at the configuration."`
	Order    orderCmd    `cmd:"" help:"Look at orders."`
	Check    checkCmd    `cmd:"" help:"Hold every order to the invariants."`
	Simulate simulateCmd `cmd:"" help:"Run a simulated provider."`
	Version  versionCmd  `cmd:"" help:"Say which version this is."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := execute(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(status)
}

// streams are where a command writes.
type streams struct{ out, err *os.File }

// execute runs one command line and gives the exit status: 0, 1 where the
// command found something wrong, 2 where the command line is.
func execute(ctx context.Context, args []string, s streams) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("kassette"), kong.Description("A payment gateway whose methods are WebAssembly plugins."),
		kong.UsageOnError(), kong.Vars{"providers": strings.Join(simulator.All(), ", ")}, kong.Writers(s.out, s.err), kong.Exit(func(int) {}))
	if err != nil {
		fmt.Fprintln(s.err, "kassette:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(s.err, "kassette:", err)
		return 2
	}
	if k.Command() == "" { // help was asked for
		return 0
	}
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(&c, s); err != nil {
		fmt.Fprintln(s.err, "kassette:", err)
		return 1
	}
	return 0
}
