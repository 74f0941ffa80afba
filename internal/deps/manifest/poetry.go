package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

// poetryProject reads [tool.poetry]. enrich says that [project] has the dependencies and that
// what stands here only adds where they come from.
func (f *File) poetryProject(p *tree.Node, enrich bool) {
	extras := map[string][]string{}
	for _, e := range p.All("extras") {
		for _, name := range e.Value.Strings() {
			name, _, _ = strings.Cut(name, " ")
			name, _, _ = strings.Cut(name, "[")
			name = pep508.Normalise(name)
			extras[name] = append(extras[name], "extra:"+pep508.Normalise(e.Key))
		}
	}
	var index map[string][]int
	for _, e := range p.All("dependencies") {
		if pep508.Normalise(e.Key) == "python" {
			continue
		}
		if enrich && f.enrich(e, &index) {
			continue
		}
		f.poetryDependency(e, nil, extras)
	}
	for _, e := range p.All("dev-dependencies") {
		f.poetryDependency(e, []string{"dev"}, nil)
	}
	includers := map[string][]string{}
	for _, g := range p.All("group") {
		for _, name := range g.Value.Strings("include-groups") {
			includers[pep508.Normalise(name)] = append(includers[pep508.Normalise(name)], pep508.Normalise(g.Key))
		}
	}
	for _, g := range p.All("group") {
		groups := closure(pep508.Normalise(g.Key), includers)
		for _, e := range g.Value.All("dependencies") {
			f.poetryDependency(e, groups, nil)
		}
	}
	f.poetrySources(p)
}

// poetrySources reads the indexes of Poetry
// (https://python-poetry.org/docs/repositories/#package-sources). Those without a priority, and
// the primary ones, are asked alike. PyPI may be named without its address.
func (f *File) poetrySources(p *tree.Node) {
	bound := map[string]bool{}
	note := func(list []tree.Entry) {
		for _, e := range list {
			for _, v := range oneOrMany(e.Value) {
				bound[strings.ToLower(v.Str("source"))] = true
			}
		}
	}
	note(p.All("dependencies"))
	note(p.All("dev-dependencies"))
	for _, g := range p.All("group") {
		note(g.Value.All("dependencies"))
	}
	for i, s := range p.Items("source") {
		name, priority := strings.ToLower(s.Str("name")), s.Str("priority")
		o := Option{Value: s.Str("url"), At: s.Get("url").Where(), Tool: "poetry", Bound: bound[name]}
		if o.Value == "" && name == "pypi" {
			o.Value, o.At = "https://pypi.org/simple", s.Get("name").Where()
		}
		switch {
		case priority == "explicit":
			o.Name, o.Value, o.Order = "explicit-index", withoutSecret(o.Value), Named
			f.Options = append(f.Options, o)
			continue
		case priority == "supplemental" || priority == "secondary" || s.True("secondary"):
			o.Order = Last
		}
		f.index(o, s.True("default") || priority == "default" || priority == "primary" && i == 0, true)
	}
}

// maxClosure groups include one, at most; of more, the rest is left out.
const maxClosure = 30

// closure is a group with those that include it, directly or not.
func closure(group string, includers map[string][]string) []string {
	out := []string{group}
	seen := map[string]bool{group: true}
	for i := 0; i < len(out) && len(out) < maxClosure; i++ {
		for _, g := range includers[out[i]] {
			if !seen[g] {
				seen[g] = true
				out = append(out, g)
			}
		}
	}
	return out
}

// enrich gives packages that are there already the origin that Poetry's table has for them.
func (f *File) enrich(e tree.Entry, index *map[string][]int) (found bool) {
	if *index == nil {
		*index = map[string][]int{}
		for i, p := range f.Packages {
			(*index)[p.Name] = append((*index)[p.Name], i)
		}
	}
	of := (*index)[pep508.Normalise(e.Key)]
	delete(*index, pep508.Normalise(e.Key)) // it cannot come twice
	for _, i := range of {
		if !slices.Contains(f.Packages[i].Groups, "build") {
			origin(&f.Packages[i], e.Value)
			found = true
		}
	}
	if found {
		f.Lines++
	}
	return found
}

func (f *File) poetryDependency(e tree.Entry, groups []string, extras map[string][]string) {
	f.Lines++
	values := oneOrMany(e.Value)
	for _, v := range values {
		p := Package{Name: pep508.Normalise(e.Key), Written: e.Key, Groups: groups, At: e.At}
		if len(values) > 1 {
			p.At = v.Where()
		}
		switch {
		case v.Is(tree.String):
			f.poetryVersion(&p, v.Text, v.At)
		case v.Is(tree.Table):
			if v.True("optional") && extras != nil {
				if p.Groups = append(p.Groups, extras[p.Name]...); len(p.Groups) == 0 {
					p.Groups = []string{"optional"} // no extra asks for it, so nobody gets it
				}
			}
			p.Extras = v.Strings("extras")
			if !origin(&p, v) {
				if v.Get("version") == nil {
					p.Why = "the file allows any version"
				} else {
					f.poetryVersion(&p, v.Str("version"), v.Get("version").Where())
				}
			}
			f.only(&p, v.Str("markers"), v.Get("markers").Where())
			if python := v.Str("python"); python != "" {
				m, err := pythonMarker(python)
				if err != nil {
					f.problem(v.Get("python").Where(), err.Error())
				}
				f.only(&p, m, v.Get("python").Where())
			}
			if platform := v.Str("platform"); platform != "" {
				f.only(&p, "sys_platform == "+strconv.Quote(platform), v.Get("platform").Where())
			}
		default:
			f.problem(v.Where(), "a version or a table should be here")
			continue
		}
		f.put(p)
	}
}

