// Command ekslint finds mistakes in the network of an EKS cluster before it is deployed.
package main

import (
	"os"

	"github.com/ekslint/ekslint/internal/cli"
)

func main() { os.Exit(cli.Main()) }
