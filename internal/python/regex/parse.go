package regex

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Flags are those of Python's re that change what a pattern means.
type Flags uint8

// The flags. Bytes is for patterns that are bytes: their characters end at 255.
const (
	IgnoreCase Flags = 1 << iota
	MultiLine
	DotAll
	Verbose
	ASCII
	Bytes
)

// An Op says what a Node is.
type Op uint8

// The kinds of nodes.
const (
	Empty     Op = iota
	Chars        // one character of Set
	Concat       // Subs one after the other
	Alternate    // one of Subs
	Repeat       // Subs[0], Min to Max times
	Group        // Subs[0], remembered as number Group
	Atomic       // Subs[0]; what it has taken it keeps
	Look         // Subs[0] follows, or stands before (Behind), or does not (Negative)
	Reference    // the text of Group once more
	Condition    // Subs[0] if Group has matched, else Subs[1]
	TextStart    // \A, and ^
	LineStart    // ^ with MultiLine
	TextEnd      // \Z
	LastEnd      // $: the end, or a line feed and the end
	LineEnd      // $ with MultiLine
	Boundary     // \b, or \B (Negative)
)

// Unbounded is the Max of a Repeat without one.
const Unbounded = -1

// A Node is a part of a pattern.
type Node struct {
	Op         Op
	Set        Set // of Chars
	Subs       []*Node
	Min, Max   int // of Repeat
	Lazy       bool
	Possessive bool
	Group      int
	Negative   bool // also of Chars that were written as what they are not
	Behind     bool
	Fold       bool // of Reference: case does not matter
	Narrow     bool // of Boundary: words are ASCII
	width      int  // of Look with Behind
	raw        Set  // of Chars, before the other case was added
}

// A Regexp is a pattern that has been read.
type Regexp struct {
	Root   *Node
	Groups int // the highest number of a group
	Last   rune
}

// The bounds of what is read. Patterns beyond them are answered with an error.
const (
	maxPattern = 1 << 14
	maxDepth   = 100
	maxGroups  = 1000
	maxRepeat  = 1 << 30
)

// errRestart asks for the pattern to be read again, with flags that it has set itself.
var errRestart = errors.New("flags changed")

// Parse reads a pattern as Python's re does. Its errors say what is wrong where; a few
// things that Python knows are errors too, \N{names} above all.
func Parse(pattern string, flags Flags) (*Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, errors.New("the pattern is too long")
	}
	src := []rune(pattern)
	if flags&Bytes != 0 {
		flags |= ASCII
		src = src[:0]
		for i := range len(pattern) {
			src = append(src, rune(pattern[i]))
		}
	}
	for range 8 {
		p := &parser{src: src, flags: flags, names: map[string]int{}, last: unicode.MaxRune}
		if flags&Bytes != 0 {
			p.last = 255
		}
		root, err := p.alternatives(0)
		if err == nil && p.at < len(p.src) {
			err = p.fail("unbalanced parenthesis")
		}
		if err == nil && p.asked > p.groups {
			err = p.fail("invalid group reference %d", p.asked)
		}
		if err == errRestart {
			flags = p.flags
			continue
		}
		if err != nil {
			return nil, err
		}
		return &Regexp{Root: root, Groups: p.groups, Last: p.last}, nil
	}
	return nil, errors.New("the flags do not come to rest")
}

type parser struct {
	src    []rune
	at     int
	flags  Flags
	groups int
	asked  int   // the highest group that a condition asks for
	open   []int // the groups that we are in
	names  map[string]int
	last   rune
}

func (p *parser) fail(format string, args ...any) error {
	return fmt.Errorf("%s at position %d", fmt.Sprintf(format, args...), p.at)
}

// peek is the next character, or -1.
func (p *parser) peek() rune {
	if p.at < len(p.src) {
		return p.src[p.at]
	}
	return -1
}

func (p *parser) next() rune {
	c := p.peek()
	if c >= 0 {
		p.at++
	}
	return c
}

func (p *parser) accept(s string) bool {
	n := utf8.RuneCountInString(s)
	if p.at+n <= len(p.src) && string(p.src[p.at:p.at+n]) == s {
		p.at += n
		return true
	}
	return false
}

