package pep440

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gambeson/gambeson/internal/testkit"
)

// A maker makes versions and conditions. Numbers are small, so that many of them meet.
type maker struct{ *rand.Rand }

func (m maker) of(list ...string) string { return list[m.IntN(len(list))] }

// maybe is one of the list, or nothing, which is as probable as the number says in percent.
func (m maker) maybe(percent int, list ...string) string {
	if m.IntN(100) < percent {
		return m.of(list...)
	}
	return ""
}

func (m maker) number() string {
	return m.of("0", "0", "0", "1", "1", "1", "2", "2", "3", "9", "10", "01", "007", "20240131", "20240131235959")
}

func (m maker) release() string {
	s := m.number()
	for range m.of("a", "aa", "aa", "aaa", "aaaa", "aaaaaa") {
		if m.IntN(3) > 0 {
			s += "." + m.number()
		}
	}
	return m.maybe(6, "1!", "1!", "0!", "2!") + s
}

// public is a version in canonical or in odd spelling.
func (m maker) public(odd int) string {
	sep := func() string { return m.maybe(odd, ".", "-", "_") }
	s := m.maybe(odd/4, "v", "V") + m.release()
	if m.IntN(3) == 0 {
		word := m.of("a", "b", "rc")
		if m.IntN(100) < odd {
			word = m.of("alpha", "beta", "c", "pre", "preview", "RC", "A", "Beta")
		}
		s += sep() + word + sep() + m.maybe(100-odd/3, m.number())
	}
	if m.IntN(4) == 0 {
		switch {
		case m.IntN(100) >= odd:
			s += ".post" + m.number()
		case m.IntN(3) == 0:
			s += "-" + m.number()
		default:
			s += sep() + m.of("post", "rev", "r", "POST") + sep() + m.maybe(70, m.number())
		}
	}
	if m.IntN(4) == 0 {
		if m.IntN(100) >= odd {
			s += ".dev" + m.number()
		} else {
			s += sep() + m.of("dev", "DEV") + sep() + m.maybe(70, m.number())
		}
	}
	return s
}

func (m maker) local(odd int) string {
	s := "+" + m.of("cpu", "cu121", "1", "10", "2", "ubuntu", "0", "a", "01", "00a")
	for m.IntN(3) == 0 {
		dot := "."
		if m.IntN(100) < odd {
			dot = m.of("-", "_")
		}
		s += dot + m.of("1", "2", "a", "ABC", "0", "12")
	}
	return s
}

func (m maker) version(odd int) string {
	s := m.public(odd)
	if m.IntN(6) == 0 {
		s += m.local(odd)
	}
	return s
}

// broken is a text that is nearly a version or a condition.
func (m maker) broken(s string) string {
	for range 1 + m.IntN(2) {
		i := m.IntN(len(s) + 1)
		switch m.IntN(3) {
		case 0:
			s = s[:i] + m.of(".", "-", "_", "+", "!", "*", ".*", "a", "dev", "post", "rc", "v", " ", "\u00a0", "\x1c", "0", ",", "=", ">", "~=", "===", ";", ")", "é", "\n") + s[i:]
		case 1:
			if i < len(s) {
				s = s[:i] + s[i+1:]
			}
		default:
			s = m.of("", " ", "\t", "\n", "\u2003", "\x1f") + s + m.of("", " ", "\r\n", ".", "-")
		}
	}
	return strings.ToValidUTF8(s, "?")
}

func (m maker) condition(odd int) string {
	op := m.of("==", "!=", "<", ">", "<=", ">=", "~=", "===")
	s := m.public(odd)
	switch {
	case (op == "==" || op == "!=") && m.IntN(3) == 0:
		s = m.release() + ".*"
	case op == "==" || op == "!=" || op == "===":
		s = m.version(odd)
	case op == "~=":
		for {
			if v, err := Parse(s); err == nil && v.n > 1 {
				break
			}
			s = m.public(odd)
		}
	}
	return op + m.maybe(odd, " ", "  ") + s
}

func (m maker) set(odd int) string {
	s := m.condition(odd)
	for m.IntN(4) == 0 {
		s += "," + m.maybe(30, " ") + m.condition(odd)
	}
	return s
}

