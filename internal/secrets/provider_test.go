package secrets

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sample makes a token of the kind. They are made here, so that none stands in the repository.
func sample(k *kind, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 7))
	s := draw(k.ready().steps, r)
	if c := checks[k.Check]; c.complete != nil {
		s = c.complete(s)
	}
	return s
}

func draw(steps []step, r *rand.Rand) string {
	var b strings.Builder
	for _, s := range steps {
		n := s.min
		if s.min == 0 && s.max <= 1 {
			n = r.IntN(2)
		} else if s.max > s.min {
			n += r.IntN(min(s.max-s.min, 40) + 1)
		}
		for range n {
			switch {
			case s.set != nil:
				for {
					if c := byte(r.IntN(128)); s.set.has(c) {
						b.WriteByte(c)
						break
					}
				}
			case s.literal != "":
				b.WriteString(s.literal)
			default:
				b.WriteString(draw(s.choice[r.IntN(len(s.choice))], r))
			}
		}
	}
	return b.String()
}

// TestProviders runs the table, as the rules' pages are run: each token is found where people
// put it, and what only looks like it is not.
func TestProviders(t *testing.T) {
	all := kinds()
	found, not := 0, 0
	byProvider := map[string]bool{}
	for _, k := range all {
		byProvider[k.provider.ID] = true
		t.Run(k.ID, func(t *testing.T) {
			good := 0
			for seed := range uint64(12) {
				token := sample(k, seed)
				if !k.ready().whole([]byte(token)) {
					t.Fatalf("the sample %s does not match whole", redact(token))
				}
				if real, _ := k.real(token); !real {
					continue // drawn by chance so that nobody would give it out
				}
				good++
				name := "value"
				if len(k.Names) > 0 {
					name = strings.Trim(k.Names[0], "_-") + "_secret_key"
				}
				for _, form := range []string{"%s = %q\n", "%s: %s\n", "export %s=%s\n", "  \"%s\": %q,\n"} {
					text := fmt.Sprintf(form, name, token)
					path := "conf.env"
					if strings.Contains(form, ":") {
						path = "conf.yaml"
					}
					if strings.HasPrefix(form, "  \"") {
						path = "conf.json"
					}
					if got := scanText(path, text); !slices.ContainsFunc(got, func(h hit) bool { return strings.HasSuffix(token, text[h.start:h.end]) && h.kind != nil }) {
						t.Fatalf("not found in %s: %s", strings.ReplaceAll(text, token, redact(token)), path)
					}
					found++
				}
				// What reaches further is something else, and so is what was cut short.
				for _, other := range []string{"Q7" + token + "Q7zx9", token[:len(token)-1]} {
					for _, h := range scanText("conf.yaml", "value: "+other+"\n") {
						if h.kind == k && k.ready().min == k.ready().max {
							t.Errorf("found in %s, which is longer or shorter", redact(other))
						}
					}
					not++
				}
				if c := checks[k.Check]; c.sure {
					wrong := token[:len(token)-3] + swap(token[len(token)-3:])
					for _, h := range scanText("conf.yaml", name+": "+wrong+"\n") {
						if h.kind == k {
							t.Error("found with a wrong checksum")
						}
					}
					not++
				}
			}
			if good < 8 {
				t.Errorf("only %d of 12 samples are taken for real", good)
			}
			// What people write who do not want to show one.
			for _, fill := range []string{"x", "X", "*", "0", "a"} {
				text := "value: " + k.ready().prefix() + strings.Repeat(fill, max(k.ready().min-len(k.ready().prefix()), 3)) + "\n"
				if got := scanText("conf.yaml", text); len(got) > 0 {
					t.Errorf("found in %s", text)
				}
				not++
			}
			for _, s := range k.Not {
				if got := scanText("conf.yaml", "value: "+s+token(k, len(s))+"\n"); slices.ContainsFunc(got, func(h hit) bool { return h.kind == k }) {
					t.Errorf("found in %s…, which the provider's documentation has", s)
				}
				not++
			}
		})
	}
	t.Logf("%d providers, %d kinds of tokens: %d samples found, %d others not", len(byProvider), len(all), found, not)
	if len(byProvider) < 230 || len(all) < 330 {
		t.Error("there were more once")
	}
}

