package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// DecodeAnswer reads the output of an export other than describe and checks it
// against the contract, see [Answer.Validate]. Unknown members are an error,
// in the result too. An empty output is an error of its own.
func DecodeAnswer(e Export, output []byte) (Answer, error) {
	var a Answer
	if err := checkOutput(output); err != nil {
		return a, err
	}
	if err := decodeStrict(output, &a); err != nil {
		return a, fmt.Errorf("read output: %w", err)
	}
	return a, a.Validate(e)
}

// DecodeManifest reads the output of describe and checks it, see
// [Manifest.Validate]. Unknown members are an error, and so is a failure in
// place of a manifest.
func DecodeManifest(output []byte) (Manifest, error) {
	var m Manifest
	if err := checkOutput(output); err != nil {
		return m, err
	}
	var a Answer
	if decodeStrict(output, &a) == nil && a.Failure != nil {
		return m, fmt.Errorf("describe: %w", a.Failure)
	}
	if err := decodeStrict(output, &m); err != nil {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	return m, m.Validate()
}

// checkOutput checks what holds for every output, whatever it says.
func checkOutput(output []byte) error {
	switch {
	case len(output) > MaxOutput:
		return fmt.Errorf("output: %d bytes, at most %d are allowed", len(output), MaxOutput)
	case len(bytes.TrimSpace(output)) == 0:
		return errors.New("output: it is empty")
	case !utf8.Valid(output):
		return errors.New("output: it is not UTF-8")
	}
	return nil
}

// decodeStrict reads exactly one JSON value without unknown members.
func decodeStrict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return nil
}
