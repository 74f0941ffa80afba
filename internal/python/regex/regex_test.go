package regex

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gambeson/gambeson/internal/testkit"
)

var evil = []struct {
	pattern string
	flags   Flags
	full    bool
}{
	{pattern: `(a+)+$`},
	{pattern: `(a|a)*$`},
	{pattern: `(a|aa)+$`},
	{pattern: `(a*)*$`},
	{pattern: `(?:a*b*)*c`},
	{pattern: `(a{2,3})*$`},
	{pattern: `(x+x+)+y`},
	{pattern: `^(([a-z])+.)+[A-Z]([a-z])+$`},
	{pattern: `(\w+\s?)*$`},
	{pattern: `(?:\s*\w+)*$`},
	{pattern: `(.*)*x`},
	{pattern: `^(.*)*$`},
	{pattern: `(?s)^(.*)*x$`},
	{pattern: `(\d+|\w+)*!`},
	{pattern: `(?:[^ab]|[^ac])+$`},
	{pattern: `(?:[ab]x?|[bc])*$`},
	{pattern: `(?i)(?:ab|Abc?)+$`},
	{pattern: `(?:éx?|É)+$`, flags: IgnoreCase},
	{pattern: `^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$`},
	{pattern: `(?:.*,)*[ \t]*([^ \t]+)[ \t]+realm=(["']?)([^"']*)\2`},
	{pattern: `"(?:[^"\\]|\\.|[^"])*"`},
	{pattern: `(?x) ( a + ) + $  # twice`},
	{pattern: `(['"])(a+)+\1`},
	{pattern: `(?>(a+)+b)`},
	{pattern: `(?=(a+)+b)a`},
	{pattern: `(?!(a+)+b)a`},
	{pattern: `(?:(?!ab)a+)+$`},
	{pattern: `(?P<q>x)(?(q)(?:y+)+z|w)`},
	{pattern: `\b(\w+)*\.`},
	{pattern: `(?:(?:ab|a|b)c?)+$`},
	{pattern: `(?:x{1,64}\.?){1,100}$`},
	{pattern: `(a+)+`, full: true},
	{pattern: `(?:[^\x00-\x1f]+)+`, full: true, flags: Bytes},
	{pattern: `^(?:[\w-]+\.?)+@example\.org$`},
	{pattern: `^(?=.*\d)(?:[a-z]+\d*)+$`},
}

var innocent = []struct {
	pattern string
	flags   Flags
	full    bool
}{
	{pattern: `(ab+)+$`},
	{pattern: `(a+b)+$`},
	{pattern: `\d+\.\d+`},
	{pattern: `^[\w.-]+@[\w-]+\.\w+$`},
	{pattern: `(?:a|b)*$`},
	{pattern: `(?i)(?:a|A)+$`}, // Python makes sets of these
	{pattern: `(?:[\d.]|\d)+$`},
	{pattern: `(?:a[bc]|a[cd])+$`},
	{pattern: `(?:a?)*$`},
	{pattern: `(?:a?b?)*c`},
	{pattern: `(a+)+`},          // takes what it gets
	{pattern: `(?s)(.*)*$`},     // always fits
	{pattern: `(?s)(?:.|\n)*`},  // so does this
	{pattern: `(?>(a+)+)$`},     // gives nothing back
	{pattern: `(a++)+$`},        // nor do these
	{pattern: `(a+)++$`},        //
	{pattern: `(?:(?>a|aa))+$`}, //
	{pattern: `(?:\w+\b,?)*;`},  // a word ends where it ends
	{pattern: `(?:a+(?!a))+$`},  // takes all of them, or none
	{pattern: `(?:\w+,)*\w+$`},  // the comma keeps them apart
	{pattern: `"(?:[^"\\]|\\.)*"`},
	{pattern: `'''(?:[^'\\]|\\.|'(?!''))*'''`},
	{pattern: `(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z]{2,6}$`},
	{pattern: `^(?:\d{1,3}\.){3}\d{1,3}$`},
	{pattern: `^([0-9a-f]{2}:)*[0-9a-f]{2}$`},
	{pattern: `\s+$`},
	{pattern: `(\d{4})+$`},
	{pattern: `(?:foo|bar|baz)*$`},
	{pattern: `(?:é|É)+$`},
	{pattern: `^/(?:[^/]+/)*[^/]*$`},
	{pattern: `(?m)^\s*(?:#.*\n)*\s*$`},
}

