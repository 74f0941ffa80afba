package pep440

import (
	"fmt"
	"strings"
)

// A Specifier is one condition on a version: ">=1.4", "!=1.5.*".
type Specifier struct {
	op      string
	version Version // not set if text is
	prefix  bool    // == and != with .*
	text    string  // of ===, as it is written
}

// A Set is conditions that must all hold. An empty one allows everything.
type Set []Specifier

// The operators, a longer one before those that it begins with.
var operators = [...]string{"===", "~=", "==", "!=", "<=", ">=", "<", ">"}

// ParseSpecifier reads one condition.
func ParseSpecifier(s string) (Specifier, error) {
	s = trim(s)
	var p Specifier
	for _, op := range operators {
		if strings.HasPrefix(s, op) {
			p.op = op
			break
		}
	}
	if p.op == "" {
		return p, fmt.Errorf("%s is not a condition on a version: it begins with none of ~= == != <= >= < > ===", quote(s))
	}
	text := trim(s[len(p.op):])
	fail := func(wrong string, at int) (Specifier, error) {
		return Specifier{}, fmt.Errorf("%s is not a condition on a version: %s, at %s", quote(s), wrong, rest(text, at))
	}
	if p.op == "===" {
		if i := strings.IndexFunc(text, func(r rune) bool { return space(r) || r == ';' || r == ')' }); i >= 0 {
			return fail("there is more than a version", i)
		}
		if text == "" {
			return fail("a version is missing", 0)
		}
		p.text = text
		return p, nil
	}

	v, n, wrong := scan(text)
	p.version = v
	switch {
	case wrong != "":
		return fail(wrong, n)
	case text[n:] == ".*":
		if p.op != "==" && p.op != "!=" {
			return fail("only == and != can have a star", n)
		}
		if v.stage != final || v.hasPost || v.local != "" {
			return fail("a star stands behind a release only", n)
		}
		p.prefix = true
	case n < len(text):
		return fail("there is more than a version", n)
	case v.local != "" && p.op != "==" && p.op != "!=":
		return fail("only == and != can have a local version", strings.IndexByte(text, '+'))
	case p.op == "~=" && v.n < 2:
		return fail("~= needs two numbers at least, since the last one may grow", 0)
	}
	return p, nil
}

// ParseSet reads conditions with commas between them. Empty ones are passed over.
func ParseSet(s string) (Set, error) {
	var set Set
	for part := range strings.SplitSeq(s, ",") {
		if trim(part) == "" {
			continue
		}
		p, err := ParseSpecifier(part)
		if err != nil {
			return nil, err
		}
		set = append(set, p)
	}
	return set, nil
}

// Op is the operator: "~=" and the like.
func (p Specifier) Op() string { return p.op }

// Version is the version of the condition. Of === it is one only if its text can be read.
func (p Specifier) Version() (Version, bool) {
	if p.op == "===" {
		v, err := Parse(p.text)
		return v, err == nil
	}
	return p.version, p.op != ""
}

// Wildcard says whether the condition ends with a star.
func (p Specifier) Wildcard() bool { return p.prefix }

// String is the condition in canonical form. The text of === stays as it is.
func (p Specifier) String() string {
	switch {
	case p.op == "===":
		return p.op + p.text
	case p.prefix:
		return p.op + p.version.String() + ".*"
	}
	return p.op + p.version.String()
}

// String is the set in canonical form, in the order it was written.
func (s Set) String() string {
	parts := make([]string, len(s))
	for i, p := range s {
		parts[i] = p.String()
	}
	return strings.Join(parts, ",")
}

// Contains says whether the version fulfils the condition; of pre-releases it thinks as of
// all others.
func (p Specifier) Contains(v Version) bool { return p.contains(&v) }

func (p *Specifier) contains(v *Version) bool {
	public := *v
	public.local = ""
	w := &p.version
	switch p.op {
	case "===":
		return strings.ToLower(p.text) == v.String()
	case "==":
		return p.equal(v)
	case "!=":
		return !p.equal(v)
	case ">=":
		return public.compare(w) >= 0
	case "<=":
		return public.compare(w) <= 0
	case "<":
		// <1.0 does not mean 1.0rc1, and <1.0.post1 does not mean 1.0.post1.dev0; <1.0rc1 means
		// whatever comes before.
		bound := *w
		if !bound.IsPrerelease() {
			bound.hasDev, bound.dev = true, 0
			if bound.stage == final && !bound.hasPost {
				bound.stage = early
			}
		}
		return v.compare(&bound) < 0
	case ">":
		// >1.0 means neither 1.0+cpu nor 1.0.post1; >1.0.post1 means 1.0.post2.
		if public.compare(w) <= 0 {
			return false
		}
		return !v.hasPost || w.hasPost || w.hasDev || v.stage != w.stage || v.pre != w.pre || v.compareRelease(w) != 0
	case "~=":
		return public.compare(w) >= 0 && v.hasPrefix(w, int(w.n)-1)
	}
	return false
}

// equal is ==. Without a local version it means all local ones.
func (p *Specifier) equal(v *Version) bool {
	if p.prefix {
		return v.hasPrefix(&p.version, int(p.version.n))
	}
	if p.version.local == "" && v.local != "" {
		public := *v
		public.local = ""
		return public.compare(&p.version) == 0
	}
	return v.compare(&p.version) == 0
}

// Contains says whether the version fulfils all conditions. Without prereleases none of them
// is allowed, whatever the conditions say; see Prereleases. For advisories the answer to ask
// for is the one with prereleases: a candidate can have the weakness too.
func (s Set) Contains(v Version, prereleases bool) bool {
	if !prereleases && v.IsPrerelease() {
		return false
	}
	for i := range s {
		if !s[i].contains(&v) {
			return false
		}
	}
	return true
}

// Prereleases says whether the conditions ask for pre-releases by naming one, as >=1.0rc1
// does.
func (s Set) Prereleases() bool {
	for _, p := range s {
		if v, ok := p.Version(); ok && p.op != "!=" && p.op != "<" && p.op != ">" && v.IsPrerelease() {
			return true
		}
	}
	return false
}

// Pinned is the one version that the set allows: by == without a star, or by ===. A set that
// contradicts itself pins nothing. That ==1.0 also takes 1.0+cpu makes it no less of a pin.
func (s Set) Pinned() (Version, bool) {
	for i, p := range s {
		v, ok := p.Version()
		if !ok || p.prefix || p.op != "==" && p.op != "===" {
			continue
		}
		for j := range s {
			if j != i && !s[j].contains(&v) {
				return Version{}, false
			}
		}
		return v, true
	}
	return Version{}, false
}
