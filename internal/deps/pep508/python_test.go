package pep508

import (
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/deps/pep440"
	"github.com/gambeson/gambeson/internal/testkit"
)

// A maker makes requirements and markers.
type maker struct{ *rand.Rand }

func (m maker) of(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) maybe(percent int, list ...string) string {
	if m.IntN(100) < percent {
		return m.of(list...)
	}
	return ""
}

func (m maker) blank() string { return m.maybe(40, " ", "  ", "\t") }

func (m maker) quoted(s string) string {
	if q := m.of(`"`, `'`); !strings.Contains(s, q) {
		return q + s + q
	}
	return `"` + strings.ReplaceAll(s, `"`, "") + `"`
}

// values are what the variables may be, and what they are compared with.
var values = map[string][]string{
	"python_version":                 {"2.7", "3", "3.6", "3.8", "3.9", "3.10", "3.12", "3.13", "4.0"},
	"python_full_version":            {"3.6.1", "3.8.0", "3.12.4", "3.13.0rc1", "3.12", "3.13", "3.13.0+"},
	"os_name":                        {"posix", "nt", "java"},
	"sys_platform":                   {"linux", "linux2", "darwin", "win32", "cygwin"},
	"platform_release":               {"5.10.0", "6.1.0-13-amd64", "10", "22.1.0", ""},
	"platform_system":                {"Linux", "Darwin", "Windows", ""},
	"platform_version":               {"#1 SMP Debian 5.10", "10.0.19041", "10.0"},
	"platform_machine":               {"x86_64", "aarch64", "arm64", "AMD64", "1.0"},
	"platform_python_implementation": {"CPython", "PyPy", "Jython"},
	"implementation_name":            {"cpython", "pypy"},
	"implementation_version":         {"3.12.4", "7.3.13", "3.8.0"},
	"extra":                          {"", "test", "Dev_Tools", "dev-tools", "socks", "1.0", "1-0"},
}

// strange are texts that any variable may be compared with.
var strange = []string{"3.8.*", "2.7 3.6 3.12", "linux darwin", "Linux", "win", "", "1.0", "!", "3.12.0", "3.*", "é", "a b"}

var variableNames = slices.Sorted(maps.Keys(values))

func (m maker) environment() Environment {
	e := Environment{}
	for _, name := range variableNames {
		e[name] = m.of(values[name]...)
	}
	return e
}

func (m maker) comparison() string {
	name := m.of(variableNames...)
	value := m.of(values[name]...)
	if m.IntN(5) == 0 {
		value = m.of(strange...)
	}
	shown := name
	for _, old := range slices.Sorted(maps.Keys(variables)) {
		if variables[old] == name && m.IntN(2) == 0 {
			shown = old
		}
	}
	op := m.of("==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in", "==", "==", "!=", ">=", "<")
	op = m.of(" ", "  ") + op + " "
	if strings.ContainsAny(op, "<>=") {
		op = m.blank() + strings.TrimSpace(op) + m.blank()
	}
	if m.IntN(5) == 0 {
		return m.quoted(value) + op + shown
	}
	return shown + op + m.quoted(value)
}

func (m maker) marker(depth int) string {
	var b strings.Builder
	for i := 0; i == 0 || m.IntN(5) < 2; i++ {
		if i > 0 {
			b.WriteString(m.of(" and ", " or "))
		}
		if depth > 0 && m.IntN(4) == 0 {
			b.WriteString("(" + m.blank() + m.marker(depth-1) + m.blank() + ")")
		} else {
			b.WriteString(m.comparison())
		}
	}
	return b.String()
}

func (m maker) requirement() string {
	s := m.maybe(10, " ") + m.of("requests", "Foo.Bar", "zope.interface", "a", "A_b--c", "x_", "0x", "name-1.0") + m.blank()
	if m.IntN(4) == 0 {
		s += "[" + m.blank() + m.of("", "socks", "a,b", "a , B_c", "b,a,b", "a.1") + m.blank() + "]" + m.blank()
	}
	if m.IntN(6) == 0 {
		s += "@" + m.blank() + m.of("https://example.com/a.zip", "git+ssh://git@example.com/r.git@main#egg=x", "file:///tmp/x", "https://example.com/a;b") + m.maybe(80, " ", "\t")
	} else if m.IntN(5) > 0 {
		var parts []string
		for range 1 + m.IntN(3) {
			parts = append(parts, m.of(">=1.0", "< 2", "!=1.5.*", "~=1.4.2", "==1.0+cpu", "===foo", "==v1.0-RC.1", ">1!0", "<=  2.0.post1"))
		}
		list := strings.Join(parts, ","+m.maybe(20, " "))
		if strings.Contains(list, "===") { // see TestPackaging
			list = strings.ReplaceAll(list, ", ", ",")
		}
		list = list + m.maybe(8, ",", " ,") + m.blank()
		if m.IntN(4) == 0 {
			list = "(" + m.blank() + list + ")" + m.blank()
		}
		s += list
	}
	if m.IntN(3) == 0 {
		s += ";" + m.blank() + m.marker(2) + m.maybe(10, " ")
	}
	return s
}

