package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
	"github.com/kassette-pay/kassette/host/internal/artifact"
)

type pluginInstallCmd struct {
	Plugin      string `arg:"" help:"The plugin: a file NAME.wasm; a folder of sources, which is built; oci:FOLDER:TAG, an OCI layout; or oci://HOST/REPOSITORY:TAG, a registry."`
	Signature   string `help:"The signature's file; by default NAME.wasm.minisig, if it is there." type:"path" placeholder:"FILE"`
	Activate    bool   `help:"Have it take new payments." default:"true" negatable:""`
	Force       bool   `help:"Activate it also if it is older than the active version, or if not every gateway process is ready for it."`
	changeFlags `embed:""`
}

// Help shows an example.
func (pluginInstallCmd) Help() string {
	return "Brings a plugin to a running gateway. It is checked there, what it asks for is shown, and once you agree it takes new payments; payments under way end on the version that began them. If anything is wrong, the version before stays.\n\nExamples:\n\n  kassette plugin install hello.wasm\n  kassette plugin install tulip --yes\n  kassette plugin install oci://registry.example/plugins/hello:1.0.0\n  KASSETTE_ADMIN_URL=https://ops.example KASSETTE_ADMIN_KEY=$(cat key) kassette plugin install hello.wasm --no-activate"
}

// Run installs one plugin.
func (cmd pluginInstallCmd) Run(ctx context.Context, s streams) error {
	if cmd.Activate {
		if err := cmd.mayAsk(s); err != nil {
			return fmt.Errorf("%w, or --no-activate", err)
		}
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	wasm, signature, err := cmd.read(ctx, s)
	if err != nil {
		return err
	}
	v, fresh, err := client.Install(ctx, wasm, signature)
	if err != nil {
		return fmt.Errorf("install %s: %w", near(cmd.Plugin), err)
	}
	how := map[bool]string{true: "installed", false: "was installed before"}[fresh]
	fmt.Fprintf(s.err, "%s %s, %s: SHA-256 %s\n", plain(called(v)), how, plain(signedText(v)), v.Digest)
	if !cmd.Activate || v.State == "active" {
		return cmd.done(s, v)
	}
	p, err := client.Plugin(ctx, v.Name)
	if err != nil {
		return err
	}
	return change{flags: cmd.changeFlags, force: cmd.Force, replacement: replacement{now: p.Find(p.Active), last: p.Last(), next: v},
		do: func(ctx context.Context, a adminclient.Activation) (adminclient.Activated, error) {
			return client.Activate(ctx, v.Name, v.Digest, a)
		},
	}.run(ctx, s)
}

func (cmd pluginInstallCmd) done(s streams, v adminclient.Version) error {
	if cmd.JSON {
		return writeJSON(s, v)
	}
	fmt.Fprintf(s.out, "%s is %s\n", plain(called(v)), stateText(v))
	return nil
}

// stateText is a version's state, and why.
func stateText(v adminclient.Version) string {
	if v.Reason == "" {
		return v.State
	}
	return v.State + ": " + plain(v.Reason)
}

// read gives the bytes to install and their signature, nil for none.
func (cmd pluginInstallCmd) read(ctx context.Context, s streams) (wasm, signature []byte, err error) {
	file := cmd.Plugin
	if artifact.IsReference(file) {
		return cmd.pull(ctx, s)
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		b, err := build(ctx, file, "")
		if err != nil {
			return nil, nil, err
		}
		fmt.Fprintln(s.err, b)
		file = b.File
	}
	return readSigned(file, cmd.Signature)
}

// pull gives what an artifact holds.
func (cmd pluginInstallCmd) pull(ctx context.Context, s streams) (wasm, signature []byte, err error) {
	p, digest, err := artifact.Pull(ctx, cmd.Plugin)
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(s.err, "%s is %s: %s, %s\n", cmd.Plugin, digest, plain(p.Name), megabytes(len(p.Wasm)))
	if cmd.Signature != "" {
		p.Signature, err = os.ReadFile(cmd.Signature)
	}
	return p.Wasm, p.Signature, err
}

// readSigned reads a plugin's file and its signature: the one that is named, or
// the one beside it, nil for none.
func readSigned(file, named string) (wasm, signature []byte, err error) {
	if wasm, err = os.ReadFile(file); err != nil {
		return nil, nil, err
	}
	if named != "" {
		signature, err = os.ReadFile(named)
		return wasm, signature, err
	}
	signature, err = os.ReadFile(file + ".minisig")
	if errors.Is(err, os.ErrNotExist) {
		return wasm, nil, nil
	}
	return wasm, signature, err
}

func signedText(v adminclient.Version) string {
	if v.Signer != "" {
		return v.Signature + " by " + v.Signer
	}
	return v.Signature
}
