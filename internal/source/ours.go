package source

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// This file knows the habits of the Python world: what is Python, what is a test, and
// what lies in a project without being its work.

// notOurs says by its name and content that a folder is not the project's work.
func notOurs(f folder, name string) string {
	switch name {
	case ".git", ".hg", ".svn", ".bzr", ".jj", ".pijul", ".fossil", "CVS", "_darcs":
		return SkipVCS
	case "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".hypothesis", ".ipynb_checkpoints", ".pytype", ".pyre", ".dmypy", ".gambeson_cache":
		return SkipCache
	case ".tox", ".nox", ".direnv", ".pixi":
		return SkipVenv
	case ".eggs", "__pypackages__", "node_modules", "bower_components", "_vendor", "_vendored":
		return SkipVendored
	case "site-packages", "dist-packages":
		if f.inVenv {
			return "" // the user asked for this environment
		}
		return SkipVendored
	case "vendor", "vendored":
		// A shop has vendors: an application of that name is the project's own.
		for _, own := range []string{"models.py", "views.py", "urls.py", "apps.py", "admin.py", "routes.py", "serializers.py"} {
			if isFile(filepath.Join(f.abs, own)) {
				return ""
			}
		}
		return SkipVendored
	case ".venv", "venv", ".env", "env", "virtualenv", ".virtualenv", "ENV":
		for _, python := range []string{"bin/python", "bin/python3", "Scripts/python.exe"} {
			if _, err := os.Lstat(filepath.Join(f.abs, filepath.FromSlash(python))); err == nil {
				return SkipVenv
			}
		}
	}
	if strings.HasSuffix(name, ".egg") {
		return SkipVendored
	}
	if name == "lib" || strings.HasPrefix(name, "lib.") {
		// build/lib is where setuptools copies the sources to.
		if build := filepath.Dir(f.abs); filepath.Base(build) == "build" {
			for _, project := range []string{"setup.py", "setup.cfg", "pyproject.toml"} {
				if isFile(filepath.Join(filepath.Dir(build), project)) {
					return SkipBuild
				}
			}
		}
	}
	if isFile(filepath.Join(f.abs, "pyvenv.cfg")) || exists(filepath.Join(f.abs, "conda-meta", "history")) {
		return SkipVenv
	}
	return ""
}

// IsVendored reports whether a file lies in a folder where projects keep what others have
// written.
func IsVendored(p string) bool {
	for name := range strings.SplitSeq(path.Dir(p), "/") {
		switch name {
		case "_vendor", "_vendored", "vendor", "vendored", "site-packages", "dist-packages", ".eggs", "__pypackages__":
			return true
		}
	}
	return false
}

// isProject reports whether a folder is the top of somebody's work, which tells an
// environment made right in a project from an environment.
func isProject(dir string) bool {
	for _, name := range []string{".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "manage.py"} {
		if exists(filepath.Join(dir, name)) {
			return true
		}
	}
	return false
}

func exists(path string) bool { _, err := os.Lstat(path); return err == nil }

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// IsPython reports whether the name is that of Python source, a stub or a notebook.
func IsPython(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".py", ".pyi", ".pyw", ".ipynb":
		return true
	}
	return false
}

// IsPythonShebang reports whether a script that begins so is run by Python.
func IsPythonShebang(head []byte) bool {
	name := interpreter(head)
	return strings.HasPrefix(name, "python") || strings.HasPrefix(name, "pypy")
}

// interpreter is the program that runs a script which begins so, without its folder, or "".
func interpreter(head []byte) string {
	line, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return ""
	}
	if end := bytes.IndexAny(line, "\r\n"); end >= 0 {
		line = line[:end]
	}
	words := strings.Fields(string(line))
	for i, word := range words {
		name := path.Base(word)
		switch {
		case i == 0 && name == "env", i > 0 && (strings.HasPrefix(word, "-") || strings.Contains(word, "=")):
			// env, and its options and variables
		case name == "uv" && i+1 < len(words) && words[i+1] == "run":
			return "python"
		default:
			return name
		}
	}
	return ""
}

// byFirstLine is the name that a script without an ending would have with one, by the shell in
// its first line; "" if it is none.
func byFirstLine(rel string, head []byte) string {
	switch name := interpreter(head); name {
	case "sh", "bash", "dash", "ash", "zsh", "ksh":
		return rel + ".sh"
	}
	return ""
}

// unwritten says that nobody wrote the file: generated code, or what macOS puts
// beside a file. Only names that generators use are opened: a remark in the head
// of any other file hides nothing.
func (s *search) unwritten(abs, name string) string {
	if strings.HasPrefix(name, "._") && bytes.HasPrefix(head(abs, 4), []byte("\x00\x05\x16\x07")) {
		return SkipSpecial
	}
	if !s.Generated && generatorName(name) && IsGenerated(head(abs, 1024)) {
		return SkipGenerated
	}
	return ""
}

func generatorName(name string) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, "i"), ".py")
	switch stem {
	case "parsetab", "lextab", "ttypes", "resources_rc":
		return true
	}
	for _, end := range []string{"_pb2", "_pb2_grpc", "_pb", "_grpc", "_rc", "Lexer", "Parser", "Listener", "Visitor", "_thrift", "_generated", "_gen"} {
		if strings.HasSuffix(stem, end) {
			return true
		}
	}
	return strings.HasPrefix(stem, "ui_") || strings.HasPrefix(stem, "Ui_")
}

// IsGenerated reports whether the head of a file says in a comment that a program
// wrote it.
func IsGenerated(head []byte) bool {
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if !bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		text := strings.ToLower(string(line))
		for _, mark := range []string{"generated by", "do not edit", "autogenerated", "auto-generated", "automatically generated", "created by: "} {
			if strings.Contains(text, mark) {
				return true
			}
		}
	}
	return false
}

// IsTest reports whether the path is that of a test by the conventions of pytest,
// unittest and Django. A weakness there is less severe: nobody can reach it.
func IsTest(p string) bool {
	for {
		dir, rest, more := strings.Cut(p, "/")
		if !more {
			break
		}
		switch dir {
		case "tests", "test", "unittests", "unit_tests", "functional_tests", "integration_tests", "e2e_tests":
			return true
		}
		p = rest
	}
	ext := path.Ext(p)
	stem := strings.TrimSuffix(p, ext)
	return ext != "" && (strings.HasPrefix(stem, "test_") || strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, "_tests") ||
		stem == "conftest" || stem == "tests" || stem == "test")
}

// head reads the first bytes of a file, fewer if it is short or cannot be read.
func head(abs string, n int) []byte {
	f, err := os.Open(abs)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, n)
	n, _ = io.ReadFull(f, b)
	return b[:n]
}
