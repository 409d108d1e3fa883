package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/kassette-pay/kassette/host/internal/artifact"
)

type pluginPushCmd struct {
	File      string `arg:"" help:"The plugin, NAME.wasm." type:"path"`
	Reference string `arg:"" help:"Where to: oci://HOST/REPOSITORY:TAG, or oci:FOLDER:TAG for a layout on disk."`
	Signature string `help:"The signature's file; by default NAME.wasm.minisig, if it is there." type:"path" placeholder:"FILE"`
	JSON      bool   `help:"Answer in JSON." name:"json"`
}

// Help shows an example.
func (pluginPushCmd) Help() string {
	return "The artifact holds the module and its signature, so that whoever installs it gets both. A registry's password is that of docker login.\n\nExamples:\n\n  kassette plugin push hello.wasm oci://registry.example/plugins/hello:1.0.0\n  kassette plugin push hello.wasm oci:dist:1.0.0"
}

// Run pushes one plugin.
func (cmd pluginPushCmd) Run(ctx context.Context, s streams) error {
	wasm, signature, err := readSigned(cmd.File, cmd.Signature)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(wasm, []byte("\x00asm")) {
		return fmt.Errorf("push %s: not a Wasm module; kassette plugin build makes one", near(cmd.File))
	}
	digest, err := artifact.Push(ctx, cmd.Reference, artifact.Plugin{Name: filepath.Base(cmd.File), Wasm: wasm, Signature: signature})
	if err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(s, map[string]any{"reference": cmd.Reference, "digest": digest, "signed": signature != nil})
	}
	how := map[bool]string{true: "with its signature", false: "UNSIGNED: kassette plugin sign makes a signature"}[signature != nil]
	fmt.Fprintf(s.out, "%s is %s, %s\n", cmd.Reference, digest, how)
	return nil
}
