package sandbox

import (
	"context"
	"errors"
	"time"
)

// run makes a call in a sandbox: one of the pool, put back to the image, or
// where there is no image one that is made for this call.
func (l *loaded) run(ctx context.Context, c *Call, fuel *int64) (Result, error) {
	began := time.Now()
	if l.image == nil {
		return l.once(ctx, c, fuel, began)
	}
	r, err := l.take(ctx)
	if err != nil {
		return Result{}, err
	}
	if err = l.image.again(ctx, r, c); err == nil {
		err = r.enter(c.Export)
	}
	*fuel = r.used()
	result := Result{Output: r.result, Fuel: r.used(), Elapsed: time.Since(began)}
	r.forget()
	if err != nil || !l.image.fits(r) {
		l.replace(r)
	} else {
		l.rest(l.image, r)
	}
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// once makes a call in a sandbox of its own.
func (l *loaded) once(ctx context.Context, c *Call, fuel *int64, began time.Time) (_ Result, err error) {
	r, err := l.start(ctx)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, r.close(context.WithoutCancel(ctx))) }()
	if err := r.turn(ctx, c); err != nil {
		return Result{}, err
	}
	err = r.enter(c.Export)
	*fuel = r.used()
	if err != nil {
		return Result{}, err
	}
	return Result{Output: r.result, Fuel: r.used(), Elapsed: time.Since(began)}, nil
}
