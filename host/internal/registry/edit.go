package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// editTime bounds a change of a record: other nodes may be quicker some times.
const editTime = 10 * time.Second

// edit changes a plugin's record in the state. What f says is tried again on
// what another node wrote meanwhile; false leaves the record as it is. Error:
// checkout.ErrUnsure where the state did not say whether it was written.
func (r *Registry) edit(ctx context.Context, plugin string, f func(record) (record, bool, error)) error {
	_, err := r.write(ctx, plugin, f)
	return err
}

// write is edit, and gives the record as it is then.
func (r *Registry) write(ctx context.Context, plugin string, f func(record) (record, bool, error)) (record, error) {
	now, err := r.writeAll(ctx, []string{plugin}, func(now map[string]record) ([]string, error) {
		next, changed, err := f(now[plugin])
		if err != nil || !changed {
			return nil, err
		}
		now[plugin] = next
		return []string{plugin}, nil
	})
	return now[plugin], err
}

// writeAll changes the records of plugins in the state, all in one write: f
// changes what it is given, and names the plugins whose records it changed.
func (r *Registry) writeAll(ctx context.Context, plugins []string, f func(map[string]record) ([]string, error)) (map[string]record, error) {
	ctx, cancel := context.WithTimeout(ctx, r.editFor)
	defer cancel()
	for {
		docs, _, err := r.options.State.PluginRecords(ctx)
		if err != nil {
			return nil, err
		}
		now := map[string]record{}
		for _, name := range plugins {
			if docs[name].Version == 0 {
				continue
			}
			if now[name], err = readRecord(docs[name].Doc); err != nil {
				return nil, err
			}
		}
		changed, err := f(now)
		if err != nil || len(changed) == 0 {
			return now, err
		}
		var swaps []checkout.PluginSwap
		for _, name := range changed {
			doc, err := json.Marshal(now[name])
			if err != nil {
				return nil, err
			}
			swaps = append(swaps, checkout.PluginSwap{Plugin: name, Version: docs[name].Version, Doc: doc})
		}
		swapped, err := r.options.State.SwapPluginRecords(ctx, swaps...)
		if err != nil {
			return now, fmt.Errorf("%w: %w", checkout.ErrUnsure, err)
		}
		if swapped {
			return now, nil
		}
		select { // another node was quicker: let it be
		case <-ctx.Done():
			return now, errors.Join(errors.New("the plugin's record is changed all the time, and nothing was written"), ctx.Err())
		case <-time.After(time.Duration(rand.Int64N(int64(20 * time.Millisecond)))):
		}
	}
}