func (m maker) broken(s string) string {
	for range 1 + m.IntN(2) {
		i := m.IntN(len(s) + 1)
		if m.IntN(2) == 0 {
			s = s[:i] + m.of(".", "-", ",", "[", "]", "(", ")", ";", "@", "=", ">", "'", `"`, " ", "and", " or ", "x", "1", "not", "in", "é", "*", "#") + s[i:]
		} else if i < len(s) {
			s = s[:i] + s[i+1:]
		}
	}
	return strings.ToValidUTF8(s, "?")
}

// leaves calls f for every comparison.
func (n *node) leaves(f func(*node)) {
	if n.kids == nil {
		f(n)
	}
	for _, k := range n.kids {
		k.leaves(f)
	}
}

// sides are the comparison's variable and the texts on its sides.
func (n *node) sides(e Environment) (variable, l, r string) {
	variable = n.left.text
	if !n.left.variable {
		variable = n.right.text
	}
	l, _ = n.left.value(e)
	r, _ = n.right.value(e)
	if variable == "extra" {
		l, r = Normalise(l), Normalise(r)
	}
	return variable, l, r
}

// differs says whether packaging before 26 took the comparison otherwise, and why.
func (n *node) differs(e Environment) string {
	variable, l, r := n.sides(e)
	_, err := pep440.ParseSpecifier(n.op + r)
	condition := (err == nil || n.op == "===" && strings.TrimSpace(r) == "") && n.op != "in" && n.op != "not in"
	_, err = pep440.Parse(l)
	switch {
	case condition && !versions(variable):
		return "it compared as a version whatever looked like one, or raised InvalidVersion"
	case condition && err != nil:
		return "it raised InvalidVersion"
	case !condition && strings.ContainsAny(n.op, "<>"):
		return "it compared strings by the alphabet"
	}
	return ""
}

// before is the answer of packaging before 26; Unknown is an exception.
func (n *node) before(e Environment) Tri {
	if n.kids != nil {
		t, raised := n.kids[0].before(e), false
		for i, k := range n.kids {
			a := k.before(e)
			raised = raised || a == Unknown
			if i > 0 && n.op == "and" {
				t = min(t, a)
			} else {
				t = max(t, a)
			}
		}
		if raised {
			return Unknown
		}
		return t
	}
	if n.differs(e) == "" {
		return n.eval(e)
	}
	_, l, r := n.sides(e)
	if s, err := pep440.ParseSpecifier(n.op + r); err == nil || n.op == "===" && r == "" {
		v, err := pep440.Parse(l)
		if err != nil {
			return Unknown
		}
		return tri(s.Contains(v)) // no version is ""
	}
	switch n.op {
	case "<":
		return tri(l < r)
	case "<=":
		return tri(l <= r)
	case ">":
		return tri(l > r)
	case ">=":
		return tri(l >= r)
	}
	return Unknown
}

// raises is the answer of packaging from 26 on, where a comparison without a meaning is an
// exception for the whole marker.
func (n *node) raises(e Environment) Tri {
	t := n.eval(e)
	n.leaves(func(k *node) {
		if k.eval(e) == Unknown {
			t = Unknown
		}
	})
	return t
}

type told struct {
	Name, Normal       string
	Extras, Specifiers []string
	URL, Marker        string
}

type question struct {
	Marker      string
	Environment Environment
}

