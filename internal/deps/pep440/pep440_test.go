package pep440

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"1", "1"}, {"1.0", "1.0"}, {"1.0.0", "1.0.0"}, {"v1.0", "1.0"}, {"V1", "1"}, {" 1.0\r\n", "1.0"}, {"\u00a01\u2003", "1"},
		{"0!1", "1"}, {"1!2.0", "1!2.0"}, {"01.002", "1.2"}, {"1.2.3.4.5.006", "1.2.3.4.5.6"},
		{"1.0alpha1", "1.0a1"}, {"1.0-ALPHA.1", "1.0a1"}, {"1.0_beta", "1.0b0"}, {"1.0.c2", "1.0rc2"}, {"1.0pre", "1.0rc0"}, {"1.0-preview-3", "1.0rc3"},
		{"1.0-1", "1.0.post1"}, {"1.0.r4", "1.0.post4"}, {"1.0rev4", "1.0.post4"}, {"1.0-post", "1.0.post0"}, {"1.0post-02", "1.0.post2"},
		{"1.0dev", "1.0.dev0"}, {"1.0-DEV_3", "1.0.dev3"}, {"1.0a1.post2.dev3", "1.0a1.post2.dev3"}, {"1.0adev1", "1.0a0.dev1"}, {"1.0a--1", "1.0a0.post1"}, {"1.0a.", "1.0a0"},
		{"1.0+Ubuntu-01", "1.0+ubuntu.1"}, {"1.0+abc_DEF.00", "1.0+abc.def.0"}, {"1!2.0rc1.post2.dev3+ubuntu.1", "1!2.0rc1.post2.dev3+ubuntu.1"},
		{"18446744073709551615", "18446744073709551615"}, {"1+99999999999999999999999", "1+99999999999999999999999"},
		// no versions
		{"", ""}, {"v", ""}, {"1.", ""}, {".1", ""}, {"1..2", ""}, {"1.0-", ""}, {"1.0+", ""}, {"1.0+a-", ""}, {"1.0+a..b", ""}, {"1.x", ""}, {"1.*", ""},
		{"!1", ""}, {"1!", ""}, {"1!!2", ""}, {"1.0 1", ""}, {"1.0a1a2", ""}, {"1.0.post1a1", ""}, {"1.0po\u017ft1", ""}, {"latest", ""},
		{"18446744073709551616", ""}, {"99999999999999999999!1", ""}, {"1.0a99999999999999999999", ""}, {"1.2.3.4.5.99999999999999999999", ""}, {"1.0-99999999999999999999", ""}, {"1.0.dev99999999999999999999", ""},
	} {
		v, err := Parse(c.text)
		if (err == nil) != (c.want != "") || v.String() != c.want {
			t.Errorf("%q is %q (%v), want %q", c.text, v, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"1.x":                    `"1.x" is not a version: there is more than a version, at ".x"`,
		"":                       `"" is not a version: a number is missing, at its end`,
		"1.18446744073709551616": `"1.18446744073709551616" is not a version: a number does not fit into 64 bits, at "18446744073709551616"`,
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := Parse(strings.Repeat("1.", 1<<20)); err == nil || len(err.Error()) > 200 {
		t.Errorf("a long text gives a long error, or none: %.300v", err)
	}
}

// TestOrder: each is older than the next.
func TestOrder(t *testing.T) {
	order := strings.Fields(`0 0.0.0.0.0.1 1.0.dev0 1.0.dev1 1.0a1.dev1 1.0a1 1.0a1.post1.dev1 1.0a1.post1 1.0a2 1.0b1 1.0rc1 1.0 1.0+a 1.0+a.1 1.0+b 1.0+0 1.0+1 1.0+1.a 1.0+1.0 1.0+10
		1.0+99999999999999999999998 1.0+99999999999999999999999 1.0.post0.dev1 1.0.post0 1.0.post0+a 1.0.post1 1.0.0.0.1 1.0.0.1 1.0.1 1.1 1.10 2 1!0.1 1!1`)
	for i, a := range order {
		for j, b := range order {
			got, want := MustParse(a).Compare(MustParse(b)), 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got != want {
				t.Errorf("%s against %s: %d, want %d", a, b, got, want)
			}
		}
	}
	for _, c := range [][2]string{{"1", "1.0.0.0.0.0.0"}, {"1.0a", "1.0.alpha-0"}, {"1+a.1", "1.0+A-01"}, {"1.2.3.4.5", "1.2.3.4.05.0"}} {
		if MustParse(c[0]).Compare(MustParse(c[1])) != 0 {
			t.Errorf("%s and %s are the same", c[0], c[1])
		}
	}
}

func TestParts(t *testing.T) {
	v := MustParse("1!1.2.3.4.5.6rc1.post2.dev3+cpu.1")
	if v.Epoch() != 1 || v.Local() != "cpu.1" || v.Public().String() != "1!1.2.3.4.5.6rc1.post2.dev3" || v.Base().String() != "1!1.2.3.4.5.6" {
		t.Errorf("%v has the wrong parts", v)
	}
	if r := v.Release(); len(r) != 6 || r[5] != 6 || v.Part(1) != 2 || v.Part(4) != 5 || v.Part(6) != 0 || v.Part(-1) != 0 {
		t.Errorf("the release of %v is %v", v, r)
	}
	for text, want := range map[string][3]bool{"1": {}, "1a1": {true}, "1.dev1": {true, true}, "1.post1": {2: true}, "1.post1.dev1": {true, true, true}, "1+a1": {}} {
		v := MustParse(text)
		if got := [3]bool{v.IsPrerelease(), v.IsDev(), v.IsPost()}; got != want {
			t.Errorf("%s: pre, dev, post are %v", text, got)
		}
	}
	var zero Version
	if zero.String() != "" || zero.Compare(MustParse("0.dev0")) >= 0 {
		t.Error("the zero value is no version and older than all")
	}
}

func TestContains(t *testing.T) {
	for _, c := range []struct{ set, yes, no string }{
		{"", "1 1.0+a", ""},
		{"==1.0", "1 1.0.0 1.0+cpu", "1.0.1 1.0.post1 1.0a1"},
		{"==1.0+cpu", "1.0+CPU", "1.0 1.0+cu121"},
		{"!=1.0", "1.0.1 1.0.post1", "1 1.0+cpu"},
		{"==1.0.*", "1 1.0 1.0.7 1.0a1 1.0.dev1 1.0.post1 1.0+a", "1.1 2 1!1.0"},
		{"==1.2.3.4.5.*", "1.2.3.4.5 1.2.3.4.5.6", "1.2.3.4 1.2.3.4.6"},
		{"!=1.5.*", "1.4 1.6", "1.5 1.5.9 1.5rc1"},
		{"<1.0", "0.9 0.9.post1", "1.0 1.0rc1 1.0.dev1 1.0a1+x 1.1"},
		{"<1.0rc1", "1.0a1 1.0.dev1", "1.0rc1 1.0"},
		{"<1.0.post1", "1.0 1.0rc1 1.0+x", "1.0.post1 1.0.post1.dev0"},
		{"<=1.0", "1.0 1.0+cpu 1.0rc1", "1.0.post1"},
		{">1.0", "1.0.1 1.1.dev1", "1.0 1.0+cpu 1.0.post1 1.0.post1+cpu"},
		{">1.0.post1", "1.0.post2 1.0.post2+a", "1.0.post1 1.0.post1+a 1.0"},
		{">1.0rc1", "1.0 1.0.post1 1.0+a 1.0rc2.post1 1.0rc2+a 1.1rc1.post1", "1.0rc1 1.0rc1.post1 1.0rc1+a"},
		{">1.0.dev1", "1.0.dev2 1.0", "1.0.dev1+a"},
		{">18446744073709551615.dev18446744073709551615", "18446744073709551615", "1"},
		{">=1.0", "1.0 1.0+a 1.0.post1", "1.0rc1"},
		{"~=1.4", "1.4 1.9 1.4.post1", "1.3 2.0 1.4a1 2.0.dev1"},
		{"~=1.4.2", "1.4.2 1.4.9", "1.4.1 1.5"},
		{"~=1.4rc1", "1.4rc1 1.5", "2.0 1.4b1"},
		{"===1.0", "1.0", "1.0.0 1.0+a"},
		{"===RC-42", "", "1"},
		{">=1.4,!=1.5.*,<2", "1.4 1.6", "1.5.1 2 2.0rc1"},
	} {
		set, err := ParseSet(c.set)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range strings.Fields(c.yes) {
			if !set.Contains(MustParse(s), true) {
				t.Errorf("%s does not contain %s", set, s)
			}
		}
		for _, s := range strings.Fields(c.no) {
			if set.Contains(MustParse(s), true) {
				t.Errorf("%s contains %s", set, s)
			}
		}
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		text, want string // the canonical form; "" if it is wrong
		pin        string
		pre        bool
	}{
		{"== v1.0-ALPHA", "==1.0a0", "1.0a0", true},
		{" >=1.0 , <2,, ", ">=1.0,<2", "", false},
		{"==1.0.*", "==1.0.*", "", false},
		{"===1.0", "===1.0", "1.0", false},
		{"=== foo,bar", "", "", false},
		{"===foo", "===foo", "", false},
		{"==1.2.3,>=1", "==1.2.3,>=1", "1.2.3", false},
		{">=1,==1.2.3,==1.2.3.0", ">=1,==1.2.3,==1.2.3.0", "1.2.3", false},
		{"==1.2.3,<1", "==1.2.3,<1", "", false},
		{">=1.0rc1", ">=1.0rc1", "", true},
		{"<1.0rc1", "<1.0rc1", "", false},
		{"1.0", "", "", false}, {"=1.0", "", "", false}, {">=", "", "", false}, {"===", "", "", false}, {">=1.0 2", "", "", false}, {">=1.0.*", "", "", false},
		{"==1.0a1.*", "", "", false}, {"==1.0+a.*", "", "", false}, {"==1.*.2", "", "", false}, {">=1.0+a", "", "", false}, {"~=1", "", "", false}, {"==*", "", "", false}, {"===1 2", "", "", false},
	} {
		set, err := ParseSet(c.text)
		if (err == nil) != (c.want != "") {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		v, ok := set.Pinned()
		if set.String() != c.want || ok != (c.pin != "") || v.String() != c.pin || set.Prereleases() != c.pre {
			t.Errorf("%q is %q, pins %q, asks for pre-releases: %v", c.text, set, v, set.Prereleases())
		}
	}
	set, _ := ParseSet(">=1")
	if v := MustParse("2rc1"); set.Contains(v, false) || !set.Contains(v, true) {
		t.Error("a pre-release is contained only where they are allowed")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.0", "1!2.0rc1.post2.dev3+ubuntu.1", "v1.0-ALPHA.1-1_dev", "1.2.3.4.05.006+00a.01", ">=1.4,!=1.5.*,<2", "~=1.4rc1", "===foo", ">1.0.post1"} {
		f.Add(s, "1.0")
		f.Add("1.0.post1", s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		v, err := Parse(a)
		w, err2 := Parse(b)
		if err == nil {
			again, err := Parse(v.String())
			if err != nil || again != v || v.Compare(again) != 0 {
				t.Fatalf("%q is %q, which is %q (%v)", a, v, again, err)
			}
			if v.Public().Local() != "" || len(v.Release()) == 0 {
				t.Fatalf("%q has odd parts", v)
			}
		}
		if err == nil && err2 == nil {
			c := v.Compare(w)
			if c != -w.Compare(v) || (c == 0) != (w.Compare(v) == 0) {
				t.Fatalf("%q and %q: %d one way and %d the other", v, w, c, w.Compare(v))
			}
			for _, op := range operators {
				p, err := ParseSpecifier(op + b)
				if err != nil {
					continue
				}
				set := Set{p}
				got := set.Contains(v, true)
				switch public := v.Public(); {
				case op == "==" && w.Local() == "" && got != (public.Compare(w) == 0),
					op == "<" && got && c >= 0, op == ">" && got && c <= 0,
					op == "<=" && got != (public.Compare(w) <= 0), op == ">=" && got != (c >= 0), // w has no local part here
					op == "~=" && got && c < 0:
					t.Fatalf("%q in %q: %v", v, set, got)
				}
			}
		}
		set, err := ParseSet(b)
		if err != nil {
			return
		}
		again, err := ParseSet(set.String())
		if err != nil || again.String() != set.String() {
			t.Fatalf("%q is %q, which is %q (%v)", b, set, again, err)
		}
		if pin, ok := set.Pinned(); ok && len(set) == 1 && set[0].Op() == "==" && !set.Contains(pin, true) {
			t.Fatalf("%q pins %q and does not contain it", set, pin)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"1.26.4", "2.0rc1", "1.2.3.4.5.6", "1!2.0rc1.post2.dev3+ubuntu.1", "v1.0-ALPHA.1"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	v, w := MustParse("1.26.4"), MustParse("1.26.5")
	for b.Loop() {
		v.Compare(w)
	}
}

func BenchmarkContains(b *testing.B) {
	set, err := ParseSet(">=1.21,!=1.25.*,<2")
	if err != nil {
		b.Fatal(err)
	}
	v := MustParse("1.26.4")
	for b.Loop() {
		set.Contains(v, true)
	}
}