// until is the text up to a character, which is taken too.
func (p *parser) until(end rune) (string, bool) {
	for i := p.at; i < len(p.src); i++ {
		if p.src[i] == end {
			s := string(p.src[p.at:i])
			p.at = i + 1
			return s, true
		}
	}
	return "", false
}

func (p *parser) alternatives(depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, p.fail("the pattern is nested too deeply")
	}
	var list []*Node
	for {
		n, err := p.sequence(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
		if p.peek() != '|' {
			break
		}
		p.at++
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return alternate(list), nil
}

// alternate makes a choice as Python's compiler does, which matters for the number of
// ways to match: what all begin with is matched once, and single characters become a set.
func alternate(list []*Node) *Node {
	items := make([][]*Node, len(list))
	for i, n := range list {
		switch n.Op {
		case Concat:
			items[i] = n.Subs
		case Empty:
		default:
			items[i] = []*Node{n}
		}
	}
	var head []*Node
	for len(items[0]) > 0 && !slices.ContainsFunc(items, func(x []*Node) bool { return len(x) == 0 || !equal(x[0], items[0][0]) }) {
		head = append(head, items[0][0])
		for i := range items {
			items[i] = items[i][1:]
		}
	}
	rest := &Node{Op: Chars}
	if slices.ContainsFunc(items, func(x []*Node) bool { return len(x) != 1 || x[0].Op != Chars || x[0].Negative }) {
		rest.Op = Alternate
		for _, x := range items {
			rest.Subs = append(rest.Subs, concat(x))
		}
	} else {
		for _, x := range items {
			rest.Set = append(rest.Set, x[0].Set...)
			rest.raw = append(rest.raw, x[0].raw...)
		}
		rest.Set, rest.raw = normal(rest.Set), normal(rest.raw)
	}
	return concat(append(head, rest))
}

// concat puts nodes one after the other.
func concat(list []*Node) *Node {
	switch len(list) {
	case 0:
		return &Node{Op: Empty}
	case 1:
		return list[0]
	}
	return &Node{Op: Concat, Subs: list}
}

func equal(a, b *Node) bool {
	return a.Op == b.Op && a.Min == b.Min && a.Max == b.Max && a.Lazy == b.Lazy && a.Possessive == b.Possessive && a.Group == b.Group &&
		a.Negative == b.Negative && a.Behind == b.Behind && a.Fold == b.Fold && a.Narrow == b.Narrow && slices.Equal(a.raw, b.raw) && slices.Equal(a.Set, b.Set) &&
		slices.EqualFunc(a.Subs, b.Subs, equal)
}

func (p *parser) sequence(depth int) (*Node, error) {
	var list []*Node
	repeated := false // the last of list has its quantifier
	bare := false     // it stands in no group
	for {
		c := p.peek()
		if c < 0 || c == '|' || c == ')' {
			break
		}
		if p.flags&Verbose != 0 {
			if strings.ContainsRune(" \t\n\r\v\f", c) {
				p.at++
				continue
			}
			if c == '#' {
				for p.at < len(p.src) && p.next() != '\n' {
				}
				continue
			}
		}
		if lo, hi, ok, err := p.quantifier(); err != nil {
			return nil, err
		} else if ok {
			if len(list) == 0 || bare && list[len(list)-1].Op >= TextStart {
				return nil, p.fail("nothing to repeat")
			}
			if repeated {
				return nil, p.fail("multiple repeat")
			}
			n := &Node{Op: Repeat, Subs: []*Node{list[len(list)-1]}, Min: lo, Max: hi}
			switch p.peek() {
			case '?':
				p.at++
				n.Lazy = true
			case '+':
				p.at++
				n.Possessive = true
			}
			list[len(list)-1], repeated = n, true
			continue
		}
		n, err := p.atom(depth)
		if err != nil {
			return nil, err
		}
		if n != nil { // else a comment, or flags
			list, repeated, bare = append(list, n), false, c != '('
		}
	}
	var flat []*Node
	for _, n := range list {
		switch n.Op {
		case Concat: // of a group that is not remembered
			flat = append(flat, n.Subs...)
		case Empty:
		default:
			flat = append(flat, n)
		}
	}
	return concat(flat), nil
}

// quantifier reads a repetition, if there is one.
func (p *parser) quantifier() (lo, hi int, ok bool, err error) {
	switch p.peek() {
	case '*':
		p.at++
		return 0, Unbounded, true, nil
	case '+':
		p.at++
		return 1, Unbounded, true, nil
	case '?':
		p.at++
		return 0, 1, true, nil
	case '{':
		start := p.at
		p.at++
		lo, hasLo := p.number()
		hi, hasHi := lo, hasLo
		if p.peek() == ',' {
			p.at++
			hi, hasHi = p.number()
			if !hasHi {
				hi = Unbounded
			}
			hasLo = true
		}
		if !hasLo || p.peek() != '}' {
			p.at = start
			return 0, 0, false, nil // a brace is a brace
		}
		p.at++
		if hi != Unbounded && hi < lo {
			return 0, 0, false, p.fail("min repeat greater than max repeat")
		}
		return lo, hi, true, nil
	}
	return 0, 0, false, nil
}

func (p *parser) number() (n int, ok bool) {
	for p.at < len(p.src) && p.src[p.at] >= '0' && p.src[p.at] <= '9' {
		n = min(n*10+int(p.src[p.at]-'0'), maxRepeat)
		p.at++
		ok = true
	}
	return n, ok
}

func (p *parser) chars(s Set) *Node {
	n := &Node{Op: Chars, Set: s, raw: s}
	if p.flags&IgnoreCase != 0 {
		n.Set = s.folded(p.flags&ASCII != 0)
	}
	return n
}

func (p *parser) atom(depth int) (*Node, error) {
	switch c := p.next(); c {
	case '.':
		if p.flags&DotAll != 0 {
			return &Node{Op: Chars, Set: Set{{0, p.last}}, Negative: true}, nil
		}
		return &Node{Op: Chars, Set: Set{{'\n', '\n'}}.without(p.last), Negative: true}, nil
	case '^':
		if p.flags&MultiLine != 0 {
			return &Node{Op: LineStart}, nil
		}
		return &Node{Op: TextStart}, nil
	case '$':
		if p.flags&MultiLine != 0 {
			return &Node{Op: LineEnd}, nil
		}
		return &Node{Op: LastEnd}, nil
	case '(':
		return p.group(depth)
	case '[':
		return p.class()
	case '\\':
		return p.escape()
	default:
		return p.chars(Set{{c, c}}), nil
	}
}

// group reads what follows an opening parenthesis.
func (p *parser) group(depth int) (*Node, error) {
	body := func(n *Node) (*Node, error) {
		sub, err := p.alternatives(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.next() != ')' {
			return nil, p.fail("missing ), unterminated subpattern")
		}
		if n == nil {
			return sub, nil
		}
		n.Subs = []*Node{sub}
		return n, nil
	}
	capture := func(name string) (*Node, error) {
		p.groups++
		number := p.groups
		if number > maxGroups {
			return nil, p.fail("too many groups")
		}
		if name != "" {
			if _, taken := p.names[name]; taken {
				return nil, p.fail("redefinition of group name %q", name)
			}
			p.names[name] = number
		}
		p.open = append(p.open, number)
		n, err := body(&Node{Op: Group, Group: number})
		p.open = p.open[:len(p.open)-1]
		return n, err
	}
	if p.peek() != '?' {
		return capture("")
	}
	p.at++
	switch {
	case p.accept("P<"):
		name, ok := p.until('>')
		if !ok || !identifier(name) {
			return nil, p.fail("bad character in group name")
		}
		return capture(name)
	case p.accept("P="):
		name, ok := p.until(')')
		number, known := p.names[name]
		if !ok || !known {
			return nil, p.fail("unknown group name %q", name)
		}
		return p.reference(number)
	case p.accept(":"):
		return body(nil)
	case p.accept("#"):
		if _, ok := p.until(')'); !ok {
			return nil, p.fail("missing ), unterminated comment")
		}
		return nil, nil
	case p.accept("="):
		return body(&Node{Op: Look})
	case p.accept("!"):
		return body(&Node{Op: Look, Negative: true})
	case p.accept("<="), p.accept("<!"):
		n, err := body(&Node{Op: Look, Behind: true, Negative: p.src[p.at-1] == '!'})
		if err != nil {
			return nil, err
		}
		lo, hi := n.Subs[0].bounds()
		if lo != hi {
			return nil, p.fail("look-behind requires fixed-width pattern")
		}
		n.width = lo
		return n, nil
	case p.accept(">"):
		return body(&Node{Op: Atomic})
	case p.accept("("):
		return p.condition(depth)
	}
	return p.inline(body)
}

// condition reads (?(1)yes|no).
func (p *parser) condition(depth int) (*Node, error) {
	name, ok := p.until(')')
	if !ok {
		return nil, p.fail("missing ), unterminated name")
	}
	number, known := p.names[name]
	if !known {
		for _, c := range name {
			if c < '0' || c > '9' || number > maxGroups {
				return nil, p.fail("unknown group name %q", name)
			}
			number = number*10 + int(c-'0')
		}
	}
	if number == 0 || number > maxGroups {
		return nil, p.fail("bad group number")
	}
	p.asked = max(p.asked, number)
	yes, err := p.sequence(depth + 1)
	if err != nil {
		return nil, err
	}
	no := &Node{Op: Empty}
	if p.peek() == '|' {
		p.at++
		if no, err = p.sequence(depth + 1); err != nil {
			return nil, err
		}
		if p.peek() == '|' {
			return nil, p.fail("conditional backref with more than two branches")
		}
	}
	if p.next() != ')' {
		return nil, p.fail("missing ), unterminated subpattern")
	}
	return &Node{Op: Condition, Group: number, Subs: []*Node{yes, no}}, nil
}

// inline reads (?i), (?i:…) and (?i-s:…).
func (p *parser) inline(body func(*Node) (*Node, error)) (*Node, error) {
	var on, off Flags
	minus := false
	for {
		c := p.next()
		var f Flags
		switch c {
		case 'i':
			f = IgnoreCase
		case 'm':
			f = MultiLine
		case 's':
			f = DotAll
		case 'x':
			f = Verbose
		case 'a':
			f = ASCII
		case 'u':
			off |= ASCII
		case 'L':
			if p.flags&Bytes == 0 {
				return nil, p.fail("cannot use 'L' flag with a str pattern")
			}
		case '-':
			if minus {
				return nil, p.fail("missing flag")
			}
			minus = true
			continue
		case ':':
			was := p.flags
			p.flags = p.flags&^off | on
			n, err := body(nil)
			p.flags = was
			return n, err
		case ')':
			if minus {
				return nil, p.fail("missing :")
			}
			if p.flags|on != p.flags { // they hold for the whole pattern
				p.flags |= on
				return nil, errRestart
			}
			return nil, nil
		default:
			return nil, p.fail("unknown extension")
		}
		if minus {
			off |= f
		} else {
			on |= f
		}
	}
}

func (p *parser) reference(number int) (*Node, error) {
	if number > p.groups {
		return nil, p.fail("invalid group reference %d", number)
	}
	if slices.Contains(p.open, number) {
		return nil, p.fail("cannot refer to an open group")
	}
	return &Node{Op: Reference, Group: number, Fold: p.flags&IgnoreCase != 0}, nil
}

// escape reads what follows a backslash outside of a class.
func (p *parser) escape() (*Node, error) {
	c := p.peek()
	switch c {
	case 'A':
		p.at++
		return &Node{Op: TextStart}, nil
	case 'Z', 'z':
		p.at++
		return &Node{Op: TextEnd}, nil
	case 'b', 'B':
		p.at++
		return &Node{Op: Boundary, Negative: c == 'B', Narrow: p.flags&ASCII != 0}, nil
	}
	if c >= '1' && c <= '9' {
		start := p.at
		number := int(p.next() - '0')
		if d := p.peek(); d >= '0' && d <= '9' {
			p.at++
			if e := p.peek(); octal(c) && octal(d) && octal(e) {
				p.at++
				v := (c-'0')*64 + (d-'0')*8 + e - '0'
				if v > 0o377 {
					p.at = start
					return nil, p.fail("octal escape value outside of range 0-0o377")
				}
				return p.chars(Set{{v, v}}), nil
			}
			number = number*10 + int(d-'0')
		}
		return p.reference(number)
	}
	set, class, err := p.escaped()
	if err != nil {
		return nil, err
	}
	if class {
		return &Node{Op: Chars, Set: set, raw: set}, nil
	}
	return p.chars(set), nil
}

func octal(c rune) bool { return c >= '0' && c <= '7' }

// escaped reads an escape that means the same inside a class: one character, or a class
// of its own.
func (p *parser) escaped() (set Set, class bool, err error) {
	one := func(r rune) (Set, bool, error) { return Set{{r, r}}, false, nil }
	digit, space, word := asciiDigit, asciiSpace, asciiWord
	switch c := p.peek(); c {
	case 'd', 'D', 's', 'S', 'w', 'W':
		p.at++
		if p.flags&ASCII == 0 {
			u := unicodeSets()
			digit, space, word = u.digit, u.space, u.word
		}
		set = map[rune]Set{'d': digit, 's': space, 'w': word}[unicode.ToLower(c)]
		if unicode.IsUpper(c) {
			set = set.without(p.last)
		}
		return set, true, nil
	case 'a', 'b', 'f', 'n', 'r', 't', 'v':
		p.at++
		return one(map[rune]rune{'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}[c])
	case 'x', 'u', 'U':
		p.at++
		n := map[rune]int{'x': 2, 'u': 4, 'U': 8}[c]
		v := rune(0)
		for range n {
			d := strings.IndexRune("0123456789abcdef", unicode.ToLower(p.next()))
			if d < 0 || v > unicode.MaxRune {
				return nil, false, p.fail("incomplete escape \\%c", c)
			}
			v = v<<4 | rune(d)
		}
		if v > p.last {
			return nil, false, p.fail("bad escape \\%c", c)
		}
		return one(v)
	case -1:
		return nil, false, p.fail("bad escape (end of pattern)")
	default:
		if octal(c) {
			v := rune(0)
			for n := 0; n < 3 && octal(p.peek()); n++ {
				v = v*8 + p.next() - '0'
			}
			if v > 0o377 {
				return nil, false, p.fail("octal escape value outside of range 0-0o377")
			}
			return one(v)
		}
		if c < 128 && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			return nil, false, p.fail("bad escape \\%c", c)
		}
		p.at++
		return one(c)
	}
}

// class reads what follows an opening bracket.
func (p *parser) class() (*Node, error) {
	negative := p.accept("^")
	var set, classes Set // \w and its kin have both cases already
	for first := true; ; first = false {
		c := p.next()
		if c < 0 {
			return nil, p.fail("unterminated character set")
		}
		if c == ']' && !first {
			break
		}
		lo, class, err := Set{{c, c}}, false, error(nil)
		if c == '\\' {
			if lo, class, err = p.escaped(); err != nil {
				return nil, err
			}
		}
		if p.peek() == '-' && p.at+1 < len(p.src) && p.src[p.at+1] != ']' {
			p.at++
			d := p.next()
			hi, wide := Set{{d, d}}, false
			if d == '\\' {
				if hi, wide, err = p.escaped(); err != nil {
					return nil, err
				}
			}
			if class || wide || hi[0].Lo < lo[0].Lo {
				return nil, p.fail("bad character range")
			}
			set = append(set, Range{lo[0].Lo, hi[0].Lo})
			continue
		}
		if class {
			classes = append(classes, lo...)
		} else {
			set = append(set, lo...)
		}
	}
	raw := normal(append(slices.Clone(set), classes...))
	set = normal(set)
	if p.flags&IgnoreCase != 0 {
		set = set.folded(p.flags&ASCII != 0)
	}
	set = normal(append(set, classes...))
	if negative {
		set = set.without(p.last)
	}
	return &Node{Op: Chars, Set: set, Negative: negative, raw: raw}, nil
}

func identifier(s string) bool {
	for i, c := range s {
		if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
			return false
		}
	}
	return s != ""
}

// bounds are the shortest and the longest text that a node takes; maxRepeat is any length.
func (n *Node) bounds() (lo, hi int) {
	cut := func(v int) int { return min(v, maxRepeat) }
	switch n.Op {
	case Chars:
		return 1, 1
	case Concat:
		for _, s := range n.Subs {
			l, h := s.bounds()
			lo, hi = cut(lo+l), cut(hi+h)
		}
	case Alternate, Condition:
		for i, s := range n.Subs {
			l, h := s.bounds()
			if i == 0 {
				lo, hi = l, h
			}
			lo, hi = min(lo, l), max(hi, h)
		}
	case Group, Atomic:
		return n.Subs[0].bounds()
	case Repeat:
		l, h := n.Subs[0].bounds()
		most := n.Max
		if most == Unbounded {
			most = maxRepeat
		}
		return cut(l * n.Min), cut(h * most)
	case Reference:
		return 0, maxRepeat
	}
	return lo, hi
}
