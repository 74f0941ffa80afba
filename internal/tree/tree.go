// Package tree reads TOML, JSON and YAML into one kind of tree, in which everything has its
// place in the file.
//
// The problem: files that projects keep their settings in differ in their words and not in
// their shape, and whoever reads them wants to say where something stands. The plan: one kind
// of node for the three, with what stood before a break where the format lets us keep it. The
// trap: they are written by others. A short file can say much, by aliases, and be deep; the
// library that reads YAML calls itself for each value in another, and panics on some texts.
// So everything is counted, and a mistake is a problem of the file.
package tree

import (
	"errors"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// A Place is where in a file something stands; lines and columns begin with 1, and columns
// count characters.
type Place struct{ Line, Column int }

// A Problem is something in a file that was not understood.
type Problem struct {
	At      Place
	Message string
}

// A Node is a value with its place. All methods are safe on nil, which is a value that is not
// there. An alias of YAML is the node of its anchor once more, so that one node may be reached
// by many ways: whoever walks all of a tree remembers where it was.
type Node struct {
	Kind    Kind
	Text    string // of a scalar, as it is compared; a number as it is written
	Style   Style
	At      Place // of the text itself: behind its quote, or the line below for Literal and Folded
	list    []*Node
	entries []Entry
	index   map[string]int // of tables with many keys
	implied bool           // a table of TOML that only a longer name has made
}

// An Entry is a key of a table with its value.
type Entry struct {
	Key   string
	At    Place
	Value *Node
}

// A Kind is what sort of value a node is.
type Kind uint8

// The kinds.
const (
	Null   Kind = iota
	Scalar      // a number, true, a date
	String
	List
	Table
)

// A Style is how YAML writes a string.
type Style uint8

// The styles.
const (
	Plain   Style = iota
	Single        // in single quotes
	Double        // in double quotes
	Literal       // the lines below, as they are
	Folded        // the lines below, as one
)

// A report collects problems.
type report []Problem

func (r *report) problem(at Place, message string) {
	if len(*r) < 1000 {
		*r = append(*r, Problem{at, message})
	}
}

// maxNodes of one file. A lock file of a megabyte, with 276 packages, has 33,471.
const maxNodes = 2_000_000

// maxDepth of values in one another.
const maxDepth = 200

// TooMuch is what is said of a file that nobody can have written.
const TooMuch = "there is more in this file than a list of packages has"

var errTooMuch = errors.New(TooMuch)

// Get is the value that keys lead to, each in the table that the one before has led to.
func (n *Node) Get(keys ...string) *Node {
	for _, k := range keys {
		if n == nil {
			return nil
		}
		n = n.child(k)
	}
	return n
}

func (n *Node) child(key string) *Node {
	if i := n.find(key); i >= 0 {
		return n.entries[i].Value
	}
	return nil
}

func (n *Node) find(key string) int {
	if n.index != nil {
		if i, ok := n.index[key]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(n.entries, func(e Entry) bool { return e.Key == key })
}

// set adds an entry. It says whether the key is new.
func (n *Node) set(key string, at Place, value *Node) bool {
	if n.find(key) >= 0 {
		return false
	}
	n.entries = append(n.entries, Entry{key, at, value})
	switch {
	case n.index != nil:
		n.index[key] = len(n.entries) - 1
	case len(n.entries) > 16:
		n.index = map[string]int{}
		for i, e := range n.entries {
			n.index[e.Key] = i
		}
	}
	return true
}

// Str is the text of a string, else "".
func (n *Node) Str(keys ...string) string {
	if n = n.Get(keys...); n != nil && n.Kind == String {
		return n.Text
	}
	return ""
}

// Word is the text of whatever has one: a string, a number.
func (n *Node) Word(keys ...string) string {
	if n = n.Get(keys...); n != nil {
		return n.Text
	}
	return ""
}

// True says whether it is true, and no other word for it.
func (n *Node) True(keys ...string) bool {
	n = n.Get(keys...)
	return n != nil && n.Kind == Scalar && strings.EqualFold(n.Text, "true")
}

// Is says whether it is of this kind.
func (n *Node) Is(k Kind) bool { return n != nil && n.Kind == k }

// Items of a list; a value that is none is no list.
func (n *Node) Items(keys ...string) []*Node {
	if n = n.Get(keys...); n.Is(List) {
		return n.list
	}
	return nil
}

// All is the entries of a table.
func (n *Node) All(keys ...string) []Entry {
	if n = n.Get(keys...); n.Is(Table) {
		return n.entries
	}
	return nil
}

// Strings of a list, or the one string that stands for a list of one.
func (n *Node) Strings(keys ...string) []string {
	n = n.Get(keys...)
	if n.Is(String) {
		return []string{n.Text}
	}
	var out []string
	for _, x := range n.Items() {
		if x.Is(String) {
			out = append(out, x.Text)
		}
	}
	return out
}

// Where is its place, or the beginning of the file.
func (n *Node) Where() Place {
	if n == nil {
		return Place{1, 1}
	}
	return n.At
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

// Quoted is text of a file as a message has it: in quotes, and short.
func Quoted(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return `"` + s + `"`
}
