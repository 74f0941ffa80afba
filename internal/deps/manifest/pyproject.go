package manifest

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep508"
)

func init() {
	add(format{name: "pyproject.toml", is: base("pyproject.toml"), read: func(f *File, data []byte) { f.pyproject(tomlTree(f, data)) }})
	add(format{name: "hatch.toml", is: base("hatch.toml"), read: func(f *File, data []byte) { f.hatch(tomlTree(f, data)) }})
}

// pyproject reads what the standards and six tools keep in pyproject.toml. Tools come last,
// since some of them change where the packages of [project] come from.
func (f *File) pyproject(root *node) {
	project, tool := root.get("project"), root.get("tool")
	f.requirements(root.get("build-system", "requires"), "build")
	f.requirements(project.get("dependencies"))
	for _, e := range project.all("optional-dependencies") {
		f.requirements(e.value, "extra:"+pep508.Normalise(e.key))
	}
	f.dependencyGroups(root.get("dependency-groups"))

	known := f.setuptoolsDynamic(tool.get("setuptools", "dynamic"))
	if poetry := tool.get("poetry"); poetry != nil {
		f.poetryProject(poetry, project.get("dependencies") != nil || project.get("optional-dependencies") != nil)
		known["dependencies"] = true
	}
	f.pdm(tool.get("pdm"))
	if hatch := tool.get("hatch"); hatch != nil {
		f.hatch(hatch)
		hook := hatch.get("metadata", "hooks", "requirements_txt")
		for _, n := range hook.items("files") {
			f.file(n)
			known["dependencies"] = true
		}
		for _, e := range hook.all("optional-dependencies") {
			for _, n := range e.value.items() {
				f.file(n, "extra:"+pep508.Normalise(e.key))
				known["optional-dependencies"] = true
			}
		}
	}
	f.uv(tool.get("uv"))
	f.toxTOML(tool.get("tox"))
	f.isOwn(project.str("name"))
	f.isOwn(tool.str("poetry", "name"))

	for _, n := range project.items("dynamic") {
		if (n.text == "dependencies" || n.text == "optional-dependencies") && !known[n.text] {
			f.problem(n.at, "the "+n.text+" come from the build, not from this file")
		}
	}
}

// file notes a file of requirements that a tool reads at this place.
func (f *File) file(n *node, groups ...string) {
	f.Lines++
	if !n.is(str) {
		f.problem(n.place(), "the name of a file should be here")
		return
	}
	f.include(n.text, false, n.at)
	f.Includes[len(f.Includes)-1].Groups = groups
}

// setuptoolsDynamic is where setuptools finds what [project] calls dynamic.
func (f *File) setuptoolsDynamic(d *node) (known map[string]bool) {
	known = map[string]bool{}
	files := func(n *node, groups ...string) {
		n = n.get("file")
		if n.is(str) {
			f.file(n, groups...)
		}
		for _, one := range n.items() {
			f.file(one, groups...)
		}
	}
	if n := d.get("dependencies"); n != nil {
		files(n)
		known["dependencies"] = true
	}
	for _, e := range d.all("optional-dependencies") {
		files(e.value, "extra:"+pep508.Normalise(e.key))
		known["optional-dependencies"] = true
	}
	return known
}

// dependencyGroups reads [dependency-groups] (PEP 735). What a group includes belongs to both.
func (f *File) dependencyGroups(groups *node) {
	includers := map[string][]string{}
	names := map[string]bool{}
	for _, g := range groups.all() {
		names[pep508.Normalise(g.key)] = true
	}
	for _, g := range groups.all() {
		for _, n := range g.value.items() {
			if other := n.get("include-group"); other != nil {
				f.Lines++
				name := pep508.Normalise(other.text)
				if !names[name] {
					f.problem(other.at, "there is no group "+quoted(other.text))
				}
				includers[name] = append(includers[name], pep508.Normalise(g.key))
			}
		}
	}
	for _, g := range groups.all() {
		if !g.value.is(array) {
			f.problem(g.at, "a list of requirements should be here")
			continue
		}
		in := closure(pep508.Normalise(g.key), includers)
		for _, name := range in {
			if slices.Contains(includers[name], in[0]) {
				f.problem(g.at, "the group "+quoted(g.key)+" includes itself")
				break
			}
		}
		for _, n := range g.value.list {
			switch {
			case n.get("include-group") != nil:
			case n.is(str):
				f.Lines++
				f.require(n.text, n.at, in...)
			default:
				f.Lines++
				f.problem(n.place(), "a requirement or an include-group should be here")
			}
		}
	}
}

