package pep508

import (
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"requests", "requests"},
		{"  Foo.Bar \r\n", "Foo.Bar"},
		{"requests[socks,security]>=2.31,<3", "requests[socks,security]>=2.31,<3"},
		{"requests [ socks , socks ] ( >= 2.31 , < 3 )", "requests[socks]>=2.31,<3"},
		{"name[]", "name"},
		{"name()", "name"},
		{"name (>=1.0,)", "name>=1.0"},
		{"name>=1.0 ,", "name>=1.0"},
		{"name===1.0-local_thing", "name===1.0-local_thing"},
		{"name===1.0, <2", "name===1.0,<2"},
		{"name@https://example.com/a.zip", "name @ https://example.com/a.zip"},
		{"name[x] @ git+ssh://git@example.com/r.git@main#egg=name ; os_name=='nt'", `name[x] @ git+ssh://git@example.com/r.git@main#egg=name ; os_name == "nt"`},
		{"name @ https://example.com/a;b", "name @ https://example.com/a;b"},
		{"name; python_version<'3.8'", `name; python_version < "3.8"`},
		{`name>=1;(os.name=="a"or sys.platform=='b')and python_implementation!="c"`, `name>=1; (os_name == "a" or sys_platform == "b") and platform_python_implementation != "c"`},
		{`name;os_name=='a' and (os_name=='b' and(os_name=='c'))or "x"not  in platform.version`, `name; os_name == "a" and os_name == "b" and os_name == "c" or "x" not in platform_version`},
		{`name; extra == 'Dev_Tools' and platform_version == 'say "so"'`, `name; extra == "dev-tools" and platform_version == 'say "so"'`},
	} {
		r, err := Parse(c.text)
		if err != nil || r.String() != c.want {
			t.Errorf("%q is %q, want %q (%v)", c.text, r, c.want, err)
			continue
		}
		if again, err := Parse(r.String()); err != nil || again.String() != c.want {
			t.Errorf("%q is %q after all (%v)", r, again, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		what string // a part of it
	}{
		{"", 0, "the name of a package is missing"},
		{"-x", 0, "begins with a letter or a digit"},
		{"x-", 1, "ends with a letter or a digit"},
		{"xé", 1, "only letters of ASCII"},
		{"x 1.0", 2, "a comparison such as >=1.0"},
		{"x >=1.0 2", 2, `there is more than a version, at " 2"`},
		{"x >=1,,<2", 6, "condition on the version is missing"},
		{"x (,)", 3, "condition on the version is missing"},
		{"x >=1, <2.*", 7, "only == and != can have a star"},
		{"x (>=1", 2, "the parenthesis is not closed"},
		{"x (>=1) <2", 8, "a semicolon or the end is missing"},
		{"x[a", 1, "the bracket is not closed"},
		{"x[a b]", 4, "a comma or a closing bracket"},
		{"x[a,]", 4, "the name of an extra is missing"},
		{"x @", 3, "a URL is missing"},
		{"x @ https://e.org/a b", 20, "a semicolon and a marker only"},
		{"x;", 2, "a variable or a string in quotes is missing"},
		{"x; python_version", 17, "a comparison is missing"},
		{"x; python_version => '3'", 18, "=> is not a comparison"},
		{"x; python_version not '3'", 22, `"in" is missing`},
		{"x; python > '3'", 3, `no variable "python"`},
		{"x; os_name == posix", 14, `a string needs quotes`},
		{"x; os_name == 'posix", 14, "the quote is not closed"},
		{`x; os_name == 'a\n'`, 16, "a backslash"},
		{"x; (os_name == 'a'", 3, "the parenthesis is not closed"},
		{"x; os_name == 'a') ", 17, `"and", "or" or the end`},
		{"x; os_name == 'a' and", 21, "a variable or a string"},
		{"x; " + strings.Repeat("(", 1<<20), 3 + maxDepth, "more than 100 parentheses"},
	} {
		_, err := Parse(c.text)
		var e *Error
		if !errors.As(err, &e) || e.At != c.at || !strings.Contains(e.What, c.what) || len(err.Error()) > 400 {
			t.Errorf("%.40q: %.400v, want %q at %d", c.text, err, c.what, c.at)
		}
	}
	_, err := ParseMarker("os_name > ")
	if want := `"os_name > ": a variable or a string in quotes is missing, at column 11`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestNormalise(t *testing.T) {
	for name, want := range map[string]string{"requests": "requests", "Foo.Bar": "foo-bar", "a-._-b": "a-b", "a--b": "a-b", "_x_": "-x-", "": "", "É": "é"} {
		if got := Normalise(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestEval(t *testing.T) {
	linux := CPython("3.12", "linux")
	exact := CPython("3.12.4", "win32")
	for _, c := range []struct {
		env    Environment
		marker string
		want   Tri
	}{
		{linux, `python_version >= "3.8"`, True},
		{linux, `python_version < "3.9"`, False}, // not by the alphabet
		{linux, `"3.9" <= python_version`, True},
		{linux, `python_version in "2.7 3.12"`, True},
		{linux, `python_version not in "2.7, 3.6"`, True},
		{linux, `python_version == "3.*"`, True},
		{linux, `python_version ~= "3.8"`, True},
		{linux, `python_version === "3.12"`, True},
		{linux, `python_version >= "3.6.*"`, False}, // no condition, and so two texts that differ
		{linux, `sys_platform == "linux" and os_name == 'posix' and platform_system == "Linux"`, True},
		{linux, `sys_platform == "win32"`, False},
		{linux, `"linux" in sys_platform`, True},
		{linux, `platform_python_implementation == "CPython" and implementation_name != "pypy"`, True},
		{exact, `os.name == "nt" and platform_system == "Windows" and python_full_version == "3.12.4"`, True},
		{exact, `python_full_version < "3.12.4" or implementation_version > "3.12.3"`, True},
		// what is not known
		{linux, `platform_machine == "x86_64"`, Unknown},
		{linux, `platform_machine == "x86_64" or sys_platform == "linux"`, True},
		{linux, `platform_machine == "x86_64" and sys_platform == "linux"`, Unknown},
		{linux, `platform_machine == "x86_64" and sys_platform == "win32"`, False},
		{linux, `extra == "test"`, Unknown},
		{linux.With("extra", ""), `extra == "test"`, False},
		{linux.With("extra", "Dev_Tools"), `extra == "dev.tools"`, True},
		{CPython("", "linux"), `python_version >= "3"`, Unknown},
		{CPython("nonsense", ""), `python_version >= "3" or sys_platform == "linux"`, Unknown},
		{nil, `os_name == "nt"`, Unknown},
		{Environment(nil).With("os_name", "nt"), `os_name == "nt"`, True},
		// the third number is not known
		{linux, `python_full_version >= "3.8.1" and python_full_version < "4.0.0"`, True},
		{linux, `python_full_version < "3.12"`, False},
		{linux, `python_full_version < "3.12.4"`, Unknown},
		{linux, `python_full_version > "3.12"`, Unknown},
		{linux, `python_full_version == "3.12.4"`, Unknown},
		{linux, `python_full_version != "3.12.4"`, Unknown},
		{linux, `python_full_version == "3.11.4"`, False},
		{linux, `python_full_version != "3.11.4"`, True},
		{linux, `python_full_version == "3.12.*"`, True},
		{linux, `python_full_version == "3.12.4.*"`, Unknown},
		{linux, `python_full_version ~= "3.8"`, True},
		{linux, `python_full_version ~= "3.12.2"`, Unknown},
		{linux, `"3.8" <= python_full_version`, True},
		{linux, `"3.12.4" == python_full_version`, Unknown},
		{linux, `"3.11.4" == python_full_version`, False},
		{linux, `"3" in python_full_version`, Unknown},
		{linux, `implementation_version >= "3.8"`, True},
		{Environment{"python_version": "3.10", "implementation_name": "pypy"}, `implementation_version >= "3.8"`, Unknown},
		// what has no meaning
		{linux, `os_name ~= "posix"`, Unknown},
		{linux, `os_name === "posix"`, Unknown},
		{linux, `os_name < "z"`, False},
		{linux, `os_name >= "posix"`, True},
		{Environment{"platform_release": "6.1.0-13-amd64"}, `platform_release >= "4"`, False},
		{Environment{"platform_release": "6.1.0-13-amd64"}, `platform_release == "6.1.0-13-amd64"`, True},
		{Environment{"python_full_version": "3.13.0+"}, `python_full_version >= "3.13"`, True},
		{linux, `os_name == sys_platform`, False}, // by their values
		{linux, `"a" == "a" and "a" != "b"`, True},
		// lock files
		{Environment{"extras": "docs Dev_Tools"}, `"dev-tools" in extras and "test" not in extras`, True},
		{Environment{"dependency_groups": ""}, `"dev" in dependency_groups`, False},
		{Environment{"extras": "a"}, `extras == "a"`, Unknown},
	} {
		m, err := ParseMarker(c.marker)
		if err != nil {
			t.Errorf("%s: %v", c.marker, err)
			continue
		}
		if got := m.Eval(c.env); got != c.want {
			t.Errorf("%s in %v is %s, want %s", c.marker, c.env, got, c.want)
		}
	}
	var none Marker
	if none.Eval(nil) != True || !none.Empty() || none.String() != "" || none.Uses("extra") {
		t.Error("no marker is one that always holds")
	}
	if m, _ := ParseMarker(`os_name == "nt" and ("x" == extra)`); !m.Uses("extra") || m.Uses("python_version") || m.Empty() {
		t.Error("the marker asks for extra")
	}
	if linux.With("extra", "x")["extra"] != "x" || linux["extra"] != "" {
		t.Error("With makes another environment")
	}
}

// TestBetween: what is said of 3.12 holds for each 3.12.x, and Unknown is said only if they
// differ.
func TestBetween(t *testing.T) {
	for _, variable := range []string{"python_full_version", "implementation_version"} {
		for _, op := range []string{"==", "!=", "<", "<=", ">", ">=", "~=", "==="} {
			for _, text := range []string{"3", "3.8", "3.11.9", "3.12", "3.12.0", "3.12.0rc1", "3.12.0.dev1", "3.12.4", "3.12.4.1", "3.12.*", "3.*", "3.12.4.*", "3.13", "3.13.0rc1", "4.0", "1!3.12", "x", ""} {
				for _, marker := range []string{variable + op + "'" + text + "'", "'" + text + "'" + op + variable} {
					m, err := ParseMarker(marker)
					if err != nil {
						t.Fatal(err)
					}
					all := map[Tri]bool{}
					for _, micro := range []string{"0", "1", "3", "4", "5", "10", "99"} {
						all[m.Eval(CPython("3.12."+micro, "linux"))] = true
					}
					got := m.Eval(CPython("3.12", "linux"))
					if got != Unknown && (len(all) != 1 || !all[got]) {
						t.Errorf("%s is %s for 3.12 and %v for its releases", marker, got, all)
					}
				}
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"requests[socks]>=2.31,<3; python_version < '3.12' and sys_platform == \"linux\"", "name (>=1.0,)", "name===1.0, <2",
		"name[x]@git+ssh://git@example.com/r.git@main#egg=name ; os.name=='nt'", "x; (extra == 'Dev_Tools' or 'a' not in platform_version) and python_full_version ~= '3.8.1'", "x;((os_name=='a'))",
	} {
		f.Add(s)
	}
	linux := CPython("3.12", "linux")
	f.Fuzz(func(t *testing.T, s string) {
		if again := Normalise(Normalise(s)); again != Normalise(s) {
			t.Fatalf("%q is %q is %q", s, Normalise(s), again)
		}
		r, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.At < 0 || e.At > len(e.Text) {
				t.Fatalf("%q: %v has no place", s, err)
			}
			return
		}
		again, err := Parse(r.String())
		if err != nil || again.String() != r.String() {
			t.Fatalf("%q is %q, which is %q (%v)", s, r, again, err)
		}
		if a, b := r.Marker.Eval(linux), again.Marker.Eval(linux); a != b {
			t.Fatalf("%q is %s, and as %q %s", s, a, r.Marker, b)
		}
		// To know more never turns an answer round.
		before := r.Marker.Eval(linux)
		for _, micro := range []string{"3.12.0", "3.12.4"} {
			if after := r.Marker.Eval(CPython(micro, "linux").With("extra", "x")); before != Unknown && after != before {
				t.Fatalf("%q is %s with 3.12, and %s with %s", s, before, after, micro)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const s = `requests[socks]>=2.31,<3; python_version < "3.12" and sys_platform == "linux"`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	m, err := ParseMarker(`python_version < "3.12" and sys_platform == "linux"`)
	if err != nil {
		b.Fatal(err)
	}
	e := CPython("3.10", "linux")
	b.ReportAllocs()
	for b.Loop() {
		m.Eval(e)
	}
}
