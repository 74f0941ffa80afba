package secrets

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A pattern is the form of a token: literals, sets of characters with how often they occur,
// and choices, written as regular expressions write them.
//
//	ghp_[A-Za-z0-9]{36}    sk\.eyJ[\w-]{60,}    (live|test)_[0-9a-f]{40}    ={0,2}
//
// It is matched at a place and never searched for, and each set stands for single bytes, so a
// match costs what the token is long. The few that try again (a set before a literal that it
// could eat) are bounded by maxTries.
type pattern struct {
	steps []step
	min   int // bytes of the shortest match
	max   int // of the longest
}

// A step is one of three: a literal, a set, or a choice.
type step struct {
	literal  string
	set      *charset
	choice   [][]step
	min, max int // how often
}

type charset [4]uint64

func (s *charset) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }
func (s *charset) add(c byte)      { s[c>>6] |= 1 << (c & 63) }

const (
	maxRepeat = 4096
	maxTries  = 20_000
)

// parsePattern reads a pattern.
func parsePattern(text string) (*pattern, error) {
	p := &patternParser{text: text}
	steps, err := p.sequence(0)
	if err == nil && p.at < len(text) {
		err = fmt.Errorf("%q is not closed by anything", text[p.at:])
	}
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", text, err)
	}
	out := &pattern{steps: steps}
	out.min, out.max = lengths(steps)
	if out.min == 0 {
		return nil, fmt.Errorf("pattern %s: it matches nothing at all", text)
	}
	return out, nil
}

type patternParser struct {
	text string
	at   int
}

