package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	yamlast "github.com/goccy/go-yaml/ast"
	yamlparser "github.com/goccy/go-yaml/parser"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A node is a value of TOML, JSON or YAML with its place. The formats of packages differ in
// their words and not in their shape, so whoever reads them asks one kind of tree. All
// methods are safe on nil, which is a value that is not there.
type node struct {
	kind    kind
	text    string // of a scalar, as it is compared; a number as it is written
	at      Place  // of the text itself, behind its quote
	list    []*node
	entries []entry
	index   map[string]int // of tables with many keys
	implied bool           // a table of TOML that only a longer name has made
}

type entry struct {
	key   string
	at    Place
	value *node
}

type kind uint8

const (
	null kind = iota
	scalar
	str
	array
	table
)

// maxNodes of one file. A lock file of a megabyte, with 276 packages, has 33,471.
const maxNodes = 2_000_000

// maxDepth of values in one another.
const maxDepth = 200

var errTooMuch = errors.New("there is more in this file than a list of packages has")

func (n *node) get(keys ...string) *node {
	for _, k := range keys {
		if n == nil {
			return nil
		}
		n = n.child(k)
	}
	return n
}

func (n *node) child(key string) *node {
	if i := n.find(key); i >= 0 {
		return n.entries[i].value
	}
	return nil
}

func (n *node) find(key string) int {
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(n.entries, func(e entry) bool { return e.key == key })
}

// set adds an entry. It says whether the key is new.
func (n *node) set(key string, at Place, value *node) bool {
	if n.find(key) >= 0 {
		return false
	}
	n.entries = append(n.entries, entry{key, at, value})
	switch {
	case n.index != nil:
		n.index[key] = len(n.entries) - 1
	case len(n.entries) > 16:
		n.index = map[string]int{}
		for i, e := range n.entries {
			n.index[e.key] = i
		}
	}
	return true
}

// str is the text of a string, else "".
func (n *node) str(keys ...string) string {
	if n = n.get(keys...); n != nil && n.kind == str {
		return n.text
	}
	return ""
}

func (n *node) isTrue(keys ...string) bool {
	n = n.get(keys...)
	return n != nil && n.kind == scalar && strings.EqualFold(n.text, "true")
}

func (n *node) is(k kind) bool { return n != nil && n.kind == k }

// items of a list; a value that is none is no list.
func (n *node) items(keys ...string) []*node {
	if n = n.get(keys...); n.is(array) {
		return n.list
	}
	return nil
}

// all is the entries of a table.
func (n *node) all(keys ...string) []entry {
	if n = n.get(keys...); n.is(table) {
		return n.entries
	}
	return nil
}

// strings of a list, or the one string that stands for a list of one.
func (n *node) strings(keys ...string) []string {
	n = n.get(keys...)
	if n.is(str) {
		return []string{n.text}
	}
	var out []string
	for _, x := range n.items() {
		if x.is(str) {
			out = append(out, x.text)
		}
	}
	return out
}

func (n *node) place() Place {
	if n == nil {
		return Place{1, 1}
	}
	return n.at
}

// A sheet turns offsets into places.
type sheet struct {
	data  []byte
	ends  []int // offsets where lines begin
	shift Place // what to add, for a text that is part of another one
	// The last answer. Most questions go forward, and a file can be one long line.
	line, offset, column int
}

func newSheet(data []byte) *sheet {
	s := &sheet{data: data, ends: []int{0}, column: 1}
	for i, c := range data {
		if c == '\n' {
			s.ends = append(s.ends, i+1)
		}
	}
	return s
}

func (s *sheet) place(offset int) Place {
	offset = min(max(offset, 0), len(s.data))
	i := sort.SearchInts(s.ends, offset+1) - 1
	if i != s.line || offset < s.offset {
		s.line, s.offset, s.column = i, s.ends[i], 1
	}
	s.column += utf8.RuneCount(s.data[s.offset:offset])
	s.offset = offset
	return Place{i + 1 + s.shift.Line, s.column + s.shift.Column}
}

