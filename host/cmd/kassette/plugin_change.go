package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type pluginActivateCmd struct {
	Versions    []string `arg:"" help:"The plugin's name and its version, or twelve characters or more of its digest; or several plugins, each NAME@VERSION." placeholder:"NAME"`
	Force       bool     `help:"Activate it also if it is older than the active version, or if not every gateway process is ready for it."`
	changeFlags `embed:""`
}

// Help shows an example.
func (pluginActivateCmd) Help() string {
	return "The version takes new payments from then on, on every node. It is proven once more before, and if that fails the active one stays. Several plugins change in one write, all or none: so plugins that share a provider's account change its settings.\n\nExamples:\n\n  kassette plugin activate hello 1.1.0\n  kassette plugin activate hello@2.0.0 hello-card@2.0.0"
}

// errNames says how versions are named.
var errNames = errors.New("name one plugin as NAME VERSION, or several as NAME@VERSION each")

// refs reads what is to be activated.
func (cmd pluginActivateCmd) refs() ([]adminclient.Ref, error) {
	if v := cmd.Versions; len(v) == 2 && !strings.Contains(v[0]+v[1], "@") {
		return []adminclient.Ref{{Name: v[0], Version: v[1]}}, nil
	}
	var refs []adminclient.Ref
	for _, text := range cmd.Versions {
		name, version, ok := strings.Cut(text, "@")
		if !ok || name == "" || version == "" {
			return nil, fmt.Errorf("%q: %w", text, errNames)
		}
		refs = append(refs, adminclient.Ref{Name: name, Version: version})
	}
	return refs, nil
}

// Run activates one version, or several at once.
func (cmd pluginActivateCmd) Run(ctx context.Context, s streams) error {
	refs, err := cmd.refs()
	if err != nil {
		return err
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	c := change{flags: cmd.changeFlags, force: cmd.Force}
	for i, ref := range refs {
		next, err := client.Version(ctx, ref.Name, ref.Version)
		if err != nil {
			return fmt.Errorf("activate %s@%s: %w", ref.Name, ref.Version, err)
		}
		p, err := client.Plugin(ctx, ref.Name)
		if err != nil {
			return err
		}
		one := replacement{now: p.Find(p.Active), last: p.Last(), next: next}
		if refs[i].Version = next.Digest; i == 0 {
			c.replacement = one
		} else {
			c.others = append(c.others, one)
		}
	}
	c.do = func(ctx context.Context, a adminclient.Activation) (adminclient.Activated, error) {
		if len(refs) == 1 {
			return client.Activate(ctx, refs[0].Name, refs[0].Version, a)
		}
		return client.ActivateAll(ctx, refs, a)
	}
	return c.run(ctx, s)
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
	return change{flags: cmd.changeFlags, replacement: replacement{now: p.Find(p.Active), last: p.Last(), next: p.Find(p.Previous)},
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
	return takeOut{flags: cmd.changeFlags, client: client, verb: "retire", do: client.Retire}.run(ctx, s, cmd.Name, cmd.Version)
}

type pluginRevokeCmd struct {
	Name        string `arg:"" help:"The plugin's name."`
	Version     string `arg:"" help:"Its version, or twelve characters or more of its digest."`
	changeFlags `embed:""`
}

// Help shows an example.
func (pluginRevokeCmd) Help() string {
	return "For a version that must not be trusted: it is given no provider's message any more, and is never activated again; this is not taken back. If it is active, the last good version comes back. Its own payments are still asked about and refunded with it.\n\nExample:\n\n  kassette plugin revoke hello 1.1.0"
}

// Run revokes a version.
func (cmd pluginRevokeCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	return takeOut{flags: cmd.changeFlags, client: client, verb: "revoke", do: client.Revoke}.run(ctx, s, cmd.Name, cmd.Version)
}

// takeOut takes a version out of service, in the way of its verb.
type takeOut struct {
	flags  changeFlags
	client *adminclient.Client
	verb   string
	do     func(ctx context.Context, name, ref string) (adminclient.Version, error)
}

func (t takeOut) run(ctx context.Context, s streams, name, ref string) error {
	v, err := t.client.Version(ctx, name, ref)
	if err != nil {
		return fmt.Errorf("%s %s@%s: %w", t.verb, name, ref, err)
	}
	fmt.Fprintf(s.err, "%s is %s; payments under way: %d\n", plain(called(v)), v.State, v.Open)
	err = t.flags.ask(ctx, s, strings.ToUpper(t.verb[:1])+t.verb[1:]+"?")
	if errors.Is(err, errDeclined) {
		return fmt.Errorf("nothing was %sd", t.verb)
	}
	if err != nil {
		return err
	}
	if v, err = t.do(ctx, name, v.Digest); err != nil {
		return fmt.Errorf("%s %s@%s: %w", t.verb, name, ref, err)
	}
	if t.flags.JSON {
		return writeJSON(s, v)
	}
	fmt.Fprintf(s.out, "%s is %s\n", plain(called(v)), stateText(v))
	if v.Warning != "" {
		fmt.Fprintln(s.err, plain(v.Warning))
	}
	return nil
}
