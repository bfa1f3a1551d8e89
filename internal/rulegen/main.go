// Command rulegen writes rules/registry_gen.go, the list of the rules that ship
// with ekslint. It reads the files of the rules and does not compile them, so
// that it works when the registry is out of date. It is run in the folder rules
// by go generate, followed by ruledoc, which documents what the registry lists.
package main

import (
	"fmt"
	"os"
)

const registryFile = "registry_gen.go"

func main() {
	if err := generate("."); err != nil {
		fmt.Fprintln(os.Stderr, "rulegen:", err)
		os.Exit(1)
	}
}

// generate writes the registry of the rules in dir.
func generate(dir string) error {
	found, err := scan(os.DirFS(dir))
	if err != nil {
		return err
	}
	text, err := found.registry()
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	defer func() { _ = root.Close() }() // nothing was written through it that a close could lose
	if err := root.WriteFile(registryFile, text, 0o644); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}