// tomlTree reads TOML. A file that is broken gives what stands before the break, and a problem.
func tomlTree(f *File, data []byte) *node { return tomlPart(f, data, Place{}) }

func tomlPart(f *File, data []byte, shift Place) *node {
	root := &node{kind: table, at: Place{1 + shift.Line, 1 + shift.Column}}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		f.problem(newSheet(data).place(invalid(data)), "this is no UTF-8, which TOML must be")
		data = bytes.ToValidUTF8(data, []byte("?"))
	}
	if bytes.Count(data, []byte(","))+bytes.Count(data, []byte("\n")) > maxNodes {
		f.problem(root.at, errTooMuch.Error())
		return root
	}
	r := &tomlReader{sheet: newSheet(data), file: f}
	r.sheet.shift = shift
	r.p.Reset(data)
	here := root
	for r.p.NextExpression() {
		switch e := r.p.Expression(); e.Kind {
		case unstable.Table:
			here = r.header(root, e, false)
		case unstable.ArrayTable:
			here = r.header(root, e, true)
		case unstable.KeyValue:
			if here != nil {
				r.keyValue(here, e, 0)
			}
		}
	}
	// What the parser points at is a piece of data, so that its capacity tells where it begins.
	// If it is not, the place is the end or the beginning, and no panic.
	var at *unstable.ParserError
	if err := r.p.Error(); errors.As(err, &at) {
		f.problem(r.sheet.place(cap(data)-cap(at.Highlight)), "this is no TOML, and what follows was not read: "+at.Message)
	} else if err != nil {
		f.problem(root.at, "this is no TOML: "+err.Error())
	}
	return root
}

