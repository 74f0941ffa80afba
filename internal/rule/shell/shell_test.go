package shell

import (
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

func docOf(path, text string) *rule.Doc { return &rule.Doc{File: source.New(path, []byte(text))} }

// dump is what a file gives to shells: commands with their words between bars, and variables.
func dump(d *rule.Doc) string {
	var out []string
	s := Of(d)
	for _, c := range s.Commands {
		var words []string
		for _, w := range c {
			words = append(words, w.Text)
		}
		out = append(out, strings.Join(words, "|"))
	}
	for _, v := range s.Set {
		out = append(out, "set "+v.Name+"="+v.Value)
	}
	return strings.Join(out, "\n")
}

func TestCommands(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		// What a shell does with a line.
		{"a.sh", "#!/bin/sh\na b # c\nd#e 'f # g' \"h i\"j\n", "a|b\nd#e|f # g|h ij"},
		{"a.sh", "a && b; c | d & e\n(f; g)\n", "a\nb\nc\nd\ne\nf\ng"},
		{"a.sh", "a \\\n  b \\\r\n c\nd\n", "a|b|c\nd"},
		{"a.sh", "a 'b\nc' d\n", "a|b\nc|d"},
		{"a.sh", "echo It's over\nb \"c\n", "echo|Its over\nb|c"},
		{"a.sh", `a "b \"c\" \$d" e\ f ''` + "\n", `a|b "c" $d|e f|`},
		{"a.sh", "a $(b c) \"$(d \"e\")\" `f g` ${h:-i j} $((1 + 2))\n", "b|c\nd|e\na|$(b c)|$(d \"e\")\nf|g\n1|+|2\n${h:-i j}|$((1 + 2))"},
		{"a.sh", "v=$(a b) c\n", "a|b\nv=$(a b)|c"},
		{"a.sh", "cat <<EOF > x\npip install a\nEOF\nb\n", "cat|>|x\nb"},
		{"a.sh", "bash <<-'E'\n\ta b\n\tE\nc <<X <<Y\nX\nd\nY\ne\n", "bash\na|b\nc\ne"},
		{"a.sh", "cat <<EOF\nno end\n", "cat\nno|end"},
		{"a.sh", "bash -ec 'a b; c' d\nsu me -c \"e \\\"f g\\\"\"\nfind -c 'h'\n", "bash|-ec|a b; c|d\na|b\nc\nsu|me|-c|e \"f g\"\ne|f g\nfind|-c|h"},
		{"a.sh", "a <<< b\n", "a|<<<|b"},
		{"x.py", "a b\n", ""},

		// Images.
		{"Dockerfile", "FROM x\n# RUN no\nrun --mount=type=cache,target=/c a b \\\n  # between\n\n  c\nCMD d\n", "a|b|c\nd"},
		{"Dockerfile", "RUN [\"a\", \"b c\"]\nRUN [ \"sh\", \"-c\", \"d && e \\\"f g\\\"\" ]\nRUN [ -f x ] && y\nENTRYPOINT [\"h\"]", "a|b c\nsh|-c|d && e \"f g\"\nd\ne|f g\n[|-f|x|]\ny\nh"},
		{"Dockerfile", "RUN <<EOF\na\nb c\nEOF\nRUN python3 <<EOF\nimport d\nEOF\nRUN bash <<'X' && e\nf\nX\nCOPY <<EOF /g\nRUN h\nEOF\nRUN i\n", "a\nb|c\npython3\nbash\ne\ni"},
		{"web.dockerfile", "# escape=`\nRUN a `\n b\\c\nONBUILD RUN d\n", "a|bc\nd"},
		{"Containerfile.dev", "ENV A=b C=\"d e\" \\\n  F=g\nENV H i\nARG J\nARG K=l\n", "set A=b\nset C=d e\nset F=g\nset H=i\nset K=l"},
		{"Dockerfile", "RUN", ""},
		{"Dockerfile", "RUN \\", ""},

		// Makefiles.
		{"Makefile", "A := b\nexport C ?= d e # f\nall: x\n\t@-a $$b $(C) \\\n\t  c\n\t$(shell d e)\n# \tno\nifdef X\n\tf\nendif\n", "a|$b|$(C)|c\nd|e\n$(shell d e)\nf\nset C=d e"},

		// Procfiles and units of systemd.
		{"Procfile", "web: a b\n# c: d\nworker: e --f='g' \\\n  h\n", "a|b\ne|--f=g|h"},
		{"shop.service", "[Service]\nUser=a\nEnvironment=A=b \"C=d\"\nExecStart=-/usr/bin/e f\nRestart=g\n", "/usr/bin/e|f\nset A=b\nset C=d"},

		// tox.
		{"tox.ini", "[testenv]\ndeps = a\ncommands =\n    b c\n    - d \\\n      e\n# no\n    f {posargs}\ncommands_pre = g\n[x]\nh = i\n", "b|c\nd|e\nf|{posargs}\ng"},

		// YAML, in each way that it has of writing a text.
		{".github/workflows/a.yml", "env: {A: b}\njobs:\n  j:\n    env:\n      C: ${{ d }}\n    steps:\n      - name: a b\n        run: a b\n      - run: |\n          c d\n\n          e\n      - run: >\n          f\n          g\n      - run: 'h ''i j'''\n      - run: \"k \\\"l m\\\" \\\n           n\"\n      - run: o\n          p\n      - shell: python\n        run: q\n      - shell: bash -e {0}\n        run: r ${{ s }}\n", "a|b\nc|d\ne\nf|g\nh|i j\nk|l m|n\no|p\nr|${{ s }}\nset A=b\nset C=${{ d }}"},
		{"x/action.yaml", "runs:\n  steps:\n  - run: a\r\n  - run: |\r\n      b\r\n      c\r\n", "a\nb\nc"},
		{".gitlab-ci.yml", "variables:\n  A: b\n  C: {value: d, description: e}\nj:\n  before_script:\n    - a\n    - [b, c]\n    - |\n      d\n      e\n  script: f\n  other: g\n.t: &t\n  script: h\nk: {<<: *t}\nl:\n  script:\n    - !reference [.t, script]\n", "a\nb\nc\nd\ne\nf\nh\n.t\nscript\nset A=b\nset C=d"},
		{"azure-pipelines.yml", "variables:\n- name: A\n  value: b\nsteps:\n- script: a\n- bash: |\n    b\n- task: X\n  inputs:\n    script: c\n", "a\nb\nc\nset A=b"},
		{".circleci/config.yml", "jobs:\n  j:\n    environment: {A: b}\n    steps:\n      - run: a\n      - run:\n          name: n\n          command: |\n            b\n", "a\nb\nset A=b"},
		{".travis.yml", "env: A=b C=\"d\"\ninstall:\n- a\nscript: b\n", "a\nb"},
		{".readthedocs.yaml", "build:\n  os: x\n  jobs:\n    post_install:\n      - a\npython:\n  install:\n    - requirements: b\n", "a"},
		{"docker-compose.yml", "services:\n  a:\n    build: {args: {A: b}}\n    environment:\n      - C=d\n    command: e f\n  g:\n    command: [\"sh\", \"-c\", \"h i\"]\n", "e|f\nsh|-c|h i\nh|i\nset A=b\nset C=d"},
		{".github/workflows/a.yml", "a: [", ""},
	} {
		if got := dump(docOf(c.path, c.text)); got != c.want {
			t.Errorf("%s\n%s\ngot\n%s\nwant\n%s", c.path, c.text, got, c.want)
		}
	}
}

