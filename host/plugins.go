package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/kassette-pay/kassette/host/internal/registry"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// What is told of plugins' files and their signatures.
type (
	// Inspected is what there is to know of a plugin's file.
	Inspected = registry.Inspected
	// Signing is what a plugin is signed with.
	Signing = registry.Signing
	// SignedFile is what became of it.
	SignedFile = registry.SignedFile
	// KeyPair is a new key to sign plugins with.
	KeyPair = registry.KeyPair
)

// The states of a plugin's signature.
const (
	Signed     = registry.Signed
	NotTrusted = registry.NotTrusted
	Unsigned   = registry.Unsigned
)

// Errors of signing.
var (
	// ErrPassword: the key has a password, and none was given, or another.
	ErrPassword = registry.ErrPassword
	// ErrBadKey: the file is no minisign secret key.
	ErrBadKey = registry.ErrBadKey
)

// InspectPlugin tells what there is to know of a plugin's file before it is
// put into the folder: its signature, held to the configuration's trusted
// keys, its manifest, and what it asks for over its grant. The zero Config
// trusts and grants nothing. One with a signature that does not hold is
// refused. cacheDir is as in [Options].
func InspectPlugin(ctx context.Context, cfg Config, file, cacheDir string) (found Inspected, err error) {
	engine, err := sandbox.New(sandbox.Limits{CacheDir: cacheDir})
	if err != nil {
		return found, fmt.Errorf("start the sandbox: %w", err)
	}
	defer func() { err = errors.Join(err, engine.Close(context.WithoutCancel(ctx))) }()
	return registry.Inspect(ctx, registry.Options{Engine: engine, TrustedKeys: trustedKeys(cfg), Grants: cfg.Grants()}, file)
}

// SignPlugin signs a plugin's file and writes the signature beside it.
func SignPlugin(file string, s Signing) (SignedFile, error) { return registry.SignFile(file, s) }

// NewKeyPair makes a key to sign plugins with. Without a password its secret
// half lies open in its text.
func NewKeyPair(password string) (KeyPair, error) { return registry.NewKeyPair(password) }

func trustedKeys(c Config) []registry.TrustedKey {
	var keys []registry.TrustedKey
	for _, k := range c.Plugins.TrustedKeys {
		keys = append(keys, registry.TrustedKey(k))
	}
	return keys
}