func invalid(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

type tomlReader struct {
	p     unstable.Parser
	sheet *sheet
	file  *File
}

func (r *tomlReader) at(n *unstable.Node) Place { return r.sheet.place(int(n.Raw.Offset)) }

// header goes to the table that [a.b] or [[a.b]] names. It is nil for one that cannot be.
func (r *tomlReader) header(root *node, e *unstable.Node, list bool) *node {
	here := root
	for it := e.Key(); it.Next(); {
		k := it.Node()
		at, last := r.at(k), it.IsLast()
		key := string(k.Data)
		next := here.child(key)
		switch {
		case next == nil && last && list:
			t := &node{kind: table, at: at}
			here.set(key, at, &node{kind: array, at: at, list: []*node{t}})
			here = t
			continue
		case next == nil:
			next = &node{kind: table, at: at, implied: !last}
			here.set(key, at, next)
		case next.is(array) && last && list && len(next.list) > 0 && next.list[0].is(table):
			t := &node{kind: table, at: at}
			next.list = append(next.list, t)
			next = t
		case next.is(array) && !last && len(next.list) > 0 && next.list[len(next.list)-1].is(table):
			next = next.list[len(next.list)-1]
		case next.is(table) && last && !list && next.implied:
			next.implied, next.at = false, at
		case next.is(table) && last && !list:
			r.file.problem(at, "the table "+quoted(key)+" is there twice")
		case !next.is(table) || last:
			r.file.problem(at, "the name "+quoted(key)+" is that of something else already")
			return nil
		}
		here = next
	}
	return here
}

func (r *tomlReader) keyValue(here *node, e *unstable.Node, depth int) {
	for it := e.Key(); it.Next(); {
		k := it.Node()
		key, at := string(k.Data), r.at(k)
		if it.IsLast() {
			if !here.set(key, at, r.value(e.Value(), at, depth)) {
				r.file.problem(at, "the key "+quoted(key)+" is there twice")
			}
			return
		}
		next := here.child(key)
		if next == nil {
			next = &node{kind: table, at: at}
			here.set(key, at, next)
		}
		if !next.is(table) {
			r.file.problem(at, "the name "+quoted(key)+" is that of something else already")
			return
		}
		here = next
	}
}

func (r *tomlReader) value(v *unstable.Node, at Place, depth int) *node {
	if depth > maxDepth {
		r.file.problem(at, "there are too many values in one another")
		return &node{at: at}
	}
	switch v.Kind {
	case unstable.String:
		at = r.at(v)
		at.Column++
		if raw := r.p.Raw(v.Raw); len(raw) >= 6 && (string(raw[:3]) == `"""` || string(raw[:3]) == `'''`) {
			at.Column += 2
			// A line end behind the quotes is no part of the text.
			if raw[3] == '\n' || raw[3] == '\r' {
				at = Place{at.Line + 1, 1}
			}
		}
		return &node{kind: str, text: string(v.Data), at: at}
	case unstable.Array:
		n := &node{kind: array, at: at}
		for it := v.Children(); it.Next(); {
			n.list = append(n.list, r.value(it.Node(), at, depth+1))
		}
		return n
	case unstable.InlineTable:
		n := &node{kind: table, at: r.at(v)}
		for it := v.Children(); it.Next(); {
			if child := it.Node(); child.Kind == unstable.KeyValue {
				r.keyValue(n, child, depth+1)
			}
		}
		return n
	}
	return &node{kind: scalar, text: string(v.Data), at: r.at(v)}
}

// jsonTree reads JSON. As with TOML, what stands before a break is kept.
func jsonTree(f *File, data []byte) *node {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	r := &jsonReader{d: json.NewDecoder(bytes.NewReader(data)), sheet: newSheet(data)}
	r.d.UseNumber()
	n := r.value(0)
	if r.err == nil {
		if rest := bytes.TrimSpace(data[r.d.InputOffset():]); len(rest) > 0 {
			r.err = errors.New("something follows its end")
		}
	}
	if r.err != nil {
		at := r.sheet.place(int(r.d.InputOffset()))
		var syntax *json.SyntaxError
		if errors.As(r.err, &syntax) {
			at = r.sheet.place(int(syntax.Offset) - 1)
		}
		f.problem(at, "this is no JSON, and what follows was not read: "+r.err.Error())
	}
	return n
}

type jsonReader struct {
	d     *json.Decoder
	sheet *sheet
	err   error
	n     int
}

func (r *jsonReader) token() (json.Token, Place) {
	start := int(r.d.InputOffset())
	data := r.sheet.data
	for start < len(data) && strings.IndexByte(" \t\r\n,:", data[start]) >= 0 {
		start++
	}
	t, err := r.d.Token()
	if r.n++; err == nil && r.n > maxNodes {
		err = errTooMuch
	}
	if err != nil {
		r.err = err
	}
	if _, ok := t.(string); ok {
		start++
	}
	return t, r.sheet.place(start)
}

func (r *jsonReader) value(depth int) *node {
	t, at := r.token()
	if r.err == nil && depth > maxDepth {
		r.err = errors.New("there are too many values in one another")
	}
	n := &node{at: at}
	if r.err != nil {
		return n
	}
	switch t := t.(type) {
	case string:
		n.kind, n.text = str, t
	case nil:
	case json.Delim:
		n.kind = array
		if t == '{' {
			n.kind = table
		}
		for r.err == nil && r.d.More() {
			if n.kind == array {
				n.list = append(n.list, r.value(depth+1))
				continue
			}
			key, keyAt := r.token()
			if s, ok := key.(string); ok && r.err == nil {
				n.set(s, keyAt, r.value(depth+1)) // a second one of the name is left out
			}
		}
		if r.err == nil {
			r.token()
		}
	default:
		n.kind, n.text = scalar, fmt.Sprint(t)
	}
	return n
}

// Bounds of a YAML file: what people write has a few hundred lines, and the library reads
// what is nested by calling itself.
const (
	maxYAML  = 1 << 20
	maxOpens = 20_000
)

// yamlTree reads the first document of a YAML file.
func yamlTree(f *File, data []byte) (root *node) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	first := Place{1, 1}
	if len(data) > maxYAML || bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxOpens {
		f.problem(first, errTooMuch.Error())
		return nil
	}
	for l := range bytes.SplitSeq(data, []byte("\n")) {
		if bytes.Count(l, []byte("- "))+bytes.Count(l, []byte("? "))+bytes.Count(l, []byte(": "))+bytes.Count(l, []byte("\t")) > 2000 {
			f.problem(first, errTooMuch.Error())
			return nil
		}
	}
	if !utf8.Valid(data) {
		f.problem(newSheet(data).place(invalid(data)), "this is no UTF-8, which YAML must be here")
		data = bytes.ToValidUTF8(data, []byte("?"))
	}
	defer func() {
		// The library has known panics on text that is no YAML.
		if r := recover(); r != nil {
			f.problem(first, "this is no YAML that can be read")
			root = nil
		}
	}()
	file, err := yamlparser.ParseBytes(data, 0, yamlparser.AllowDuplicateMapKey())
	if err != nil {
		at := first
		var syntax *yaml.SyntaxError
		message := err.Error()
		if errors.As(err, &syntax) {
			message = syntax.Message
			if syntax.Token != nil && syntax.Token.Position != nil {
				at = Place{max(1, syntax.Token.Position.Line), max(1, syntax.Token.Position.Column)}
			}
		}
		message, _, _ = strings.Cut(message, "\n")
		f.problem(at, "this is no YAML: "+message)
		return nil
	}
	r := &yamlReader{anchors: map[string]*node{}}
	for _, d := range file.Docs {
		if d.Body != nil {
			n := r.value(d.Body, 0)
			if r.n > maxNodes || r.deep {
				f.problem(first, errTooMuch.Error())
			}
			return n
		}
	}
	return nil
}