func (f *File) poetryVersion(p *Package, text string, at Place) {
	sets, err := alternatives(text)
	if err != nil {
		f.problem(at, err.Error())
		p.State, p.Why = Unknown, "its version "+quoted(text)+" could not be read"
		return
	}
	if len(sets) == 1 {
		p.specify(sets[0])
		return
	}
	p.State, p.Why = Range, "the file allows "+quoted(text)
}

// origin sets where a package comes from by a table of Poetry, Pipenv, uv or pylock: git, path,
// url. It says whether the table tells.
func origin(p *Package, v *tree.Node) bool {
	for _, vcs := range []string{"git", "hg", "svn", "bzr"} {
		url := v.Str(vcs)
		if url == "" {
			continue
		}
		url = vcs + "+" + strings.TrimPrefix(url, vcs+"+")
		for _, key := range []string{"rev", "ref", "tag", "branch"} {
			if rev := v.Str(key); rev != "" {
				url += "@" + rev
				break
			}
		}
		p.place(url)
		p.From = VCS
		return true
	}
	for _, key := range []string{"path", "file", "url"} {
		where := v.Str(key)
		if where == "" {
			continue
		}
		p.place(where)
		if v.True("editable") || v.True("develop") {
			p.From, p.Why = Editable, "it is a folder of its own"
		} else if key == "path" {
			p.From = Path
		}
		return true
	}
	if v.True("workspace") {
		p.From, p.State, p.Why = Project, Unknown, "it is a part of the project"
		return true
	}
	return false
}

// alternatives reads Poetry's constraints: PEP 440 with carets, tildes, stars, and || between
// what may be instead. An empty set is any version.
func alternatives(text string) ([]pep440.Set, error) {
	var out []pep440.Set
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "||", "|"), "|") {
		s, err := poetrySet(part)
		if err != nil {
			return nil, err
		}
		if len(s) == 0 {
			return []pep440.Set{nil}, nil
		}
		out = append(out, s)
	}
	return out, nil
}

func poetrySet(text string) (set pep440.Set, err error) {
	for rest := text; ; {
		rest = strings.TrimLeft(rest, " ,\t\n")
		if rest == "" {
			return set, nil
		}
		version := strings.TrimLeft(rest, "^~<>=!")
		op := rest[:len(rest)-len(version)]
		version = strings.TrimLeft(version, " \t")
		end := strings.IndexAny(version, " ,\t\n")
		if end < 0 {
			end = len(version)
		}
		version, rest = version[:end], version[end:]
		if (version == "*" || version == "x" || version == "X") && (op == "" || op == "==" || op == "=" || op == "^" || op == "~" || op == ">=") {
			continue
		}
		conditions, err := poetryCondition(op, version)
		if err == nil {
			var s pep440.Set
			if s, err = pep440.ParseSet(conditions); err == nil {
				set = append(set, s...)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s is no constraint on a version: %w", quoted(text), err)
		}
	}
}

// poetryCondition is one condition in the words of PEP 440.
func poetryCondition(op, version string) (string, error) {
	star := false
	for {
		short, ok := cutStar(version)
		if !ok {
			break
		}
		version, star = short, true
	}
	switch op {
	case "", "=", "==", "===":
		if star {
			version += ".*"
		}
		return "==" + version, nil
	case "!=", "<>":
		if star {
			version += ".*"
		}
		return "!=" + version, nil
	case "~=", "<", "<=", ">", ">=":
		if star && op != ">=" {
			return "", fmt.Errorf("a star does not go with %s", op)
		}
		return op + version, nil
	case "^", "~":
		v, err := pep440.Parse(version)
		if err != nil {
			return "", err
		}
		release := v.Release()
		i := min(1, len(release)-1)
		if op == "^" {
			i = 0
			for i < len(release)-1 && release[i] == 0 {
				i++
			}
		}
		var b strings.Builder
		fmt.Fprintf(&b, ">=%s,<", v)
		if v.Epoch() > 0 {
			fmt.Fprintf(&b, "%d!", v.Epoch())
		}
		for _, n := range release[:i] {
			fmt.Fprintf(&b, "%d.", n)
		}
		fmt.Fprintf(&b, "%d", release[i]+1)
		return b.String(), nil
	}
	return "", fmt.Errorf("there is no operator %s", quoted(op))
}

func cutStar(version string) (string, bool) {
	for _, end := range []string{".*", ".x", ".X"} {
		if short, ok := strings.CutSuffix(version, end); ok {
			return short, true
		}
	}
	return version, false
}

// pythonMarker is a constraint on Python as a marker; "" is any.
func pythonMarker(text string) (string, error) {
	sets, err := alternatives(text)
	if err != nil {
		return "", err
	}
	var or []string
	for _, set := range sets {
		var and []string
		for _, s := range set {
			v, _ := s.Version()
			variable, version := "python_version", v.String()
			// 3.8.1 is more than 3.8, whatever python_version says.
			if len(v.Release()) > 2 || s.Op() == ">" || s.Op() == "<=" {
				variable = "python_full_version"
			}
			if s.Wildcard() {
				version += ".*"
			}
			and = append(and, fmt.Sprintf("%s %s %q", variable, s.Op(), version))
		}
		if len(and) == 0 {
			return "", nil
		}
		or = append(or, strings.Join(and, " and "))
	}
	return strings.Join(or, " or "), nil
}
