package source

import "testing"

func TestPositions(t *testing.T) {
	f := New("a.py", []byte("é = 1\r\nx\r𝒳y\n\nlast"))
	for _, tt := range []struct {
		at   Pos
		want Position
	}{{0, Position{1, 0}}, {2, Position{1, 2}}, {6, Position{1, 6}}, {8, Position{2, 0}}, {10, Position{3, 0}}, {15, Position{3, 5}}, {16, Position{4, 0}}, {17, Position{5, 0}}, {21, Position{5, 4}}} {
		if got := f.Position(tt.at); got != tt.want {
			t.Errorf("Position(%d) = %v, want %v", tt.at, got, tt.want)
		}
	}
	for line, want := range map[int]string{0: "", 1: "é = 1", 2: "x", 3: "𝒳y", 4: "", 5: "last", 6: ""} {
		if got := f.Line(line); got != want {
			t.Errorf("Line(%d) = %q, want %q", line, got, want)
		}
	}
	if n := f.Lines(); n != 5 {
		t.Errorf("%d lines", n)
	}
	for text, want := range map[string]int{"": 1, "a": 1, "a\n": 1, "a\nb": 2, "\n\n": 2} {
		if got := New("", []byte(text)).Lines(); got != want {
			t.Errorf("%q has %d lines, want %d", text, got, want)
		}
	}
	p := Position{Line: 3, Column: 4}
	if u, r := f.UTF16Column(p), f.Runes(p); u != 2 || r != 1 {
		t.Errorf("after a character beyond the basic plane: %d units, %d characters", u, r)
	}
	if got := f.Offset(99); int(got) != len(f.Bytes) {
		t.Errorf("Offset(99) = %d", got)
	}
	if got := f.Text(Span{17, 99}); got != "last" {
		t.Errorf("Text = %q", got)
	}
	if got := f.Text(Span{20, 3}); got != "" {
		t.Errorf("Text = %q", got)
	}
}
