package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func (e *env) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write the manual pages into a folder",
		Long: "Man writes a page of section 1 for each command. SOURCE_DATE_EPOCH, in seconds since 1970, is the\n" +
			"date that they bear instead of today.",
		Example: "  ekslint man /usr/local/share/man/man1",
		Args:    exactlyOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // manuals are for everyone
				return usageError{err}
			}
			cmd.Root().DisableAutoGenTag = true // it names the day twice
			header := doc.GenManHeader{Section: "1", Source: "ekslint " + version, Manual: "ekslint"}
			if err := doc.GenManTree(cmd.Root(), &header, args[0]); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			return nil
		},
	}
}