type yamlReader struct {
	anchors map[string]*node
	n       int
	deep    bool
}

// value makes a node of the library's. An alias is the node of its anchor once more, not a
// copy, so that aliases of aliases cost nothing.
func (r *yamlReader) value(n yamlast.Node, depth int) *node {
	if n == nil {
		return nil
	}
	out := &node{}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.at = Place{max(1, t.Position.Line), max(1, t.Position.Column)}
	}
	if r.n++; r.n > maxNodes || depth > maxDepth {
		r.deep = true
		return out
	}
	switch n := n.(type) {
	case *yamlast.StringNode:
		out.kind, out.text = str, n.Value
		if t := n.Token; t != nil && (strings.HasPrefix(t.Origin, `"`) || strings.HasPrefix(strings.TrimLeft(t.Origin, " \n"), `'`) || strings.HasPrefix(strings.TrimLeft(t.Origin, " \n"), `"`)) {
			out.at.Column++
		}
	case *yamlast.LiteralNode:
		out.kind = str
		if n.Value != nil {
			out.text = n.Value.Value
		}
		out.at.Line, out.at.Column = out.at.Line+1, 1
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
			if v := r.anchors[n.Value.String()]; v != nil {
				return v
			}
		}
	case *yamlast.SequenceNode:
		out.kind = array
		for _, v := range n.Values {
			out.list = append(out.list, r.value(v, depth+1))
		}
	case *yamlast.MappingNode:
		out.kind = table
		for _, v := range n.Values {
			r.pair(out, v, depth)
		}
	case *yamlast.MappingValueNode:
		out.kind = table
		r.pair(out, n, depth)
	default:
		out.kind, out.text = scalar, n.String()
		if t := n.GetToken(); t != nil {
			out.text = t.Value
		}
	}
	return out
}

func (r *yamlReader) pair(t *node, v *yamlast.MappingValueNode, depth int) {
	if v == nil || v.Key == nil {
		return
	}
	if _, merge := v.Key.(*yamlast.MergeKeyNode); merge {
		from := r.value(v.Value, depth+1)
		if r.n += len(from.all()); r.n > maxNodes {
			return
		}
		for _, e := range from.all() {
			t.set(e.key, e.at, e.value)
		}
		return
	}
	key := r.value(v.Key, depth+1)
	if k, ok := v.Key.(*yamlast.MappingKeyNode); ok {
		key = r.value(k.Value, depth+1)
	}
	if key == nil || key.kind != str && key.kind != scalar {
		return
	}
	t.set(key.text, key.at, r.value(v.Value, depth+1))
}