func TestExplosive(t *testing.T) {
	for _, e := range evil {
		r, err := Parse(e.pattern, e.flags)
		if err != nil {
			t.Errorf("%s: %v", e.pattern, err)
			continue
		}
		w, ok := r.Explosive(e.full)
		if !ok {
			t.Errorf("%s: not found", e.pattern)
			continue
		}
		t.Logf("%-44s %q %q %q ×%.1f", e.pattern, w.Prefix, w.Pump, w.Suffix, w.Growth)
	}
	for _, e := range innocent {
		r, err := Parse(e.pattern, e.flags)
		if err != nil {
			t.Errorf("%s: %v", e.pattern, err)
			continue
		}
		if w, ok := r.Explosive(e.full); ok {
			t.Errorf("%s: %+v", e.pattern, w)
		}
	}
}

// python runs a script, or skips the test.
func python(t *testing.T, script, input string) []byte {
	t.Helper()
	exe, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(exe, "-c", "import sys; sys.exit(sys.version_info < (3, 11))").Run()
	}
	if err != nil {
		testkit.Missing(t, "python", "there is no python3 of 3.11 or newer")
	}
	cmd := exec.Command(exe, "-W", "ignore", "-c", script)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return out
}

type question struct {
	Pattern string
	Flags   int
	Full    bool
	Bytes   bool
	Texts   []string
}

// pythonFlags are the values of re's flags.
func pythonFlags(f Flags) (n int) {
	for i, v := range []int{2, 8, 16, 64, 256} {
		if f>>i&1 != 0 {
			n |= v
		}
	}
	return n
}

func ask(t *testing.T, script string, in []question, out any) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(python(t, script, string(data)), out); err != nil {
		t.Fatal(err)
	}
}

// TestPythonTakesLong: what is found explodes in Python, too.
func TestPythonTakesLong(t *testing.T) {
	// The longest text that takes less than a hundredth of a second is a yardstick; four
	// more pumps must take four times as long at least.
	const script = `
import json, re, sys, time
def took(match, text):
    best = 9
    for _ in range(2):
        start = time.process_time()
        match(text)
        best = min(best, time.process_time() - start)
        if best > 0.02:
            break
    return best
answers = []
for q in json.load(sys.stdin):
    enc = (lambda s: s.encode("latin-1")) if q["Bytes"] else str
    pattern = re.compile(enc(q["Pattern"]), q["Flags"])
    match = pattern.fullmatch if q["Full"] else pattern.match
    prefix, pump, suffix = map(enc, q["Texts"])
    n, spent = 4, 0
    while n < 60 and (spent := took(match, prefix + pump * n + suffix)) < 0.002:
        n += 1
    answers.append(took(match, prefix + pump * (n + 4) + suffix) / spent if n < 60 else 0)
print(json.dumps(answers))
`
	var in []question
	for _, e := range evil {
		r, err := Parse(e.pattern, e.flags)
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := r.Explosive(e.full); ok {
			in = append(in, question{e.pattern, pythonFlags(e.flags), e.full, e.flags&Bytes != 0, []string{w.Prefix, w.Pump, w.Suffix}})
		}
	}
	var growth []float64
	start := time.Now()
	ask(t, script, in, &growth)
	for i, g := range growth {
		if g < 4 {
			t.Errorf("%s: %q: four more pumps take %.1f times as long", in[i].Pattern, in[i].Texts, g)
		}
	}
	t.Logf("%d patterns in %v", len(in), time.Since(start).Round(time.Millisecond))
}

