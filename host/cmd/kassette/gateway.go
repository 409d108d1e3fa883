package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

// gatewayFlags say which gateway a command speaks to, and how it answers.
type gatewayFlags struct {
	AdminURL string `name:"admin-url" help:"The gateway's listen.admin. Its key is KASSETTE_ADMIN_KEY; a gateway of this machine is tried with the demo's." env:"KASSETTE_ADMIN_URL" default:"${adminurl}" placeholder:"URL"`
	JSON     bool   `help:"Answer in JSON." name:"json"`
}

func (f gatewayFlags) client() (*adminclient.Client, error) {
	return adminclient.New(f.AdminURL, os.Getenv("KASSETTE_ADMIN_KEY"))
}

// changeFlags are those of the commands that change what takes payments.
type changeFlags struct {
	gatewayFlags `embed:""`
	Yes          bool `short:"y" help:"Do not ask; needed where there is no terminal."`
}

// Errors of asking.
var (
	errNobody   = errors.New("there is no terminal to ask on: look at it with kassette plugin inspect, and say --yes")
	errDeclined = errors.New("nothing was activated")
)

// mayAsk says beforehand whether there will be an answer.
func (f changeFlags) mayAsk(s streams) error {
	if !f.Yes && !isTerminal(s.in) {
		return errNobody
	}
	return nil
}

// ask asks on the terminal, unless the answer was given beforehand.
func (f changeFlags) ask(ctx context.Context, s streams, question string) error {
	if f.Yes {
		return nil
	}
	if err := f.mayAsk(s); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.in).ReadString('\n') // its end is a no
		answers <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case answer := <-answers:
		if answer == "y" || answer == "yes" {
			return nil
		}
	case <-ctx.Done():
		fmt.Fprintln(s.err)
	}
	return errDeclined
}

// isTerminal says whether somebody may sit at a file.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// replacement is a version that is to take another's place.
type replacement struct {
	now, next adminclient.Version
	// last is the version that served last, whether it does now or not.
	last adminclient.Version
}

// change is a replacement, or several that are made at once.
type change struct {
	flags changeFlags
	force bool
	replacement
	others []replacement
	// do activates them.
	do func(ctx context.Context, a adminclient.Activation) (adminclient.Activated, error)
}

// run shows what the versions ask for, has it confirmed, and activates them.
func (c change) run(ctx context.Context, s streams) error {
	all := append([]replacement{c.replacement}, c.others...)
	for _, one := range all {
		one.show(s.err)
	}
	if err := c.flags.ask(ctx, s, "Activate?"); err != nil {
		return err
	}
	told := &steps{w: s.err, done: map[string]bool{}}
	a := adminclient.Activation{Force: c.force, Progress: told.tell}
	done, err := c.do(ctx, a)
	var p *adminclient.Problem
	for range all { // each version has its own difference, and they are told one by one
		if !errors.As(err, &p) || p.Code != adminclient.CodeUnconfirmed || p.Difference == nil || !c.showed(*p.Difference) {
			break
		}
		told.end("granted")
		a.Confirm = strings.TrimPrefix(a.Confirm+","+p.Difference.Digest, ",")
		done, err = c.do(ctx, a)
	}
	told.end("FAILED")
	if err != nil {
		return fmt.Errorf("activate %s: %w", called(c.next), err)
	}
	if c.flags.JSON {
		return writeJSON(s, done)
	}
	if w := done.Version.Warning; w != "" {
		for _, v := range done.Versions {
			fmt.Fprintf(s.out, "%s is active\n", plain(called(v)))
		}
		fmt.Fprintln(s.err, plain(w))
		return nil
	}
	for _, v := range done.Versions {
		fmt.Fprintf(s.out, "%s is active, on %d of %d gateway processes\n", plain(called(v)), done.Converged, done.Total)
	}
	if done.Converged < done.Total {
		fmt.Fprintln(s.err, "The others follow within seconds: kassette plugin list shows it.")
	}
	return nil
}

// show tells what changes: what is asked for, what of it the active version
// does not ask for, what is asked for no more, and another signer.
func (c replacement) show(w io.Writer) {
	before, after := c.now.Asks.List(), c.next.Asks.List()
	in := ""
	if c.now.Version != "" {
		in = " in place of " + called(c.now)
	}
	fmt.Fprintf(w, "%s%s asks for:\n", plain(called(c.next)), plain(in))
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(mark string, a adminclient.Ask) { fmt.Fprintf(t, "  %s\t%s\t%s\n", mark, a.Kind, plain(a.What)) }
	for _, a := range after {
		row(map[bool]string{true: "NEW"}[!slices.Contains(before, a)], a)
	}
	for _, a := range before {
		if !slices.Contains(after, a) {
			row("gone", a)
		}
	}
	if a, ok := c.signer(); ok {
		row("NEW", a)
	}
	if len(after) == 0 {
		fmt.Fprintln(t, "  nothing")
	}
	_ = t.Flush() // what it is for is the terminal
}

// signer says whether another one signed the version than what served last.
func (c replacement) signer() (adminclient.Ask, bool) {
	return adminclient.SignerChange{From: c.last.Signer, To: c.next.Signer}.Ask(), c.last.Version != "" && c.last.Signer != c.next.Signer
}

// showed says whether all of a difference was shown before it was agreed to.
func (c change) showed(d adminclient.Difference) bool {
	var shown []adminclient.Ask
	for _, one := range append([]replacement{c.replacement}, c.others...) {
		shown = append(shown, one.next.Asks.List()...)
		if a, ok := one.signer(); ok {
			shown = append(shown, a)
		}
	}
	return !slices.ContainsFunc(d.List(), func(a adminclient.Ask) bool { return !slices.Contains(shown, a) })
}

// called is a version's name for people.
func called(v adminclient.Version) string { return v.Name + "@" + v.Version }

// steps tells the steps of an activation as they begin and end, each once.
type steps struct {
	w      io.Writer
	done   map[string]bool
	failed string
}

func (t *steps) tell(step adminclient.Step) {
	switch {
	case t.done[step.Step]:
	case step.State == "started":
		fmt.Fprintf(t.w, "  %-12s", step.Step)
	case step.State == "running":
		fmt.Fprintf(t.w, "%d/%d ", step.Nodes, step.Total)
	case step.State == "done":
		t.done[step.Step] = true
		fmt.Fprintf(t.w, "%d ms\n", step.Millis)
	default:
		t.failed = step.Step
	}
}

// end says what became of a step that did not come to its end.
func (t *steps) end(how string) {
	if t.failed != "" {
		t.done[t.failed], t.failed = true, ""
		fmt.Fprintln(t.w, how)
	}
}