// TestPlaces: each word stands where it says, with its quotes.
func TestPlaces(t *testing.T) {
	for path, text := range map[string]string{
		"a.sh":                    "é a 'b c' \\\n \"d\"\ncat <<E\nE\ne $(f)\nbash -c \"g 'h'\"\n",
		"Dockerfile":              "RUN a \\\n  # x\n  b\nRUN [\"é\", \"c d\"]\nRUN <<E\nf 'g'\nE\n",
		"Makefile":                "x:\n\t@a b \\\n\t 'c'\n",
		".github/workflows/a.yml": "jobs:\n  é:\n    steps:\n    - run: a 'b'\n    - run: |\n        c\n          \"d\" e\n    - run: >-\n        f\n        g\n    - run: 'h ''i'' é j'\n    - run: \"k \\\"l\\\" m\"\n",
	} {
		d := docOf(path, text)
		for _, c := range Of(d).Commands {
			for _, w := range c {
				got := d.Text(w.At)
				if path == ".github/workflows/a.yml" {
					got = strings.NewReplacer("''", "'", `\"`, `"`).Replace(got)
				}
				if strings.Trim(got, `"'`) != strings.Trim(w.Text, `"'`) {
					t.Errorf("%s: %q stands where %q is said to", path, got, w.Text)
				}
			}
		}
	}
}

