package pep508

import (
	"slices"
	"strings"
)

// A Marker says when a requirement counts. The zero value is always.
type Marker struct{ root *node }

// A node is "and", "or" or a comparison.
type node struct {
	op          string // "and", "or", or the operator of a comparison
	kids        []*node
	left, right operand
}

// An operand is a variable or a string.
type operand struct {
	variable bool
	text     string
}

// variables by their names and by those that they had before PEP 508. Each is under its own
// name too.
var variables = map[string]string{
	"os.name":                        "os_name",
	"sys.platform":                   "sys_platform",
	"platform.version":               "platform_version",
	"platform.machine":               "platform_machine",
	"platform.python_implementation": "platform_python_implementation",
	"python_implementation":          "platform_python_implementation",
}

func init() {
	for _, name := range []string{
		"python_version", "python_full_version", "os_name", "sys_platform",
		"platform_release", "platform_system", "platform_version", "platform_machine", "platform_python_implementation",
		"implementation_name", "implementation_version", "extra",
		"extras", "dependency_groups", // lock files have these (PEP 751)
	} {
		variables[name] = name
	}
}

// ParseMarker reads what can stand behind the semicolon. The error is an *Error.
func ParseMarker(s string) (Marker, error) {
	p := &parser{text: s}
	return p.marker()
}

// marker reads a marker up to the end of the text.
func (p *parser) marker() (Marker, error) {
	n, err := p.or()
	if err != nil {
		return Marker{}, err
	}
	if p.at < len(p.text) {
		return Marker{}, p.fail(p.at, `"and", "or" or the end is missing`)
	}
	return Marker{n}, nil
}

func (p *parser) or() (*node, error)  { return p.list("or", p.and) }
func (p *parser) and() (*node, error) { return p.list("and", p.atom) }

// list reads what op joins.
func (p *parser) list(op string, next func() (*node, error)) (*node, error) {
	first, err := next()
	if err != nil {
		return nil, err
	}
	kids := []*node{first}
	for p.word(op) {
		n, err := next()
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
	}
	if len(kids) == 1 {
		return first, nil
	}
	return &node{op: op, kids: kids}, nil
}

func isWord(c byte) bool { return isAlnum(c) || c == '_' || c >= 0x80 }

// word passes over a word if it is the next one.
func (p *parser) word(w string) bool {
	end := p.at + len(w)
	if !strings.HasPrefix(p.text[p.at:], w) || end < len(p.text) && isWord(p.text[end]) {
		return false
	}
	p.at = end
	return true
}

// atom reads a comparison or a marker in parentheses, and the blanks around it.
func (p *parser) atom() (n *node, err error) {
	p.blanks()
	if open := p.at; p.take('(') {
		if p.depth++; p.depth > maxDepth {
			return nil, p.fail(open, "there are more than %d parentheses in one another", maxDepth)
		}
		if n, err = p.or(); err != nil {
			return nil, err
		}
		p.depth--
		if !p.take(')') {
			if p.at == len(p.text) {
				return nil, p.fail(open, "the parenthesis is not closed")
			}
			return nil, p.fail(p.at, `"and", "or" or a closing parenthesis is missing`)
		}
	} else if n, err = p.comparison(); err != nil {
		return nil, err
	}
	p.blanks()
	return n, nil
}

func (p *parser) comparison() (n *node, err error) {
	n = &node{}
	if n.left, err = p.operand(); err != nil {
		return nil, err
	}
	p.blanks()
	start := p.at
	if s := p.run(func(c byte) bool { return strings.IndexByte("<>=!~", c) >= 0 }); s != "" {
		switch s {
		case "===", "==", "~=", "!=", "<=", ">=", "<", ">":
			n.op = s
		default:
			return nil, p.fail(start, "%s is not a comparison", s)
		}
	} else if p.word("in") {
		n.op = "in"
	} else if p.word("not") {
		p.blanks()
		if !p.word("in") {
			return nil, p.fail(p.at, `"in" is missing behind "not"`)
		}
		n.op = "not in"
	} else {
		return nil, p.fail(start, `a comparison is missing: one of <= < != == >= > ~= === in, "not in"`)
	}
	p.blanks()
	if n.right, err = p.operand(); err != nil {
		return nil, err
	}
	// Names of extras and groups are compared as those of packages are.
	if n.left.variable && names(n.left.text) && !n.right.variable {
		n.right.text = Normalise(n.right.text)
	}
	if n.right.variable && names(n.right.text) && !n.left.variable {
		n.left.text = Normalise(n.left.text)
	}
	return n, nil
}

func (p *parser) operand() (operand, error) {
	start := p.at
	for _, quote := range []byte{'"', '\''} {
		if !p.take(quote) {
			continue
		}
		s := p.run(func(c byte) bool { return c != quote })
		if !p.take(quote) {
			return operand{}, p.fail(start, "the quote is not closed")
		}
		// Python would read escapes here, the standard has no such character, and nobody means one.
		if i := strings.IndexAny(s, "\\\n\r\x00"); i >= 0 {
			return operand{}, p.fail(start+1+i, "a backslash, the end of a line or a zero byte stands between quotes")
		}
		return operand{text: s}, nil
	}
	s := p.run(func(c byte) bool { return isWord(c) || c == '.' })
	name := variables[s]
	switch {
	case s == "":
		return operand{}, p.fail(start, "a variable or a string in quotes is missing")
	case name == "":
		return operand{}, p.fail(start, "there is no variable %s; a string needs quotes", quote(s))
	}
	return operand{variable: true, text: name}, nil
}

// Empty says whether there is no marker, so that the requirement always counts.
func (m Marker) Empty() bool { return m.root == nil }

// Uses says whether the marker asks for a variable. One that uses "extra" belongs to an
// optional part of the package.
func (m Marker) Uses(variable string) bool { return m.root != nil && m.root.uses(variable) }

func (n *node) uses(variable string) bool {
	if n.kids != nil {
		return slices.ContainsFunc(n.kids, func(k *node) bool { return k.uses(variable) })
	}
	return n.left.variable && n.left.text == variable || n.right.variable && n.right.text == variable
}

// String is the marker with today's names, and parentheses where "or" stands below "and".
func (m Marker) String() string {
	if m.root == nil {
		return ""
	}
	var b strings.Builder
	m.root.write(&b)
	return b.String()
}

func (n *node) write(b *strings.Builder) {
	if n.kids == nil {
		n.left.write(b)
		b.WriteString(" " + n.op + " ")
		n.right.write(b)
		return
	}
	for i, k := range n.kids {
		if i > 0 {
			b.WriteString(" " + n.op + " ")
		}
		if k.op == "or" {
			b.WriteByte('(')
			k.write(b)
			b.WriteByte(')')
			continue
		}
		k.write(b)
	}
}

func (o operand) write(b *strings.Builder) {
	quote := `"`
	switch {
	case o.variable:
		quote = ""
	case strings.Contains(o.text, `"`): // it stood in the other quotes
		quote = "'"
	}
	b.WriteString(quote + o.text + quote)
}