// A difference is an answer that packaging gave before it was mended. Ours is the one of
// today, and the standard's.
var differences = []struct {
	condition, version string
	today, before      bool
	until              int // the first release that answers as we do: 2601 is 26.1
	why                string
}{
	{"<1.0.post1", "1.0rc1", true, false, 2601, "<V leaves out pre-releases of V, not those of all that has V's release"},
	{"<1.0.post2", "1.0.post1.dev0", true, false, 2601, "the same"},
	{">1.0a1", "1.0.post1", true, false, 2601, ">V leaves out post-releases of V, not those of all that has V's release"},
	{">1.0a1.dev1", "1.0a1.post1", true, false, 2601, "the same"},
	{">1.0a1", "1.0+cpu", true, false, 2601, ">V leaves out local versions of V, not those of all that has V's release"},
	{">1.0.post1", "1.0.post2+cpu", true, false, 2601, "the same"},
	{"==1!1.0.*", "1!1", true, false, 2400, "epochs were taken for a part of the first number, and then nothing was padded"},
	{"~=1!1.0.0", "1!1", true, false, 2400, "the same"},
	{"==0.*", "1!1.5", false, true, 2400, "padding stood before the epoch and was taken for the release"},
	{"~=1.0c1", "1.2", true, false, 2603, "words in other spellings were taken for numbers of the release"},
	{"~=1.0.RC1", "1.2", true, false, 2603, "the same"},
}

// before is the answer that an older release of packaging gives; see differences.
func before(release int, p Specifier, v Version) bool {
	today := p.Contains(v)
	if p.op == "===" {
		return today
	}
	w := &p.version
	same := v.compareRelease(w) == 0
	switch {
	case p.op == "<" && release < 2601:
		return today && !(same && v.IsPrerelease() && !w.IsPrerelease())
	case p.op == ">" && release < 2601:
		return today && !(same && (v.IsPost() && !w.IsPost() || v.Local() != ""))
	case (p.prefix || p.op == "~=") && release < 2400 && (w.Epoch() != 0 || v.Epoch() != 0):
		n := int(w.n)
		if p.op == "~=" {
			n--
		}
		prefix := today == (p.op != "!=")
		if w.Epoch() != 0 { // no number is padded, and zeros were taken away until 23.1
			numbers := v.Release()
			for release < 2301 && len(numbers) > 1 && numbers[len(numbers)-1] == 0 {
				numbers = numbers[:len(numbers)-1]
			}
			prefix = prefix && len(numbers) >= n
		} else { // the padding comes before the epoch
			prefix = v.Compare(p.version) >= 0 || p.op != "~="
			for _, number := range w.Release()[:n] {
				prefix = prefix && number == 0
			}
		}
		return prefix == (p.op != "!=")
	}
	return today
}

// oddly says whether ~= is spelled so that packaging before 26.3 misreads it.
func oddly(condition string) bool {
	return strings.HasPrefix(condition, "~=") && MustParse(condition[2:]).String() != trim(condition[2:])
}

type told struct {
	Text, Public, Base, Local string
	Release                   []json.Number // of any size
	Epoch                     json.Number
	Pre, Post, Dev            bool
}

type pair struct {
	Set, Version string
	Pre          bool
}

