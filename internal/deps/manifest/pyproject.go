package manifest

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "pyproject.toml", is: base("pyproject.toml"), read: func(f *File, data []byte) { f.pyproject(f.toml(data)) }})
	add(format{name: "uv.toml", is: base("uv.toml"), read: func(f *File, data []byte) { f.uv(f.toml(data)) }})
	add(format{name: "hatch.toml", is: base("hatch.toml"), read: func(f *File, data []byte) { f.hatch(f.toml(data)) }})
}

// pyproject reads what the standards and six tools keep in pyproject.toml. Tools come last,
// since some of them change where the packages of [project] come from.
func (f *File) pyproject(root *tree.Node) {
	project, tool := root.Get("project"), root.Get("tool")
	f.requirements(root.Get("build-system", "requires"), "build")
	f.requirements(project.Get("dependencies"))
	for _, e := range project.All("optional-dependencies") {
		f.requirements(e.Value, "extra:"+pep508.Normalise(e.Key))
	}
	f.dependencyGroups(root.Get("dependency-groups"))

	known := f.setuptoolsDynamic(tool.Get("setuptools", "dynamic"))
	if poetry := tool.Get("poetry"); poetry != nil {
		f.poetryProject(poetry, project.Get("dependencies") != nil || project.Get("optional-dependencies") != nil)
		known["dependencies"] = true
	}
	f.pdm(tool.Get("pdm"))
	if hatch := tool.Get("hatch"); hatch != nil {
		f.hatch(hatch)
		hook := hatch.Get("metadata", "hooks", "requirements_txt")
		for _, n := range hook.Items("files") {
			f.file(n)
			known["dependencies"] = true
		}
		for _, e := range hook.All("optional-dependencies") {
			for _, n := range e.Value.Items() {
				f.file(n, "extra:"+pep508.Normalise(e.Key))
				known["optional-dependencies"] = true
			}
		}
	}
	f.uv(tool.Get("uv"))
	f.toxTOML(tool.Get("tox"))
	f.isOwn(project.Str("name"))
	f.isOwn(tool.Str("poetry", "name"))

	for _, n := range project.Items("dynamic") {
		if (n.Text == "dependencies" || n.Text == "optional-dependencies") && !known[n.Text] {
			f.problem(n.At, "the "+n.Text+" come from the build, not from this file")
		}
	}
}

// file notes a file of requirements that a tool reads at this place.
func (f *File) file(n *tree.Node, groups ...string) {
	f.Lines++
	if !n.Is(tree.String) {
		f.problem(n.Where(), "the name of a file should be here")
		return
	}
	f.include(n.Text, false, n.At)
	f.Includes[len(f.Includes)-1].Groups = groups
}

// setuptoolsDynamic is where setuptools finds what [project] calls dynamic.
func (f *File) setuptoolsDynamic(d *tree.Node) (known map[string]bool) {
	known = map[string]bool{}
	files := func(n *tree.Node, groups ...string) {
		n = n.Get("file")
		if n.Is(tree.String) {
			f.file(n, groups...)
		}
		for _, one := range n.Items() {
			f.file(one, groups...)
		}
	}
	if n := d.Get("dependencies"); n != nil {
		files(n)
		known["dependencies"] = true
	}
	for _, e := range d.All("optional-dependencies") {
		files(e.Value, "extra:"+pep508.Normalise(e.Key))
		known["optional-dependencies"] = true
	}
	return known
}

