package registry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Install takes bytes in, with the text of their signature if they have one,
// and proves them. It is false where these bytes were known already. What
// keeps them from being activated as things are, their status says. Errors:
// those of signatures, *checkout.NotProvenError.
func (r *Registry) Install(ctx context.Context, b, signature []byte, by string) (checkout.VersionStatus, bool, error) {
	if len(b) > contract.MaxModule {
		return checkout.VersionStatus{}, false, &checkout.NotProvenError{Step: stepBuild, Err: fmt.Errorf("%w of %d bytes: strip it (in Go: -ldflags \"-s -w\")", errTooLarge, contract.MaxModule)}
	}
	judged, err := r.judge(signature, b)
	if err != nil {
		return checkout.VersionStatus{}, false, fmt.Errorf("signature: %w", err)
	}
	v, known := r.find(digestOf(b))
	if !known {
		if v, err = r.build(ctx, "that is installed", b); err != nil {
			return checkout.VersionStatus{}, false, err
		}
		v.signature, v.text = judged, signature
		if err := r.trust.allows(judged, v.Name); err != nil {
			return checkout.VersionStatus{}, false, errors.Join(fmt.Errorf("signature: %w", err), v.module.Close(ctx))
		}
		if err := v.prove(ctx); err != nil {
			return checkout.VersionStatus{}, false, errors.Join(&checkout.NotProvenError{Step: stepCanned, Err: err}, v.module.Close(ctx))
		}
		if v, err = r.add(ctx, v); err != nil {
			return checkout.VersionStatus{}, false, err
		}
	}
	if err := r.trust.allows(judged, v.Name); err != nil { // known, and signed anew
		return checkout.VersionStatus{}, false, fmt.Errorf("signature: %w", err)
	}
	came := arrival{source: fromAPI, by: by, obstacle: r.obstacle(ctx, v), signature: judged, text: signature}
	rec, err := r.keep(ctx, v, b, came)
	if err != nil {
		return checkout.VersionStatus{}, false, err
	}
	return r.afterwards(ctx, v.Name, written{digest: v.Digest, record: rec}), !known, nil
}

// obstacle says what keeps a version from being activated as things are.
func (r *Registry) obstacle(ctx context.Context, v *version) string {
	rec, err := r.recordOf(ctx, v.Name)
	if err != nil && !errors.Is(err, checkout.ErrNotFound) {
		return ""
	}
	if err := errors.Join(r.fits(v), r.checkGrant(v, rec, "")); err != nil {
		return err.Error()
	}
	return ""
}

// alwaysRefundable stands for a refund window without an end: as long as the
// state keeps an order that is final.
const alwaysRefundable = 400 * 24 * time.Hour

// refundWindow is the longest of a version's methods.
func refundWindow(m contract.Manifest) time.Duration {
	var longest time.Duration
	for _, method := range m.Methods {
		switch rule := method.Rules.Over(m.Rules).Refund; {
		case rule == nil:
		case rule.WindowDays == 0:
			return alwaysRefundable
		default:
			longest = max(longest, time.Duration(rule.WindowDays)*24*time.Hour)
		}
	}
	return longest
}

// arrival is how bytes came, and with which signature: they may have been
// there before without one.
type arrival struct {
	source, by, obstacle string
	signature            Signature
	text                 []byte
}

// keep puts a version's bytes into the state and then the version into its
// plugin's record.
func (r *Registry) keep(ctx context.Context, v *version, b []byte, came arrival) (record, error) {
	asks, err := asksOf(v.Manifest)
	if err != nil {
		return record{}, err
	}
	entry := recorded{
		Version: v.Plugin.Version, Digest: v.Digest, Kind: string(v.Manifest.Kind), Size: v.size,
		Signature: came.signature.State, Signer: came.signature.Signer, SignatureText: string(came.text),
		Source: came.source, Asks: asks, InstalledAt: r.now(), RefundWindow: refundWindow(v.Manifest), Obstacle: came.obstacle,
	}
	for seen := false; ; seen = true {
		if err := r.options.State.PutPlugin(ctx, v.Digest, b); err != nil {
			return record{}, err
		}
		rec, err := r.write(ctx, v.Name, func(rec record) (record, bool, error) { return rec.take(entry, came.by, seen) })
		if !errors.Is(err, errGone) {
			return rec, err
		}
	}
}

// take has a version in the record whose bytes were kept just now. seen says
// that they were known to be gone before that; otherwise they may have gone
// since, and are kept once more.
func (r record) take(v recorded, by string, seen bool) (record, bool, error) {
	known, ok := r.find(v.Digest)
	g, marked := r.going(v.Digest)
	switch {
	case g.Now:
		return r, false, errGoing
	case ok && !known.Removed.IsZero() && !marked && !seen:
		return r, false, errGone
	case ok && known.Removed.IsZero() && known.Obstacle == v.Obstacle && (known.Signature == v.Signature || known.Signature != Unsigned):
		return r, false, nil
	}
	return r.install(v, by), true, nil
}
