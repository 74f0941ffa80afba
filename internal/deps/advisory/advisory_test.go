package advisory

import "testing"

func TestTitle(t *testing.T) {
	cases := []struct{ summary, details, want string }{
		{"In a line", "Lamp is a lamp. It burns.", "In a line"},
		{"", "Lamp is a lamp. It burns. Much", "It burns."},
		{"", "The Lamp of the Genie is an oil lamp. The lamp is used. It burns", "It burns"},
		{"", "The Lamp of all the Genies is an oil lamp. It burns", "The Lamp of all the Genies is an oil lamp."},
		{"", "The is a lamp. lamp@2/x-y are written by us. It burns", "It burns"},
		{"", "Lamp is another lamp. It burns", "Lamp is another lamp."},
		{"", "Lamp is a-lamp. Lamp, the lamp, is a lamp. It burns", "Lamp, the lamp, is a lamp."},
		{"", "Lamp  is a lamp. It burns", "Lamp  is a lamp."},
		{"", "is a lamp. It burns", "is a lamp."},
		{"", "", ""},
	}
	for _, c := range cases {
		if got := (&Advisory{Summary: c.summary, Details: c.details}).Title(); got != c.want {
			t.Errorf("title of %q is %q, want %q", c.details, got, c.want)
		}
	}
}