// dependencyGroups reads [dependency-groups] (PEP 735). What a group includes belongs to both.
func (f *File) dependencyGroups(groups *tree.Node) {
	includers := map[string][]string{}
	names := map[string]bool{}
	for _, g := range groups.All() {
		names[pep508.Normalise(g.Key)] = true
	}
	for _, g := range groups.All() {
		for _, n := range g.Value.Items() {
			if other := n.Get("include-group"); other != nil {
				f.Lines++
				name := pep508.Normalise(other.Text)
				if !names[name] {
					f.problem(other.At, "there is no group "+quoted(other.Text))
				}
				includers[name] = append(includers[name], pep508.Normalise(g.Key))
			}
		}
	}
	for _, g := range groups.All() {
		if !g.Value.Is(tree.List) {
			f.problem(g.At, "a list of requirements should be here")
			continue
		}
		in := closure(pep508.Normalise(g.Key), includers)
		for _, name := range in {
			if slices.Contains(includers[name], in[0]) {
				f.problem(g.At, "the group "+quoted(g.Key)+" includes itself")
				break
			}
		}
		for _, n := range g.Value.Items() {
			switch {
			case n.Get("include-group") != nil:
			case n.Is(tree.String):
				f.Lines++
				f.require(n.Text, n.At, in...)
			default:
				f.Lines++
				f.problem(n.Where(), "a requirement or an include-group should be here")
			}
		}
	}
}

// pdm reads [tool.pdm]. Its development groups can have editable folders, as requirements
// files do.
func (f *File) pdm(p *tree.Node) {
	for _, g := range p.All("dev-dependencies") {
		for _, n := range g.Value.Items() {
			f.pipLine(n, pep508.Normalise(g.Key))
		}
	}
	// https://pdm-project.org/en/latest/usage/config/#configure-the-package-indexes
	for _, s := range p.Items("source") {
		o := Option{Value: s.Str("url"), At: s.Get("url").Where(), Tool: "pdm"}
		switch {
		case len(s.Items("include_packages")) > 0:
			o.Order = Named
		case p.True("resolution", "respect-source-order"):
			o.Order = First
		}
		verify := s.Get("verify_ssl")
		f.index(o, s.Str("name") == "pypi", verify == nil || s.True("verify_ssl")) // the one of that name takes PyPI's place
	}
	for _, e := range p.All("resolution", "overrides") {
		f.Lines++
		p := Package{Name: pep508.Normalise(e.Key), Written: e.Key, Groups: []string{"override"}, At: e.At}
		f.poetryVersion(&p, e.Value.Str(), e.Value.Where())
		f.put(p)
	}
}

// pipLine reads a string that pip would get on a line.
func (f *File) pipLine(n *tree.Node, groups ...string) {
	if !n.Is(tree.String) {
		f.Lines++
		f.problem(n.Where(), "a requirement should be here, in quotes")
		return
	}
	if text := strings.TrimSpace(n.Text); text != "" {
		f.requirementLine(line{text, n.At}, groups...)
	}
}

// hatch reads the environments and builds of Hatch, in [tool.hatch] or hatch.toml.
func (f *File) hatch(h *tree.Node) {
	for _, e := range h.All("envs") {
		for _, key := range []string{"dependencies", "extra-dependencies"} {
			f.hatchList(e.Value.Get(key), "hatch:"+e.Key)
		}
		for _, o := range e.Value.All("overrides") { // overrides.matrix.django.dependencies
			for _, v := range o.Value.All() {
				for _, key := range []string{"dependencies", "extra-dependencies"} {
					f.hatchList(v.Value.Get(key), "hatch:"+e.Key)
				}
			}
		}
	}
	build := h.Get("build")
	f.hatchList(build.Get("dependencies"), "build")
	for _, kind := range []string{"targets", "hooks"} {
		for _, t := range build.All(kind) {
			f.hatchList(t.Value.Get("dependencies"), "build")
			for _, hook := range t.Value.All("hooks") {
				f.hatchList(hook.Value.Get("dependencies"), "build")
			}
		}
	}
}

func (f *File) hatchList(list *tree.Node, groups ...string) {
	for _, n := range list.Items() {
		if v := n.Get("value"); v != nil { // of an override, with conditions
			n = v
		}
		f.Lines++
		if !n.Is(tree.String) {
			f.problem(n.Where(), "a requirement should be here, in quotes")
			continue
		}
		// {root:uri} is the project's folder, and {matrix:django} one of several versions.
		text := strings.NewReplacer("{root:uri}", "file://.", "{root:parent:uri}", "file://..").Replace(n.Text)
		if i := strings.IndexByte(text, '{'); i >= 0 {
			name := packageName(text[:i])
			f.put(Package{Name: pep508.Normalise(name), Written: name, Groups: groups, Why: "a variable of Hatch decides", At: n.At})
			continue
		}
		f.require(text, n.At, groups...)
	}
}

