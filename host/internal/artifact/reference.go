package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/errcode"
	"oras.land/oras-go/v2/registry/remote/retry"
)

// prefix is what a reference begins with.
const prefix = "oci:"

// defaultTag is what a reference without one means.
const defaultTag = "latest"

// Reference says where a plugin is kept.
type Reference struct {
	// folder is an OCI layout, or remote a repository of a registry.
	folder string
	remote registry.Reference
	// tag is a tag or a digest.
	tag string
}

// IsReference tells a reference from the name of a file.
func IsReference(text string) bool { return strings.HasPrefix(text, prefix) }

// Parse reads a reference: oci:FOLDER[:TAG] is an OCI layout on disk,
// oci://HOST[:PORT]/REPOSITORY[:TAG] a registry. @sha256:… may stand in place
// of the tag, which is "latest" by default.
func Parse(text string) (Reference, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	if name, at, isRemote := strings.Cut(rest, "//"); ok && isRemote && name == "" {
		r, err := registry.ParseReference(at)
		if err != nil {
			return Reference{}, fmt.Errorf("%q: %w; write it as oci://HOST/REPOSITORY:TAG", text, err)
		}
		if r.Reference == "" {
			r.Reference = defaultTag
		}
		return Reference{remote: r, tag: r.Reference}, nil
	}
	folder, tag := split(rest)
	if !ok || folder == "" || tag == "" {
		return Reference{}, fmt.Errorf("%q is no reference: write it as oci:FOLDER:TAG or oci://HOST/REPOSITORY:TAG", text)
	}
	return Reference{folder: folder, tag: tag}, nil
}

// split takes a tag or a digest from behind a folder's name.
func split(text string) (folder, tag string) {
	if folder, digest, ok := strings.Cut(text, "@sha256:"); ok {
		return folder, "sha256:" + digest
	}
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, '/') {
		return text[:i], text[i+1:]
	}
	return text, defaultTag
}

// source opens it for reading.
func (r Reference) source(ctx context.Context) (oras.ReadOnlyTarget, error) {
	if r.folder == "" {
		return r.repository()
	}
	return oci.NewFromFS(ctx, os.DirFS(r.folder))
}

// target opens it for writing. A layout is made if it is not there.
func (r Reference) target(ctx context.Context) (oras.Target, error) {
	if r.folder == "" {
		return r.repository()
	}
	return oci.NewWithContext(ctx, r.folder)
}

// repository is the registry's, with the credentials of docker login. One of
// this machine is spoken to without TLS.
func (r Reference) repository() (*remote.Repository, error) {
	store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the credentials of docker login: %w", err)
	}
	host, _, err := net.SplitHostPort(r.remote.Registry)
	if err != nil {
		host = r.remote.Registry
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return &remote.Repository{
		Reference: r.remote, PlainHTTP: host == "localhost" || ip != nil && ip.IsLoopback(),
		Client: &auth.Client{Client: retry.DefaultClient, Cache: auth.NewCache(), Credential: credentials.Credential(store)},
	}, nil
}

// explain says what to do about an error.
func (r Reference) explain(err error) error {
	var answer *errcode.ErrorResponse
	switch {
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%w; run: docker login %s", err, r.remote.Registry)
	case errors.Is(err, errdef.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}

// put pushes bytes that may be there already.
func put(ctx context.Context, to oras.Target, d ocispec.Descriptor, b []byte) error {
	err := to.Push(ctx, d, bytes.NewReader(b))
	if errors.Is(err, errdef.ErrAlreadyExists) {
		return nil
	}
	return err
}
