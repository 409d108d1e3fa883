package registry

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Inspected is what there is to know of a plugin's file before it is put into
// the folder.
type Inspected struct {
	File string `json:"file"`
	// Digest is the hex SHA-256 of the bytes, Size their number.
	Digest    string        `json:"digest"`
	Size      int           `json:"size"`
	Signature Signature     `json:"signature"`
	Asks      checkout.Asks `json:"asks"`
	// Granted says whether the plugin has a grant; Beyond is what it asks for
	// over that grant: "host api.bank.example".
	Granted  bool              `json:"granted"`
	Beyond   []string          `json:"beyond"`
	Manifest contract.Manifest `json:"manifest"`
}

// Inspect tells what there is to know of a file, with the engine, the trusted
// keys and the grants of the options. A file with a signature that does not
// hold is refused unread, with a [FileError]; one without, or by a key that is
// not trusted, is asked for its manifest, in the sandbox.
func Inspect(ctx context.Context, o Options, file string) (Inspected, error) {
	keys, err := readTrust(o.TrustedKeys)
	if err != nil {
		return Inspected{}, err
	}
	found, err := (&Registry{options: o, trust: keys}).inspect(ctx, file)
	if err != nil {
		return Inspected{}, &FileError{File: file, Err: err}
	}
	return found, nil
}

func (r *Registry) inspect(ctx context.Context, file string) (Inspected, error) {
	b, err := readModule(file)
	if err != nil {
		return Inspected{}, err
	}
	_, signature, err := r.trust.check(file, b)
	if err != nil && !errors.Is(err, ErrUnsigned) && !errors.Is(err, ErrNotTrusted) {
		return Inspected{}, err
	}
	v, err := r.build(ctx, filepath.Base(file), b)
	if err != nil {
		return Inspected{}, err
	}
	if err := v.module.Close(ctx); err != nil {
		return Inspected{}, err
	}
	if r.trust.allows(signature, v.Name) != nil {
		signature.State = NotTrusted
	}
	asks, err := asksOf(v.Manifest)
	if err != nil {
		return Inspected{}, err
	}
	grant, granted := r.options.Grants[v.Name]
	return Inspected{
		File: file, Digest: v.Digest, Size: len(b), Signature: signature, Granted: granted, Beyond: beyond(asks, grant).Lines(), Asks: asks, Manifest: v.Manifest,
	}, nil
}