func (p *patternParser) sequence(depth int) (steps []step, err error) {
	if depth > 5 {
		return nil, errors.New("choices are nested too deep")
	}
	for p.at < len(p.text) {
		s := step{min: 1, max: 1}
		switch c := p.text[p.at]; c {
		case ')', '|':
			return steps, nil
		case '[':
			if s.set, err = p.charset(); err != nil {
				return nil, err
			}
		case '(':
			p.at++
			for {
				one, err := p.sequence(depth + 1)
				if err != nil {
					return nil, err
				}
				s.choice = append(s.choice, one)
				if p.at >= len(p.text) {
					return nil, errors.New("a parenthesis is not closed")
				}
				p.at++
				if p.text[p.at-1] == ')' {
					break
				}
			}
		case '{', '}', '?', '*', '+', '^', '$', ']':
			return nil, fmt.Errorf("%q means nothing here: write a backslash before it", c)
		case '.':
			return nil, errors.New("a dot means nothing here: write a backslash before it, or a set")
		default:
			if c == '\\' {
				if p.at++; p.at >= len(p.text) {
					return nil, errors.New("it ends with a backslash")
				}
				if c = p.text[p.at]; c == 'w' || c == 'd' || c == 's' {
					return nil, fmt.Errorf("\\%c stands only in a set", c)
				}
			}
			p.at++
			s.literal = string(c)
		}
		counted, err := p.count(&s)
		if err != nil {
			return nil, err
		}
		if n := len(steps); s.literal != "" && !counted && n > 0 && steps[n-1].literal != "" && steps[n-1].min == 1 && steps[n-1].max == 1 {
			steps[n-1].literal += s.literal
			continue
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// charset reads [A-Za-z0-9_-]; \w and \d stand for what they do in regular expressions.
func (p *patternParser) charset() (*charset, error) {
	s := &charset{}
	for p.at++; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		switch c {
		case ']':
			p.at++
			if *s == (charset{}) {
				return nil, errors.New("a set is empty")
			}
			return s, nil
		case '\\':
			if p.at++; p.at >= len(p.text) {
				return nil, errors.New("a set is not closed")
			}
			switch c = p.text[p.at]; c {
			case 'w', 'd':
				ranges := "09"
				if c == 'w' {
					ranges = "AZaz09__"
				}
				for i := 0; i < len(ranges); i += 2 {
					for x := ranges[i]; x <= ranges[i+1]; x++ {
						s.add(x)
					}
				}
				continue
			}
		}
		last := c
		if p.at+2 < len(p.text) && p.text[p.at+1] == '-' && p.text[p.at+2] != ']' {
			last = p.text[p.at+2]
			p.at += 2
			if last < c {
				return nil, fmt.Errorf("the range %c-%c goes backwards", c, last)
			}
		}
		for x := int(c); x <= int(last); x++ {
			s.add(byte(x))
		}
	}
	return nil, errors.New("a set is not closed")
}

// count reads {4}, {4,8}, {4,} or ?, if it stands there.
func (p *patternParser) count(s *step) (bool, error) {
	if p.at >= len(p.text) {
		return false, nil
	}
	switch p.text[p.at] {
	case '?':
		p.at++
		s.min = 0
		return true, nil
	case '{':
		end := strings.IndexByte(p.text[p.at:], '}')
		if end < 0 {
			return false, errors.New("a brace is not closed")
		}
		low, high, two := strings.Cut(p.text[p.at+1:p.at+end], ",")
		p.at += end + 1
		var err, err2 error
		s.min, err = strconv.Atoi(low)
		switch {
		case !two:
			s.max = s.min
		case high == "":
			s.max = maxRepeat
		default:
			s.max, err2 = strconv.Atoi(high)
		}
		if err != nil || err2 != nil || s.min < 0 || s.max < s.min || s.max == 0 || s.max > maxRepeat {
			return false, errors.New("braces hold one number or two")
		}
		return true, nil
	}
	return false, nil
}

func lengths(steps []step) (low, high int) {
	for _, s := range steps {
		a, b := 1, 1
		switch {
		case s.literal != "":
			a, b = len(s.literal), len(s.literal)
		case s.choice != nil:
			a, b = maxRepeat, 0
			for _, c := range s.choice {
				x, y := lengths(c)
				a, b = min(a, x), max(b, y)
			}
		}
		low, high = low+a*s.min, high+b*s.max
	}
	return low, min(high, 1<<20)
}

// match returns where a match that begins at a place ends, the longest that will do, or -1.
func (p *pattern) match(text []byte, at int, will func(end int) bool) int {
	if at < 0 || at+p.min > len(text) {
		return -1
	}
	m := matcher{text: text}
	if m.run(p.steps, at, func(end int) bool { m.end = end; return will(end) }) {
		return m.end
	}
	return -1
}

// whole says whether the pattern matches all of a text.
func (p *pattern) whole(text []byte) bool {
	return p.match(text, 0, func(end int) bool { return end == len(text) }) >= 0
}

type matcher struct {
	text  []byte
	tries int
	end   int
}

// run matches steps at a place and asks rest whether the end is good.
func (m *matcher) run(steps []step, at int, rest func(int) bool) bool {
	for i := range steps {
		s := &steps[i]
		if m.tries++; m.tries > maxTries {
			return false
		}
		switch {
		case s.set != nil:
			n := 0
			for n < s.max && at+n < len(m.text) && s.set.has(m.text[at+n]) {
				n++
			}
			if n < s.min {
				return false
			}
			if s.min == s.max {
				at += n
				continue
			}
			for ; n >= s.min; n-- {
				if m.run(steps[i+1:], at+n, rest) {
					return true
				}
				if m.tries > maxTries {
					return false
				}
			}
			return false
		case s.literal != "" && s.min == 1 && s.max == 1:
			if len(m.text)-at < len(s.literal) || string(m.text[at:at+len(s.literal)]) != s.literal {
				return false
			}
			at += len(s.literal)
		default:
			return m.repeat(s, s.max, at, 0, func(end int) bool { return m.run(steps[i+1:], end, rest) })
		}
	}
	return rest(at)
}

// repeat matches a literal or a choice that may occur several times or not at all.
func (m *matcher) repeat(s *step, left, at, done int, rest func(int) bool) bool {
	if m.tries++; m.tries > maxTries {
		return false
	}
	if left > 0 {
		once := func(end int) bool { return end > at && m.repeat(s, left-1, end, done+1, rest) }
		if s.literal != "" {
			if end := at + len(s.literal); end <= len(m.text) && string(m.text[at:end]) == s.literal && once(end) {
				return true
			}
		}
		for _, c := range s.choice {
			if m.run(c, at, once) {
				return true
			}
		}
	}
	return done >= s.min && rest(at)
}

// prefix is the literal that every match begins with.
func (p *pattern) prefix() string {
	if s := p.steps[0]; s.literal != "" && s.min == 1 && s.max == 1 {
		return s.literal
	}
	return ""
}

// before says how far from the beginning of a match a literal can stand: the shortest and
// the longest way to it. It is false if it is in no match.
func (p *pattern) before(word string) (low, high int, ok bool) {
	for i, s := range p.steps {
		if s.literal != "" && s.min == 1 && s.max == 1 {
			if k := strings.Index(s.literal, word); k >= 0 {
				a, b := lengths(p.steps[:i])
				return a + k, b + k, true
			}
		}
	}
	for i, s := range p.steps {
		if (s.set == nil || s.max == 1) && s.min == 1 && begin(p.steps[i:], word) {
			a, b := lengths(p.steps[:i])
			return a, b, true
		}
	}
	return 0, 0, false
}

// begin says whether what the steps match can begin with a word.
func begin(steps []step, word string) bool {
	if word == "" || len(steps) == 0 {
		return word == ""
	}
	s := steps[0]
	if s.min == 0 && begin(steps[1:], word) {
		return true
	}
	switch {
	case s.set != nil:
		n := 0
		for n < s.max && n < len(word) && s.set.has(word[n]) {
			n++
		}
		for ; n >= min(s.min, len(word)) && n > 0; n-- {
			if begin(steps[1:], word[n:]) || n == len(word) {
				return true
			}
		}
		return false
	case s.literal != "":
		n := min(len(word), len(s.literal))
		return word[:n] == s.literal[:n] && begin(steps[1:], word[n:])
	}
	for _, c := range s.choice {
		if begin(slices.Concat(c, steps[1:]), word) {
			return true
		}
	}
	return false
}

// last is the set of bytes that a match may end with, for telling where a token ends.
func (p *pattern) last() *charset {
	var out charset
	for i := len(p.steps) - 1; i >= 0; i-- {
		s := &p.steps[i]
		switch {
		case s.set != nil:
			for k := range out {
				out[k] |= s.set[k]
			}
		case s.literal != "":
			out.add(s.literal[len(s.literal)-1])
		default:
			for _, c := range s.choice {
				if len(c) > 0 {
					sub := (&pattern{steps: c}).last()
					for k := range out {
						out[k] |= sub[k]
					}
				}
			}
		}
		if s.min > 0 {
			break
		}
	}
	return &out
}
