package artifact

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"

	"github.com/kassette-pay/kassette/sdk/contract"
)

var hello = Plugin{Name: "hello.wasm", Wasm: []byte("\x00asm\x01\x00\x00\x00"), Signature: []byte("untrusted comment: x\n")}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"hello.wasm": "no reference", "oci:": "no reference", "oci::1": "no reference", "oci:a:": "no reference",
		"oci://": "oci://HOST/REPOSITORY:TAG", "oci://host": "oci://HOST/REPOSITORY:TAG", "oci://host/UPPER:1": "oci://HOST/REPOSITORY:TAG", "oci://host/a:b c": "oci://HOST/REPOSITORY:TAG",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	zero := "sha256:" + strings.Repeat("0", 64)
	for text, want := range map[string][3]string{
		"oci:dist": {"dist", "", "latest"}, "oci:./dist:1.0.0": {"./dist", "", "1.0.0"}, "oci:/a:b/dist": {"/a:b/dist", "", "latest"}, "oci:dist@" + zero: {"dist", "", zero},
		"oci://host/hello": {"", "host/hello", "latest"}, "oci://host:5000/a/b:1.0": {"", "host:5000/a/b", "1.0"}, "oci://host/a@" + zero: {"", "host/a", zero},
	} {
		r, err := Parse(text)
		remote := strings.Trim(r.remote.Registry+"/"+r.remote.Repository, "/")
		if got := [3]string{r.folder, remote, r.tag}; err != nil || got != want || !IsReference(text) {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
}

// What was pushed comes back, by its tag and by its digest, and the same
// plugin is the same artifact everywhere.
func TestPushAndPull(t *testing.T) {
	t.Parallel()
	places := map[string]string{"layout": "oci:" + filepath.Join(t.TempDir(), "new", "dist") + ":1.0.0", "registry": newStore(t).ref("1.0.0")}
	digests := map[string]bool{}
	for name, ref := range places {
		for _, p := range []Plugin{hello, {Name: hello.Name, Wasm: hello.Wasm}, hello} {
			digest, err := Push(t.Context(), ref, p)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			digests[digest] = true
			for _, by := range []string{ref, strings.TrimSuffix(ref, ":1.0.0") + "@" + digest} {
				got, from, err := Pull(t.Context(), by)
				if err != nil || from != digest || !reflect.DeepEqual(got, p) {
					t.Errorf("%s: got %+v, %s, %v, want %+v, %s", by, got, from, err, p, digest)
				}
			}
		}
	}
	if len(digests) != 2 {
		t.Errorf("got digests %v, want one signed and one not", digests)
	}
	if _, err := Push(t.Context(), "oci:dist@sha256:"+strings.Repeat("0", 64), hello); err == nil || !strings.Contains(err.Error(), "gets a tag") {
		t.Errorf("got %v, want that a digest is no tag", err)
	}
}

func TestPull_missing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layout := "oci:" + filepath.Join(dir, "dist")
	if _, err := Push(t.Context(), layout+":1.0.0", hello); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{"oci:" + dir + "/none", "oci:" + dir, layout + ":2.0.0", newStore(t).ref("1.0.0")} {
		if _, _, err := Pull(t.Context(), ref); !errors.Is(err, ErrNotFound) || !strings.HasPrefix(err.Error(), "pull "+ref+": ") {
			t.Errorf("got %v, want %v", err, ErrNotFound)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("a layout that was looked for was made")
	}
	closed := newStore(t)
	closed.key = "secret"
	if _, _, err := Pull(t.Context(), closed.ref("1.0.0")); err == nil || !strings.Contains(err.Error(), "docker login 127.0.0.1:") {
		t.Errorf("got %v, want how to log in", err)
	}
}

// A registry, or a layout, that gives out other bytes is found out: the first
// by the library, the second, whose files anybody may write, by us as well.
func TestPull_changed(t *testing.T) {
	t.Parallel()
	evil := bytes.Replace(hello.Wasm, []byte{1}, []byte{2}, 1)
	sum := sha256.Sum256(hello.Wasm)
	digest := hex.EncodeToString(sum[:])
	for name, change := range map[string]func(b []byte) []byte{
		"other bytes": func([]byte) []byte { return evil }, "more": func(b []byte) []byte { return append(bytes.Clone(b), 0) }, "fewer": func(b []byte) []byte { return b[:4] },
	} {
		s := newStore(t)
		layout := filepath.Join(t.TempDir(), "dist")
		for _, ref := range []string{s.ref("1.0.0"), "oci:" + layout + ":1.0.0"} {
			if _, err := Push(t.Context(), ref, hello); err != nil {
				t.Fatal(err)
			}
		}
		s.change = func(d string, b []byte) []byte {
			if d == "sha256:"+digest {
				return change(b)
			}
			return b
		}
		blob := filepath.Join(layout, "blobs", "sha256", digest)
		if err := os.Chmod(blob, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(blob, change(hello.Wasm), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, ref := range []string{s.ref("1.0.0"), "oci:" + layout + ":1.0.0"} {
			if p, _, err := Pull(t.Context(), ref); err == nil || p.Wasm != nil {
				t.Errorf("%s, %s: it was taken", name, ref)
			} else if name == "other bytes" && !errors.Is(err, ErrChanged) {
				t.Errorf("%s, %s: got %v, want %v", name, ref, err, ErrChanged)
			}
		}
	}
	s := newStore(t)
	if _, err := Push(t.Context(), s.ref("1.0.0"), hello); err != nil {
		t.Fatal(err)
	}
	s.change = func(d string, b []byte) []byte { return bytes.Replace(b, []byte(digest), []byte(digest[:63]+"0"), 1) }
	if _, _, err := Pull(t.Context(), s.ref("1.0.0")); err == nil {
		t.Error("another manifest was taken")
	}
}

// An artifact of another kind is no plugin, and one without bounds neither.
func TestPull_noPlugin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	layout, err := oci.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	layer := func(kind, title, digest string, size int) map[string]any {
		return map[string]any{"mediaType": kind, "digest": digest, "size": size, "annotations": map[string]string{"org.opencontainers.image.title": title}}
	}
	const tar = "application/vnd.oci.image.layer.v1.tar"
	blob, err := oras.PushBytes(t.Context(), layout, WasmType, hello.Wasm)
	if err != nil {
		t.Fatal(err)
	}
	for tag, c := range map[string]struct {
		layers []any
		want   string
	}{
		"image":     {[]any{layer(tar, "rootfs", blob.Digest.String(), 8)}, ErrNoPlugin.Error()},
		"empty":     {nil, ErrNoPlugin.Error()},
		"two":       {[]any{layer(WasmType, "a.wasm", blob.Digest.String(), 8), layer(WasmType, "b.wasm", blob.Digest.String(), 8)}, ErrNoPlugin.Error()},
		"large":     {[]any{layer(WasmType, "a.wasm", blob.Digest.String(), contract.MaxModule+1)}, "more than"},
		"sha512":    {[]any{layer(WasmType, "a.wasm", "sha512:"+strings.Repeat("0", 128), 8)}, "must be sha256"},
		"wrongsize": {[]any{layer(WasmType, "a.wasm", blob.Digest.String(), 4)}, ErrChanged.Error()},
		"untyped":   {[]any{layer(tar, "a.wasm", blob.Digest.String(), 8)}, ""},
	} {
		manifest, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": layer("application/vnd.oci.empty.v1+json", "", blob.Digest.String(), 8), "layers": c.layers})
		if err != nil {
			t.Fatal(err)
		}
		if err := writeManifest(dir, tag, manifest); err != nil {
			t.Fatal(err)
		}
		_, _, err = Pull(t.Context(), "oci:"+dir+":"+tag)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", tag, err, c.want)
		}
	}
}

// writeManifest makes a manifest the only one of a layout, unchecked.
func writeManifest(dir, tag string, manifest []byte) error {
	sum := sha256.Sum256(manifest)
	digest := hex.EncodeToString(sum[:])
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []any{map[string]any{
		"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:" + digest, "size": len(manifest), "annotations": map[string]string{"org.opencontainers.image.ref.name": tag},
	}}})
	return errors.Join(err, os.WriteFile(filepath.Join(dir, "blobs", "sha256", digest), manifest, 0o600), os.WriteFile(filepath.Join(dir, "index.json"), index, 0o600))
}
