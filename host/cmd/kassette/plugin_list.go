package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type pluginListCmd struct {
	gatewayFlags `embed:""`
}

// Help shows an example.
func (pluginListCmd) Help() string {
	return "What a running gateway has: every version, whether it takes payments, and on how many gateway processes.\n\nExamples:\n\n  kassette plugin list\n  KASSETTE_ADMIN_URL=https://ops.example KASSETTE_ADMIN_KEY=$(cat key) kassette plugin list --json"
}

// Run lists the plugins of a gateway.
func (cmd pluginListCmd) Run(ctx context.Context, s streams) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	all, err := client.Plugins(ctx)
	if err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(s, map[string]any{"plugins": all})
	}
	list(s.out, all)
	return nil
}

// list writes versions, one each line.
func list(w io.Writer, all []adminclient.Plugin) {
	if len(all) == 0 {
		fmt.Fprintln(w, "The gateway has no plugins. Bring one: kassette plugin install FILE.wasm")
		return
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tVERSION\tSTATE\tDIGEST\tSIGNATURE\tFROM\tINSTALLED\tOPEN\tNODES")
	for _, p := range all {
		for _, v := range p.Versions {
			fmt.Fprintln(t, strings.Join([]string{
				plain(v.Name), plain(v.Version), v.State, short(v.Digest), plain(signedText(v)), v.Source,
				v.InstalledAt.UTC().Format(time.DateTime), fmt.Sprint(v.Open), nodesText(p, v),
			}, "\t"))
		}
	}
	_ = t.Flush() // what it is for is the terminal
	for _, p := range all {
		if p.FolderError != "" {
			fmt.Fprintf(w, "\n%s: %s\n", plain(p.Name), plain(p.FolderError))
		}
		for _, v := range p.Versions {
			if v.Reason != "" {
				fmt.Fprintf(w, "\n%s is %s\n", plain(called(v)), stateText(v))
			}
		}
	}
}

// short is as much of a digest as names a version.
func short(digest string) string { return digest[:min(12, len(digest))] }

// nodesText says how many gateway processes run a version.
func nodesText(p adminclient.Plugin, v adminclient.Version) string {
	n := 0
	for _, node := range p.Nodes {
		if node.Digest == v.Digest {
			n++
		}
	}
	return fmt.Sprintf("%d/%d", n, len(p.Nodes))
}

// tellVersion writes what a gateway knows of a version.
func tellVersion(w io.Writer, v adminclient.Version) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	say := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, plain(fmt.Sprintf(format, args...)))
	}
	say("plugin", "%s %s, %s", v.Name, v.Version, v.Kind)
	say("state", "%s", stateText(v))
	say("SHA-256", "%s (%d bytes)", v.Digest, v.Size)
	say("signature", "%s", signedText(v))
	say("installed", "%s, %s", v.InstalledAt.UTC().Format(time.RFC3339), v.Source)
	for _, when := range []struct {
		name string
		at   *time.Time
	}{{"activated", v.ActivatedAt}, {"drains until", v.DrainsUntil}} {
		if when.at != nil {
			say(when.name, "%s", when.at.UTC().Format(time.RFC3339))
		}
	}
	say("open", "%d payments", v.Open)
	for i, a := range v.Asks.List() {
		say(map[bool]string{true: "asks for"}[i == 0], "%s %s", a.Kind, a.What)
	}
	_ = t.Flush() // what it is for is the terminal
}
