package finding

import "testing"

func TestApply(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		edits            []Edit
	}{
		{"nothing", "abc", "abc", nil},
		{"in any order", "abcdef", "aXcdY", []Edit{{Start: 4, End: 6, Text: "Y"}, {Start: 1, End: 2, Text: "X"}}},
		{"the same twice is once", "abc", "aXbc", []Edit{{Start: 1, End: 1, Text: "X"}, {Start: 1, End: 1, Text: "X"}}},
		{"also with another between", "abc", "aXYbc", []Edit{{Start: 1, End: 1, Text: "X"}, {Start: 1, End: 1, Text: "Y"}, {Start: 1, End: 1, Text: "X"}}},
		{"touching", "abcd", "XY", []Edit{{Start: 0, End: 2, Text: "X"}, {Start: 2, End: 4, Text: "Y"}}},
		{"before a replacement", "abcd", "iXcd", []Edit{{Start: 0, End: 2, Text: "X"}, {Start: 0, End: 0, Text: "i"}}},
		{"overlapping", "abcd", "", []Edit{{Start: 0, End: 3, Text: "X"}, {Start: 2, End: 4, Text: "Y"}}},
		{"outside", "abcd", "", []Edit{{Start: 3, End: 5, Text: "X"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Apply([]byte(tt.text), tt.edits)
			if string(got) != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// The first wins, and a fix is taken whole or not at all.
func TestEditor(t *testing.T) {
	var ed Editor
	imp := Edit{Start: 0, End: 0, Text: "import ssl\n"}
	for _, tt := range []struct {
		name  string
		edits []Edit
		want  bool
	}{
		{"first", []Edit{{Start: 20, End: 30, Text: "a"}, imp}, true},
		{"same import", []Edit{imp, {Start: 40, End: 50, Text: "b"}}, true},
		{"other import", []Edit{{Start: 0, End: 0, Text: "import os\n"}, {Start: 30, End: 31, Text: "c"}}, true},
		{"overlaps the second of its edits", []Edit{{Start: 60, End: 61, Text: "d"}, {Start: 25, End: 35, Text: "d"}}, false},
		{"inside", []Edit{{Start: 41, End: 41, Text: "e"}}, false},
		{"around", []Edit{{Start: 10, End: 70, Text: "f"}}, false},
		{"the same", []Edit{{Start: 40, End: 50, Text: "b"}}, true},
		{"overlaps itself", []Edit{{Start: 80, End: 90, Text: "g"}, {Start: 85, End: 95, Text: "g"}}, false},
	} {
		if got := ed.Add(tt.edits...); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if n := len(ed.Edits()); n != 5 {
		t.Errorf("%d edits", n)
	}
	if _, err := Apply(make([]byte, 100), ed.Edits()); err != nil {
		t.Error(err)
	}
}
