package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" help:"The shell: bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Help shows an example.
func (completionCmd) Help() string {
	return "Prints what a shell needs to complete commands, flags and their values.\n\nExamples:\n\n  bash:  source <(kassette completion bash)\n  zsh:   source <(kassette completion zsh)\n  fish:  kassette completion fish | source"
}

// Run prints the script. It asks this command itself, so it is never out of date.
func (cmd completionCmd) Run(s streams) error {
	_, err := io.WriteString(s.out, scripts[cmd.Shell])
	return err
}

// scripts are what each shell runs to complete. Where the command knows nothing
// the shell completes files.
var scripts = map[string]string{
	"bash": `_kassette() {
	local IFS=$'\n'
	COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F _kassette kassette
`,
	"zsh": `#compdef kassette
_kassette() {
	local -a found
	local line tab=$'\t'
	for line in ${(f)"$(${words[1]} complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
		found+=("${${line%%$tab*}//:/\\:}:${line#*$tab}")
	done
	if (( $#found )); then _describe kassette found; else _files; fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _kassette kassette
`,
	"fish": `function __kassette_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l found ($words[1] complete -- $words[2..-1] 2>/dev/null)
	if test (count $found) -gt 0
		printf '%s\n' $found
	else
		__fish_complete_path (commandline -ct)
	end
end
complete -c kassette -f -a '(__kassette_complete)'
`,
}

type completeCmd struct {
	Words []string `arg:"" optional:"" help:"The words so far; the last is to be completed."`
}

// Help shows an example.
func (completeCmd) Help() string {
	return "What the scripts of kassette completion ask.\n\nExample:\n\n  kassette complete -- plugin in"
}

// Run prints what the last word can become, a line each: a word, a tab, and
// what it is.
func (cmd completeCmd) Run(k *kong.Kong, s streams) error {
	if len(cmd.Words) == 0 {
		cmd.Words = []string{""}
	}
	last := len(cmd.Words) - 1
	for _, c := range candidates(k.Model, cmd.Words[:last], cmd.Words[last]) {
		if strings.HasPrefix(c.word, cmd.Words[last]) {
			help, _, _ := strings.Cut(c.help, ". ")
			fmt.Fprintf(s.out, "%s\t%s\n", c.word, help)
		}
	}
	return nil
}

// candidate is what a word can become.
type candidate struct{ word, help string }

// candidates are what may follow some words; none where it is a file or
// anything.
func candidates(app *kong.Application, before []string, word string) []candidate {
	node, given := app.Node, 0
	for i := 0; i < len(before); i++ {
		if f := flagOf(node, before[i]); f != nil {
			if takesValue(f) {
				if i++; i == len(before) {
					return values(f.Value)
				}
			}
		} else if child := childOf(node, before[i]); child != nil {
			node, given = child, 0
		} else {
			given++
		}
	}
	switch {
	case strings.HasPrefix(word, "-"):
		return flags(node)
	case given < len(node.Positional):
		return values(node.Positional[given])
	}
	var list []candidate
	for _, child := range node.Children {
		if !child.Hidden {
			list = append(list, candidate{child.Name, child.Help})
		}
	}
	return list
}

// flagOf is the flag that a word is, of a command or those around it; with =
// its value is in the word.
func flagOf(node *kong.Node, word string) *kong.Flag {
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

func takesValue(f *kong.Flag) bool { return !f.IsBool() && !f.IsCounter() }

func childOf(node *kong.Node, word string) *kong.Node {
	i := slices.IndexFunc(node.Children, func(c *kong.Node) bool { return c.Name == word })
	if i < 0 {
		return nil
	}
	return node.Children[i]
}

func flags(node *kong.Node) []candidate {
	var list []candidate
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			list = append(list, candidate{"--" + f.Name, f.Help})
			if f.Tag != nil && f.Tag.Negatable != "" {
				list = append(list, candidate{"--no-" + f.Name, "Not: " + f.Help})
			}
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Compare(a.word, b.word) })
	return list
}

// values are those that there are only so many of.
func values(v *kong.Value) []candidate {
	var list []candidate
	if v.Enum != "" {
		for _, word := range v.EnumSlice() {
			list = append(list, candidate{word, v.Help})
		}
	}
	return list
}
