package manifest

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads a file of each format, written by hand from its specification, and holds
// what was understood against a file beside it, which a person has read.
func TestGolden(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("testdata", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == "fuzz" {
			if err == nil {
				err = filepath.SkipDir
			}
			return err
		}
		if e.IsDir() || strings.HasSuffix(p, ".golden") {
			return nil
		}
		t.Run(p, func(t *testing.T) {
			data, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.ToSlash(p)
			as := ""
			if Is(path) == "" && strings.HasSuffix(path, ".py") {
				as = "script" // which no path tells
			}
			f := Read(path, as, data)
			seen[f.Format] = true
			account(t, f)
			standing(t, f, data)
			got := dump(f)
			if strings.Contains(got, "hidden") { // the password in all of testdata
				t.Errorf("a password is shown:\n%s", got)
			}
			if *update {
				if err := os.WriteFile(p+".golden", []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(p + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Formats() {
		if !seen[name] {
			t.Errorf("there is no file of the format %s in testdata", name)
		}
	}
	t.Logf("%d formats", len(seen))
}

// standing insists that a package's name stands where its place says.
func standing(t *testing.T, f *File, data []byte) {
	t.Helper()
	text := strings.Split(string(data), "\n")
	for _, p := range f.Packages {
		if p.Written == "" || strings.HasPrefix(p.Written, `"`) {
			continue
		}
		rest := ""
		if p.At.Line <= len(text) {
			if l := []rune(text[p.At.Line-1]); p.At.Column <= len(l) {
				rest = string(l[p.At.Column-1:])
			}
		}
		switch f.Format {
		case "cyclonedx", "spdx":
			if !strings.HasPrefix(rest, "pkg:pypi/") {
				t.Errorf("%s does not stand at %v, but %q", p.Written, p.At, rest)
			}
		case "tox.ini", "conda", "setup.cfg", "requirements", "pyproject.toml": // behind factors, channels, semicolons and in addresses
			if !strings.Contains(rest, p.Written) && !strings.HasPrefix(rest, "{") { // one of several versions
				t.Errorf("%s does not stand behind %v, but %q", p.Written, p.At, rest)
			}
		default:
			if !strings.HasPrefix(rest, p.Written) {
				t.Errorf("%s does not stand at %v, but %q", p.Written, p.At, rest)
			}
		}
	}
}

// account insists on what holds of every file, whatever is in it.
func account(t *testing.T, f *File) {
	t.Helper()
	for _, p := range f.Packages {
		if p.At.Line < 1 || p.At.Column < 1 {
			t.Errorf("%s stands nowhere: %v", p.Written, p.At)
		}
		switch {
		case p.State == Exact && p.Version.String() == "":
			t.Errorf("%s is exact without a version", p.Written)
		case p.State != Exact && p.Why == "":
			t.Errorf("%s is %s, and nothing says why", p.Written, p.State)
		}
	}
	for _, p := range f.Problems {
		if p.At.Line < 1 || p.At.Column < 1 || p.Message == "" {
			t.Errorf("problem %+v", p)
		}
	}
}

// dump prints a file as golden files have it: a line for each thing it says, so that a person
// can hold it beside the file.
func dump(f *File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s lines=%d lock=%v\n", f.Format, f.Lines, f.Lock)
	for _, p := range f.Packages {
		fmt.Fprintf(&b, "%d:%d %s", p.At.Line, p.At.Column, p.Written)
		if p.Name != p.Written {
			fmt.Fprintf(&b, " (%s)", p.Name)
		}
		if len(p.Extras) > 0 {
			fmt.Fprintf(&b, " [%s]", strings.Join(p.Extras, ","))
		}
		switch p.State {
		case Exact:
			b.WriteString(" exact " + p.Version.String())
		case Range:
			b.WriteString(" range " + p.Specifiers.String())
			if len(p.Specifiers) == 0 {
				b.WriteString("? " + p.Why)
			}
		default:
			b.WriteString(" unknown: " + p.Why)
		}
		if p.From != Index {
			fmt.Fprintf(&b, " | from %s", p.From)
		}
		if p.URL != "" {
			fmt.Fprintf(&b, " | %s", p.URL)
		}
		if !p.Marker.Empty() {
			fmt.Fprintf(&b, " | if %s", p.Marker)
		}
		if len(p.Groups) > 0 {
			fmt.Fprintf(&b, " | for %s", strings.Join(p.Groups, ","))
		}
		if len(p.Needs) > 0 {
			fmt.Fprintf(&b, " | needs %s", strings.Join(p.Needs, ","))
		}
		if len(p.Hashes) > 0 {
			fmt.Fprintf(&b, " | %s", strings.Join(p.Hashes, ","))
		}
		if p.In != "" {
			fmt.Fprintf(&b, " | in %s", p.In)
		}
		if p.Locked != f.Lock {
			fmt.Fprintf(&b, " | locked=%v", p.Locked)
		}
		b.WriteByte('\n')
	}
	for _, i := range f.Includes {
		fmt.Fprintf(&b, "%d:%d include %q as %q constraint=%v", i.At.Line, i.At.Column, i.Written, i.Path, i.Constraint)
		if len(i.Groups) > 0 {
			fmt.Fprintf(&b, " | for %s", strings.Join(i.Groups, ","))
		}
		b.WriteByte('\n')
	}
	for _, o := range f.Options {
		fmt.Fprintf(&b, "%d:%d option %s %s", o.At.Line, o.At.Column, o.Name, o.Value)
		if o.Tool != "" {
			fmt.Fprintf(&b, " | of %s, %s", o.Tool, o.Order)
		}
		if o.Bound {
			b.WriteString(", bound")
		}
		b.WriteByte('\n')
	}
	for _, p := range f.Problems {
		fmt.Fprintf(&b, "%d:%d problem: %s\n", p.At.Line, p.At.Column, p.Message)
	}
	return b.String()
}
