package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

type shopAddAccountCmd struct {
	Shop          string   `arg:"" help:"The shop's id."`
	ID            string   `arg:"" help:"The account's id, which is in the address that its provider tells news to."`
	Provider      string   `required:"" help:"The provider, as its plugins call it." placeholder:"NAME"`
	Live          bool     `help:"It is about real money."`
	Method        []string `help:"The methods that are switched on; by default all of the provider's." placeholder:"METHOD"`
	Setting       []string `help:"A setting of the plugin, NAME=TEXT, or NAME:=JSON for numbers, true and lists." sep:"none" placeholder:"NAME=TEXT"`
	Secret        []string `help:"A secret, NAME=@FILE or NAME=env:VARIABLE: what stands on a command line is read by others." sep:"none" placeholder:"NAME=@FILE"`
	WebhookPlugin string   `help:"The plugin that takes the provider's news, where several could." placeholder:"NAME"`
	AllowPrivate  []string `help:"Hosts that may be in the gateway's own network, HOST:PORT." placeholder:"HOST"`
	AllowHTTP     []string `name:"allow-http" help:"Hosts that may be without TLS, HOST:PORT." placeholder:"HOST"`
	DryRun        bool     `help:"Say what is wrong, and add nothing."`
	changeFlags   `embed:""`
}

// Help shows an example.
func (shopAddAccountCmd) Help() string {
	return "The settings are held to the plugin's schema, and the secrets to what the plugin is granted. Secrets are taken once and never shown again.\n\nExamples:\n\n  kassette shop add-account wafels acme --provider acme --setting environment=test --secret refresh_token=@token.txt --secret signing_key=env:SIGNING_KEY\n  kassette shop add-account wafels tulip --provider tulip --live --method tulip --setting client_id=AbC --secret client_secret=@secret.txt"
}

// Run adds an account.
func (cmd shopAddAccountCmd) Run(ctx context.Context, s streams) error {
	ask := adminclient.NewAccount{
		ID: cmd.ID, Provider: cmd.Provider, WebhookPlugin: cmd.WebhookPlugin, Methods: cmd.Method, Live: cmd.Live, ConfirmPrivate: cmd.Live,
		Hosts: map[string]adminclient.HostRule{},
	}
	var err error
	if ask.Settings, err = settingsOf(cmd.Setting); err == nil {
		ask.Secrets, err = secretsOf(cmd.Secret, os.Getenv)
	}
	if err != nil {
		return err
	}
	for _, host := range cmd.AllowPrivate {
		ask.Hosts[host] = adminclient.HostRule{AllowPrivate: true}
	}
	for _, host := range cmd.AllowHTTP {
		ask.Hosts[host] = adminclient.HostRule{AllowPrivate: ask.Hosts[host].AllowPrivate, AllowHTTP: true}
	}
	if err := cmd.confirm(ctx, s, cmd.Live && !cmd.DryRun, fmt.Sprintf("Shop %s takes REAL MONEY with account %s. Add it?", cmd.Shop, cmd.ID)); err != nil {
		return err
	}
	client, err := cmd.client()
	if err != nil {
		return err
	}
	done, err := client.AddAccount(ctx, cmd.Shop, ask, cmd.DryRun)
	if err != nil {
		return fmt.Errorf("add account %s to shop %s: %w", cmd.ID, cmd.Shop, err)
	}
	return cmd.tell(s, done)
}

func (cmd shopAddAccountCmd) tell(s streams, done adminclient.AccountAdded) error {
	switch {
	case cmd.JSON:
		return writeJSON(s, done)
	case cmd.DryRun:
		fmt.Fprintf(s.out, "Account %s could be added; nothing was.\n", cmd.ID)
		return nil
	case !done.Created:
		fmt.Fprintf(s.out, "Account %s was there, the same.\n", cmd.ID)
	default:
		fmt.Fprintf(s.out, "Account %s is added.\n", cmd.ID)
	}
	if done.Account.Webhook != "" {
		fmt.Fprintf(s.out, "Have the provider tell its news to %s\n", plain(done.Account.Webhook))
	}
	fmt.Fprintf(s.out, "See whether all is well: kassette shop test %s\n", cmd.Shop)
	return nil
}

// settingsOf reads NAME=TEXT and NAME:=JSON.
func settingsOf(texts []string) (map[string]any, error) {
	all := map[string]any{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		plainName, isJSON := strings.CutSuffix(name, ":")
		if !ok || plainName == "" {
			return nil, fmt.Errorf("--setting %s: write NAME=TEXT, or NAME:=JSON", plainName)
		}
		if _, twice := all[plainName]; twice {
			return nil, fmt.Errorf("--setting %s is there twice", plainName)
		}
		all[plainName] = value
		if !isJSON {
			continue
		}
		d := json.NewDecoder(strings.NewReader(value))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil || d.More() {
			return nil, fmt.Errorf("--setting %s:= is followed by JSON, such as 3, true or [\"a\"]", plainName)
		}
		all[plainName] = v
	}
	return all, nil
}

// secretsOf reads NAME=@FILE and NAME=env:VARIABLE. No error holds what was read.
func secretsOf(texts []string, env func(string) string) (map[string]string, error) {
	all := map[string]string{}
	for _, text := range texts {
		name, from, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, errors.New("--secret: write NAME=@FILE or NAME=env:VARIABLE")
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("--secret %s is there twice", name)
		}
		file, inFile := strings.CutPrefix(from, "@")
		variable, inEnv := strings.CutPrefix(from, "env:")
		switch {
		case inFile:
			b, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("--secret %s: %w", name, err)
			}
			all[name] = strings.TrimRight(string(b), "\r\n")
		case inEnv:
			all[name] = env(variable)
		default:
			return nil, fmt.Errorf("--secret %s: others read what stands on a command line: put it into a file and write %s=@FILE, or %s=env:VARIABLE", name, name, name)
		}
		if all[name] == "" {
			return nil, fmt.Errorf("--secret %s: there is nothing at %s", name, from)
		}
	}
	return all, nil
}
