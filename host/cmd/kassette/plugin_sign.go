package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host"
)

type pluginCmd struct {
	New      pluginNewCmd      `cmd:"" help:"Make a folder with a new plugin."`
	Build    pluginBuildCmd    `cmd:"" help:"Build a plugin from its sources."`
	Dev      pluginDevCmd      `cmd:"" help:"Build a plugin at every save, and see it work in the running demo."`
	Test     pluginTestCmd     `cmd:"" help:"Hold a plugin to the conformance kit."`
	Sign     pluginSignCmd     `cmd:"" help:"Sign a plugin."`
	Keygen   pluginKeygenCmd   `cmd:"" help:"Make a key to sign plugins with."`
	Push     pluginPushCmd     `cmd:"" help:"Put a plugin into an OCI registry or layout."`
	Inspect  pluginInspectCmd  `cmd:"" help:"Say what a plugin is, who signed it and what it asks for."`
	Install  pluginInstallCmd  `cmd:"" help:"Bring a plugin to a running gateway."`
	List     pluginListCmd     `cmd:"" help:"List the plugins of a running gateway."`
	Activate pluginActivateCmd `cmd:"" help:"Have a version take new payments."`
	Rollback pluginRollbackCmd `cmd:"" help:"Bring the version before back."`
	Retire   pluginRetireCmd   `cmd:"" help:"Take a version out of service."`
	Revoke   pluginRevokeCmd   `cmd:"" help:"Have a version never be trusted again."`
}

// passwordFlag is how a command is told the password of a key.
type passwordFlag struct {
	PasswordFile string `help:"File with the key's password; /dev/stdin asks." type:"path" placeholder:"FILE" xor:"password"`
}

// read gives the password, "" for none.
func (f passwordFlag) read() (string, error) {
	if f.PasswordFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(f.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the key's password: %w", err)
	}
	password := strings.TrimRight(string(text), "\r\n")
	if password == "" {
		return "", fmt.Errorf("the key's password in %s is empty", f.PasswordFile)
	}
	return password, nil
}

type pluginKeygenCmd struct {
	Out          string `help:"Where the key goes: NAME.key is to be kept secret, NAME.pub is for everybody." type:"path" default:"kassette-plugins" placeholder:"NAME"`
	NoPassword   bool   `help:"Leave the secret key open in its file." xor:"password"`
	JSON         bool   `help:"Answer in JSON." name:"json"`
	passwordFlag `embed:""`
}

// Help shows an example.
func (pluginKeygenCmd) Help() string {
	return "The key is minisign's, and the minisign tool can use it. What a password seals takes seconds and a gibibyte of memory to open, so that nobody can try many.\n\nExamples:\n\n  kassette plugin keygen --password-file PASSWORD\n  kassette plugin keygen --out test-key --no-password"
}

// Validate asks for a decision about the password.
func (cmd pluginKeygenCmd) Validate() error {
	if cmd.PasswordFile == "" && !cmd.NoPassword {
		return errors.New("whoever has an open key can sign: seal it with --password-file FILE, or say --no-password")
	}
	return nil
}

// Run makes the two files, unless one is there.
func (cmd pluginKeygenCmd) Run(s streams) error {
	password, err := cmd.read()
	if err != nil {
		return err
	}
	pair, err := host.NewKeyPair(password)
	if err != nil {
		return err
	}
	secret, public := cmd.Out+".key", cmd.Out+".pub"
	if err := newFile(secret, pair.SecretText, 0o600); err != nil {
		return err
	}
	if err := newFile(public, pair.PublicText, 0o644); err != nil {
		return errors.Join(err, os.Remove(secret))
	}
	if cmd.JSON {
		return writeJSON(s, struct {
			KeyID     string `json:"key_id"`
			PublicKey string `json:"public_key"`
			Secret    string `json:"secret_file"`
			Public    string `json:"public_file"`
		}{pair.ID, pair.Public, secret, public})
	}
	fmt.Fprintf(s.out, "key %s is in %s; keep that secret. %s is for everybody.\n\n%s", pair.ID, secret, public, trustText(pair.Public))
	return nil
}

// newFile writes a file that must not be there yet.
func newFile(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: choose another name with --out, or move it away", err)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

type pluginSignCmd struct {
	File         string `arg:"" help:"The plugin, NAME.wasm." type:"path"`
	Key          string `help:"Secret key: NAME.key of kassette plugin keygen, or minisign's." type:"path" required:"" placeholder:"KEY"`
	Comment      string `help:"A line that is signed with it; by default the time and the file's name." placeholder:"TEXT"`
	JSON         bool   `help:"Answer in JSON." name:"json"`
	passwordFlag `embed:""`
}

// Help shows an example.
func (pluginSignCmd) Help() string {
	return "The signature goes to NAME.wasm.minisig, in place of one that is there. Both belong into the plugin folder.\n\nExamples:\n\n  kassette plugin sign build/plugins/hello.wasm --key kassette-plugins.key\n  kassette plugin sign build/plugins/hello.wasm --key kassette-plugins.key --password-file PASSWORD --comment \"hello 1.2.0, reviewed\"\n  minisign -Vm build/plugins/hello.wasm -p kassette-plugins.pub"
}

// Run signs one file.
func (cmd pluginSignCmd) Run(s streams) error {
	key, err := os.ReadFile(cmd.Key)
	if err != nil {
		return fmt.Errorf("read the key: %w", err)
	}
	password, err := cmd.read()
	if err != nil {
		return err
	}
	signed, err := host.SignPlugin(cmd.File, host.Signing{Key: key, Password: password, Comment: cmd.Comment, Now: time.Now()})
	switch {
	case errors.Is(err, host.ErrPassword):
		return fmt.Errorf("key %s: %w; give it with --password-file FILE", cmd.Key, err)
	case errors.Is(err, host.ErrBadKey):
		return fmt.Errorf("key %s: %w", cmd.Key, err)
	case err != nil:
		return err
	case cmd.JSON:
		return writeJSON(s, signed)
	}
	fmt.Fprintf(s.out, "signed with key %s: %s\n\n%s", signed.KeyID, signed.Signature, trustText(signed.PublicKey))
	return nil
}

// trustText is what lets a gateway trust a key.
func trustText(public string) string {
	return "A gateway trusts it with this in its configuration; the name is yours to choose:\n\n  plugins:\n    trusted_keys:\n      - name: releases\n        key: " + public + "\n"
}

func writeJSON(s streams, v any) error {
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