// uv reads [tool.uv].
func (f *File) uv(u *tree.Node) {
	f.requirements(u.Get("dev-dependencies"), "dev")
	f.sources(u.Get("sources"))
	// https://docs.astral.sh/uv/concepts/indexes/
	bound := map[string]bool{}
	for _, e := range u.All("sources") {
		for _, v := range oneOrMany(e.Value) {
			bound[v.Str("index")] = true
		}
	}
	order := First
	if strings.HasPrefix(u.Str("index-strategy")+u.Str("pip", "index-strategy"), "unsafe-") {
		order = Alike
	}
	for _, x := range u.Items("index") {
		o := Option{Value: x.Str("url"), At: x.Get("url").Where(), Tool: "uv", Order: order, Bound: x.Str("name") != "" && bound[x.Str("name")]}
		if x.True("explicit") {
			o.Name, o.Value, o.Order = "explicit-index", withoutSecret(o.Value), Named
			f.Options = append(f.Options, o)
			continue
		}
		f.index(o, x.True("default"), true)
	}
	for _, pip := range []*tree.Node{u, u.Get("pip")} {
		f.index(Option{Value: pip.Str("index-url"), At: pip.Get("index-url").Where(), Tool: "uv", Order: order}, true, true)
		for _, n := range pip.Items("extra-index-url") {
			f.index(Option{Value: n.Text, At: n.At, Tool: "uv", Order: order}, false, true)
		}
		for _, n := range pip.Items("find-links") {
			f.Options = append(f.Options, Option{Name: "--find-links", Value: withoutSecret(n.Text), At: n.At, Tool: "uv"})
		}
	}
	for _, n := range u.Items("allow-insecure-host") {
		f.Options = append(f.Options, Option{Name: "--trusted-host", Value: n.Text, At: n.At, Tool: "uv"})
	}
	f.requirements(u.Get("constraint-dependencies"), "constraint")
	f.requirements(u.Get("override-dependencies"), "override")
	f.requirements(u.Get("build-constraint-dependencies"), "build-constraint")
}

// sources applies [tool.uv.sources]: where the packages of this file come from instead of the
// index. Several for one package count where their markers, extras or groups say, so the
// package is there several times.
func (f *File) sources(s *tree.Node) {
	of := map[string][]*tree.Node{}
	for _, e := range s.All() {
		f.Lines++
		list := oneOrMany(e.Value)
		for _, v := range list {
			if !v.Is(tree.Table) {
				f.problem(v.Where(), "a table should be here")
				continue
			}
			if v.Get("index") == nil && !origin(&Package{}, v) {
				f.problem(v.At, "this source of a package is not known")
			}
			of[pep508.Normalise(e.Key)] = append(of[pep508.Normalise(e.Key)], v)
		}
	}
	if len(of) == 0 {
		return
	}
	packages := f.Packages
	f.Packages = nil
	for _, p := range packages {
		always := false
		for _, v := range of[p.Name] {
			g, x := v.Str("group"), v.Str("extra")
			if f.full() {
				return
			}
			if slices.Contains(p.Groups, "build") ||
				g != "" && !slices.Contains(p.Groups, pep508.Normalise(g)) || x != "" && !slices.Contains(p.Groups, "extra:"+pep508.Normalise(x)) {
				continue
			}
			q := p
			q.Hashes = slices.Clone(p.Hashes)
			origin(&q, v)
			f.only(&q, v.Str("marker"), v.Get("marker").Where())
			always = always || v.Str("marker") == ""
			f.put(q)
		}
		if !always {
			f.put(p) // elsewhere, it comes from the index
		}
	}
}
