package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// loadTimeout bounds compiling and proving one version.
const loadTimeout = 3 * time.Minute

// build compiles bytes and reads their manifest.
func (r *Registry) build(ctx context.Context, label string, b []byte) (*version, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	m, err := r.options.Engine.Load(ctx, label, b)
	if err != nil {
		return nil, &checkout.NotProvenError{Step: stepBuild, Err: err}
	}
	manifest, err := describe(ctx, m)
	if err == nil {
		err = checkExports(manifest, m.Exports())
	}
	if err != nil {
		return nil, errors.Join(&checkout.NotProvenError{Step: stepDescribe, Err: err}, m.Close(ctx))
	}
	return &version{
		Version: checkout.Version{Plugin: order.Plugin{Name: manifest.Name, Version: manifest.Version, Digest: m.Digest()}, Manifest: manifest},
		module:  m, size: len(b),
	}, nil
}

// version gives one that is loaded, or loads it from the state. Of a stored
// version nothing is asked anew but that its signature holds and that it can
// be loaded: what it may do is what its plugin is granted now.
func (r *Registry) version(ctx context.Context, digest string) (*version, error) {
	if v, ok := r.find(digest); ok {
		return v, nil
	}
	v, err, _ := r.fetches.Do(digest, func() (any, error) {
		if v, ok := r.find(digest); ok {
			return v, nil
		}
		v, err := r.fetch(context.WithoutCancel(ctx), digest)
		if err != nil {
			return nil, fmt.Errorf("plugin bytes %s: %w", digest, err)
		}
		return v, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*version), nil
}

func (r *Registry) fetch(ctx context.Context, digest string) (*version, error) {
	known, err := r.known(ctx, digest)
	if err != nil {
		return nil, err
	}
	b, err := r.options.State.Plugin(ctx, digest)
	if gone := known.gone(); errors.Is(err, checkout.ErrNotFound) && gone != nil {
		err = gone
	}
	if err != nil {
		return nil, err
	}
	signature, err := r.judge(known.signature(), b)
	if err != nil {
		return nil, fmt.Errorf("its signature: %w", err)
	}
	v, err := r.build(ctx, digest, b)
	if err != nil {
		return nil, err
	}
	if v.Digest != digest {
		return nil, errors.Join(fmt.Errorf("the state holds others, %s", v.Digest), v.module.Close(ctx))
	}
	if err := r.trust.allows(signature, v.Name); err != nil {
		return nil, errors.Join(err, v.module.Close(ctx))
	}
	v.signature, v.text = signature, known.signature()
	return r.add(ctx, v)
}

// known is what the records say of bytes. A node that does not know them looks
// again: they may have come since.
func (r *Registry) known(ctx context.Context, digest string) (recorded, error) {
	for _, again := range []bool{false, true} {
		if again {
			if err := r.readRecords(ctx); err != nil {
				return recorded{}, err
			}
		}
		r.mu.Lock()
		for _, rec := range r.records {
			if v, ok := rec.find(digest); ok {
				r.mu.Unlock()
				return v, nil
			}
		}
		r.mu.Unlock()
	}
	return recorded{}, fmt.Errorf("no plugin's record has them: %w", checkout.ErrNotFound)
}

// judge holds bytes against the text of their signature, nil for none if they
// may run without.
func (r *Registry) judge(text, b []byte) (Signature, error) {
	if len(text) > maxSignature {
		return Signature{}, fmt.Errorf("%w of %d bytes; %w", errTooLarge, maxSignature, ErrNoSignature)
	}
	if text != nil {
		return r.trust.judge(text, b)
	}
	if !r.options.AllowUnsigned {
		return Signature{}, ErrUnsigned
	}
	return Signature{State: Unsigned}, nil
}

func (r *Registry) find(digest string) (*version, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.byDigest[digest]
	return v, ok
}

// add takes a loaded version in. If it is there already, that one is given
// and the new one let go.
func (r *Registry) add(ctx context.Context, v *version) (*version, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return v, v.module.Close(ctx)
	}
	if twin, ok := r.byDigest[v.Digest]; ok {
		return twin, v.module.Close(ctx)
	}
	v.idle = r.options.Clock()
	r.byDigest[v.Digest] = v
	return v, nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
