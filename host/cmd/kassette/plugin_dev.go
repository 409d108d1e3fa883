package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
	"github.com/kassette-pay/kassette/host/internal/watch"
)

type pluginDevCmd struct {
	Dir      string `arg:"" optional:"" help:"Folder of the sources." type:"path" default:"."`
	AdminURL string `name:"admin-url" help:"The gateway's listen.admin. Its key is KASSETTE_ADMIN_KEY; a gateway of this machine is tried with the demo's." env:"KASSETTE_ADMIN_URL" default:"${adminurl}" placeholder:"URL"`
	Yes      bool   `short:"y" help:"Activate without asking; needed for a gateway of another machine."`
}

// Help shows an example.
func (pluginDevCmd) Help() string {
	return "Builds the plugin each time that a source is saved, has the running gateway take it, and shows what it does there: each round's JSON, fuel and time. What does not compile is shown with its line, and the last good one goes on. Ctrl-C ends it.\n\nExample:\n\n  make run                     # in another terminal: the demo\n  kassette plugin dev tulip"
}

// workshop is a plugin at work: what dev knows of it.
type workshop struct {
	dir    string
	client *adminclient.Client
	s      streams
	// active is the version that was activated last, zero before the first.
	active adminclient.Version
	// heard is the latest of the gateway's calls before the first build.
	heard int64
}

// Run goes on until the context ends.
func (cmd pluginDevCmd) Run(ctx context.Context, s streams) error {
	if !cmd.Yes && !adminclient.IsLoopback(cmd.AdminURL) {
		return fmt.Errorf("%s is another machine: every save would change what takes payments there; say --yes if you mean it", cmd.AdminURL)
	}
	client, err := (gatewayFlags{AdminURL: cmd.AdminURL}).client()
	if err != nil {
		return err
	}
	_, last, err := client.Calls(ctx, "", -1)
	if err != nil {
		return err
	}
	folder, err := watch.Open(cmd.Dir)
	if err != nil {
		return err
	}
	w := &workshop{dir: cmd.Dir, client: client, s: s, heard: last}
	fmt.Fprintf(s.out, "Following %s. Ctrl-C ends it.\n", near(cmd.Dir))
	err = errors.Join(w.work(ctx, folder), folder.Close())
	if ctx.Err() != nil && w.active.Name != "" {
		fmt.Fprintf(s.out, "%s stays active; kassette plugin rollback %s brings back what was before\n", called(w.active), w.active.Name)
	}
	return err
}

// work builds and brings the plugin once, and then at every change, and
// follows its calls meanwhile.
func (w *workshop) work(ctx context.Context, folder *watch.Folder) error {
	followed, stop := "", func() {}
	defer func() { stop() }()
	for {
		if err := w.bring(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintln(w.s.err, err)
			w.goesOn()
		}
		if name := w.active.Name; name != followed {
			stop()
			followed, stop = name, w.follow(ctx, name)
		}
		switch err := folder.Wait(ctx); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		fmt.Fprintf(w.s.out, "\n%s saved\n", clock(time.Now()))
	}
}

// goesOn says what serves while the sources do not.
func (w *workshop) goesOn() {
	if w.active.Name != "" {
		fmt.Fprintf(w.s.err, "The last good one goes on: %s, %s\n", called(w.active), short(w.active.Digest))
	}
}

// bring builds the plugin and has the gateway take it.
func (w *workshop) bring(ctx context.Context) error {
	b, err := build(ctx, w.dir, "")
	if err != nil {
		return err
	}
	began := time.Now()
	v, _, err := w.client.Install(ctx, b.wasm, nil)
	if err != nil {
		return fmt.Errorf("install %s: %w", near(b.File), err)
	}
	if v.State != "active" {
		if v, err = w.activate(ctx, v); err != nil {
			return fmt.Errorf("activate %s: %w", called(v), err)
		}
	}
	w.active = v
	fmt.Fprintf(w.s.out, "%s %s is active, %s: %s, built in %d ms, taken in %d ms\n",
		clock(time.Now()), plain(called(v)), short(v.Digest), megabytes(b.Size), b.Millis, time.Since(began).Milliseconds())
	return nil
}

// activate activates a version, and grants what it asks for: that is shown.
func (w *workshop) activate(ctx context.Context, v adminclient.Version) (adminclient.Version, error) {
	done, err := w.client.Activate(ctx, v.Name, v.Digest, adminclient.Activation{Force: true})
	var p *adminclient.Problem
	if errors.As(err, &p) && p.Code == adminclient.CodeUnconfirmed && p.Difference != nil {
		for _, a := range p.Difference.List() {
			fmt.Fprintf(w.s.out, "  granted: %s %s\n", a.Kind, plain(a.What))
		}
		done, err = w.client.Activate(ctx, v.Name, v.Digest, adminclient.Activation{Force: true, Confirm: p.Difference.Digest})
	}
	if err != nil {
		return v, err
	}
	return done.Version, nil
}

// again is how long a gateway that cannot be asked is left alone.
const again = 2 * time.Second

// follow begins to show what a plugin's calls do. stop ends it, and waits.
func (w *workshop) follow(ctx context.Context, name string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); w.listen(ctx, name) }()
	return func() { cancel(); <-done }
}

func (w *workshop) listen(ctx context.Context, name string) {
	after, lost := w.heard, false
	for ctx.Err() == nil {
		list, last, err := w.client.Calls(ctx, name, after)
		switch {
		case err == nil:
			after, lost = last, false
			for _, h := range list {
				w.show(h)
			}
		case ctx.Err() == nil:
			if !lost {
				fmt.Fprintf(w.s.err, "what %s does cannot be seen: %v\n", name, err)
			}
			after, lost = -1, true // it may begin to count anew
			sleep(ctx, again)
		}
	}
}

// sleep waits, or less where the context ends.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// show writes what a call did: a line, and its JSON.
func (w *workshop) show(h adminclient.Heard) {
	text := fmt.Sprintf("%s %s  %s  %d µs", clock(h.At), h.Plugin, h.Title, h.Micros)
	if h.Fuel > 0 {
		text += fmt.Sprintf("  fuel %d", h.Fuel)
	}
	if h.Status > 0 {
		text += fmt.Sprintf("  status %d", h.Status)
	}
	if h.Error != "" {
		text += "  FAILED: " + h.Error
	}
	fmt.Fprintf(w.s.out, "%s\n    %s\n", plain(text), plain(string(h.Detail)))
}

// clock is a time of day.
func clock(t time.Time) string { return t.Local().Format("15:04:05.000") }
