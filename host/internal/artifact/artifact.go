// Package artifact keeps plugins where container images are kept: in OCI
// registries and OCI layouts on disk. An artifact has the module as a layer of
// type application/wasm and, if it is signed, its minisign signature as a
// second one; what other tools push in this form is read too.
package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Media types of an artifact and its layers.
const (
	Type          = "application/vnd.kassette.plugin.v1"
	WasmType      = "application/wasm"
	SignatureType = "application/vnd.kassette.minisig"
)

// maxSignature bounds a signature, in bytes.
const maxSignature = 64 << 10

// Plugin is what an artifact holds.
type Plugin struct {
	// Name is a file's name, such as hello.wasm; it is told to whoever looks at
	// the artifact, and nothing depends on it.
	Name string
	Wasm []byte
	// Signature is the text of a .minisig file, nil for none.
	Signature []byte
}

// Errors of [Pull].
var (
	// ErrNotFound: nothing has that name.
	ErrNotFound = errors.New("there is nothing of that name")
	// ErrNoPlugin: the artifact is something else.
	ErrNoPlugin = errors.New("it is no plugin: that has one layer of type " + WasmType)
	// ErrChanged: bytes are not those that their digest names.
	ErrChanged = errors.New("the bytes are not those that the digest names: somebody or something changed them")
)

// Pull reads a plugin by its reference. It gives the digest of the artifact,
// "sha256:…", by which the same bytes are found again.
func Pull(ctx context.Context, ref string) (p Plugin, digest string, err error) {
	r, err := Parse(ref)
	if err != nil {
		return p, "", err
	}
	from, err := r.source(ctx)
	if err == nil {
		p, digest, err = pull(ctx, from, r.tag)
	}
	if err != nil {
		return Plugin{}, "", fmt.Errorf("pull %s: %w", ref, r.explain(err))
	}
	return p, digest, nil
}

func pull(ctx context.Context, from oras.ReadOnlyTarget, tag string) (p Plugin, digest string, err error) {
	root, text, err := oras.FetchBytes(ctx, from, tag, oras.DefaultFetchBytesOptions)
	if err != nil {
		return p, "", err
	}
	var m ocispec.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return p, "", fmt.Errorf("read manifest: %w", err)
	}
	wasm := layers(m, WasmType, ".wasm")
	signatures := layers(m, SignatureType, ".minisig")
	if len(wasm) != 1 || len(signatures) > 1 {
		return p, "", ErrNoPlugin
	}
	p.Name = wasm[0].Annotations[ocispec.AnnotationTitle]
	if p.Wasm, err = layer(ctx, from, wasm[0], contract.MaxModule); err != nil {
		return p, "", err
	}
	if len(signatures) == 1 {
		p.Signature, err = layer(ctx, from, signatures[0], maxSignature)
	}
	return p, root.Digest.String(), err
}

// layers are those of a type, and those that another tool typed otherwise and
// named as files of that kind.
func layers(m ocispec.Manifest, kind, suffix string) []ocispec.Descriptor {
	return slices.DeleteFunc(slices.Clone(m.Layers), func(d ocispec.Descriptor) bool {
		named := d.MediaType != WasmType && strings.HasSuffix(d.Annotations[ocispec.AnnotationTitle], suffix)
		return d.MediaType != kind && !named
	})
}

// layer reads a layer, whose bytes must be those of its digest.
func layer(ctx context.Context, from content.Fetcher, d ocispec.Descriptor, most int64) ([]byte, error) {
	if d.Size > most {
		return nil, fmt.Errorf("a layer of type %s has %d bytes, more than %d", d.MediaType, d.Size, most)
	}
	if d.Digest.Algorithm() != "sha256" {
		return nil, fmt.Errorf("a layer's digest is %s: it must be sha256", d.Digest.Algorithm())
	}
	body, err := from.Fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, d.Size+1))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	if hex.EncodeToString(sum[:]) != d.Digest.Encoded() {
		return nil, ErrChanged
	}
	return b, nil
}

// Push puts a plugin where a reference says and gives the digest of the
// artifact. The same plugin gives the same digest.
func Push(ctx context.Context, ref string, p Plugin) (digest string, err error) {
	r, err := Parse(ref)
	if err != nil {
		return "", err
	}
	if strings.Contains(r.tag, ":") {
		return "", fmt.Errorf("push %s: what is pushed gets a tag; its digest comes of itself", ref)
	}
	to, err := r.target(ctx)
	if err == nil {
		digest, err = push(ctx, to, r.tag, p)
	}
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, r.explain(err))
	}
	return digest, nil
}

// epoch is when every artifact was made: the same plugin is the same artifact.
const epoch = "1970-01-01T00:00:00Z"

func push(ctx context.Context, to oras.Target, tag string, p Plugin) (string, error) {
	options := oras.PackManifestOptions{ManifestAnnotations: map[string]string{ocispec.AnnotationCreated: epoch, ocispec.AnnotationTitle: p.Name}}
	for _, l := range []struct {
		kind, name string
		content    []byte
	}{{WasmType, p.Name, p.Wasm}, {SignatureType, p.Name + ".minisig", p.Signature}} {
		if l.content == nil {
			continue
		}
		d := content.NewDescriptorFromBytes(l.kind, l.content)
		if err := put(ctx, to, d, l.content); err != nil {
			return "", err
		}
		d.Annotations = map[string]string{ocispec.AnnotationTitle: l.name}
		options.Layers = append(options.Layers, d)
	}
	root, err := oras.PackManifest(ctx, to, oras.PackManifestVersion1_1, Type, options)
	if err != nil {
		return "", err
	}
	return root.Digest.String(), to.Tag(ctx, root, tag)
}
