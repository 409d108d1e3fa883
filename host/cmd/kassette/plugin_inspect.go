package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/internal/scaffold"
)

type pluginInspectCmd struct {
	Plugin       string `arg:"" help:"A file NAME.wasm; or NAME or NAME@VERSION, as a running gateway has it."`
	CacheDir     string `help:"Folder for compiled plugins, as of serve." type:"path" placeholder:"DIR"`
	gatewayFlags `embed:""`
}

// Help shows an example.
func (pluginInspectCmd) Help() string {
	return "Of a file, with a configuration, it says which trusted key signed the plugin, and what the plugin asks for over its grant. The plugin runs in the sandbox, to say what it is; one whose signature does not hold does not run, and the status is 1.\n\nExamples:\n\n  kassette plugin inspect build/plugins/hello.wasm\n  kassette --config /etc/kassette/kassette.yaml plugin inspect hello.wasm --json\n  kassette plugin inspect hello@1.0.0"
}

// Run tells what there is to know of a file, or of what a gateway has.
func (cmd pluginInspectCmd) Run(ctx context.Context, c *cli, s streams) error {
	name, version, _ := strings.Cut(cmd.Plugin, "@")
	if _, err := os.Stat(cmd.Plugin); err != nil && scaffold.CheckName(name) == nil {
		return cmd.installed(ctx, s, name, version)
	}
	var cfg host.Config
	if c.Config != "" {
		var err error
		if cfg, err = c.load(); err != nil {
			return err
		}
	}
	found, err := host.InspectPlugin(ctx, cfg, cmd.Plugin, orUserCache(cmd.CacheDir))
	if err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(s, found)
	}
	tell(s.out, found, c.Config != "")
	return nil
}

// installed tells what a gateway has: a version, or the one that is active.
func (cmd pluginInspectCmd) installed(ctx context.Context, s streams, name, version string) error {
	client, err := cmd.client()
	if err != nil {
		return err
	}
	if version == "" {
		p, err := client.Plugin(ctx, name)
		if err != nil {
			return fmt.Errorf("%s is no file here, and: %w", name, err)
		}
		if len(p.Versions) == 0 {
			return fmt.Errorf("%s is no file here, and the gateway has no such plugin; kassette plugin list shows what there is", name)
		}
		version = cmp.Or(p.Active, p.Versions[0].Digest)
	}
	v, err := client.Version(ctx, name, version)
	if err != nil {
		return fmt.Errorf("inspect %s@%s: %w", name, version, err)
	}
	if cmd.JSON {
		return writeJSON(s, v)
	}
	tellVersion(s.out, v)
	return nil
}

// tell writes what was found for people.
func tell(out io.Writer, p host.Inspected, configured bool) {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	say := func(name, format string, args ...any) {
		fmt.Fprintf(t, "%s\t%s\n", name, plain(fmt.Sprintf(format, args...)))
	}
	m := p.Manifest
	say("plugin", "%s %s, %s of %s", m.Name, m.Version, m.Kind, m.Provider)
	for _, about := range []struct{ name, text string }{{"vendor", m.Vendor}, {"licence", m.License}, {"homepage", m.Homepage}} {
		if about.text != "" {
			say(about.name, "%s", about.text)
		}
	}
	say("SHA-256", "%s (%d bytes)", p.Digest, p.Size)
	say("signature", "%s", signatureText(p, configured))
	for _, method := range m.Methods {
		say("method", "%s, %s, in %s", method.ID, method.Flow, strings.Join(slices.Sorted(maps.Keys(method.Currencies)), " "))
	}
	say("asks for", "hosts: %s", orNone(p.Asks.Hosts))
	for _, name := range p.Asks.HostSettings {
		say("", "host of the setting %s, of each account", name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Asks.Secrets)) {
		say("", "secret %s: %s", name, orNone(p.Asks.Secrets[name]))
	}
	say("", "operations: %s", orNone(p.Asks.Operations))
	say("grant", "%s", grantText(p, configured))
	_ = t.Flush() // what it is for is the terminal
	if !p.Granted || len(p.Beyond) > 0 {
		fmt.Fprintf(out, "\nAll that it asks for, for the configuration:\n\n  plugins:\n    grants:\n      %s:\n        hosts: %s\n        secrets: %s\n        operations: %s\n",
			m.Name, flow(p.Asks.Hosts), flow(slices.Sorted(maps.Keys(p.Asks.Secrets))), flow(p.Asks.Operations))
	}
}

func signatureText(p host.Inspected, configured bool) string {
	switch s := p.Signature; {
	case s.State == host.Signed:
		return fmt.Sprintf("it holds, by the trusted key %s (%s): %s", s.Signer, s.KeyID, s.Comment)
	case s.State == host.NotTrusted && configured:
		return fmt.Sprintf("says key %s, which is NOT TRUSTED, so it was not checked", s.KeyID)
	case s.State == host.NotTrusted:
		return fmt.Sprintf("says key %s; NOT CHECKED, which takes --config FILE with plugins.trusted_keys", s.KeyID)
	}
	return "NONE: nobody signed it"
}

func grantText(p host.Inspected, configured bool) string {
	switch {
	case !configured:
		return "not compared, which takes --config FILE"
	case !p.Granted:
		return "none"
	case len(p.Beyond) > 0:
		return "it asks for MORE: " + strings.Join(p.Beyond, ", ")
	}
	return "covers it all"
}

func orNone[T ~string](all []T) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(texts(all), ", ")
}

// flow writes a list as YAML does.
func flow[T ~string](all []T) string {
	quoted := texts(all)
	for i, text := range quoted {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func texts[T ~string](all []T) []string {
	var list []string
	for _, one := range all {
		list = append(list, string(one))
	}
	return list
}

// plain keeps what a plugin says of itself from steering the terminal, or from
// making lines of its own.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
