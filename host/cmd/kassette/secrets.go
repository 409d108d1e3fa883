package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kassette-pay/kassette/host"
)

type secretsCmd struct {
	Keygen secretsKeygenCmd `cmd:"" help:"Make the key of an installer, for whom secrets are sealed."`
	Seal   secretsSealCmd   `cmd:"" help:"Seal an account's secrets for an installer."`
	Open   secretsOpenCmd   `cmd:"" help:"Open sealed secrets, and write them where the gateway reads them."`
}

type secretsKeygenCmd struct {
	Out  string `help:"Where the identity goes, which is to be kept secret." type:"path" default:"kassette-identity.txt" placeholder:"FILE"`
	JSON bool   `help:"Answer in JSON." name:"json"`
}

// Help shows an example.
func (secretsKeygenCmd) Help() string {
	return "For an installer, before a merchant seals anything. What is printed goes to the merchant, by any way; the file stays here. It is age's, and the age tool can use it.\n\nExample:\n\n  kassette secrets keygen --out kassette-identity.txt"
}

// Run makes the file, unless it is there.
func (cmd secretsKeygenCmd) Run(s streams) error {
	made, err := host.NewHandoverIdentity(time.Now())
	if err != nil {
		return err
	}
	if err := host.WriteSecrets(host.HandoverFile{Path: cmd.Out, Text: made.Text}); err != nil {
		return fmt.Errorf("%w; the name is --out FILE", err)
	}
	if cmd.JSON {
		return writeJSON(s, struct {
			Recipient string `json:"recipient"`
			Identity  string `json:"identity_file"`
		}{made.Recipient, cmd.Out})
	}
	fmt.Fprintf(s.err, "The identity is in %s; keep that secret. Send this to the merchant:\n\n", plain(cmd.Out))
	fmt.Fprintln(s.out, made.Recipient)
	return nil
}

type secretsSealCmd struct {
	Secrets     []string      `arg:"" optional:"" help:"NAME is asked for, NAME=env:VARIABLE and NAME=file:PATH are read. Never a value: others see command lines."`
	From        string        `help:"File of lines NAME=VALUE; - is standard input." placeholder:"FILE"`
	To          []string      `help:"The installer's recipient, age1…, from kassette secrets keygen; once for each." sep:"none" placeholder:"AGE1" xor:"lock"`
	Passphrase  bool          `help:"Seal with a passphrase, for an installer who has no key: it is asked for, or made and shown." xor:"lock"`
	PassFile    string        `name:"passphrase-file" help:"File with the passphrase." type:"path" placeholder:"FILE" xor:"lock"`
	Account     string        `help:"The account's id in the configuration." required:"" placeholder:"ID"`
	Provider    string        `help:"The provider, as its plugins say it, such as acme." required:"" placeholder:"NAME"`
	Environment string        `help:"test or live." required:"" enum:"test,live" placeholder:"test|live"`
	By          string        `help:"Who makes it, for the installer to read." required:"" placeholder:"TEXT"`
	Valid       time.Duration `help:"How long it can be opened, 720h at most." default:"168h" placeholder:"DURATION"`
	Out         string        `help:"Where it goes; ID.age by default." type:"path" placeholder:"FILE"`
	JSON        bool          `help:"Answer in JSON." name:"json"`
}

// Help shows an example.
func (secretsSealCmd) Help() string {
	return "For a merchant. The file can go by mail: only who has the identity, or the passphrase, can open it. The fingerprints tell the values apart without telling them; read them to each other by telephone.\n\nExamples:\n\n  kassette secrets seal signing_key refresh_token --to age1… --account cheese_acme --provider acme --environment live --by \"Jo, Cheese & Co\"\n  kassette secrets seal --from dashboard.txt --passphrase --account cheese_acme --provider acme --environment test --by Jo\n  kassette secrets seal signing_key=env:ACME_SIGNING_KEY refresh_token=file:token.txt --to age1… --account cheese_acme --provider acme --environment live --by Jo"
}

// Validate wants somebody who can open it, and something in it.
func (cmd secretsSealCmd) Validate() error {
	if len(cmd.To) == 0 && !cmd.Passphrase && cmd.PassFile == "" {
		return errors.New("say who can open it: --to age1… as the installer's kassette secrets keygen printed it, or --passphrase")
	}
	if len(cmd.Secrets) == 0 && cmd.From == "" {
		return errors.New("say what is handed over: name the secrets, such as signing_key, or give --from FILE")
	}
	return nil
}

