package match

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// every is how Many works, said simply.
func every(words []string, text string) (out []string) {
	for at := range text {
		for i, w := range words {
			if at+len(w) <= len(text) && string(lower(text[at:at+len(w)])) == string(lower(w)) {
				out = append(out, fmt.Sprint(i, "@", at))
			}
		}
	}
	return out
}

func TestMany(t *testing.T) {
	words := []string{"key", "Token", "to_k", "_key", "KEY", "aaa", "aaaa", "SG.", "://"}
	for _, text := range []string{"", "k", "ke", "key", "xkey", "KEYkey_KEY", "aaaaaaaaa", "token to_k TOKEN", "SG.a sg. SG", "http://x", "\u212Aey key", "k\x85y", strings.Repeat("xtokenkey", 7)} {
		var got []string
		NewMany(words).Each([]byte(text), func(w, at int) int { got = append(got, fmt.Sprint(w, "@", at)); return 0 })
		if want := every(words, text); !slices.Equal(got, want) {
			t.Errorf("%q:\ngot  %v\nwant %v", text, got, want)
		}
	}
}

func TestManySkips(t *testing.T) {
	for pad := range 9 {
		var got []int
		text := strings.Repeat("x", pad) + "aaa aaaaaaaaaaaa aaa"
		NewMany([]string{"aaa"}).Each([]byte(text), func(_, at int) int { got = append(got, at-pad); return at + 3 })
		if want := []int{0, 4, 7, 10, 13, 17}; !slices.Equal(got, want) {
			t.Errorf("pad %d: %v, want %v", pad, got, want)
		}
	}
}

func FuzzMany(f *testing.F) {
	f.Add("key\nsecret\n_key", "the KEY of secret_key")
	f.Fuzz(func(t *testing.T, list, text string) {
		var words []string
		for w := range strings.SplitSeq(list, "\n") {
			if len(w) >= 3 && len(words) < 50 {
				words = append(words, w)
			}
		}
		if len(text) > 2000 {
			text = text[:2000]
		}
		var got []string
		NewMany(words).Each([]byte(text), func(w, at int) int { got = append(got, fmt.Sprint(w, "@", at)); return 0 })
		var want []string
		for at := range len(text) {
			for i, w := range words {
				if at+len(w) <= len(text) && bytes.Equal(lower(text[at:at+len(w)]), lower(w)) {
					want = append(want, fmt.Sprint(i, "@", at))
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q in %q: got %v, want %v", words, text, got, want)
		}
	})
}

func BenchmarkMany(b *testing.B) {
	words := []string{"pass", "secret", "token", "key", "cred", "auth", "ghp_", "AKIA", "xoxb-", "://", "-----BEGIN"}
	text := bytes.Repeat([]byte("def handler(request, name=None):\n    return render(request, 'index.html', {'name': name})\n"), 20000)
	m := NewMany(words)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Each(text, func(int, int) int { return 0 })
	}
}
