package manifest

import (
	"strings"
	"testing"
)

// TestAlternatives holds Poetry's constraints against what its documentation says they allow.
func TestAlternatives(t *testing.T) {
	for text, want := range map[string]string{
		"^1.2.3":           ">=1.2.3,<2",
		"^1.2":             ">=1.2,<2",
		"^1":               ">=1,<2",
		"^0.2.3":           ">=0.2.3,<0.3",
		"^0.0.3":           ">=0.0.3,<0.0.4",
		"^0.0":             ">=0.0,<0.1",
		"^0":               ">=0,<1",
		"^1.0rc1":          ">=1.0rc1,<2",
		"^1!0.2":           ">=1!0.2,<1!0.3",
		"~1.2.3":           ">=1.2.3,<1.3",
		"~1.2":             ">=1.2,<1.3",
		"~1":               ">=1,<2",
		"~=1.2":            "~=1.2",
		"1.2.3":            "==1.2.3",
		"=1.2.3":           "==1.2.3",
		"==1.2.*":          "==1.2.*",
		"1.2.x":            "==1.2.*",
		"1.*.*":            "==1.*",
		"<>1.5":            "!=1.5",
		"*":                "",
		"":                 "",
		">=1.2 <2.0":       ">=1.2,<2.0",
		">= 1.2, < 2.0":    ">=1.2,<2.0",
		"^1.0 || ^3.0":     ">=1.0,<2 | >=3.0,<4",
		"^1.0|^3.0":        ">=1.0,<2 | >=3.0,<4",
		"^1.0 || *":        "",
		"^":                "error",
		"^x":               "",
		"^^1":              "error",
		">=1.*":            ">=1",
		"<1.*":             "error",
		"latest":           "error",
		"1.0 || ":          "",
		"^1.2.3,!=1.3,1.4": ">=1.2.3,<2,!=1.3,==1.4",
	} {
		sets, err := alternatives(text)
		var parts []string
		for _, s := range sets {
			parts = append(parts, s.String())
		}
		got := strings.Join(parts, " | ")
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q is %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestPythonMarker(t *testing.T) {
	for text, want := range map[string]string{
		"^3.8":           `python_version >= "3.8" and python_version < "4"`,
		">=3.8.1,<3.12":  `python_full_version >= "3.8.1" and python_version < "3.12"`,
		">3.8":           `python_full_version > "3.8"`,
		"~3.9 || 3.11.*": `python_version >= "3.9" and python_version < "3.10" or python_version == "3.11.*"`,
		"*":              "",
	} {
		if got, err := pythonMarker(text); got != want || err != nil {
			t.Errorf("%q is %q, want %q (%v)", text, got, want, err)
		}
	}
}
