package manifest

import (
	"path"
	"strings"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/tree"
)

func init() {
	add(format{name: "conda", is: isConda, read: readConda})
}

func isConda(p string) bool {
	b := strings.ToLower(path.Base(p))
	stem, ok := strings.CutSuffix(b, ".yml")
	if !ok {
		stem, ok = strings.CutSuffix(b, ".yaml")
	}
	return ok && (strings.HasPrefix(stem, "environment") || strings.HasSuffix(stem, "environment") || strings.HasPrefix(stem, "conda-env") || stem == "conda")
}

// readConda reads an environment file of conda. What is below pip comes from Python's index;
// all else comes from a channel, where names mean something else.
func readConda(f *File, data []byte) {
	doc := f.yaml(data)
	list := doc.Get("dependencies")
	if list != nil && !list.Is(tree.List) && list.Kind != tree.Null {
		f.problem(list.At, "a list of packages should be here")
	}
	for _, n := range list.Items() {
		if !n.Is(tree.Table) {
			f.condaSpec(n, "conda")
			continue
		}
		for _, e := range n.All() {
			if e.Key != "pip" {
				f.Lines++
				f.problem(e.At, "packages of "+quoted(e.Key)+" are not known here")
				continue
			}
			if !e.Value.Is(tree.List) {
				f.problem(e.At, "a list of requirements should be here")
			}
			for _, r := range e.Value.Items() { // conda writes these into a requirements file
				f.pipLine(r)
			}
		}
	}
}

// condaSpec reads one of conda's: "channel::name=1.21=build", "name >=1.2,<2".
func (f *File) condaSpec(n *tree.Node, group string) {
	f.Lines++
	if !n.Is(tree.String) {
		f.problem(n.Where(), "a package should be here")
		return
	}
	text := withoutComment(n.Text)
	p := Package{From: Conda, Groups: []string{group}, At: n.At}
	if channel, rest, ok := strings.Cut(text, "::"); ok {
		p.URL, text = withoutSecret(channel), rest
	}
	text, _, _ = strings.Cut(text, "[")
	end := strings.IndexAny(text, " =<>!~")
	if end < 0 {
		end = len(text)
	}
	p.Written = text[:end]
	p.Name = strings.ToLower(p.Written)
	if packageName(p.Name) != p.Name || p.Name == "" {
		f.problem(n.At, quoted(n.Text)+" is no package of conda")
		return
	}
	version := strings.TrimSpace(text[end:])
	p.Why = "the file allows any version"
	if version != "" && version != "*" {
		p.condaVersion(version)
	}
	f.put(p)
}

func (p *Package) condaVersion(text string) {
	p.State, p.Why = Range, "the file allows "+quoted(text)
	words := strings.Fields(text)
	switch {
	case strings.Contains(text, "|"):
		return
	case len(words) == 2 && !strings.ContainsAny(words[0], "<>!~,"): // name 1.2 build
		text = words[0]
	default:
		text = strings.Join(words, "")
	}
	if strings.HasPrefix(text, "=") && !strings.HasPrefix(text, "==") { // =1.21 is 1.21.*, =1.21=build is 1.21
		version, build, exact := strings.Cut(text[1:], "=")
		text = "==" + version
		if (!exact || build == "*") && !strings.HasSuffix(version, "*") {
			text += ".*"
		}
	} else if strings.HasPrefix(text, "==") {
		version, _, _ := strings.Cut(text[2:], "=")
		text = "==" + version
	} else if !strings.ContainsAny(text, "<>=!~") {
		text = "==" + text
	}
	if strings.HasSuffix(text, "*") && !strings.HasSuffix(text, ".*") && !strings.Contains(text, ",") {
		text = strings.TrimSuffix(text, "*") + ".*"
	}
	if set, err := pep440.ParseSet(text); err == nil && len(set) > 0 {
		p.specify(set)
	}
}