// token is the rest of a sample from a place on.
func token(k *kind, from int) string {
	s := sample(k, 3)
	return s[min(from, len(s)):]
}

// swap makes another text of the same characters.
func swap(s string) string {
	b := []byte(s)
	for i, c := range b {
		if b[i] = 'k'; c == 'k' {
			b[i] = 'z'
		}
	}
	return string(b)
}

func redact(s string) string { return s[:min(len(s), 6)] + "…" }

// TestProvidersWhole: the table is what the files say, and each file begins with what it is.
func TestProvidersWhole(t *testing.T) {
	files, err := filepath.Glob("providers/*.yaml")
	if err != nil || len(files) != len(providers) {
		t.Fatalf("%d files, %d providers in the table, %v: run go generate", len(files), len(providers), err)
	}
	for i, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ParseProvider(strings.TrimSuffix(filepath.Base(file), ".yaml"), data)
		if err != nil {
			t.Error(err)
			continue
		}
		if !reflect.DeepEqual(providers[i], *p) {
			t.Errorf("%s is not what the table has: run go generate", file)
		}
	}
}

func TestParseProviderMistakes(t *testing.T) {
	for _, c := range [][2]string{
		{"title: X", "site is missing"},
		{"title: X\nwho: me", "unknown field"},
		{"title: X\nsite: https://x\nrevoke: there\ntokens:\n - id: x\n   title: y\n   severity: bad\n   pattern: 'ab.'", "a dot means nothing here"},
		{"title: X\nsite: https://x\nrevoke: there\ntokens:\n - id: x-key\n   title: y\n   severity: low\n   pattern: '[a-z]{4}'", "does not begin with a literal"},
		{"title: X\nsite: https://x\nrevoke: there\ntokens:\n - id: x-key\n   title: y\n   severity: low\n   pattern: 'abc'\n   check: sum", "there is none of this name"},
	} {
		if _, err := ParseProvider("x", []byte(c[0])); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: %v, want %q", c[0], err, c[1])
		}
	}
}

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          int
	}{
		{`ab[0-9]{2}`, "ab12", 4}, {`ab[0-9]{2}`, "ab1", -1}, {`ab[0-9]{2,}`, "ab12345x", 7},
		{`(a|bc)d?e`, "bcde", 4}, {`(a|bc)d?e`, "ae", 2}, {`(a|bc)d?e`, "bde", -1},
		{`[a-z]{2,9}XY[a-z]`, "abcXYz", 6}, {`[A-Za-z]{2,9}XY[a-z]`, "abXYXYz", 7}, {`={0,2}a`, "==a", 3}, {`={0,2}a`, "===a", -1},
		{`x(ab){2}`, "xabab", 5}, {`x(ab){2}`, "xab", -1}, {`\.[\w.-]{3}`, "._-.", 4}, {`a(b(c|d)|e)f`, "abdf", 4},
	} {
		p, err := parsePattern(c.pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := p.match([]byte(c.text), 0, func(int) bool { return true }); got != c.want {
			t.Errorf("%s on %s: %d, want %d", c.pattern, c.text, got, c.want)
		}
	}
	for _, bad := range []string{"", "a{", "[a", "[]", "(a", "a)", "a.b", "a*", "[z-a]", "a{3,1}", `a\`, "x?", "a{9999}", `\w`} {
		if _, err := parsePattern(bad); err == nil {
			t.Errorf("%q was taken for a pattern", bad)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`gh[a-z]_([a-z]{2,8}|x)?`, "ghx_abc")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || len(text) > 300 {
			return
		}
		p, err := parsePattern(pattern)
		if err != nil {
			return
		}
		if end := p.match([]byte(text), 0, func(int) bool { return true }); end > len(text) || end >= 0 && end < p.min {
			t.Errorf("%s on %q ends at %d", pattern, text, end)
		}
		p.last()
		p.before("key")
	})
}
