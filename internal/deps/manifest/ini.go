package manifest

import (
	"strings"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "setup.cfg", is: base("setup.cfg"), read: readSetupCfg})
	add(format{name: "tox.ini", is: base("tox.ini"), read: readToxINI})
	add(format{name: "tox.toml", is: base("tox.toml"), read: func(f *File, data []byte) { f.toxTOML(f.toml(data)) }})
}

// An ini is a file as Python's configparser reads it, without interpolation.
type ini []section

type section struct {
	name   string
	values []setting
}

type setting struct {
	key   string
	lines []line // of the value, without empty ones and comments
	many  bool   // it went on in the lines below
}

// index is the lines of the first setting of each section and key.
func (x ini) index() map[[2]string][]line {
	out := map[[2]string][]line{}
	for _, s := range x {
		for _, v := range s.values {
			if _, ok := out[[2]string{s.name, v.key}]; !ok {
				out[[2]string{s.name, v.key}] = v.lines
			}
		}
	}
	return out
}

// readINI reads sections, keys and values that go on where lines are further to the right.
func (f *File) readINI(data []byte, shift Place) (x ini) {
	text, _ := decode(data)
	var current *setting
	column := 0 // where the key stands
	for i, raw := range strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n") {
		bare := strings.TrimLeft(raw, " \t")
		indent := len(raw) - len(bare)
		at := Place{Line: i + 1 + shift.Line, Column: indent + 1}
		bare = strings.TrimSpace(bare)
		switch {
		case bare == "":
		case bare[0] == '#' || bare[0] == ';':
		case current != nil && indent > column:
			current.many = true
			current.lines = append(current.lines, line{bare, at})
		case bare[0] == '[' && strings.HasSuffix(withoutComment(bare), "]"):
			name := withoutComment(bare)
			x = append(x, section{name: name[1 : len(name)-1]})
			current = nil
		default:
			end := strings.IndexAny(bare, "=:")
			if end < 0 || len(x) == 0 {
				f.problem(at, "this line is neither a section nor a setting")
				current = nil
				continue
			}
			s := &x[len(x)-1]
			s.values = append(s.values, setting{key: strings.ToLower(strings.TrimSpace(bare[:end]))})
			current, column = &s.values[len(s.values)-1], indent
			if v := strings.TrimSpace(bare[end+1:]); v != "" {
				at.Column += utf8.RuneCountInString(bare[:len(bare)-len(v)])
				current.lines = append(current.lines, line{v, at})
			}
		}
	}
	return x
}

// readSetupCfg reads what setuptools takes from setup.cfg.
func readSetupCfg(f *File, data []byte) {
	x := f.readINI(data, Place{})
	for _, s := range x {
		for _, v := range s.values {
			switch key := strings.ReplaceAll(v.key, "-", "_"); {
			case s.name == "options" && key == "install_requires":
				f.setuptoolsList(v)
			case s.name == "options" && key == "setup_requires":
				f.setuptoolsList(v, "build")
			case s.name == "options" && key == "tests_require":
				f.setuptoolsList(v, "tests")
			case s.name == "options.extras_require":
				f.setuptoolsList(v, "extra:"+pep508.Normalise(v.key))
			}
		}
	}
	if name := x.index()[[2]string{"metadata", "name"}]; len(name) > 0 {
		f.isOwn(name[0].text)
	}
	for _, s := range x {
		if s.name == "tox:tox" || strings.HasPrefix(s.name, "testenv") {
			f.tox(x)
			break
		}
	}
}

// setuptoolsList reads a value that is a list: one on each line, or with semicolons on one
// line, or in files.
func (f *File) setuptoolsList(v setting, groups ...string) {
	if len(v.lines) > 0 {
		if files, ok := strings.CutPrefix(v.lines[0].text, "file:"); ok {
			lines := append([]line{{files, v.lines[0].at}}, v.lines[1:]...)
			for _, l := range lines {
				for name := range strings.SplitSeq(l.text, ",") {
					if name = strings.TrimSpace(name); name != "" {
						f.file(&tree.Node{Kind: tree.String, Text: name, At: l.at}, groups...)
					}
				}
			}
			return
		}
	}
	for _, l := range v.lines {
		f.Lines++
		parts := []string{l.text}
		if _, err := pep508.Parse(l.text); err != nil && !v.many {
			parts = strings.Split(l.text, ";")
		}
		for _, text := range parts {
			if text = withoutComment(text); text != "" {
				f.require(text, l.at, groups...)
			}
		}
	}
}

func readToxINI(f *File, data []byte) { f.tox(f.readINI(data, Place{})) }

// maxExpanded lines of a tox file: sections may take one another in.
const maxExpanded = 10_000