// TestPythonAgrees: which patterns are valid, and what they match.
func TestPythonAgrees(t *testing.T) {
	patterns := []string{
		``, `a`, `a|b|`, `()`, `(a)(b)\2\1`, `a{2}`, `a{2,}`, `a{,2}`, `a{,}`, `a{}`, `a{`, `a{1`, `a{x}`, `a{2,1}`, `{2}`, `x{2}{3}`, `a**`, `a*?`, `a*+`, `a+*`, `(?:a*)*`,
		`*a`, `(*a)`, `|*`, `^*`, `$*`, `\b*`, `(?=a)*`, `(?:)*`, `a{2}?`, `a{2}+`, `a?+a`, `(?>a*)a`, `(?>a|ab)c`, `[a-c]`, `[^a-c]`, `[]a]`, `[^]a]`, `[a-]`, `[-a]`, `[a`, `[z-a]`, `[\d-z]`, `[a\]b]`,
		`[\w.]+`, `[\x61-\x63]`, `[[:alpha:]]`, `\x41`, `\x4`, `\u0041`, `\U00000041`, `\U00110000`, `\101`, `\1`, `(a)\1`, `(a\1)`, `\8`, `\0`, `\07`, `\400`, `[\400]`, `[\8]`, `\q`, `\_`, `\é`, `\`,
		`(?i)AB`, `(?i:A)b`, `(?-i:A)B`, `(?i)(?-i:A)B`, `(?s).`, `.`, `(?m)^b$`, `^b$`, `a$`, `a\Z`, `\Aa`, `(?x) a b # c`, `(?x)a +`, `(?x)[ ]a`, `(?x:a b)c d`, `(?a)\w`, `(?a:\w)\w`, `(?L)a`, `(?q)a`, `(?`, `(?i`,
		`(?P<n>a)(?P=n)`, `(?P<n>a)(?P<n>b)`, `(?P<1>a)`, `(?P<n`, `(?P=n)`, `(?P>n)`, `(?#c)a`, `(?#c`, `a(?#c)+`, `(?=a)ab`, `(?!a)b`, `(?<=a)b`, `a(?<=a)b`, `(?<!a)b`, `(?<=a*)b`, `(?<=ab|cd)x`, `(?<=ab|c)x`,
		`(a)?(?(1)b|c)`, `(?P<q>a)?(?(q)b)`, `(?(1)a|b)`, `(?(2)a)(b)`, `(a)?(?(1)b|c|d)`, `(?(0)a)`, `(`, `)`, `(a`, `a)`, `(?:a|ab)(?:c|bcd)d*`, `(a|ab)(c|bcd)(d*)`, `(a*)*b`, `(a*)+`, `(a|b*)*c`, `(?:(a)|b)*\1`,
		`(?:a?){3}b`, `(?:a?){3}?b`, `(a??)*b`, `\bab\b`, `a\Bb`, `\B`, `\s\S\d\D`, `\w+\W`, `(?i)ſ`, `(?i)k`, `(?i)[^k]`, `ab*?c`, `a.*c`, `a.*?c`, `(?:ab){2,3}+ab`, `(?:ab){1,2}?ab`, `(a{1,2}){2}b`,
	}
	texts := []string{"", "a", "b", "ab", "abc", "aab", "aaab", "abcd", "ba", "A", "AB", "a\n", "b\na", "a\nb", "\n", "aa", "abab", "ababab", "abababab", "a]", "x", "K", "\u212a", "s", "\u017f", "é", "1 a", " ab", "a b", "ab ", "_", "\x00", "\x07", "c", "cc", "bc", "ac", "abcc", "12", "a{", "a{1", "a{}", "a{x}"}
	const script = `
import json, re, sys
answers = []
for q in json.load(sys.stdin):
    try:
        pattern = re.compile(q["Pattern"])
        answers.append("".join(".mf"[bool(pattern.match(t)) + bool(pattern.fullmatch(t))] for t in q["Texts"]))
    except re.error:
        answers.append("error")
print(json.dumps(answers))
`
	var in []question
	for _, p := range patterns {
		in = append(in, question{Pattern: p, Texts: texts})
	}
	var want []string
	ask(t, script, in, &want)
	for i, p := range patterns {
		got := "error"
		if r, err := Parse(p, 0); err == nil {
			got = ""
			for _, s := range texts {
				n := 0
				for _, full := range []bool{false, true} {
					if ok, _ := r.match([]rune(s), full, 1e6); ok {
						n++
					}
				}
				got += string(".mf"[n])
			}
		}
		if got != want[i] {
			t.Errorf("%s: %s, Python says %s", p, got, want[i])
		}
	}
}

// FuzzParse: no pattern makes the parser or the decision panic or hang.
func FuzzParse(f *testing.F) {
	for _, e := range append(evil, innocent...) {
		f.Add(e.pattern, uint8(e.flags), e.full)
	}
	for _, p := range []string{`((((a{9}){9}){9}){9}){9}`, `(?:a?){1000}`, `(((((a|b|)*|c)*|d)*|e)*)*`, `[\w-`, `(?(1`, `(?P<`, `\x`, `(?i)(?s)(?m)(?x)(?a) a`, `(?:){1000000000}`} {
		f.Add(p, uint8(0), true)
	}
	f.Fuzz(func(t *testing.T, pattern string, flags uint8, full bool) {
		start := time.Now()
		r, err := Parse(pattern, Flags(flags))
		if err == nil {
			r.Explosive(full)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%q took %v", pattern, d)
		}
	})
}