// TestPackaging holds versions, their order and what conditions allow against packaging. It
// passes with every release from 22.0 to 26.3; Debian 12 has 23.0.
//
// Beside differences, three are intended: numbers beyond 64 bits are no version here;
// "===" without a text is no condition here; and letters that only Unicode takes for those
// of ASCII (poſt) are none here, as in today's packaging.
func TestPackaging(t *testing.T) {
	exe := testkit.Python(t, "packaging.specifiers", "packaging")
	m := maker{rand.New(rand.NewPCG(440, 1))}

	var in struct {
		Versions, Sets []string
		Orders         [][2]string
		Pairs          []pair
	}
	for i := range 6000 {
		s := m.version(i % 100)
		if i%3 == 0 {
			s = m.broken(s)
		}
		in.Versions = append(in.Versions, s)
	}
	var good []string
	for _, s := range in.Versions {
		if _, err := Parse(s); err == nil {
			good = append(good, s)
		}
	}
	near := func(s string) string { // the same or nearly
		if m.IntN(3) == 0 {
			return m.of(good...)
		}
		v := MustParse(s)
		out := v.Base().String()
		if m.IntN(2) == 0 {
			out = strings.TrimSuffix(out, ".0")
		}
		out += m.of("", "", ".0", "a1", "rc2", "rc1", "rc1.dev1", ".post1", ".post2", ".post1.dev0", ".dev0", ".dev1", "a1.post1", ".1", "+cpu", "+1.2", ".post1+a")
		if _, err := Parse(out); err != nil {
			return s
		}
		return out
	}
	for range 15000 {
		a := m.of(good...)
		in.Orders = append(in.Orders, [2]string{a, near(a)})
	}
	for i := range 5000 {
		s := m.set(i % 60)
		if i%2 == 0 {
			s = m.broken(s)
		}
		in.Sets = append(in.Sets, s)
	}
	for i := range 30000 {
		s := m.set(i % 60)
		set, err := ParseSet(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		v := m.of(good...)
		if w, ok := set[m.IntN(len(set))].Version(); ok && m.IntN(5) > 0 {
			v = near(w.String())
		}
		in.Pairs = append(in.Pairs, pair{s, v, m.IntN(5) > 0})
	}
	for _, d := range differences {
		in.Pairs = append(in.Pairs, pair{d.condition, d.version, true})
	}

	var version struct{ Version string }
	testkit.AskPython(t, exe, "testdata/ask.py", map[string]any{"Versions": []int{}, "Orders": []int{}, "Sets": []int{}, "Pairs": []int{}}, &version)
	release := testkit.Release(version.Version)
	if release < 2200 {
		testkit.Missing(t, "packaging", "packaging %s still knows versions that are none", version.Version)
	}
	spelled := 0
	asked := in
	asked.Pairs = slices.Clone(in.Pairs)
	for i := range len(in.Pairs) - len(differences) {
		q := &asked.Pairs[i]
		parts := strings.Split(q.Set, ",")
		for j, part := range parts {
			if part = trim(part); release < 2603 && oddly(part) {
				parts[j] = "~=" + MustParse(part[2:]).String()
				spelled++
			}
		}
		q.Set = strings.Join(parts, ",")
	}
	var out struct {
		Versions        []*told
		Orders          []int
		Valid, Contains []bool
	}
	testkit.AskPython(t, exe, "testdata/ask.py", asked, &out)

	bad := 0
	fail := func(format string, args ...any) {
		if bad++; bad <= 30 {
			t.Errorf(format, args...)
		}
	}
	valid := 0
	for i, s := range in.Versions {
		v, err := Parse(s)
		want := out.Versions[i]
		if want == nil || err != nil {
			if (want == nil) != (err != nil) && !strings.Contains(fmt.Sprint(err), tooLarge) {
				fail("%q: packaging says %+v, we %v", s, want, err)
			}
			continue
		}
		valid++
		got := told{v.String(), v.Public().String(), v.Base().String(), v.Local(), nil, json.Number(fmt.Sprint(v.Epoch())), v.IsPrerelease(), v.IsPost(), v.IsDev()}
		for _, n := range v.Release() {
			got.Release = append(got.Release, json.Number(fmt.Sprint(n)))
		}
		if fmt.Sprint(got) != fmt.Sprint(*want) {
			fail("%q: packaging says %+v, we %+v", s, *want, got)
		}
	}
	equal := 0
	for i, q := range in.Orders {
		got := MustParse(q[0]).Compare(MustParse(q[1]))
		if got != out.Orders[i] {
			fail("%q and %q: packaging says %d, we %d", q[0], q[1], out.Orders[i], got)
		}
		if got == 0 {
			equal++
		}
	}
	sets := 0
	for i, s := range in.Sets {
		set, err := ParseSet(s)
		if err == nil {
			sets++
			again, err := ParseSet(set.String())
			if err != nil || again.String() != set.String() {
				fail("%q is written as %q, which is %q (%v)", s, set, again, err)
			}
		}
		intended := out.Valid[i] && err != nil && (strings.Contains(err.Error(), "a version is missing") || strings.Contains(err.Error(), tooLarge))
		if (err == nil) != out.Valid[i] && !intended {
			fail("%q: packaging says %v, we %v", s, out.Valid[i], err)
		}
	}
	yes, differ := 0, 0
	for i, q := range in.Pairs[:len(in.Pairs)-len(differences)] {
		set, _ := ParseSet(q.Set)
		v := MustParse(q.Version)
		got := set.Contains(v, q.Pre)
		then := q.Pre || !v.IsPrerelease()
		for _, p := range set {
			then = then && before(release, p, v)
		}
		if then != out.Contains[i] {
			fail("%q in %q (pre-releases %v): packaging says %v, we %v and of packaging %v", q.Version, q.Set, q.Pre, out.Contains[i], got, then)
		}
		if got {
			yes++
		}
		if got != then {
			differ++
		}
	}
	for i, d := range differences {
		set, _ := ParseSet(d.condition)
		want := d.today
		if release < d.until {
			want = d.before
		}
		if got := set.Contains(MustParse(d.version), true); got != d.today {
			fail("%s in %s: we say %v (%s)", d.version, d.condition, got, d.why)
		}
		if got := out.Contains[len(in.Pairs)-len(differences)+i]; got != want {
			fail("%s in %s: packaging %s says %v and is thought to say %v (%s)", d.version, d.condition, version.Version, got, want, d.why)
		}
	}
	if bad > 30 {
		t.Errorf("and %d more", bad-30)
	}
	t.Logf("packaging %s: %d texts of which %d are versions; %d orders, %d of them equal; %d sets, %d of them valid; %d pairs, %d of them contained; %d answered as older releases do, %d times ~= asked in canonical spelling",
		version.Version, len(in.Versions), valid, len(in.Orders), equal, len(in.Sets), sets, len(in.Pairs)-len(differences), yes, differ, spelled)
	if valid < 3000 || equal < 500 || sets < 1500 || yes < 5000 || yes > 25000 {
		t.Error("the questions are too easy: are they made as they should be?")
	}
}
