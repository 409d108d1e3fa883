package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kassette-pay/kassette/host/internal/scaffold"
	"github.com/kassette-pay/kassette/host/internal/toolchain"
)

type pluginNewCmd struct {
	Name    string             `arg:"" help:"The plugin's name: small letters, digits and dashes."`
	Lang    toolchain.Language `help:"Language of the sources: go or assemblyscript." default:"go" enum:"go,assemblyscript"`
	Dir     string             `help:"Folder to make; by default NAME." type:"path" placeholder:"DIR"`
	Replace string             `help:"Folder of Kassette's sources to build against, instead of a release; by default those around the new folder or around this command." env:"KASSETTE_SOURCE" type:"path" placeholder:"DIR"`
}

// Help shows an example.
func (pluginNewCmd) Help() string {
	return "Makes a folder with a payment method that builds, passes the conformance kit and takes payments at a made-up provider, which comes with it. Turn it into yours piece by piece.\n\nExamples:\n\n  kassette plugin new tulip\n  kassette plugin new tulip --lang assemblyscript --dir plugins/tulip"
}

// Run makes the folder.
func (cmd pluginNewCmd) Run(ctx context.Context, s streams) error {
	if cmd.Dir == "" {
		cmd.Dir = cmd.Name
	}
	if err := scaffold.CheckName(cmd.Name); err != nil {
		return err
	}
	dir, err := filepath.Abs(cmd.Dir)
	if err != nil {
		return err
	}
	p := scaffold.Plugin{Name: cmd.Name, Language: cmd.Lang}
	if p.Source, p.Release, err = cmd.against(dir); err != nil {
		return err
	}
	err = scaffold.Write(dir, p)
	if errors.Is(err, scaffold.ErrExists) {
		return fmt.Errorf("%w: choose another folder with --dir, or another name", err)
	}
	if err != nil {
		return err
	}
	if err := toolchain.Require(ctx, dir); err != nil {
		return fmt.Errorf("%s is made, but: %w\nRun 'go mod tidy' there once that is well", near(dir), err)
	}
	fmt.Fprintf(s.out, "%s is made. Next:\n\n  cd %s\n%s  kassette plugin build\n  kassette plugin test\n\nThen read README.md there.\n", near(dir), near(dir), moreSteps[cmd.Lang])
	return nil
}

// moreSteps is what a language wants before the first build.
var moreSteps = map[toolchain.Language]string{toolchain.AssemblyScript: "  npm install\n"}

// against finds what to build against: sources, or a release.
func (cmd pluginNewCmd) against(dir string) (source, release string, err error) {
	if cmd.Replace != "" {
		if !scaffold.IsSource(cmd.Replace) {
			return "", "", fmt.Errorf("--replace %s: it is not the folder of the module %s", near(cmd.Replace), scaffold.Module)
		}
		return cmd.Replace, "", nil
	}
	version, _ := builtFrom()
	if strings.HasPrefix(version, "v") && !strings.Contains(version, "-") { // a release
		return "", version, nil
	}
	around := []string{dir}
	if me, err := os.Executable(); err == nil {
		around = append(around, filepath.Dir(me))
	}
	source, ok := scaffold.FindSource(around...)
	if !ok {
		return "", "", errors.New("this command is no release, and Kassette's sources are not around: name their folder with --replace DIR or KASSETTE_SOURCE")
	}
	return source, "", nil
}
