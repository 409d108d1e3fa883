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
// failure is a fair answer. What was proven is not proven again.
func (v *version) prove(ctx context.Context) error {
	if v.proven.Load() {
		return nil
	}
	var errs []error
	for _, e := range v.Manifest.Operations {
		if err := v.proveExport(ctx, e); err != nil {
			errs = append(errs, fmt.Errorf("proof of %s@%s: %s: %w", v.Name, v.Plugin.Version, e, err))
		}
	}
	err := errors.Join(errs...)
	v.proven.Store(err == nil)
	return err
}

func (v *version) proveExport(ctx context.Context, e contract.Export) error {
	first, err := v.canned(ctx, e)
	if err != nil {
		return err
	}
	// What it asks for comes from settings that it does not have here.
	if a, err := contract.DecodeAnswer(e, first.Output); err != nil && a.Need == nil {
		return err
	}
	second, err := v.canned(ctx, e)
	if err != nil {
		return err
	}
	if !bytes.Equal(first.Output, second.Output) || first.Fuel != second.Fuel {
		return errors.New("the same input gave two outputs or two amounts of fuel: a plugin is a pure function of its input")
	}
	return nil
}

// canned runs one operation with its canned input.
func (v *version) canned(ctx context.Context, e contract.Export) (sandbox.Result, error) {
	input := contract.Canned(e)
	var envelope contract.Envelope
	if err := json.Unmarshal(input, &envelope); err != nil {
		return sandbox.Result{}, fmt.Errorf("canned input: %w", err)
	}
	return v.module.Call(ctx, sandbox.Call{
		Export: string(e), Input: input, Now: envelope.Now, Entropy: [32]byte(envelope.Entropy),
		Host: func(_ context.Context, name contract.HostFunction, input []byte) ([]byte, error) {
			return hostfn.Do(name, input, noSecrets{})
		},
	})
}

// conform is a short run of the contract's rules that need no provider: what
// one operation saw changes no other, and a message with a signature that
// nobody made is news of nothing.
func (v *version) conform(ctx context.Context) error {
	if v.conforms.Load() {
		return nil
	}
	before := map[contract.Export]sandbox.Result{}
	for _, e := range v.Manifest.Operations {
		got, err := v.canned(ctx, e)
		if err != nil {
			return fmt.Errorf("%s: %w", e, err)
		}
		if err := believes(e, got.Output); err != nil {
			return fmt.Errorf("%s: %w", e, err)
		}
		before[e] = got
	}
	for _, e := range slices.Backward(v.Manifest.Operations) {
		got, err := v.canned(ctx, e)
		if err != nil {
			return fmt.Errorf("%s: %w", e, err)
		}
		if !bytes.Equal(got.Output, before[e].Output) || got.Fuel != before[e].Fuel {
			return fmt.Errorf("%s answered otherwise after other operations had run: a plugin keeps nothing from one call to the next", e)
		}
	}
	v.conforms.Store(true)
	return nil
}

// believes says whether the canned message, which nobody signed, is taken for
// verified news.
func believes(e contract.Export, output []byte) error {
	if e != contract.ReceiveWebhook && e != contract.CompletePayment {
		return nil
	}
	a, _ := contract.DecodeAnswer(e, output) // the proof has judged what is no answer
	if a.Result == nil {
		return nil
	}
	var news struct {
		Updates []contract.Update `json:"updates"`
	}
	if err := json.Unmarshal(a.Result, &news); err != nil {
		return err
	}
	for _, u := range news.Updates {
		if u.Trust == contract.Verified {
			return fmt.Errorf("it believes a message whose signature nobody made: an update %s is marked %s", u.Type, u.Trust)
		}
	}
	return nil
}
