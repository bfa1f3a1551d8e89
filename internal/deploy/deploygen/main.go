// Command deploygen writes what is generated below deploy/. It is run in the folder rules
// by go generate, after rulegen.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/ekslint/ekslint/internal/deploy"
)

const (
	chart     = "../deploy/chart"
	watched   = chart + "/files/watched.yaml"
	manifests = "../deploy/manifests/ekslint-webhook.yaml"
	values    = chart + "/values.schema.json"
)

func main() {
	if err := generate(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "deploygen:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context) error {
	text, err := deploy.WatchedFile()
	if err != nil {
		return err
	}
	if err := os.WriteFile(watched, text, 0o644); err != nil { //nolint:gosec // a file of the repository
		return err
	}
	if text, err = os.ReadFile(values); err != nil {
		return err
	}
	if text, err = deploy.ValuesSchema(text); err != nil {
		return err
	}
	if err := os.WriteFile(values, text, 0o644); err != nil { //nolint:gosec // a file of the repository
		return err
	}
	if text, err = deploy.Manifests(ctx, chart); err != nil {
		return err
	}
	return os.WriteFile(manifests, text, 0o644) //nolint:gosec // a file of the repository
}
