package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/ruleset"
)

func (e *env) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the config that holds, or the JSON Schema of all configs",
		Long: "A config is the nearest " + config.Name + " above the paths. Its keys are those of the schema; a key\n" +
			"or a value that is none is an error.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(e.configPrintCommand(), e.configSchemaCommand())
	return cmd
}

func (e *env) configSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of " + config.Name,
		Example: "  ekslint config schema > ekslint.schema.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := config.Schema(ruleset.Metas())
			if err != nil {
				return err
			}
			_, err = e.stdout.Write(text)
			return err
		},
	}
}

func (e *env) configPrintCommand() *cobra.Command {
	o := &checkOptions{}
	cmd := &cobra.Command{
		Use:   "print [PATH...]",
		Short: "Print what ekslint check goes by: its defaults, the config and the flags",
		Long: "Print takes the paths (default: the working directory) and flags of ekslint check and prints the\n" +
			"config that holds for them, as a file that would mean the same in the folder it names.",
		Example: "  ekslint config print deploy/\n" +
			"  ekslint config print --preset strict deploy/",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			return e.printConfig(args, o)
		},
	}
	o.register(cmd.Flags())
	return cmd
}

func (e *env) printConfig(args []string, o *checkOptions) error {
	return e.prepared(args, o, func(run *checkRun) error {
		text, err := run.config.YAML()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "# Paths are relative to %s\n%s", run.in.display("."), text)
		return err
	})
}
