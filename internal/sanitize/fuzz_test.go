package sanitize

import (
	"strings"
	"testing"
)

// FuzzClean: no panic, nothing that is not allowed, and what is clean stays as it is.
func FuzzClean(f *testing.F) {
	for _, a := range attacks {
		f.Add(a.in)
	}
	for _, s := range hostile(300) {
		f.Add(s)
	}
	var configs []setup
	var cleaners []*Cleaner
	for _, c := range setups() {
		configs = append(configs, c)
		cleaners = append(cleaners, c.cleaner())
	}
	policies := strictPolicies(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		for i, k := range cleaners {
			out, err := k.Clean(text)
			if err != nil && strings.ContainsAny(out, "<>") {
				t.Errorf("%s: neither cleaned nor escaped: %q", configs[i].Name, out)
			}
			if configs[i].LinkifyOnly {
				continue
			}
			if wrong := configs[i].judge(out); len(wrong) > 0 {
				t.Errorf("%s: %v\n in  %q\n out %q", configs[i].Name, wrong, text, out)
			}
		}
		for name, s := range policies {
			r := s.Sanitize(text)
			if r.Err != nil && strings.ContainsAny(r.HTML, "<>") {
				t.Errorf("%s: neither cleaned nor escaped: %q", name, r.HTML)
			}
			if wrong := strictWrong(r.HTML); len(wrong) > 0 {
				t.Errorf("%s: %v\n in  %q\n out %q", name, wrong, text, r.HTML)
			}
			if name == "escape" || r.Err != nil {
				continue
			}
			if again := s.Sanitize(r.HTML); again.HTML != r.HTML {
				t.Errorf("%s: not stable\n in  %q\n out %q\n two %q", name, text, r.HTML, again.HTML)
			}
		}
	})
}
