// Command configschema writes schema/ekslint.schema.json, what `ekslint config
// schema` prints. It is run in the folder rules by go generate, after rulegen.
package main

import (
	"fmt"
	"os"

	"github.com/ekslint/ekslint/internal/config"
	"github.com/ekslint/ekslint/internal/ruleset"
)

const file = "../schema/ekslint.schema.json"

func main() {
	text, err := config.Schema(ruleset.Metas())
	if err == nil {
		err = os.WriteFile(file, text, 0o644) //nolint:gosec // a file of the repository
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "configschema:", err)
		os.Exit(1)
	}
}