// Run collects the values and seals them.
func (cmd secretsSealCmd) Run(ctx context.Context, s streams) error {
	now := time.Now()
	d := host.Handover{Account: cmd.Account, Provider: cmd.Provider, Environment: cmd.Environment, MadeBy: cmd.By, MadeAt: now, ExpiresAt: now.Add(cmd.Valid)}
	out := cmd.Out
	if out == "" {
		out = cmd.Account + ".age"
	}
	lock, err := host.LockFor(cmd.To...)
	if len(cmd.To) > 0 && err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	if d.Secrets, err = cmd.read(ctx, s); err != nil {
		return err
	}
	if len(cmd.To) == 0 {
		passphrase, err := passphraseFlags{cmd.PassFile}.choose(ctx, s)
		if err != nil {
			return err
		}
		if lock, err = host.LockWith(passphrase); err != nil {
			return err
		}
	}
	text, d, err := host.SealHandover(d, lock)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	if err := host.WriteSecrets(host.HandoverFile{Path: out, Text: text}); err != nil {
		return fmt.Errorf("%w; the name is --out FILE", err)
	}
	if cmd.JSON {
		return writeJSON(s, told(d, out))
	}
	fmt.Fprintf(s.out, "%s is sealed.\n", plain(out))
	tellSealed(s, d)
	fmt.Fprintln(s.out, "\nSend the file as it is, and read the fingerprints to the installer by telephone.")
	return nil
}

// read collects the values. Texts of the command line are in no error: one may
// be a value, typed where a name belongs.
func (cmd secretsSealCmd) read(ctx context.Context, s streams) (map[string]host.Secret, error) {
	secrets := map[string]host.Secret{}
	if cmd.From != "" {
		text, err := readSmall(s, cmd.From)
		if err == nil {
			secrets, err = host.ParseSecrets(text)
		}
		if err != nil {
			return nil, fmt.Errorf("--from: %w", err)
		}
	}
	for i, arg := range cmd.Secrets {
		name, source, given := strings.Cut(arg, "=")
		_, twice := secrets[name]
		kind, where, known := strings.Cut(source, ":")
		switch {
		case !host.IsSecretName(name) || (given && (!known || where == "" || (kind != "env" && kind != "file"))):
			return nil, fmt.Errorf("secret %d of the command line is not NAME, NAME=env:VARIABLE or NAME=file:PATH. If that was a value, others may have seen it: have the provider make a new one", i+1)
		case twice:
			return nil, fmt.Errorf("secret %d of the command line is given twice: leave one of the two", i+1)
		}
		v, err := readSecret(ctx, s, name, kind, where)
		if err != nil {
			return nil, fmt.Errorf("secret %d of the command line: %w", i+1, err)
		}
		secrets[name] = v
	}
	return secrets, nil
}

// readSecret reads one value from where it is.
func readSecret(ctx context.Context, s streams, name, kind, where string) (host.Secret, error) {
	var text []byte
	var err error
	switch kind {
	case "env":
		if text = []byte(os.Getenv(where)); len(text) == 0 {
			return "", errors.New("the environment has no such variable: set it")
		}
	case "file":
		text, err = readSmall(s, where)
	default:
		text, err = askSecret(ctx, s, name+": ")
	}
	if err != nil {
		return "", err
	}
	return host.CleanSecret(text)
}

// sealed is what is told of a hand-over: everything but the values.
type sealed struct {
	File        string         `json:"file"`
	Account     string         `json:"account"`
	Provider    string         `json:"provider"`
	Environment string         `json:"environment"`
	MadeBy      string         `json:"made_by"`
	MadeAt      time.Time      `json:"made_at"`
	ExpiresAt   time.Time      `json:"expires_at"`
	Secrets     []sealedSecret `json:"secrets"`
	Written     []string       `json:"written,omitempty"`
	Config      string         `json:"config,omitempty"`
}

type sealedSecret struct {
	Name        string `json:"name"`
	Fingerprint string `json:"fingerprint"`
}

func told(d host.Handover, file string) sealed {
	t := sealed{File: file, Account: d.Account, Provider: d.Provider, Environment: d.Environment, MadeBy: d.MadeBy, MadeAt: d.MadeAt, ExpiresAt: d.ExpiresAt}
	for _, name := range d.Names() {
		t.Secrets = append(t.Secrets, sealedSecret{name, d.Fingerprint(name)})
	}
	return t
}

// tellSealed writes what is told for people.
func tellSealed(s streams, d host.Handover) {
	fmt.Fprintf(s.out, "For account %s of provider %s, %s. Made by %s at %s, to be opened before %s.\n\n", d.Account, d.Provider, strings.ToUpper(d.Environment), plain(d.MadeBy), d.MadeAt.Format(time.RFC3339), d.ExpiresAt.Format(time.RFC3339))
	t := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "  SECRET\tFINGERPRINT")
	for _, name := range d.Names() {
		fmt.Fprintf(t, "  %s\t%s\n", name, d.Fingerprint(name))
	}
	_ = t.Flush() // what it is for is the terminal
}