// tox reads the deps of test environments, and what tox itself needs.
func (f *File) tox(x ini) {
	budget := maxExpanded
	index := x.index()
	for _, s := range x {
		env, isEnv := strings.CutPrefix(s.name, "testenv")
		group := "tox"
		if env = strings.TrimPrefix(env, ":"); env != "" {
			group += ":" + env
		}
		for _, v := range s.values {
			switch {
			case isEnv && v.key == "deps":
				for _, l := range v.lines {
					f.toxLine(index, l, group, 0, &budget)
				}
			case (s.name == "tox" || s.name == "tox:tox") && v.key == "requires":
				for _, l := range v.lines {
					f.toxLine(index, l, "tox", 0, &budget)
				}
			}
		}
	}
	if budget < 0 {
		f.problem(Place{Line: 1, Column: 1}, "the sections take one another in too often")
	}
	// A line that several environments take in is one package of several groups.
	type key struct {
		at      Place
		written string
	}
	seen := map[key]int{}
	var packages []Package
	for _, p := range f.Packages {
		k := key{p.At, p.Written + p.URL}
		if i, ok := seen[k]; ok {
			packages[i].Groups = append(packages[i].Groups, p.Groups...)
			continue
		}
		seen[k] = len(packages)
		packages = append(packages, p)
	}
	f.Packages = packages
	files := map[Place]int{}
	var includes []Include
	for _, i := range f.Includes {
		if j, ok := files[i.At]; ok {
			includes[j].Groups = append(includes[j].Groups, i.Groups...)
			continue
		}
		files[i.At] = len(includes)
		includes = append(includes, i)
	}
	f.Includes = includes
}

func (f *File) toxLine(x map[[2]string][]line, l line, group string, depth int, budget *int) {
	if *budget--; *budget < 0 {
		return
	}
	text := withoutComment(strings.ReplaceAll(l.text, `\#`, "\x00"))
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\x00", "#"), "\\")
	if i := strings.Index(text, ": "); i > 0 && !strings.ContainsAny(text[:i], " =<>@;/\"'[") {
		text = strings.TrimSpace(text[i+2:]) // py312: only in some of the environments
	}
	if text == "" {
		return
	}
	// {[base]deps} is another section's value.
	if rest, ok := strings.CutPrefix(text, "{["); ok && strings.HasSuffix(rest, "}") && strings.Contains(rest, "]") {
		section, key, _ := strings.Cut(strings.TrimSuffix(rest, "}"), "]")
		lines := x[[2]string{section, strings.ToLower(key)}]
		if lines == nil || depth > 10 {
			f.Lines++
			f.problem(l.at, "there is no list of packages at "+quoted(text))
			return
		}
		for _, other := range lines {
			f.toxLine(x, other, group, depth+1, budget)
		}
		return
	}
	text = strings.NewReplacer("{toxinidir}/", "", "{tox_root}/", "", "{toxinidir}", ".", "{tox_root}", ".", "{/}", "/").Replace(text)
	if i := strings.IndexByte(text, '{'); i >= 0 {
		f.Lines++
		name := packageName(text[:i])
		if name == "" {
			f.problem(l.at, "what "+quoted(text)+" is, tox decides")
			return
		}
		f.put(Package{Name: pep508.Normalise(name), Written: name, Groups: []string{group}, Why: "a variable of tox decides", At: l.at})
		return
	}
	f.requirementLine(line{text, l.at}, group)
}

// toxTOML reads tox's own TOML, in tox.toml or [tool.tox].
func (f *File) toxTOML(t *tree.Node) {
	f.requirements(t.Get("requires"), "tox")
	deps := func(n *tree.Node, group string) {
		n = n.Get("deps")
		if n.Is(tree.String) { // it has the lines of a requirements file
			for _, l := range logicalLines(n.Text) {
				at := Place{Line: n.At.Line + l.at.Line - 1, Column: l.at.Column}
				if l.at.Line == 1 {
					at.Column += n.At.Column - 1
				}
				f.requirementLine(line{l.text, at}, group)
			}
		}
		for _, d := range n.Items() {
			if d.Is(tree.Table) && d.Get("replace") != nil {
				f.Lines++
				f.problem(d.At, "what stands here, tox decides")
				continue
			}
			if d.Is(tree.String) {
				d = &tree.Node{Kind: tree.String, At: d.At, Text: strings.NewReplacer("{tox_root}/", "", "{toxinidir}/", "").Replace(d.Text)}
			}
			f.pipLine(d, group)
		}
	}
	deps(t.Get("env_run_base"), "tox")
	for _, e := range t.All("env") {
		deps(e.Value, "tox:"+e.Key)
	}
	if n := t.Get("legacy_tox_ini"); n.Is(tree.String) {
		f.tox(f.readINI([]byte(n.Text), Place{Line: n.At.Line - 1}))
	}
}
