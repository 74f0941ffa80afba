package manifest

import (
	"strings"
	"testing"
)

// one is a line of dump, without the place and what all lines have.
func lines(f *File) string {
	var out []string
	for _, l := range strings.Split(strings.TrimSpace(dump(f)), "\n")[1:] {
		_, l, _ = strings.Cut(l, " ")
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// TestRequirements holds lines of requirements files against what pip makes of them.
func TestRequirements(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a pin", "a==1.0", "a exact 1.0"},
		{"three equal signs", "a===1.0", "a exact 1.0"},
		{"a lower bound is no version", "a>=1.0", "a range >=1.0"},
		{"compatible", "a~=1.0.1", "a range ~=1.0.1"},
		{"a star is no version", "a==1.*", "a range ==1.*"},
		{"nothing", "a", "a unknown: the file allows any version"},
		{"a pin with more", "a==1.0,>=0.5", "a exact 1.0"},
		{"a pin that contradicts itself", "a==1.0,>1", "a range ==1.0,>1"},
		{"parentheses", "a (>=1,<2)", "a range >=1,<2"},
		{"names", "Zope.Interface_x==1", "Zope.Interface_x (zope-interface-x) exact 1"},
		{"a comment", "a==1 # why", "a exact 1"},
		{"a comment behind a tab", "a==1\t# why", "a exact 1"},
		{"a comment alone", "  # a==1", ""},
		{"a line that goes on", "a==1.0, \\\n  >=0.5", "a exact 1.0"},
		{"a word that goes on", "a==1.\\\n0", "a exact 1.0"},
		{"a comment does not go on", "# a \\\nb==1", "b exact 1"},
		{"a comment ends what goes on", "a==1 \\\n# no\nb==2", "a exact 1\nb exact 2"},
		{"the end of the file goes on", "a==1\\", "a exact 1"},
		{"windows", "a==1\r\nb==2\r\n", "a exact 1\nb exact 2"},
		{"mac", "a==1\rb==2", "a exact 1\nb exact 2"},
		{"a form feed ends a line", "a==1\fb==2", "a exact 1\nb exact 2"},
		{"a mark", "\xef\xbb\xbfa==1", "a exact 1"},
		{"utf-16", "\xff\xfea\x00=\x00=\x001\x00\n\x00", "a exact 1"},
		{"utf-16, the other", "\xfe\xff\x00a\x00=\x00=\x001", "a exact 1"},
		{"utf-32", "\xff\xfe\x00\x00a\x00\x00\x00", `problem: the encoding is not known: save the file as UTF-8`},
		{"latin-1", "a==1 # caf\xe9", "a exact 1"},
		{"a marker", `a==1; sys_platform == "win32"`, `a exact 1 | if sys_platform == "win32"`},
		{"a marker that is none", `a==1; sunday == "yes"`, `problem: "a==1; sunday == \"yes\"": there is no variable "sunday"; a string needs quotes, at column 7`},
		{"extras", "a[x, Y]==1", "a [x,Y] exact 1"},
		{"hashes", "a==1 --hash=sha256:00 --hash=sha512:11", "a exact 1 | sha256:00,sha512:11"},
		{"hashes on lines", "a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha512:11", "a exact 1 | sha256:00,sha512:11"},
		{"a marker and a hash", `a==1 ; os_name == "nt" --hash=sha256:00`, `a exact 1 | if os_name == "nt" | sha256:00`},
		{"options of a requirement", `a==1 --config-settings="x=y" --global-option "-z"`, "a exact 1"},
		{"an option of a requirement that is none", `a==1 --wish`, "a exact 1\n" + `problem: the option "--wish" of a requirement is not known`},
		{"an address", "https://e.example/a-1.0.tar.gz", "a exact 1.0 | from url | https://e.example/a-1.0.tar.gz"},
		{"an address with a hash", "https://e.example/a-1.0.zip#sha256=00", "a exact 1.0 | from url | https://e.example/a-1.0.zip#sha256=00 | sha256:00"},
		{"an address that tells nothing", "https://e.example/main.zip", " unknown: it comes from https://e.example/main.zip | from url | https://e.example/main.zip"},
		{"an address with an egg", "https://e.example/main.zip#egg=a[b]", "a [b] unknown: it comes from https://e.example/main.zip#egg=a[b] | from url | https://e.example/main.zip#egg=a[b]"},
		{"a password", "a @ https://u:secret@e.example/a.zip", "a unknown: it comes from https://…@e.example/a.zip | from url | https://…@e.example/a.zip"},
		{"a password in what is wrong", "a @ https://u:secret@e.example/a.zip x", `problem: "a @ https://…@e.example/a.zip x": behind the URL there can be a semicolon and a marker only, at column 38`},
		{"a repository", "git+https://e.example/a.git@v1#egg=a", "a unknown: it comes from git+https://e.example/a.git@v1#egg=a | from vcs | git+https://e.example/a.git@v1#egg=a"},
		{"a name and a repository", "a @ git+ssh://git@e.example/a.git@00ff", "a unknown: it comes from git+ssh://git@e.example/a.git@00ff | from vcs | git+ssh://git@e.example/a.git@00ff"},
		{"a file", "file:///srv/a-1.0-py3-none-any.whl", "a exact 1.0 | from path | file:///srv/a-1.0-py3-none-any.whl"},
		{"a wheel", "./w/a-1.0+cpu-cp311-cp311-linux_x86_64.whl", "a exact 1.0+cpu | from path | ./w/a-1.0+cpu-cp311-cp311-linux_x86_64.whl"},
		{"a wheel with a marker", "w/a-1.0-py3-none-any.whl;os_name=='nt'", `a exact 1.0 | from path | w/a-1.0-py3-none-any.whl | if os_name == "nt"`},
		{"a folder", "lib/a", " unknown: it comes from lib/a | from path | lib/a"},
		{"a folder of windows", `lib\a`, ` unknown: it comes from lib\a | from path | lib\a`},
		{"the project with extras", ".[dev]", " [dev] unknown: it is the project itself | from project | ."},
		{"editable", "-e lib/a", " unknown: it is a folder of its own | from editable | lib/a"},
		{"editable, joined", "-elib/a", " unknown: it is a folder of its own | from editable | lib/a"},
		{"editable with a marker", `-e lib/a ; os_name == "nt"`, ` unknown: it is a folder of its own | from editable | lib/a | if os_name == "nt"`},
		{"editable with a bad marker", `-e lib/a ; sunday`, " unknown: it is a folder of its own | from editable | lib/a\n" + `problem: "sunday": there is no variable "sunday"; a string needs quotes, at column 1`},
		{"editable by name", "-e a @ git+https://e.example/a.git", "a unknown: it comes from git+https://e.example/a.git | from vcs | git+https://e.example/a.git"},
		{"a variable", "a==${V}", "a unknown: a variable of the environment decides"},
		{"a variable in a path", "./${V}/a-1.0-py3-none-any.whl", "a exact 1.0 | from path | ./${V}/a-1.0-py3-none-any.whl"},
		{"a variable in an index", "-i https://${U}:${P}@e.example/simple", "option --index-url https://…@e.example/simple"},
		{"an include", "-r ../a.txt", `include "../a.txt" as "a.txt" constraint=false`},
		{"an include that leads out", "-r ../../a.txt", `include "../../a.txt" as "" constraint=false`},
		{"an absolute include", "-r /etc/passwd", `include "/etc/passwd" as "" constraint=false`},
		{"a constraint", "--constraint=a.txt", `include "a.txt" as "d/a.txt" constraint=true`},
		{"an option cut short", "--extra-index https://e.example", "option --extra-index-url https://e.example"},
		{"an option cut too short", "--no https://e.example", `problem: the option "--no" is not known`},
		{"a list of another language", "- a", `problem: the option "-" is not known`},
		{"quotes", `-r "my file.txt"`, `include "my file.txt" as "d/my file.txt" constraint=false`},
		{"conda's own list", "a=1.0=py38", `problem: "a=1.0=py38": "=1.0=py38" is not a condition on a version: it begins with none of ~= == != <= >= < > ===, at column 2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Read("d/requirements.txt", "", []byte(c.text))
			if got := lines(f); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			account(t, f)
		})
	}
}

// TestRequirementPlaces: a line is where it begins.
func TestRequirementPlaces(t *testing.T) {
	f := Read("requirements.txt", "", []byte("\n# x\n\ta==1 \\\n --hash=sha256:0\n\\\n  b==1\nc\n"))
	var got []Place
	for _, p := range f.Packages {
		got = append(got, p.At)
	}
	want := []Place{{Line: 3, Column: 2}, {Line: 6, Column: 3}, {Line: 7, Column: 1}}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
