package secrets

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/tree"
)

//go:generate go run ./gen

// A Provider gives out tokens. Each is a file in providers/, which is read when the program
// is built (see gen), never when it runs.
type Provider struct {
	ID     string // the file's name: github
	Title  string `yaml:"title"`  // GitHub
	Site   string `yaml:"site"`   // where the provider documents it
	Revoke string `yaml:"revoke"` // where to make it worthless: an address, or words
	Tokens []Kind `yaml:"tokens"`
}

// A Kind is one kind of token that a provider gives out.
type Kind struct {
	ID       string   `yaml:"id"`       // github-personal-token
	Title    string   `yaml:"title"`    // personal access token
	Severity string   `yaml:"severity"` // if somebody has it
	Pattern  string   `yaml:"pattern"`  // see type pattern
	Words    []string `yaml:"words"`    // one of them is in every match; the pattern's first literal, if there are none
	Names    []string `yaml:"names"`    // the form says too little: the token is what a thing of such a name is given
	Check    string   `yaml:"check"`    // see checks
	Entropy  float64  `yaml:"entropy"`  // bits a character that it has at least, if the form does not tell
	Not      []string `yaml:"not"`      // what begins so is none: examples of documentation, keys of emulators
}

var kindID = match.Lazy(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// ParseProvider reads a provider's file. All mistakes are told at once.
func ParseProvider(id string, data []byte) (*Provider, error) {
	p := Provider{ID: id}
	if err := tree.Fill(id, data, &p); err != nil {
		return nil, err
	}
	var errs []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(id+": "+format, args...))
		}
	}
	want(p.Title != "", "title is missing: the name that people know it by")
	want(strings.HasPrefix(p.Site, "https://"), "site is missing: where the provider says what its tokens look like")
	want(p.Revoke != "", "revoke is missing: where to make a token worthless")
	want(len(p.Tokens) > 0, "tokens is missing")
	for i := range p.Tokens {
		k := &p.Tokens[i]
		at := func(ok bool, format string, args ...any) {
			want(ok, "token %d, "+format, append([]any{i + 1}, args...)...)
		}
		at(kindID().MatchString(k.ID), "id is %q: write words with - between them", k.ID)
		at(k.Title != "", "title is missing: what kind of token it is")
		var sev finding.Severity
		at(sev.UnmarshalText([]byte(k.Severity)) == nil && sev < finding.Never, "severity is %q: use critical, high, medium, low or info", k.Severity)
		pat, err := parsePattern(k.Pattern)
		at(err == nil, "%v", err)
		at(checks[k.Check].ok != nil || k.Check == "", "check is %q: there is none of this name", k.Check)
		at(len(k.Words) == 0 || len(k.Names) == 0, "words stand in the token, names beside it: write one of them")
		if err != nil {
			continue
		}
		if len(k.Words) == 0 && len(k.Names) == 0 && len(pat.prefix()) >= 3 {
			k.Words = []string{pat.prefix()}
		}
		at(len(k.Words)+len(k.Names) > 0, "the pattern does not begin with a literal: write the words that are in every token, or the names that it is given to")
		for _, w := range slices.Concat(k.Words, k.Names) {
			at(len(w) >= 3, "%q is too short to look for", w)
		}
		for _, w := range k.Words {
			_, _, ok := pat.before(w)
			at(ok, "%q is no literal of the pattern", w)
		}
	}
	return &p, errors.Join(errs...)
}

// A kind is a Kind made ready for looking.
type kind struct {
	*Kind
	provider *Provider
	severity finding.Severity
	once     sync.Once
	pattern  *pattern
	ends     *charset
}

// ready compiles the pattern when it is first needed: most files need none.
func (k *kind) ready() *pattern {
	k.once.Do(func() {
		p, err := parsePattern(k.Pattern)
		if err != nil {
			panic(err) // the table was made from patterns that parse
		}
		k.pattern, k.ends = p, p.last()
	})
	return k.pattern
}

// match returns the span of a token whose word stands at a place.
func (k *kind) match(text []byte, word string, at int) (start, end int, ok bool) {
	p := k.ready()
	low, high, ok := p.before(word)
	if !ok {
		return 0, 0, false
	}
	for back := high; back >= low; back-- {
		start := at - back
		if start < 0 || !begins(text, start) {
			continue
		}
		if end := p.match(text, start, func(end int) bool { return k.stops(text, end) }); end > at {
			return start, end, true
		}
	}
	return 0, 0, false
}

// begins says whether a token can begin at a place: no word reaches into it, but for escapes
// (\n, %3D) before it.
func begins(text []byte, at int) bool {
	if at == 0 || !word(text[at]) {
		return true
	}
	if !word(text[at-1]) {
		return true
	}
	if at >= 2 && text[at-2] == '\\' && bytes.IndexByte([]byte("nrt"), text[at-1]) >= 0 {
		return true
	}
	return at >= 3 && text[at-3] == '%' && isHex(text[at-1]) && isHex(text[at-2])
}

// stops says whether a token ends here: nothing goes on that it could have been part of.
func (k *kind) stops(text []byte, end int) bool {
	if end >= len(text) {
		return true
	}
	c := text[end]
	return !k.ends.has(c) && !word(c) || c == '=' || c == '-' && !k.ends.has('-')
}

func word(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// real says whether a text of the right form is a token: what can be computed is right, and
// what is random looks so. Sure means that chance or a template cannot have made it.
func (k *kind) real(token string) (real, sure bool) {
	if c := checks[k.Check]; c.ok != nil {
		if !c.ok(token) {
			return false, false
		}
		sure = c.sure
	}
	for _, not := range k.Not {
		if strings.HasPrefix(token, not) {
			return false, false
		}
	}
	if sure {
		return true, true
	}
	random := strings.TrimPrefix(token, k.ready().prefix())
	for _, w := range k.Words {
		random = strings.ReplaceAll(random, w, "")
	}
	least := k.Entropy
	if least == 0 {
		switch n := len(random); {
		case n >= 28:
			least = 3
		case n >= 16:
			least = 2.7
		case n >= 10:
			least = 2
		}
	}
	if match.Entropy(random) < least || filler(random) {
		return false, false
	}
	return true, false
}

// filler says whether somebody has typed the text to fill a place: words that say so, runs of
// one character, and the alphabet or the digits in order.
func filler(s string) bool {
	l := strings.ToLower(s)
	for _, w := range []string{"example", "xxxx", "your", "0000000", "placeholder", "redacted", "changeme", "replace", "insert", "dummy", "sample", "abcdefgh", "12345678", "1234abcd", "abcd1234", "qwerty", "deadbeefdeadbeef", "testtest", "fakefake", "notreal", "not_real", "...", "***", "mytoken", "token_here", "secret_here"} {
		if strings.Contains(l, w) {
			return true
		}
	}
	run, same := 1, 1
	for i := 1; i < len(l); i++ {
		if l[i] == l[i-1]+1 {
			run++
		} else {
			run = 1
		}
		if l[i] == l[i-1] {
			same++
		} else {
			same = 1
		}
		if run >= 7 || same >= 7 {
			return true
		}
	}
	return periodic(l)
}

// periodic says that the text is a short piece over and over.
func periodic(s string) bool {
	for n := 1; n <= 8 && 3*n <= len(s); n++ {
		if s[n:] == s[:len(s)-n] {
			return true
		}
	}
	return false
}
