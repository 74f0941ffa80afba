// Package pep508 reads what a Python project writes of the packages that it needs:
//
//	requests[socks]>=2.31,<3; python_version < "3.12" and sys_platform == "linux"
//
// Whoever cuts off what stands behind the semicolon reports packages that are never
// installed, and whoever takes ">=2.31" for the version 2.31 reports weaknesses that nobody
// has. So the whole line is read, and a marker is answered in three ways: an analyser
// seldom knows the machine, and what it does not know it must not decide.
//
// A line of a requirements file is more than this: options, comments, hashes and bare paths
// are the business of whoever reads that file.
package pep508

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/gambeson/gambeson/internal/deps/pep440"
)

// A Requirement is one package that is needed. It has a URL or Specifiers, or neither.
type Requirement struct {
	Name       string     // as written; see Normalise
	Extras     []string   // as written, none twice
	Specifiers pep440.Set // which versions will do
	URL        string     // where it is, behind an @
	Marker     Marker     // when it is needed; the zero value is always
}

// An Error says what is wrong with a requirement or a marker, and where.
type Error struct {
	Text string
	At   int // byte offset in Text
	What string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s, at column %d", quote(e.Text), e.What, e.At+1)
}

// quote shows a text of others in an error, which is for people and therefore short.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Normalise is the form in which names of packages and of extras are compared: small letters,
// and one dash for every run of dashes, dots and underscores (PEP 503).
func Normalise(name string) string {
	fine := true
	for i := range len(name) {
		c := name[i]
		if c == '.' || c == '_' || 'A' <= c && c <= 'Z' || c >= 0x80 || c == '-' && i > 0 && name[i-1] == '-' {
			fine = false
			break
		}
	}
	if fine {
		return name
	}
	var b strings.Builder
	b.Grow(len(name))
	dash := false
	for _, r := range strings.ToLower(name) {
		if r == '-' || r == '_' || r == '.' {
			if !dash {
				b.WriteByte('-')
			}
			dash = true
			continue
		}
		dash = false
		b.WriteRune(r)
	}
	return b.String()
}

// Parse reads a requirement. Blanks around it are no part of it. The error is an *Error.
func Parse(s string) (Requirement, error) {
	p := &parser{text: strings.TrimRightFunc(s, unicode.IsSpace)}
	r, err := p.requirement()
	if err != nil {
		return Requirement{}, err
	}
	return r, nil
}

// String is the requirement in the usual form.
func (r Requirement) String() string {
	var b strings.Builder
	b.WriteString(r.Name)
	if len(r.Extras) > 0 {
		b.WriteString("[" + strings.Join(r.Extras, ",") + "]")
	}
	b.WriteString(r.Specifiers.String())
	if r.URL != "" {
		b.WriteString(" @ " + r.URL)
	}
	if !r.Marker.Empty() {
		if r.URL != "" {
			b.WriteByte(' ') // else the semicolon would belong to the URL
		}
		b.WriteString("; " + r.Marker.String())
	}
	return b.String()
}

// A parser is a place in a text. Its methods go on to the end of what they read.
type parser struct {
	text  string
	at    int
	depth int
}

// maxDepth of parentheses in a marker: people need three.
const maxDepth = 100

func (p *parser) fail(at int, format string, args ...any) error {
	return &Error{Text: p.text, At: at, What: fmt.Sprintf(format, args...)}
}

// blanks passes over blanks.
func (p *parser) blanks() {
	for p.at < len(p.text) && unicode.IsSpace(rune(p.text[p.at])) && p.text[p.at] < 0x80 {
		p.at++
	}
}

// take passes over a character if it is the next one.
func (p *parser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// run passes over characters that belong.
func (p *parser) run(belongs func(c byte) bool) string {
	start := p.at
	for p.at < len(p.text) && belongs(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// name reads the name of a package or of an extra; what says which.
func (p *parser) name(what string) (string, error) {
	start := p.at
	s := p.run(func(c byte) bool { return isAlnum(c) || c == '.' || c == '_' || c == '-' })
	switch {
	case s == "":
		return "", p.fail(start, "the name of %s is missing", what)
	case !isAlnum(s[0]):
		return "", p.fail(start, "the name of %s begins with a letter or a digit", what)
	case !isAlnum(s[len(s)-1]) && s[len(s)-1] != '_':
		return "", p.fail(p.at-1, "the name of %s ends with a letter or a digit", what)
	case p.at < len(p.text) && p.text[p.at] >= 0x80:
		return "", p.fail(p.at, "the name of %s has only letters of ASCII", what)
	}
	return s, nil
}

func (p *parser) requirement() (r Requirement, err error) {
	p.blanks()
	if r.Name, err = p.name("a package"); err != nil {
		return r, err
	}
	p.blanks()
	if r.Extras, err = p.extras(); err != nil {
		return r, err
	}
	p.blanks()
	if p.take('@') {
		p.blanks()
		start := p.at
		r.URL = p.run(func(c byte) bool { return !unicode.IsSpace(rune(c)) || c >= 0x80 })
		if r.URL == "" {
			return r, p.fail(start, "a URL is missing behind the @")
		}
		p.blanks()
	} else if r.Specifiers, err = p.specifiers(); err != nil {
		return r, err
	}

	if p.at == len(p.text) {
		return r, nil
	}
	if !p.take(';') {
		if r.URL != "" {
			return r, p.fail(p.at, "behind the URL there can be a semicolon and a marker only")
		}
		return r, p.fail(p.at, "a comparison such as >=1.0, an @ with a URL, a semicolon or the end is missing")
	}
	r.Marker, err = p.marker()
	return r, err
}

func (p *parser) extras() (list []string, err error) {
	open := p.at
	if !p.take('[') {
		return nil, nil
	}
	p.blanks()
	if p.take(']') {
		return nil, nil
	}
	seen := map[string]bool{}
	for {
		p.blanks()
		s, err := p.name("an extra")
		if err != nil {
			return nil, err
		}
		if !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
		p.blanks()
		switch {
		case p.take(']'):
			return list, nil
		case !p.take(','):
			if p.at == len(p.text) {
				return nil, p.fail(open, "the bracket is not closed")
			}
			return nil, p.fail(p.at, "a comma or a closing bracket is missing")
		}
	}
}

// specifiers reads conditions on the version, in parentheses or not.
func (p *parser) specifiers() (set pep440.Set, err error) {
	open := p.at
	end, closed := byte(';'), p.take('(')
	if closed {
		end = ')'
	}
	p.blanks()
	if p.at == len(p.text) && !closed || p.at < len(p.text) && !closed && strings.IndexByte("~=!<>", p.text[p.at]) < 0 {
		return nil, nil // there are none; what is there instead, the caller sees
	}
	region := p.text[p.at:]
	if i := strings.IndexByte(region, end); i >= 0 {
		region = region[:i]
	} else if closed {
		return nil, p.fail(open, "the parenthesis is not closed")
	}
	empty := -1 // where a condition is missing; packaging lets one comma stand at the end
	for part := range strings.SplitSeq(region, ",") {
		if empty >= 0 {
			return nil, p.fail(empty, "a condition on the version is missing")
		}
		start := p.at + len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
		if start == p.at+len(part) {
			empty = p.at
		} else {
			c, err := pep440.ParseSpecifier(part)
			if err != nil {
				return nil, p.fail(start, "%v", err)
			}
			set = append(set, c)
		}
		p.at += len(part) + 1
	}
	p.at-- // there is no comma behind the last one
	if closed {
		p.at++
		p.blanks()
	}
	return set, nil
}
