package dependencies

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	yamlast "github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/source"
)

// A node is a value of YAML with its place. All methods are safe on nil, which is a value
// that is not there. An alias is the node of its anchor once more.
type node struct {
	text  string // of a scalar
	at    manifest.Place
	list  []*node
	pairs []pair
}

type pair struct {
	key   string
	at    manifest.Place
	value *node
}

// Bounds of a YAML file. What people write has a few hundred lines, and the library reads
// what is nested by calling itself.
const (
	maxYAML  = 1 << 20
	maxOpens = 20_000
	maxNodes = 200_000
	maxDepth = 100
)

// yamlOf reads the first document of a YAML file. It is nil for what is no YAML: that is
// somebody else's finding.
func yamlOf(d *rule.Doc) (root *node) {
	data := d.Bytes
	if len(data) > maxYAML || !utf8.Valid(data) || bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxOpens {
		return nil
	}
	for l := range bytes.SplitSeq(data, []byte("\n")) {
		if bytes.Count(l, []byte("- "))+bytes.Count(l, []byte("? "))+bytes.Count(l, []byte(": "))+bytes.Count(l, []byte("\t")) > 2000 {
			return nil
		}
	}
	defer func() {
		if recover() != nil { // the library has known panics on text that is no YAML
			root = nil
		}
	}()
	file, err := yamlparser.ParseBytes(data, 0, yamlparser.AllowDuplicateMapKey())
	if err != nil {
		return nil
	}
	r := &yamlReader{anchors: map[string]*node{}}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			return r.value(doc.Body, 0)
		}
	}
	return nil
}

type yamlReader struct {
	anchors map[string]*node
	n       int
}

func (r *yamlReader) value(n yamlast.Node, depth int) *node {
	if r.n++; n == nil || r.n > maxNodes || depth > maxDepth {
		return nil
	}
	out := &node{}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.at = manifest.Place{Line: max(1, t.Position.Line), Column: max(1, t.Position.Column)}
	}
	switch n := n.(type) {
	case *yamlast.StringNode:
		out.text = n.Value
	case *yamlast.LiteralNode:
		if n.Value != nil {
			out.text = n.Value.Value
		}
	case *yamlast.NullNode:
	case *yamlast.TagNode:
		return r.value(n.Value, depth+1)
	case *yamlast.AnchorNode:
		v := r.value(n.Value, depth+1)
		if n.Name != nil && v != nil {
			r.anchors[n.Name.String()] = v
		}
		return v
	case *yamlast.AliasNode:
		if n.Value != nil {
			return r.anchors[n.Value.String()]
		}
	case *yamlast.SequenceNode:
		for _, v := range n.Values {
			out.list = append(out.list, r.value(v, depth+1))
		}
	case *yamlast.MappingNode:
		for _, v := range n.Values {
			r.pair(out, v, depth)
		}
	case *yamlast.MappingValueNode:
		r.pair(out, n, depth)
	default:
		if t := n.GetToken(); t != nil {
			out.text = t.Value
		}
	}
	return out
}

func (r *yamlReader) pair(m *node, v *yamlast.MappingValueNode, depth int) {
	if v == nil || v.Key == nil {
		return
	}
	if _, merge := v.Key.(*yamlast.MergeKeyNode); merge {
		from := r.value(v.Value, depth+1)
		if from != nil {
			r.n += len(from.pairs)
			m.pairs = append(m.pairs, from.pairs[:min(len(from.pairs), 1000)]...)
		}
		return
	}
	if key := r.value(v.Key, depth+1); key != nil {
		m.pairs = append(m.pairs, pair{key.text, key.at, r.value(v.Value, depth+1)})
	}
}

func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		var next *node
		for _, p := range n.all() {
			if p.key == k {
				next = p.value
				break
			}
		}
		n = next
	}
	return n
}

func (n *node) str(keys ...string) string {
	if n = n.get(keys...); n != nil {
		return n.text
	}
	return ""
}

func (n *node) all() []pair {
	if n == nil {
		return nil
	}
	return n.pairs
}

func (n *node) items() []*node {
	if n == nil {
		return nil
	}
	return n.list
}

// spanOf is where a scalar stands, as far as its line goes.
func spanOf(d *rule.Doc, n *node) source.Span {
	if n == nil {
		return source.Span{}
	}
	return d.Place(n.at)
}

// A job is one of a workflow, with its steps. An action of the project's own has one.
type job struct {
	name  string
	at    manifest.Place
	node  *node
	steps []*node
}

// jobs are those of a workflow. A step that several jobs share by an anchor is told once.
func jobs(root *node) (out []job) {
	seen := map[*node]bool{}
	steps := func(list *node) (out []*node) {
		for _, s := range list.items() {
			if s != nil && !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
		return out
	}
	for _, j := range root.get("jobs").all() {
		if len(out) < 1000 && j.value != nil {
			out = append(out, job{j.key, j.at, j.value, steps(j.value.get("steps"))})
		}
	}
	if runs := root.get("runs"); runs != nil {
		out = append(out, job{"", runs.at, runs, steps(runs.get("steps"))})
	}
	return out
}

// starts says whether one of the events starts the workflow.
func starts(root *node, events ...string) string {
	on := root.get("on")
	if on == nil {
		on = root.get("true") // what YAML 1.1 makes of it
	}
	for _, e := range events {
		if on != nil && on.text == e {
			return e
		}
		for _, n := range on.items() {
			if n != nil && n.text == e {
				return e
			}
		}
		for _, p := range on.all() {
			if p.key == e {
				return e
			}
		}
	}
	return ""
}

// action is the name of the action that a step uses, in lower case, and its revision.
func action(step *node) (name, ref string) {
	name, ref, _ = strings.Cut(step.str("uses"), "@")
	return strings.ToLower(name), ref
}

// isLocal says whether what is used is the project's own, or an image.
func isLocal(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "://") || path.Clean(name) == "." || !strings.Contains(name, "/")
}
