package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// loadTimeout bounds compiling and proving one version.
const loadTimeout = 3 * time.Minute

// FileError says what is wrong with a plugin's file.
type FileError struct {
	File string
	Err  error
}

// Error names the file.
func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ErrTwice: two files say that they are the same version and are not.
var ErrTwice = errors.New("another file has this version with other bytes: raise the version or remove one of them")

// readDir loads every .wasm file of the folder and activates the newest
// version of each plugin.
func (r *Registry) readDir(ctx context.Context) error {
	if _, err := os.Stat(r.options.Dir); err != nil {
		return fmt.Errorf("plugin folder: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(r.options.Dir, "*.wasm"))
	if err != nil {
		return fmt.Errorf("plugin folder %s: %w", r.options.Dir, err)
	}
	var errs []error
	for _, file := range files {
		v, err := r.readFile(ctx, file)
		if err == nil {
			err = r.enter(ctx, v)
		}
		if err != nil {
			errs = append(errs, &FileError{File: file, Err: err})
		}
	}
	return errors.Join(errs...)
}

func (r *Registry) readFile(ctx context.Context, file string) (*version, error) {
	b, err := readModule(file)
	if err != nil {
		return nil, err
	}
	signature, err := r.trust.check(file, b)
	if err != nil && (!r.options.AllowUnsigned || !errors.Is(err, ErrUnsigned)) {
		return nil, err
	}
	v, err := r.load(ctx, filepath.Base(file), b)
	if err != nil {
		return nil, err
	}
	v.file, v.signature = file, signature
	err = checkGrant(v.Manifest, r.options.Grants)
	if err == nil {
		err = v.prove(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, v.module.Close(ctx))
	}
	return v, nil
}

// enter takes a version in, unless it is there or contradicts one that is.
func (r *Registry) enter(ctx context.Context, v *version) error {
	if twin, ok := r.byDigest[v.Digest]; ok {
		r.options.Logger.WarnContext(ctx, "the same plugin twice", "plugin", v.Name, "version", v.Plugin.Version, "file", v.file, "other", twin.file)
		return v.module.Close(ctx)
	}
	for _, other := range r.byDigest {
		if other.Name == v.Name && other.Plugin.Version == v.Plugin.Version {
			return errors.Join(fmt.Errorf("%s@%s is also in %s: %w", v.Name, v.Plugin.Version, other.file, ErrTwice), v.module.Close(ctx))
		}
	}
	r.byDigest[v.Digest] = v
	if a, ok := r.active[v.Name]; !ok || newer(v, a) {
		r.active[v.Name] = v
	}
	return nil
}

// newer compares by the rules of Semantic Versioning.
func newer(a, b *version) bool {
	x, errX := semver.StrictNewVersion(a.Plugin.Version)
	y, errY := semver.StrictNewVersion(b.Plugin.Version)
	return errX == nil && (errY != nil || x.GreaterThan(y))
}

// version gives one that is loaded, or loads it from the state. Of a stored
// version nothing is asked anew but that it can be loaded: what it may do is
// what its plugin is granted now.
func (r *Registry) version(ctx context.Context, digest string) (*version, error) {
	if v, ok := r.find(digest); ok {
		return v, nil
	}
	v, err, _ := r.fetches.Do(digest, func() (any, error) {
		ctx := context.WithoutCancel(ctx)
		if v, ok := r.find(digest); ok {
			return v, nil
		}
		b, err := r.options.Bytes.Plugin(ctx, digest)
		if err != nil {
			return nil, fmt.Errorf("plugin bytes %s: %w", digest, err)
		}
		v, err := r.load(ctx, digest, b)
		if err != nil {
			return nil, fmt.Errorf("plugin bytes %s: %w", digest, err)
		}
		if v.Digest != digest {
			return nil, errors.Join(fmt.Errorf("plugin bytes %s: the state holds others, %s", digest, v.Digest), v.module.Close(ctx))
		}
		return v, r.add(ctx, v)
	})
	if err != nil {
		return nil, err
	}
	return v.(*version), nil
}

func (r *Registry) find(digest string) (*version, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.byDigest[digest]
	return v, ok
}

func (r *Registry) add(ctx context.Context, v *version) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return v.module.Close(ctx)
	}
	r.byDigest[v.Digest] = v
	return nil
}

// load compiles bytes and reads their manifest.
func (r *Registry) load(ctx context.Context, label string, b []byte) (*version, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	m, err := r.options.Engine.Load(ctx, label, b)
	if err != nil {
		return nil, err
	}
	manifest, err := describe(ctx, m)
	if err == nil {
		err = checkExports(manifest, m.Exports())
	}
	if err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	return &version{
		Version: checkout.Version{Plugin: order.Plugin{Name: manifest.Name, Version: manifest.Version, Digest: m.Digest()}, Manifest: manifest},
		module:  m,
	}, nil
}

// readModule reads a file of at most the size that is admitted.
func readModule(file string) ([]byte, error) {
	b, err := readAtMost(file, contract.MaxModule)
	if errors.Is(err, errTooLarge) {
		return nil, fmt.Errorf("%w: strip it (in Go: -ldflags \"-s -w\")", err)
	}
	return b, err
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