// pdm reads [tool.pdm]. Its development groups can have editable folders, as requirements
// files do.
func (f *File) pdm(p *node) {
	for _, g := range p.all("dev-dependencies") {
		for _, n := range g.value.items() {
			f.pipLine(n, pep508.Normalise(g.key))
		}
	}
	for i, s := range p.items("source") {
		verify := s.get("verify_ssl")
		f.index(s.str("url"), i == 0 && s.str("name") == "pypi", verify == nil || s.isTrue("verify_ssl"), s.get("url").place())
	}
	for _, e := range p.all("resolution", "overrides") {
		f.Lines++
		p := Package{Name: pep508.Normalise(e.key), Written: e.key, Groups: []string{"override"}, At: e.at}
		f.poetryVersion(&p, e.value.str(), e.value.place())
		f.put(p)
	}
}

// pipLine reads a string that pip would get on a line.
func (f *File) pipLine(n *node, groups ...string) {
	if !n.is(str) {
		f.Lines++
		f.problem(n.place(), "a requirement should be here, in quotes")
		return
	}
	if text := strings.TrimSpace(n.text); text != "" {
		f.requirementLine(line{text, n.at}, groups...)
	}
}

// hatch reads the environments and builds of Hatch, in [tool.hatch] or hatch.toml.
func (f *File) hatch(h *node) {
	for _, e := range h.all("envs") {
		for _, key := range []string{"dependencies", "extra-dependencies"} {
			f.hatchList(e.value.get(key), "hatch:"+e.key)
		}
		for _, o := range e.value.all("overrides") { // overrides.matrix.django.dependencies
			for _, v := range o.value.all() {
				for _, key := range []string{"dependencies", "extra-dependencies"} {
					f.hatchList(v.value.get(key), "hatch:"+e.key)
				}
			}
		}
	}
	build := h.get("build")
	f.hatchList(build.get("dependencies"), "build")
	for _, kind := range []string{"targets", "hooks"} {
		for _, t := range build.all(kind) {
			f.hatchList(t.value.get("dependencies"), "build")
			for _, hook := range t.value.all("hooks") {
				f.hatchList(hook.value.get("dependencies"), "build")
			}
		}
	}
}

func (f *File) hatchList(list *node, groups ...string) {
	for _, n := range list.items() {
		if v := n.get("value"); v != nil { // of an override, with conditions
			n = v
		}
		f.Lines++
		if !n.is(str) {
			f.problem(n.place(), "a requirement should be here, in quotes")
			continue
		}
		// {root:uri} is the project's folder, and {matrix:django} one of several versions.
		text := strings.NewReplacer("{root:uri}", "file://.", "{root:parent:uri}", "file://..").Replace(n.text)
		if i := strings.IndexByte(text, '{'); i >= 0 {
			name := packageName(text[:i])
			f.put(Package{Name: pep508.Normalise(name), Written: name, Groups: groups, Why: "a variable of Hatch decides", At: n.at})
			continue
		}
		f.require(text, n.at, groups...)
	}
}

// uv reads [tool.uv].
func (f *File) uv(u *node) {
	f.requirements(u.get("dev-dependencies"), "dev")
	f.sources(u.get("sources"))
	for _, x := range u.items("index") {
		url, at := x.str("url"), x.get("url").place()
		switch {
		case x.isTrue("explicit"):
			f.Options = append(f.Options, Option{"explicit-index", withoutSecret(url), at})
		default:
			f.index(url, x.isTrue("default"), true, at)
		}
	}
	f.index(u.str("index-url"), true, true, u.get("index-url").place())
	for _, pip := range []*node{u, u.get("pip")} {
		for _, n := range pip.items("extra-index-url") {
			f.index(n.text, false, true, n.at)
		}
		for _, n := range pip.items("find-links") {
			f.Options = append(f.Options, Option{"--find-links", withoutSecret(n.text), n.at})
		}
	}
	for _, n := range u.items("allow-insecure-host") {
		f.Options = append(f.Options, Option{"--trusted-host", n.text, n.at})
	}
	f.requirements(u.get("constraint-dependencies"), "constraint")
	f.requirements(u.get("override-dependencies"), "override")
	f.requirements(u.get("build-constraint-dependencies"), "build-constraint")
}

// sources applies [tool.uv.sources]: where the packages of this file come from instead of the
// index. Several for one package count where their markers, extras or groups say, so the
// package is there several times.
func (f *File) sources(s *node) {
	of := map[string][]*node{}
	for _, e := range s.all() {
		f.Lines++
		list := []*node{e.value}
		if e.value.is(array) {
			list = e.value.list
		}
		for _, v := range list {
			if !v.is(table) {
				f.problem(v.place(), "a table should be here")
				continue
			}
			if v.get("index") == nil && !origin(&Package{}, v) {
				f.problem(v.at, "this source of a package is not known")
			}
			of[pep508.Normalise(e.key)] = append(of[pep508.Normalise(e.key)], v)
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
			g, x := v.str("group"), v.str("extra")
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
			f.only(&q, v.str("marker"), v.get("marker").place())
			always = always || v.str("marker") == ""
			f.put(q)
		}
		if !always {
			f.put(p) // elsewhere, it comes from the index
		}
	}
}