func TestProgram(t *testing.T) {
	for text, want := range map[string]string{
		"pip install":                            "pip|install",
		"A=b sudo -E -u me env C=d pip":          "pip",
		"if ! time nice -n 5 timeout -k 1 30 ls": "ls",
		"poetry run pip install":                 "pip|install",
		"conda run -n x --no-capture-output pip": "pip",
		"uv run --with x pip":                    "pip",
		"uv pip install":                         "uv|pip|install",
		"poetry run":                             "poetry|run",
		"sudo":                                   "",
		"A=b":                                    "",
	} {
		var words []string
		for _, c := range Of(docOf("a.sh", text)).Commands {
			for _, w := range c.Program() {
				words = append(words, w.Text)
			}
		}
		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestHostile: what nobody writes but to harm ends soon.
func TestHostile(t *testing.T) {
	rep := func(s string) string { return strings.Repeat(s, maxSize/len(s)) }
	for i, text := range []string{
		rep("$("), rep("\"$("), rep("'"), rep("\"\\"), rep("${"), rep("${{"), rep("<<A\n"), rep("RUN <<A\n"), rep("RUN <<A <<B <<C \\\n"), rep("\\\n"), rep("RUN \\\n"), rep("("), rep("`"), rep("bash -c 'bash -c "), rep("RUN [\"a\",\n"), rep("RUN [[\n"),
		"[testenv]\ncommands = " + rep("\\\n"), rep("\t\\\n"), rep("a=$("), "RUN [" + strings.Repeat("\"a\",", 200_000),
		rep("cat <<A 'b\n"), rep("\"a$(b\"\n"), rep("a;"), rep("\x00\xff"),
	} {
		for _, path := range []string{"a.sh", "Dockerfile", "Makefile", "tox.ini", ".github/workflows/a.yml"} {
			start := time.Now()
			text := text[:min(len(text), maxSize)]
			s := Of(docOf(path, text))
			if d := time.Since(start); d > 15*time.Second {
				t.Errorf("%d %.20q as %s: %s, %d commands", i, text, path, d, len(s.Commands))
			} else if d > time.Second {
				t.Logf("%d %.20q as %s: %s", i, text, path, d)
			}
		}
	}
}

// FuzzCommands: no text makes a panic, and every place lies in the file.
func FuzzCommands(f *testing.F) {
	paths := []string{"a.sh", "Dockerfile", "Makefile", "tox.ini", ".github/workflows/a.yml", ".gitlab-ci.yml", "docker-compose.yml", ".travis.yml"}
	for i, s := range []string{
		"a 'b' \"$(c)\" <<E\nd\nE\n", "# escape=`\nRUN a `\n b <<E\nE\nENV a b\nONBUILD RUN [\"a\", \"b\\u00e9\"]", "x:\n\t@a $$b \\\n\tc\nA ?= b", "commands =\n a \\\n b\n",
		"jobs:\n a:\n  steps:\n  - run: \"a \\\"b\\\" \\\n c\"\n  - run: >-\n     d\n\n     e\n", "script: &x\n- 'a ''b'''\n- [*x]\n", "command: [a, \"b\"]\n", "env:\n- A=b C=d\n",
	} {
		f.Add(byte(i), []byte(s))
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		if len(data) > 1<<12 {
			return
		}
		d := docOf(paths[int(kind)%len(paths)], string(data))
		in := func(at source.Span, what string) {
			if at.Start > at.End || int(at.End) > len(data)+1 {
				t.Fatalf("%s: %q at %v of %d bytes %q", d.Path, what, at, len(data), data)
			}
		}
		s := Of(d)
		for _, c := range s.Commands {
			c.Program()
			for _, w := range c {
				in(w.At, w.Text)
			}
		}
		for _, v := range s.Set {
			in(v.At, v.Name)
		}
		for _, x := range Instructions(d) {
			in(x.At, x.Name)
			x.Words()
		}
	})
}
