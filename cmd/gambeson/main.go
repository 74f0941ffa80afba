// Command gambeson secures Python applications. See README.md.
package main

import (
	"os"

	"github.com/gambeson/gambeson/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
