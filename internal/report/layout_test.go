package report

import (
	"strings"
	"testing"
)

func TestFit(t *testing.T) {
	cases := []struct {
		name, line string
		start, end int // characters from 0
		width      int
		want       string // the line, and the underline below it
	}{
		{"short", "x = f(y)", 4, 8, 80, "x = f(y)\n    ────"},
		{"empty range", "x = f(y)", 4, 4, 80, "x = f(y)\n    ─"},
		{"past the end", "x", 5, 9, 80, "x\n ─"},
		{"backwards", "abc", 2, 1, 80, "abc\n  ─"},
		{"tab", "\tx\ty", 3, 4, 80, "    x   y\n        ─"},
		{"wide", "a = 日本 + b", 9, 10, 80, "a = 日本 + b\n           ─"},
		{"under wide", "a = 日本", 4, 6, 80, "a = 日本\n    ────"},
		{"combining", "e\u0301 = x", 5, 6, 80, "e\u0301 = x\n    ─"},
		{"escape", "\x1b[2J x", 5, 6, 80, "␛[2J x\n     ─"},
		{"direction", "a\u202eb", 2, 3, 80, "a⟨U+202E⟩b\n         ─"},
		{"invalid", "a\xffb", 2, 3, 80, "a\uFFFDb\n  ─"},
		{"cut behind", strings.Repeat("a", 30), 0, 3, 20, strings.Repeat("a", 18) + "…\n───"},
		{"cut before", strings.Repeat("a", 30) + "bcd", 30, 33, 20, "…" + strings.Repeat("a", 15) + "bcd\n                ───"},
		{"cut both", strings.Repeat("a", 30) + "bcd" + strings.Repeat("e", 30), 30, 33, 20, "…aaaaaaaabcdeeeeeee…\n         ───"},
		{"longer than the room", "ab" + strings.Repeat("c", 60) + "d", 2, 62, 20, "…" + strings.Repeat("c", 18) + "…\n ──────────────────"},
	}
	ran := 0
	for _, c := range cases {
		ran++
		t.Run(c.name, func(t *testing.T) {
			s := fit(c.line, c.start, c.end, c.width)
			line := s.Before + s.Marked + s.After
			got := line + "\n" + strings.Repeat(" ", s.Offset) + strings.Repeat("─", s.Width)
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if w := textWidth(line); w > c.width {
				t.Errorf("takes %d columns of %d", w, c.width)
			}
		})
	}
	if ran != 15 {
		t.Errorf("ran %d cases", ran)
	}
}

// Whatever the line and the range are, the result fits and nothing panics.
func FuzzFit(f *testing.F) {
	f.Add("x = f(y)", 4, 8, 20)
	f.Add("\t日本\u202e\xff\x1b"+strings.Repeat("e\u0301", 50), 3, 40, 21)
	f.Fuzz(func(t *testing.T, line string, start, end, width int) {
		width = 20 + (width&0x7FFFFFFF)%100
		s := fit(line, start, end, width)
		if w := textWidth(s.Before + s.Marked + s.After); w > width {
			t.Errorf("%q takes %d columns of %d", line, w, width)
		}
		if s.Offset < 0 || s.Width < 1 || s.Offset+s.Width > width+1 {
			t.Errorf("%q: underline of %d at %d in %d columns", line, s.Width, s.Offset, width)
		}
	})
}

func TestWrap(t *testing.T) {
	cases := []struct{ text, want string }{
		{"", ""},
		{"one two three", "one two|three"},
		{"a-word-that-is-too-long b", "a-word-t|hat-is-t|oo-long|b"},
		{"日本日本日本 x", "日本日本|日本 x"},
		{"  spaces   are one ", "spaces|are one"},
	}
	for _, c := range cases {
		if got := strings.Join(wrap(c.text, 8), "|"); got != c.want {
			t.Errorf("wrap(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestURIPath(t *testing.T) {
	cases := []struct{ path, want string }{
		{"app/views.py", "app/views.py"},
		{"a b/c#d?.py", "a%20b/c%23d%3F.py"},
		{"caf\xe9/é.py", "caf%E9/%C3%A9.py"},
		{"a:b.py", "a%3Ab.py"}, // a: would be a scheme
		{"100%.py", "100%25.py"},
		{"//host/share", "/.//host/share"},
	}
	for _, c := range cases {
		if got := uriPath(c.path); got != c.want {
			t.Errorf("uriPath(%q) = %q, want %q", c.path, got, c.want)
		}
	}
	bases := []struct{ root, want string }{
		{"/srv/my app", "file:///srv/my%20app/"},
		{"/", "file:///"},
		{`C:\src\app`, "file:///C:/src/app/"},
		{".", ""},
		{"../x", ""},
	}
	for _, c := range bases {
		if got := sarifBase(c.root).URI; got != c.want {
			t.Errorf("sarifBase(%q) = %q, want %q", c.root, got, c.want)
		}
	}
}
