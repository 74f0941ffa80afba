package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/finding"
)

// slowJSON is what encodeJSON must write, made by encoding/json.
func slowJSON(v any) (string, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return "", err
	}
	var out strings.Builder
	for text := buf.Bytes(); len(text) > 0; {
		r, n := utf8.DecodeRune(text)
		switch _, hidden := visible(r); {
		case r < 0x7F || !hidden:
			out.Write(text[:n])
		case r > 0xFFFF:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		text = text[n:]
	}
	return out.String(), nil
}

func sameJSON(t *testing.T, v any) {
	t.Helper()
	want, failed := slowJSON(v)
	var b bytes.Buffer
	if err := encodeJSON(&b, v); (err != nil) != (failed != nil) {
		t.Errorf("%T: error %v, and encoding/json says %v", v, err, failed)
	} else if got := b.String(); got != want {
		t.Errorf("%T: got\n%.2000s\nwant\n%.2000s", v, got, want)
	}
}

type byValue struct{ n int }

func (b byValue) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"n": [%d, "a<b\u200b`+"\u200b"+`"], "e": {}}`, b.n), nil
}

type byAddress struct{ n int }

func (b *byAddress) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `[%d]`, b.n), nil }

type words struct{ s string }

func (w words) MarshalText() ([]byte, error) { return []byte(w.s), nil }

type wordsByAddress struct{ S string }

func (w *wordsByAddress) MarshalText() ([]byte, error) { return []byte(w.S), nil }

type wrong struct{}

func (wrong) MarshalText() ([]byte, error) { return nil, errors.New("no") }

type someZero struct{ n int }

func (z someZero) IsZero() bool { return z.n == 7 }

type Inner struct{ Same, Other int }

type list struct {
	Name string
	List []*list          `json:"list,omitempty"`
	Map  map[string]*list `json:"map"`
}

func TestJSONIsThatOfTheStandardLibrary(t *testing.T) {
	one, hostile := 1, "<a href='x'>&\"\\/\x00\x1f\x7f\u0080\u00a0\u00ad\u200b\u2028\u2029\u202e\ufeff\ufffd\xff\xc3é漢😀\U000e0101\U0010ffff\b\f\n\r\t…\xe2\x80"
	for _, v := range []any{
		nil, true, -1, uint8(200), hostile, []string{}, []string(nil), []string{"", hostile}, map[string]int{}, map[string]int(nil), map[string]any{"b": 1, "a": []any{nil, "x"}, hostile: struct{}{}},
		map[int]string{2: "b", 10: "a"}, map[words]int{{"k"}: 1}, map[finding.Practice]string{"2a": "x", "1": "y"}, []byte("bytes"), [2]int{1, 2}, struct{}{}, &one, (*int)(nil),
		0.0, math.Copysign(0, -1), 7.5, 1e-6, 9.99e-7, 1e20, 1e21, -1.5e300, 1e-9, math.NaN(), math.Inf(1), float32(0.1), float32(1e-7), json.Number("1.0"), json.RawMessage(`{"a":[]}`),
		byValue{1}, &byValue{2}, []byValue{{3}}, byAddress{1}, &byAddress{2}, []byAddress{{3}}, map[string]byAddress{"a": {1}},
		words{hostile}, &words{"p"}, (*words)(nil), []words{{"a"}}, wordsByAddress{"a"}, &wordsByAddress{"b"}, []wordsByAddress{{"c"}}, wrong{}, finding.High, time.Unix(1, 0).UTC(),
		struct {
			A int     `json:"a,omitempty"`
			B *int    `json:"b,omitempty"`
			C []int   `json:",omitempty"`
			D any     `json:"d,omitempty"`
			E float64 `json:"e,omitempty"`
			F struct{ X int }
			G [0]int `json:"g,omitempty"`
			H bool   `json:"-"`
			//lint:ignore SA5008 that this is a field called - is what is tested
			I      bool      `json:"-,"`
			J      []int     `json:"j,omitzero"`
			K      struct{}  `json:"k,omitempty"`
			L      time.Time `json:"l,omitempty"`
			M      Inner     `json:"m,omitzero"`
			hidden int
		}{J: []int{}, hidden: 1},
		struct {
			A int `json:"a,string"`
		}{1},
		struct {
			Inner
			Same int
		}{Inner{1, 2}, 3},
		struct{ A, B someZero }{},
		struct {
			A someZero `json:"a,omitzero"`
			B someZero `json:"b,omitzero"`
		}{someZero{7}, someZero{8}},
		list{Name: "a", List: []*list{{Name: "b"}, nil}, Map: map[string]*list{"c": {Name: "d"}}},
		func() {},
	} {
		sameJSON(t, v)
		sameJSON(t, []any{v, map[string]any{"deep": v}})
	}
}

// Lists that are written by several are the same for any number of them.
func TestJSONOfLongLists(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	r := sample(t)
	for len(r.Findings) < 40*several {
		r.Findings = append(r.Findings, r.Findings...)
	}
	r.Findings[700].Message = strings.Repeat("long ", pieceSize)
	for _, n := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(n)
		sameJSON(t, ordered(r))
	}
	nan := make([]float64, 3*severalFrom)
	nan[300] = math.NaN()
	sameJSON(t, nan)
}

func FuzzJSON(f *testing.F) {
	f.Add("a\u200b\xff\"\n\x7f\u2028😀")
	f.Fuzz(func(t *testing.T, s string) { sameJSON(t, map[string]any{s: []string{s, s + s}}) })
}
