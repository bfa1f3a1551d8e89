package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/reachreport"
	"github.com/ekslint/ekslint/internal/report"
	"github.com/ekslint/ekslint/internal/ruleset"
	"github.com/ekslint/ekslint/internal/webhook"
	"github.com/ekslint/ekslint/pkg/analyzer/rule"
)

func (e *env) completionCommand() *cobra.Command {
	shells := map[string]func(*cobra.Command, io.Writer) error{
		"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
		"zsh":        (*cobra.Command).GenZshCompletion,
	}
	return &cobra.Command{
		Use:   "completion bash|fish|powershell|zsh",
		Short: "Print a script that completes command lines in a shell",
		Long: "Completion prints a script for a shell, which then completes commands, flags, formats, severities\n" +
			"and the IDs of rules. Bash needs the package bash-completion.",
		Example: "  source <(ekslint completion bash)\n" +
			"  ekslint completion zsh > \"${fpath[1]}/_ekslint\"\n" +
			"  ekslint completion fish > ~/.config/fish/completions/ekslint.fish\n" +
			"  ekslint completion powershell | Out-String | Invoke-Expression",
		Args:      exactlyOne,
		ValidArgs: []string{"bash", "fish", "powershell", "zsh"},
		RunE: func(cmd *cobra.Command, args []string) error {
			generate, ok := shells[args[0]]
			if !ok {
				return usagef("completion: want bash, fish, powershell or zsh, not %q", args[0])
			}
			return generate(cmd.Root(), e.stdout)
		},
	}
}

// completeFlags says what the values of flags complete to. The flags of the root
// are those of check.
func completeFlags(root *cobra.Command) {
	everywhere := map[string]cobra.CompletionFunc{
		"config":    files("yaml", "yml"),
		"cluster":   cobra.NoFileCompletions,
		"enable":    inList(optIn),
		"exclude":   inList(rulesAndCategories),
		"fail-on":   words("error", "warning", "note", "none"),
		"fail-when": words("opened", "closed", "changed", "none"),
		"include":   inList(rulesAndCategories),
		"jobs":      cobra.NoFileCompletions,
		"baseline":  files("json"),
		"preset":    words(ruleset.Presets()...),
		"set":       cobra.NoFileCompletions,
		"values":    files("yaml", "yml"),
		"mode":      words(webhook.ModeNames()...),
	}
	formats := map[string]cobra.CompletionFunc{
		"capacity": words("text", "json"),
		"check":    reportFormats,
		"diff":     words(reachreport.DiffFormats()...),
		"reach":    words(reachreport.Formats()...),
	}
	for _, cmd := range root.Commands() {
		flags := map[string]cobra.CompletionFunc{"format": formats[cmd.Name()]}
		for name, complete := range everywhere {
			flags[name] = complete
		}
		for name, complete := range flags {
			if complete != nil && cmd.Flags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, complete) // fails for flags that are not there
			}
		}
	}
}

// words completes to one of some words.
func words(list ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)
}

// files completes to files with some endings.
func files(endings ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(endings, cobra.ShellCompDirectiveFilterFileExt)
}

// inList completes the last word of a list with commas.
func inList(choices func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		head := typed[:strings.LastIndex(typed, ",")+1]
		var out []string
		for _, choice := range choices() {
			out = append(out, head+choice)
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// reportFormats completes to a format, and behind FORMAT= to a file.
func reportFormats(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var out []string
	for _, f := range report.Formats() {
		out = append(out, f.Name)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// oneRule completes to the ID of a rule, the only argument of explain.
func oneRule(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return described(ruleset.Metas()), cobra.ShellCompDirectiveNoFileComp
}

func optIn() []string {
	var metas []rule.Meta
	for _, m := range ruleset.Metas() {
		if m.OptIn {
			metas = append(metas, m)
		}
	}
	return described(metas)
}

func rulesAndCategories() []string {
	out := described(ruleset.Metas())
	seen := map[string]bool{}
	for _, m := range ruleset.Metas() {
		if !seen[m.Category] {
			seen[m.Category] = true
			out = append(out, cobra.CompletionWithDesc(m.Category, "every rule of the category"))
		}
	}
	return out
}

// described lists the IDs of rules with their titles.
func described(metas []rule.Meta) []string {
	out := make([]string, 0, len(metas))
	for _, m := range metas {
		out = append(out, cobra.CompletionWithDesc(m.ID, m.Title))
	}
	return out
}
