package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// describe asks a module for its manifest: under fuel, with a clock that
// stands still.
func describe(ctx context.Context, m sandbox.Module) (contract.Manifest, error) {
	var manifest contract.Manifest
	if !slices.Contains(m.Exports(), string(contract.Describe)) {
		return manifest, errors.New("it is no plugin of Kassette: it has no export describe")
	}
	got, err := m.Call(ctx, sandbox.Call{Export: string(contract.Describe), Now: time.Unix(0, 0).UTC()})
	if err != nil {
		return manifest, err
	}
	if manifest, err = contract.DecodeManifest(got.Output); err != nil {
		return manifest, fmt.Errorf("manifest: %w", err)
	}
	for i := range manifest.Methods {
		method := &manifest.Methods[i]
		if method.Logo, err = cleanLogo(method.Logo); err != nil {
			return manifest, fmt.Errorf("manifest: /methods/%d/logo: %w", i, err)
		}
	}
	return manifest, nil
}

// checkExports compares what the manifest says with what is there.
func checkExports(m contract.Manifest, exports []string) error {
	var missing []string
	for _, e := range m.Operations {
		if !slices.Contains(exports, string(e)) {
			missing = append(missing, string(e))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("manifest of %s@%s: the module does not export %s", m.Name, m.Version, strings.Join(missing, ", "))
	}
	return nil
}

// prove runs every operation with its canned input, twice: a plugin that
// answers otherwise the second time, or breaks the contract, is not one. A
// failure is a fair answer.
func (v *version) prove(ctx context.Context) error {
	var errs []error
	for _, e := range v.Manifest.Operations {
		if err := v.proveExport(ctx, e); err != nil {
			errs = append(errs, fmt.Errorf("proof of %s@%s: %s: %w", v.Name, v.Plugin.Version, e, err))
		}
	}
	return errors.Join(errs...)
}

func (v *version) proveExport(ctx context.Context, e contract.Export) error {
	input := contract.Canned(e)
	var envelope contract.Envelope
	if err := json.Unmarshal(input, &envelope); err != nil {
		return fmt.Errorf("canned input: %w", err)
	}
	c := sandbox.Call{
		Export: string(e), Input: input, Now: envelope.Now, Entropy: [32]byte(envelope.Entropy),
		Host: func(_ context.Context, name contract.HostFunction, input []byte) ([]byte, error) {
			return hostfn.Do(name, input, noSecrets{})
		},
	}
	first, err := v.module.Call(ctx, c)
	if err != nil {
		return err
	}
	// What it asks for comes from settings that it does not have here.
	if a, err := contract.DecodeAnswer(e, first.Output); err != nil && a.Need == nil {
		return err
	}
	second, err := v.module.Call(ctx, c)
	if err != nil {
		return err
	}
	if !bytes.Equal(first.Output, second.Output) || first.Fuel != second.Fuel {
		return errors.New("the same input gave two outputs or two amounts of fuel: a plugin is a pure function of its input")
	}
	return nil
}