// TestPackaging holds requirements and markers against packaging. It passes with every release
// from 23.0 to 26.3; Debian 12 has 23.0. Intended differences, beside those that the function
// differs names:
//
//   - a comma and a blank behind ===1.0 go on to the next condition, as the standard says; for
//     packaging the comma belongs to the text;
//   - a backslash between quotes is an error, where packaging reads Python's escapes;
//   - a URL may be anything; packaging before 23.2 wanted a scheme and a host;
//   - two variables are compared by their values, and two strings as they are; packaging takes
//     the name of the second variable for a string, and raises KeyError for strings;
//   - the end of a line is a blank.
func TestPackaging(t *testing.T) {
	exe := testkit.Python(t, "packaging.specifiers", "packaging")
	m := maker{rand.New(rand.NewPCG(508, 1))}
	var in struct {
		Requirements []string
		Markers      []question
	}
	for i := range 8000 {
		s := m.requirement()
		if i%2 == 0 {
			s = m.broken(s)
		}
		in.Requirements = append(in.Requirements, s)
	}
	for i := range 12000 {
		in.Markers = append(in.Markers, question{m.marker(i % 3), m.environment()})
	}
	var out struct {
		Version      string
		Requirements []*told
		Markers      []string
	}
	testkit.AskPython(t, exe, "testdata/ask.py", map[string]any{"Requirements": []int{}, "Markers": []int{}}, &out)
	release := testkit.Release(out.Version)
	if release < 2300 {
		testkit.Missing(t, "packaging", "packaging %s reads requirements in another way", out.Version)
	}
	asked := in
	asked.Markers = slices.Clone(in.Markers)
	for i, q := range in.Markers {
		if m, err := ParseMarker(q.Marker); err == nil && 2600 <= release && release < 2603 {
			asked.Markers[i].Marker = m.String() // they forgot extras in parentheses when they made names one
		}
		if name := "python_full_version"; release < 2402 && strings.HasSuffix(q.Environment[name], "+") {
			q.Environment[name] += "local" // packaging has done it since then
		}
	}
	testkit.AskPython(t, exe, "testdata/ask.py", asked, &out)
	bad := 0
	fail := func(format string, args ...any) {
		if bad++; bad <= 30 {
			t.Errorf(format, args...)
		}
	}

	good, markers := 0, 0
	for i, s := range in.Requirements {
		r, err := Parse(s)
		want := out.Requirements[i]
		if want == nil || err != nil {
			if (want == nil) != (err != nil) && !intended(release, s, r, err, want) {
				fail("%q: packaging says %+v, we %+v, %v", s, want, r, err)
			}
			continue
		}
		good++
		if r.Name != want.Name || Normalise(r.Name) != want.Normal || r.URL != want.URL || !slices.Equal(sorted(r.Extras), want.Extras) {
			fail("%q: packaging says %+v, we %+v", s, want, r)
		}
		var ours, theirs []string
		for _, c := range r.Specifiers {
			ours = append(ours, c.String())
		}
		for _, s := range want.Specifiers {
			c, err := pep440.ParseSpecifier(s)
			if err != nil {
				fail("%q: %v", s, err)
			}
			theirs = append(theirs, c.String())
		}
		if !slices.Equal(sorted(ours), sorted(theirs)) {
			fail("%q: packaging has %v, we %v", s, theirs, ours)
		}
		if (want.Marker == "") != r.Marker.Empty() {
			fail("%q: packaging has the marker %q, we %q", s, want.Marker, r.Marker)
		}
		if want.Marker != "" && (release >= 2603 || !doubled.MatchString(s) && !strings.Contains(r.Marker.String(), "'")) {
			markers++
			again, err := ParseMarker(want.Marker)
			if err != nil || again.String() != r.Marker.String() {
				fail("%q: packaging has the marker %q, we %q (%v)", s, want.Marker, r.Marker, err)
			}
		}
		again, err := Parse(r.String())
		if err != nil || again.String() != r.String() {
			fail("%q is written as %q, which is %q (%v)", s, r, again, err)
		}
	}

	count := map[Tri]int{}
	differ := map[string]int{}
	for i, q := range in.Markers {
		marker, err := ParseMarker(q.Marker)
		if err != nil {
			fail("%q: %v; packaging says %s", q.Marker, err, out.Markers[i])
			continue
		}
		if again, err := ParseMarker(marker.String()); err != nil || again.Eval(q.Environment) != marker.Eval(q.Environment) {
			fail("%q is written as %q, which means something else (%v)", q.Marker, marker, err)
		}
		theirs := Unknown
		switch out.Markers[i] {
		case "true":
			theirs = True
		case "false":
			theirs = False
		case "invalid":
			fail("%q: packaging says that it is invalid", q.Marker)
		}
		want := marker.root.raises(q.Environment)
		count[marker.Eval(q.Environment)]++
		if release < 2600 {
			known := ""
			marker.root.leaves(func(n *node) {
				if why := n.differs(q.Environment); why != "" {
					known = why
				}
			})
			if known != "" {
				differ[known]++
				want = marker.root.before(q.Environment)
			}
		}
		if theirs != want {
			fail("%q in %v: packaging says %s, we %s and of packaging %s", q.Marker, q.Environment, out.Markers[i], marker.Eval(q.Environment), want)
		}
	}
	if bad > 30 {
		t.Errorf("and %d more", bad-30)
	}
	t.Logf("packaging %s: %d requirements, %d of them valid, %d with markers; %d markers, %v; with a comparison that packaging took otherwise before 26: %v",
		out.Version, len(in.Requirements), good, markers, len(in.Markers), count, differ)
	if good < 4000 || markers < 1000 || count[True] < 2000 || count[False] < 2000 {
		t.Error("the questions are too easy: are they made as they should be?")
	}
}

// intended says whether it is one of the differences that TestPackaging names.
func intended(release int, s string, r Requirement, err error, want *told) bool {
	if want == nil {
		return r.URL != "" && release < 2302 || strings.Contains(s, "===") && strings.Contains(s, ",")
	}
	return strings.Contains(err.Error(), "a version is missing") && strings.Contains(s, "===")
}

// doubled parentheses are lost when packaging before 26.3 writes a marker, and with them the
// meaning; so are single quotes around double ones.
var doubled = regexp.MustCompile(`\(\s*\(`)

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
