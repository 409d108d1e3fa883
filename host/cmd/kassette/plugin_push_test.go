package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A signed plugin goes through an OCI layout to a gateway, which sees the
// signature.
func TestPluginPush(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	write(t, g.dir, "sample.wasm", sample(t))
	write(t, g.dir, "text.wasm", "hello")
	runIn(t, g.dir, nil, "plugin", "push", "sample.wasm", "oci:dist:unsigned").says(t, 0, []string{"oci:dist:unsigned is sha256:", "UNSIGNED: kassette plugin sign"}, nil)
	runIn(t, g.dir, nil, "plugin", "keygen", "--no-password", "--out", "key").says(t, 0, []string{"key.pub"}, nil)
	runIn(t, g.dir, nil, "plugin", "sign", "sample.wasm", "--key", "key.key").says(t, 0, []string{"sample.wasm.minisig"}, nil)
	pushed := answer[struct {
		Digest string
		Signed bool
	}](t, runIn(t, g.dir, nil, "plugin", "push", "sample.wasm", "oci:dist:1.0.0", "--json"))
	if !pushed.Signed {
		t.Errorf("got %+v, want its signature beside it", pushed)
	}
	g.plugin("install", "oci:dist:unsigned", "--no-activate").says(t, 0, []string{"sample@1.", " is installed"}, []string{"oci:dist:unsigned is sha256:", "sample.wasm, ", " MB", "installed, unsigned"})
	g.plugin("install", "oci:dist@"+pushed.Digest, "--yes").says(t, 1, nil, []string{"install oci:dist@" + pushed.Digest + ": ", "key"})

	g.plugin("push", "text.wasm", "oci:dist:2").says(t, 1, nil, []string{"push text.wasm: not a Wasm module"})
	g.plugin("push", "sample.wasm", "dist").says(t, 1, nil, []string{`"dist" is no reference: write it as oci:FOLDER:TAG`})
	g.plugin("install", "oci:dist:none", "--yes").says(t, 1, nil, []string{"pull oci:dist:none: there is nothing of that name"})
	g.plugin("install", "oci:none:1.0.0", "--yes").says(t, 1, nil, []string{"pull oci:none:1.0.0: there is nothing of that name"})
	if _, err := os.Stat(filepath.Join(g.dir, "none")); err == nil {
		t.Error("a layout that was looked for was made")
	}
}
