package dependencies

import (
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/deps/manifest"
	"github.com/gambeson/gambeson/internal/deps/pep508"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/shell"
	"github.com/gambeson/gambeson/internal/source"
)

// TyposquatName looks for names that are a slip of the hand away from a popular one. Short
// names have too many neighbours, and whoever names a package after another one puts
// something in front or behind: both are left out.
var TyposquatName = rule.Check{Docs: asksWhere, Doc: typosquatName}

// Of 886,000 names that PyPI has, 294 would be found without the second bound, half of them
// neighbours of names as short as openai and docker that somebody has chosen in good faith.
const (
	shortest = 6  // letters of a popular name, for two that are swapped, a hyphen and what looks alike
	longer   = 8  // of one, for a letter that is another, too many or missing
	longest  = 60 // of a name in a file
)

func typosquatName(p *rule.DocPass) {
	seen := map[string]bool{}
	look := func(written string, at func() source.Span) { // a place costs a copy of its line
		name := pep508.Normalise(written)
		if seen[name] || len(name) < shortest-1 || len(name) > longest || popular()[name] || alike()[name] {
			return
		}
		seen[name] = true
		meant, how := looksLike(name)
		if meant == "" || p.Manifest != nil && p.Manifest.Lock && named(p, name) {
			return
		}
		p.ReportSpan(at(), "%s is %s away from %s, which is the name that nearly everybody means.", shown(written), how, meant).
			Advise("%s, if that is meant; else a comment that says so, with # gambeson: ignore[typosquat-name]", meant)
	}
	for _, c := range shell.Of(p.Doc).Commands {
		if q, ok := pipCommand(c); ok {
			list, _ := pipArguments(q)
			for _, q := range list {
				look(q.name, func() source.Span { return q.at.At })
			}
		}
	}
	if p.Manifest == nil {
		return
	}
	for i := range p.Manifest.Packages {
		if q := &p.Manifest.Packages[i]; q.From == manifest.Index {
			look(q.Written, func() source.Span { return p.Place(q.At) })
		}
	}
}

// named says whether a file that is no lock file asks for the package: that is the one to
// look at.
func named(p *rule.DocPass, name string) bool {
	for _, d := range p.All {
		if d.Manifest != nil && !d.Manifest.Lock && slices.ContainsFunc(d.Manifest.Packages, func(q manifest.Package) bool { return q.Name == name }) {
			return true
		}
	}
	return false
}

// looksLike finds the popular name that somebody could have meant, and what the slip is.
func looksLike(name string) (meant, how string) {
	list, bare := longPopular()
	if p := bare[strings.ReplaceAll(name, "-", "")]; p != "" {
		return p, "a hyphen"
	}
	if p := bare["="+looks.Replace(name)]; p != "" {
		return p, "a character that looks the same"
	}
	for _, p := range list {
		if how := slip(name, p); how != "" {
			return p, how
		}
	}
	return "", ""
}

// longPopular are the popular names that are long enough, and bare has them without hyphens,
// and behind = with one character for all that look alike.
var longPopular = sync.OnceValues(func() (list []string, bare map[string]string) {
	bare = map[string]string{}
	for name := range popular() {
		if len(name) >= shortest {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	for _, name := range list {
		bare[strings.ReplaceAll(name, "-", "")] = name
		bare["="+looks.Replace(name)] = name
	}
	return list, bare
})

// looks makes one of what looks alike in many fonts.
var looks = strings.NewReplacer("0", "o", "1", "l", "i", "l", "rn", "m", "vv", "w")

// slip is what turns the one into the other, if it is one slip inside of the word. Another
// last character makes pytest-mocks and psycopg3, another first one grequests and aioredis;
// these are names that people choose.
func slip(name, popular string) string {
	n := 0
	for n < len(name) && n < len(popular) && name[n] == popular[n] {
		n++
	}
	a, b := name[n:], popular[n:]
	if n == 0 || a == "" || b == "" {
		return "" // another beginning, or another end
	}
	digit := func(c byte) bool { return '0' <= c && c <= '9' || c == '-' }
	switch {
	case len(a) == len(b) && len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:] && !digit(a[0]) && !digit(a[1]):
		return "two swapped letters"
	case len(popular) < longer:
	case len(a) == len(b) && len(a) > 1 && a[1:] == b[1:] && !digit(a[0]) && !digit(b[0]) && keysBeside(a[0], b[0]):
		return "one key"
	case a[1:] == b && !digit(a[0]):
		return "one letter too many"
	case b[1:] == a && !digit(b[0]):
		return "one missing letter"
	}
	return ""
}

// keysBeside says whether two keys lie beside one another, or are vowels that one mishears.
func keysBeside(a, b byte) bool {
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm"} {
		if i, j := strings.IndexByte(row, a), strings.IndexByte(row, b); i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
			return true
		}
	}
	return strings.IndexByte("aeiouy", a) >= 0 && strings.IndexByte("aeiouy", b) >= 0
}
