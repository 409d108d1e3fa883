package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/kassette-pay/kassette/host"
)

// maxTyped is what a terminal passes on of a line; what is longer it cuts.
const maxTyped = 4095

var (
	errNoTerminal = errors.New("there is no terminal to ask on: write NAME=env:VARIABLE or NAME=file:PATH, or give --from FILE or --passphrase-file FILE")
	errNotAsked   = errors.New("nothing was typed, and nothing was done")
)

// askSecret asks on the terminal, without showing what is typed.
func askSecret(ctx context.Context, s streams, prompt string) ([]byte, error) {
	fd := int(s.in.Fd())
	if !term.IsTerminal(fd) {
		return nil, errNoTerminal
	}
	before, err := term.GetState(fd)
	if err != nil {
		return nil, errNoTerminal
	}
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		answers <- answer{text, err}
	}()
	hides(ctx, fd, before)
	fmt.Fprint(s.err, prompt)
	select {
	case a := <-answers:
		fmt.Fprintln(s.err)
		switch {
		case a.err != nil:
			return nil, errNotAsked
		case len(a.text) >= maxTyped:
			return nil, fmt.Errorf("a terminal cuts what has %d bytes or more: put it into a file", maxTyped)
		}
		return a.text, nil
	case <-ctx.Done():
		fmt.Fprintln(s.err)
		return nil, errors.Join(errNotAsked, term.Restore(fd, before))
	}
}

// hides waits until a terminal shows no more what is typed: who answers a
// question at once would else see the answer.
func hides(ctx context.Context, fd int, before *term.State) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second) // it may have hidden it all along
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if now, err := term.GetState(fd); err != nil || *now != *before {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// passphraseFlags say where a passphrase is: in a file, or else on the terminal.
type passphraseFlags struct{ file string }

// given reads the passphrase that a file was sealed with.
func (f passphraseFlags) given(ctx context.Context, s streams) (string, error) {
	var text []byte
	var err error
	if f.file != "" {
		text, err = readSmall(s, f.file)
	} else {
		text, err = askSecret(ctx, s, "Passphrase: ")
	}
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// choose reads a new passphrase, twice where it is typed, or makes one.
func (f passphraseFlags) choose(ctx context.Context, s streams) (string, error) {
	if f.file != "" {
		return f.given(ctx, s)
	}
	first, err := askSecret(ctx, s, "Passphrase (Enter makes one): ")
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if len(first) == 0 {
		made := host.NewPassphrase()
		fmt.Fprintf(s.err, "The passphrase is %s\nSend it by another way than the file, such as SMS. It is not shown again.\n", made)
		return made, nil
	}
	again, err := askSecret(ctx, s, "Once more: ")
	if err != nil {
		return "", fmt.Errorf("read the passphrase: %w", err)
	}
	if string(first) != string(again) {
		return "", errors.New("the two are not the same: begin again")
	}
	return string(first), nil
}

// readSmall reads a file, or standard input for -, up to the size of the
// largest that the hand-over knows.
func readSmall(s streams, path string) ([]byte, error) {
	in := s.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, host.MaxHandover+1))
	if err != nil {
		return nil, err
	}
	if len(text) > host.MaxHandover {
		return nil, fmt.Errorf("it has more than %d bytes: look which file was meant", host.MaxHandover)
	}
	return text, nil
}
