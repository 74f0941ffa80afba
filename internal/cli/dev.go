package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/parser"
	"github.com/gambeson/gambeson/internal/source"
)

// devCommand holds what developers of Gambeson use.
func devCommand() *cobra.Command {
	dev := &cobra.Command{Use: "dev", Short: "Tools for those who work on Gambeson", Hidden: true}
	var digest, timed bool
	tree := &cobra.Command{
		Use:   "ast FILE... | --digest DIR | --time DIR",
		Short: "Print syntax trees in the form that CPython's are compared in",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := bufio.NewWriter(cmd.OutOrStdout())
			defer out.Flush()
			switch {
			case digest:
				return astDigest(out, args[0])
			case timed:
				return astTime(out, args[0])
			}
			for _, path := range args {
				t, err := parseFile(path)
				if err != nil {
					return err
				}
				fmt.Fprintln(out, ast.Dump(t))
				for _, e := range t.Errors {
					pos := t.File.Position(e.Span.Start)
					fmt.Fprintf(cmd.ErrOrStderr(), "%s:%d:%d: %s\n", path, pos.Line, pos.Column+1, e.Message)
				}
			}
			return nil
		},
	}
	tree.Flags().BoolVar(&digest, "digest", false, "print a SHA-256 for each *.py below a directory")
	tree.Flags().BoolVar(&timed, "time", false, "time the parser alone on each *.py below a directory, one thread")
	dev.AddCommand(tree, newRuleCommand(), callGraphCommand(), taintCommand())
	return dev
}

func parseFile(path string) (*ast.Tree, error) {
	f, err := readSource(path)
	if f == nil {
		return nil, err
	}
	t := parser.Parse(f)
	if err != nil {
		t.Errors = append([]ast.Error{{Message: err.Error()}}, t.Errors...)
	}
	return t, nil
}

// readSource reads and decodes a file. With a file, the error only says that its text
// is not what its encoding promises.
func readSource(path string) (*source.File, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return source.Decode(path, raw)
}

// pythonFiles lists the *.py below root, relative to it, in order of their bytes.
func pythonFiles(root string) ([]string, error) {
	var list []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() && strings.HasSuffix(path, ".py") {
			rel, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			list = append(list, rel)
		}
		return nil
	})
	slices.Sort(list)
	return list, err
}

func astDigest(out *bufio.Writer, root string) error {
	list, err := pythonFiles(root)
	if err != nil {
		return err
	}
	for _, path := range list {
		t, err := parseFile(filepath.Join(root, path))
		if err != nil || len(t.Errors) > 0 {
			fmt.Fprintf(out, "error  %s\n", path)
		} else {
			fmt.Fprintf(out, "%x  %s\n", sha256.Sum256([]byte(ast.Dump(t))), path)
		}
		if t != nil {
			t.Release()
		}
	}
	return nil
}

func astTime(out *bufio.Writer, root string) error {
	list, err := pythonFiles(root)
	if err != nil {
		return err
	}
	var files []*source.File
	size := 0
	for _, path := range list {
		f, err := readSource(filepath.Join(root, path))
		if f == nil {
			return err
		}
		size += len(f.Bytes)
		files = append(files, f)
	}
	start := time.Now()
	for _, f := range files {
		parser.Parse(f).Release()
	}
	return json.NewEncoder(out).Encode(map[string]any{"files": len(files), "bytes": size, "seconds": time.Since(start).Seconds()})
}
