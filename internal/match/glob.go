// Package match holds the small questions about text that several parts of the
// program ask: does this path fit that pattern, how random does this string look,
// which word did the author probably mean.
//
// Patterns are those of .gitignore, because people know them. They are split at
// the slashes once, and every star remembers only its last resting place, so a
// hostile pattern costs at most pattern times path and never an exponent.
package match

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Glob is one compiled pattern: * and ? stop at slashes, ** as a whole segment
// does not, and [a-z], [!a-z] and [[:alpha:]] are classes. It fits whole paths.
type Glob struct {
	segments []segment
}

// A segment is the pattern between two slashes.
type segment struct {
	kind    segmentKind
	literal string // what kinds exact, prefix and suffix compare
	parts   []part // for kind general
}

type segmentKind uint8

const (
	exact   segmentKind = iota // no metacharacters
	prefix                     // literal*
	suffix                     // *literal
	anyName                    // *
	anyPath                    // **
	general
)

// A part of a general segment is one star, or one thing that eats one character.
type part struct {
	op    partOp
	char  rune   // for one
	class *class // for oneOf
}

type partOp uint8

const (
	one partOp = iota
	oneOf
	anyOne
	star
)

type class struct {
	negated bool
	ranges  []rune // pairs, both ends included
	named   []func(rune) bool
}

