package store

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// schema is the number of the layout of what is stored here. The order's
// document has one of its own.
const schema = 1

// A sealed value holds: schema (1 byte), codec (1 byte), the bytes.
const (
	codecPlain = 0
	codecFlate = 1

	// compressFrom is the size from which compressing pays.
	compressFrom = 1 << 10
	// maxRecord bounds what a value unpacks to.
	maxRecord = 64 << 20
)

var (
	writers = sync.Pool{New: func() any {
		w, _ := flate.NewWriter(io.Discard, flate.BestSpeed) // the level is valid
		return w
	}}
	readers = sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }}
)

// sealBytes packs and seals a value for the place where it will lie: the name
// of its key, and of its field or number where the key holds many.
func (r *Redis) sealBytes(place string, b []byte) []byte {
	plain := append([]byte{schema, codecPlain}, b...)
	if len(b) >= compressFrom {
		if packed := deflate(b); len(packed) < len(plain) {
			plain = packed
		}
	}
	return r.opt.Seal.Seal(place, plain)
}

// sealJSON is sealBytes of a value's JSON.
func (r *Redis) sealJSON(place string, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", place, err)
	}
	return r.sealBytes(place, b), nil
}

// openBytes is the inverse of sealBytes. Errors: checkout.ErrSchema, ErrRecord.
func (r *Redis) openBytes(place, sealed string) ([]byte, error) {
	plain, err := r.opt.Seal.Open(place, []byte(sealed))
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrRecord, place, err)
	}
	if len(plain) < 2 {
		return nil, fmt.Errorf("%w %s: too short", ErrRecord, place)
	}
	if err := checkSchema(place, int(plain[0]), schema); err != nil {
		return nil, err
	}
	switch plain[1] {
	case codecPlain:
		return plain[2:], nil
	case codecFlate:
		return inflate(place, plain[2:])
	default:
		return nil, fmt.Errorf("%w %s: unknown codec %d", ErrRecord, place, plain[1])
	}
}

// openJSON is the inverse of sealJSON. The error of a decoder may quote what
// it read, so only its type is told.
func (r *Redis) openJSON(place, sealed string, v any) error {
	b, err := r.openBytes(place, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w %s: %w (%T)", ErrRecord, place, errDecode, err)
	}
	return nil
}

// errDecode: what was opened is not JSON of the wanted type.
var errDecode = errors.New("not as expected")

// checkSchema refuses what a newer version wrote: what it added would be lost
// with the next commit.
func checkSchema(place string, has, reads int) error { //nolint:unparam // the layout here and the order's document have numbers of their own, which are both 1 now
	if has > reads {
		return fmt.Errorf("%s has schema %d, this version reads up to %d; start one that reads schema %d: %w",
			place, has, reads, has, checkout.ErrSchema)
	}
	return nil
}

func deflate(b []byte) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(b)/2))
	out.Write([]byte{schema, codecFlate})
	w := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(out)
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func inflate(place string, b []byte) ([]byte, error) {
	fr := readers.Get().(io.ReadCloser)
	defer readers.Put(fr)
	if err := fr.(flate.Resetter).Reset(bytes.NewReader(b), nil); err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrRecord, place, err)
	}
	out, err := io.ReadAll(io.LimitReader(fr, maxRecord+1))
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrRecord, place, err)
	}
	if len(out) > maxRecord {
		return nil, fmt.Errorf("%w %s: larger than %d bytes", ErrRecord, place, maxRecord)
	}
	return out, nil
}
