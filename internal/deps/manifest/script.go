package manifest

import (
	"bytes"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
)

func init() {
	// No path tells that a program has such a block; see Script.
	add(format{name: "script", is: func(string) bool { return false }, read: readScript})
}

// scriptBlock is PEP 723's own expression, line ends of Windows added.
var scriptBlock = match.Lazy(`(?m)^# /// ([a-zA-Z0-9-]+)[ \t]*\r?\n((?:#(?:| .*)\r?\n)+?)# ///[ \t]*\r?$`)

// Script reads what a program says of the packages that it needs, in a comment of its own
// (PEP 723). It is nil for a program that says nothing.
func Script(path string, data []byte) *File {
	if !bytes.Contains(data, []byte("# /// script")) || len(data) > maxCode || !scriptBlock().Match(data) {
		return nil
	}
	f := Read(path, "script", data)
	if f.Format == "" || f.Lines == 0 && len(f.Problems) == 0 {
		return nil
	}
	return f
}

func readScript(f *File, data []byte) {
	if len(data) > maxCode {
		f.problem(Place{Line: 1, Column: 1}, "too large to be read as a program")
		return
	}
	found := false
	for _, m := range scriptBlock().FindAllSubmatchIndex(data, -1) {
		if string(data[m[2]:m[3]]) != "script" {
			continue
		}
		line := 1 + bytes.Count(data[:m[4]], []byte("\n"))
		if found {
			f.problem(Place{Line: line - 1, Column: 1}, "there are two blocks that say what the script needs, so neither counts")
			f.Packages = nil
			return
		}
		found = true
		var b strings.Builder
		for l := range bytes.Lines(data[m[4]:m[5]]) {
			l = bytes.TrimPrefix(l, []byte("#"))
			b.Write(bytes.TrimPrefix(l, []byte(" ")))
		}
		doc := f.tomlPart([]byte(b.String()), Place{Line: line - 1, Column: 2})
		f.requirements(doc.Get("dependencies"))
		f.uv(doc.Get("tool", "uv"))
	}
}