var namedClasses = map[string]func(rune) bool{
	"alpha": func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' },
	"digit": func(r rune) bool { return r >= '0' && r <= '9' },
	"alnum": func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' },
	"upper": func(r rune) bool { return r >= 'A' && r <= 'Z' },
	"lower": func(r rune) bool { return r >= 'a' && r <= 'z' },
	"space": func(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' },
	"blank": func(r rune) bool { return r == ' ' || r == '\t' },
	"punct": func(r rune) bool {
		return r > ' ' && r < 0x7F && !(r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9')
	},
	"print":  func(r rune) bool { return r >= ' ' && r < 0x7F },
	"graph":  func(r rune) bool { return r > ' ' && r < 0x7F },
	"cntrl":  func(r rune) bool { return r < ' ' || r == 0x7F },
	"xdigit": func(r rune) bool { return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'f' },
}

// Compile reads a pattern. Slashes at either end are ignored: use ParseLine for
// the meaning that .gitignore gives them.
func Compile(pattern string) (*Glob, error) {
	trimmed := strings.Trim(pattern, "/")
	if trimmed == "" {
		return nil, errors.New("empty pattern: write a path, a name or a glob such as tests/**")
	}
	g := &Glob{}
	// A slash in a class separates too, as in git, where a class never matches one.
	for text := range strings.SplitSeq(trimmed, "/") {
		s, err := compileSegment(text)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		if n := len(g.segments); s.kind == anyPath && n > 0 && g.segments[n-1].kind == anyPath {
			continue // a/**/**/b is a/**/b
		}
		g.segments = append(g.segments, s)
	}
	return g, nil
}

func compileSegment(text string) (segment, error) {
	switch {
	case len(text) > 1 && strings.Trim(text, "*") == "": // git reads *** as **
		return segment{kind: anyPath}, nil
	case text == "*":
		return segment{kind: anyName}, nil
	case !strings.ContainsAny(text, `*?[\`):
		return segment{kind: exact, literal: text}, nil
	case !strings.ContainsAny(text[1:], `*?[\`) && text[0] == '*':
		return segment{kind: suffix, literal: text[1:]}, nil
	case !strings.ContainsAny(text[:len(text)-1], `*?[\`) && text[len(text)-1] == '*':
		return segment{kind: prefix, literal: text[:len(text)-1]}, nil
	}
	var parts []part
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch r {
		case '*':
			if n := len(parts); n == 0 || parts[n-1].op != star {
				parts = append(parts, part{op: star})
			}
		case '?':
			parts = append(parts, part{op: anyOne})
		case '\\':
			if i == len(text) {
				return segment{}, errors.New(`ends with a backslash: write \\ for a backslash`)
			}
			r, size = utf8.DecodeRuneInString(text[i:])
			i += size
			parts = append(parts, part{op: one, char: r})
		case '[':
			c, n, err := compileClass(text[i:])
			if err != nil {
				return segment{}, err
			}
			i += n
			parts = append(parts, part{op: oneOf, class: c})
		default:
			parts = append(parts, part{op: one, char: r})
		}
	}
	return segment{kind: general, parts: parts}, nil
}

// compileClass reads a class after its opening bracket and says how long it was.
func compileClass(text string) (*class, int, error) {
	unclosed := errors.New(`unclosed [: close it with ] or write \[`)
	c := &class{}
	i := 0
	if i < len(text) && (text[i] == '!' || text[i] == '^') {
		c.negated = true
		i++
	}
	next := func() (rune, bool) {
		if i >= len(text) {
			return 0, false
		}
		if text[i] == '\\' {
			i++
			if i >= len(text) {
				return 0, false
			}
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		return r, true
	}
	for first := true; ; first = false {
		if i >= len(text) {
			return nil, 0, unclosed
		}
		if text[i] == ']' && !first {
			return c, i + 1, nil
		}
		if strings.HasPrefix(text[i:], "[:") {
			if end := strings.Index(text[i+2:], ":]"); end >= 0 {
				name := text[i+2 : i+2+end]
				f, ok := namedClasses[name]
				if !ok {
					return nil, 0, fmt.Errorf("unknown class [:%s:]", name)
				}
				c.named = append(c.named, f)
				i += end + 4
				continue
			}
		}
		lo, ok := next()
		if !ok {
			return nil, 0, unclosed
		}
		// git compares the first of a range by itself, so [b-a] still fits b
		c.ranges = append(c.ranges, lo, lo)
		if i+1 < len(text) && text[i] == '-' && text[i+1] != ']' {
			i++
			hi, ok := next()
			if !ok {
				return nil, 0, unclosed
			}
			c.ranges = append(c.ranges, lo, hi)
		}
	}
}

func (c *class) has(r rune) bool {
	for i := 0; i < len(c.ranges); i += 2 {
		if r >= c.ranges[i] && r <= c.ranges[i+1] {
			return !c.negated
		}
	}
	for _, f := range c.named {
		if f(r) {
			return !c.negated
		}
	}
	return c.negated
}

// Match reports whether the whole path fits. The path uses forward slashes and
// has none at its ends.
func (g *Glob) Match(path string) bool {
	segs := g.segments
	// Where to resume when something later does not fit: behind the last **.
	backSeg, backPath := -1, ""
	for {
		if len(segs) > 0 && segs[0].kind == anyPath {
			if len(segs) == 1 {
				return path != "" // a/** is what is inside a, not a
			}
			segs = segs[1:]
			backSeg, backPath = len(segs), path
			continue
		}
		if len(segs) == 0 && path == "" {
			return true
		}
		if len(segs) > 0 && path != "" {
			name, rest, _ := strings.Cut(path, "/")
			if segs[0].match(name) {
				segs, path = segs[1:], rest
				continue
			}
		}
		if backSeg < 0 {
			return false
		}
		_, rest, more := strings.Cut(backPath, "/")
		if !more {
			return false
		}
		backPath = rest
		segs, path = g.segments[len(g.segments)-backSeg:], rest
	}
}

func (s *segment) match(name string) bool {
	switch s.kind {
	case exact:
		return name == s.literal
	case prefix:
		return strings.HasPrefix(name, s.literal)
	case suffix:
		return strings.HasSuffix(name, s.literal)
	case anyName:
		return true
	}
	p, i := 0, 0
	backPart, backChar := -1, 0
	for i < len(name) {
		r, size := utf8.DecodeRuneInString(name[i:])
		if p < len(s.parts) {
			switch q := s.parts[p]; {
			case q.op == star:
				p++
				backPart, backChar = p, i
				continue
			case q.op == anyOne, q.op == one && q.char == r, q.op == oneOf && q.class.has(r):
				p++
				i += size
				continue
			}
		}
		if backPart < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(name[backChar:])
		backChar += size
		p, i = backPart, backChar
	}
	for p < len(s.parts) && s.parts[p].op == star {
		p++
	}
	return p == len(s.parts)
}
