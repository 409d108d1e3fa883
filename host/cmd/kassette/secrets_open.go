package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/kassette-pay/kassette/host"
)

type secretsOpenCmd struct {
	File       string `arg:"" help:"The sealed file; - is standard input."`
	Identity   string `help:"The identity that kassette secrets keygen made." type:"path" placeholder:"FILE" xor:"key"`
	Passphrase bool   `help:"Ask for the passphrase that it was sealed with." xor:"key"`
	PassFile   string `name:"passphrase-file" help:"File with the passphrase." type:"path" placeholder:"FILE" xor:"key"`
	Env        string `help:"Write an env file, a variable for each secret." type:"path" placeholder:"FILE" xor:"target"`
	Folder     string `help:"Write a file for each secret into a folder." type:"path" placeholder:"DIR" xor:"target"`
	YAML       string `name:"yaml" help:"Write the account's secrets as YAML, values and all: for test accounts." type:"path" placeholder:"FILE" xor:"target"`
	Show       bool   `help:"Show the values, on a terminal alone."`
	JSON       bool   `help:"Answer in JSON." name:"json"`
}

// Help shows an example.
func (secretsOpenCmd) Help() string {
	return "Without --env, --folder or --yaml it only says what the file holds. Files are written for their owner alone, and never over others. What the account's entry in the configuration then needs is printed.\n\nExamples:\n\n  kassette secrets open cheese_acme.age --identity kassette-identity.txt\n  kassette secrets open cheese_acme.age --identity kassette-identity.txt --env /etc/kassette/cheese_acme.env\n  kassette secrets open cheese_acme.age --passphrase --folder /etc/kassette/secrets"
}

// Validate wants a key.
func (cmd secretsOpenCmd) Validate() error {
	if cmd.Identity == "" && !cmd.Passphrase && cmd.PassFile == "" {
		return errors.New("say what opens it: --identity FILE, or --passphrase")
	}
	return nil
}

// Run opens, checks, tells and writes.
func (cmd secretsOpenCmd) Run(ctx context.Context, s streams) error {
	if cmd.Show && (cmd.JSON || !isTerminal(s.out)) {
		return errors.New("--show shows secrets on a terminal alone, and not as JSON: write them with --env, --folder or --yaml")
	}
	key, err := cmd.key(ctx, s)
	if err != nil {
		return err
	}
	text, err := readSmall(s, cmd.File)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	d, err := host.OpenHandover(text, key, time.Now())
	if err != nil {
		return fmt.Errorf("open %s: %w", plain(cmd.File), err)
	}
	t := told(d, cmd.File)
	if t.Written, t.Config, err = cmd.write(d); err != nil {
		return err
	}
	if cmd.JSON {
		return writeJSON(s, t)
	}
	tellSealed(s, d)
	for _, path := range t.Written {
		fmt.Fprintf(s.out, "\nwritten: %s", plain(path))
	}
	if t.Config != "" {
		fmt.Fprintf(s.out, "\n\nThis goes into account %s of the configuration:\n\n%s", d.Account, t.Config)
	}
	if cmd.Show {
		fmt.Fprintln(s.out)
		for _, name := range d.Names() {
			fmt.Fprintf(s.out, "  %s = %s\n", name, string(d.Secrets[name]))
		}
	}
	return nil
}

// write writes the secrets to where they were asked for. It gives the paths,
// and what refers to them.
func (cmd secretsOpenCmd) write(d host.Handover) (written []string, config string, err error) {
	var files []host.HandoverFile
	var text []byte
	switch {
	case cmd.Env != "":
		text, err = d.Env()
		files, config = []host.HandoverFile{{Path: cmd.Env, Text: text}}, d.EnvSecrets()
	case cmd.YAML != "":
		text, err = d.YAML()
		files = []host.HandoverFile{{Path: cmd.YAML, Text: text}}
	case cmd.Folder != "":
		if err := os.MkdirAll(cmd.Folder, 0o700); err != nil {
			return nil, "", fmt.Errorf("make the folder: %w", err)
		}
		files, config = d.Files(cmd.Folder), d.FileSecrets(cmd.Folder)
	default:
		return nil, "", nil
	}
	if err == nil {
		err = host.WriteSecrets(files...)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%w (--env, --folder and --yaml say where to)", err)
	}
	for _, f := range files {
		written = append(written, f.Path)
	}
	return written, config, nil
}

// key reads what opens the file.
func (cmd secretsOpenCmd) key(ctx context.Context, s streams) (host.HandoverKey, error) {
	if cmd.Identity == "" {
		passphrase, err := passphraseFlags{cmd.PassFile}.given(ctx, s)
		if err != nil {
			return host.HandoverKey{}, err
		}
		return host.KeyWith(passphrase)
	}
	text, err := readSmall(s, cmd.Identity)
	if err != nil {
		return host.HandoverKey{}, fmt.Errorf("read the identity: %w", err)
	}
	if info, err := os.Stat(cmd.Identity); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		fmt.Fprintf(s.err, "WARNING: others can read %s, and with it every file that is sealed for it: chmod 600 %s, and make a new one if anybody did\n", plain(cmd.Identity), plain(filepath.Base(cmd.Identity)))
	}
	key, err := host.ReadIdentity(text)
	if err != nil {
		return key, fmt.Errorf("identity %s: %w", plain(cmd.Identity), err)
	}
	return key, nil
}
