package source

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/testkit"
)

const mark = "\xef\xbb\xbf"

var decodeTests = []struct {
	name, raw, want string
	encoding        string
	line            int    // of the problem
	problem         string // part of its message; "" for none
}{
	{name: "empty"},
	{name: "ascii", raw: "x = 1\n", want: "x = 1\n"},
	{name: "utf-8", raw: "x = 'é'\r\n", want: "x = 'é'\r\n"},
	{name: "mark", raw: mark + "x", want: "x", encoding: "utf-8-sig"},
	{name: "mark and utf-8", raw: mark + "# coding: UTF_8\n", want: "# coding: UTF_8\n", encoding: "utf-8-sig"},
	{name: "mark and latin-1", raw: mark + "\n# coding: latin-1\nx='é'", want: "\n# coding: latin-1\nx='é'", encoding: "utf-8-sig", line: 2, problem: "byte order mark"},
	{name: "mark and utf8", raw: mark + "# coding: utf8\n", want: "# coding: utf8\n", encoding: "utf-8-sig", line: 1, problem: "byte order mark"},
	{name: "latin-1", raw: "# coding: latin-1\nx='\xe9'", want: "# coding: latin-1\nx='é'", encoding: "latin-1"},
	{name: "latin-1 but ascii", raw: "# coding: latin-1\nx=1", want: "# coding: latin-1\nx=1"},
	{name: "second line", raw: "#!/usr/bin/python\n# -*- coding: iso-8859-15 -*-\nx='\xa4'", want: "#!/usr/bin/python\n# -*- coding: iso-8859-15 -*-\nx='€'", encoding: "iso8859-15"},
	{name: "second line after blank", raw: " \f\t\r\n#coding=l1\n'\xe9'", want: " \f\t\r\n#coding=l1\n'é'", encoding: "latin-1"},
	{name: "second line after code", raw: "x=1\n# coding: latin-1\n'\xe9'", want: "x=1\n# coding: latin-1\n'é'", encoding: "utf-8", line: 3, problem: "0xe9 is not valid UTF-8 and no other"},
	{name: "third line", raw: "\n\n# coding: latin-1\n'\xe9'", want: "\n\n# coding: latin-1\n'é'", encoding: "utf-8", line: 4, problem: "0xe9"},
	{name: "lone carriage returns", raw: "#!x\r# coding: latin-1\r'\xe9'", want: "#!x\r# coding: latin-1\r'é'", encoding: "latin-1"},
	{name: "vim", raw: "# vim: set fileencoding=koi8-r :\n'\xc1'", want: "# vim: set fileencoding=koi8-r :\n'а'", encoding: "koi8-r"},
	{name: "space before colon", raw: "# coding : latin-1\n'\xe9'", want: "# coding : latin-1\n'é'", encoding: "utf-8", line: 2, problem: "0xe9"},
	{name: "second coding word", raw: "# coding is fun, coding=latin-1\n'\xe9'", want: "# coding is fun, coding=latin-1\n'é'", encoding: "latin-1"},
	{name: "not in a comment", raw: "x = 'coding: latin-1'\n", want: "x = 'coding: latin-1'\n"},
	{name: "declared utf-8, bad", raw: "# coding: utf-8\n#\xff\n", want: "# coding: utf-8\n#ÿ\n", encoding: "utf-8", line: 2, problem: "though the file declares"},
	{name: "surrogate", raw: "'\xed\xa0\x80'", want: "'í\u00a0\u0080'", encoding: "utf-8", line: 1, problem: "0xed"},
	{name: "ascii, bad", raw: "# coding: us-ascii\n\n'é'", want: "# coding: us-ascii\n\n'Ã©'", encoding: "ascii", line: 3, problem: "not ASCII"},
	{name: "windows-1252", raw: "# coding: windows-1252\n'\x80'", want: "# coding: windows-1252\n'€'", encoding: "cp1252"},
	{name: "windows-1252, bad", raw: "# coding: cp1252\n'\x80\x81'", want: "# coding: cp1252\n'€\ufffd'", encoding: "cp1252", line: 2, problem: "no meaning in cp1252"},
	{name: "shift_jis with a backslash byte", raw: "# coding: sjis\n'\x83\x5c'", want: "# coding: sjis\n'ソ'", encoding: "shift-jis"},
	{name: "gbk", raw: "# coding: GBK\n'\xc4\xe3'", want: "# coding: GBK\n'你'", encoding: "gbk"},
	{name: "big5", raw: "# coding: big5\n'\xa7\x41'", want: "# coding: big5\n'你'", encoding: "big5"},
	{name: "euc-kr", raw: "# coding: euc-kr\n'\xb0\xa1'", want: "# coding: euc-kr\n'가'", encoding: "euc-kr"},
	{name: "euc-jp", raw: "# coding: euc_jp\n'\xa4\xa2'", want: "# coding: euc_jp\n'あ'", encoding: "euc-jp"},
	{name: "iso-2022-jp", raw: "# coding: iso-2022-jp\n'\x1b$B$\"\x1b(B'", want: "# coding: iso-2022-jp\n'あ'", encoding: "iso2022-jp"},
	{name: "emacs", raw: "# -*- coding: utf-8-unix -*-\n'é'", want: "# -*- coding: utf-8-unix -*-\n'é'"},
	{name: "utf-7 hides code", raw: "# coding: utf-7\n# +AAo-import os", want: "# coding: utf-7\n# \nimport os", encoding: "utf-7"},
	{name: "utf-7", raw: "#coding:U7\n'1 +- 2 +AOk- +2D3eAA- +AOk'", want: "#coding:U7\n'1 + 2 é 😀 é'", encoding: "utf-7"},
	{name: "utf-7, bad", raw: "#coding:utf7\n'a'\n'+ +AO- \xe9'", want: "#coding:utf7\n'a'\n'\ufffd \ufffd \ufffd'", encoding: "utf-7", line: 3, problem: "no meaning"},
	{name: "unicode-escape hides code", raw: "\n# coding: unicode_escape\n# \\u000aimport os", want: "\n# coding: unicode_escape\n# \nimport os", encoding: "unicode-escape"},
	{name: "unicode-escape", raw: "#coding:unicode-escape\n\\x27\\351\\u00e9\\U0001F600\xe9\\q\\t\\\\q'", want: "#coding:unicode-escape\n'éé😀é\\q\t\\q'", encoding: "unicode-escape"},
	{name: "unicode-escape, bad", raw: "#coding:unicode-escape\n\n'\\u12 \\xg \\ud800 \\N{DIGIT ONE}'\\", want: "#coding:unicode-escape\n\n'\ufffd \ufffdg \ufffd \ufffd{DIGIT ONE}'\ufffd", encoding: "unicode-escape", line: 3, problem: "no meaning"},
	{name: "raw-unicode-escape hides code", raw: "# coding: raw_unicode_escape\n# \\u000aimport os", want: "# coding: raw_unicode_escape\n# \nimport os", encoding: "raw-unicode-escape"},
	{name: "raw-unicode-escape", raw: "#coding:raw-unicode-escape\n'\\\\u00e9 \\u00e9 \xe9 \\n'", want: "#coding:raw-unicode-escape\n'\\\\u00e9 é é \\n'", encoding: "raw-unicode-escape"},
	{name: "punycode", raw: "# coding: punycode\nx", want: "# coding: punycode\nx", encoding: "punycode", line: 1, problem: "may hide code"},
	{name: "unknown", raw: "# coding: nope\n'\xe9'", want: "# coding: nope\n'é'", encoding: "nope", line: 1, problem: `cannot read the encoding "nope"`},
	{name: "utf-16", raw: "# coding: utf-16\n", want: "# coding: utf-16\n", encoding: "utf-16", line: 1, problem: "utf-16"},
	{name: "zero bytes are the parser's", raw: "x\x00y", want: "x\x00y"},
	{name: "cookie without a line end", raw: "#coding:utf8", want: "#coding:utf8"},
}

func TestDecode(t *testing.T) {
	for _, tt := range decodeTests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Decode("a.py", []byte(tt.raw))
			if f == nil {
				t.Fatal("no file")
			}
			if string(f.Bytes) != tt.want {
				t.Errorf("text %q, want %q", f.Bytes, tt.want)
			}
			if f.Encoding != tt.encoding {
				t.Errorf("encoding %q, want %q", f.Encoding, tt.encoding)
			}
			var p *Problem
			switch {
			case tt.problem == "":
				if err != nil {
					t.Errorf("unexpected problem: %v", err)
				}
			case !errors.As(err, &p):
				t.Errorf("error %v, want a problem with %q", err, tt.problem)
			case !strings.Contains(p.Message, tt.problem) || p.Line != tt.line || !p.Partial || p.Path != "a.py":
				t.Errorf("problem %+v, want line %d and %q", p, tt.line, tt.problem)
			}
		})
	}
}

func TestDecodeDoesNotCopy(t *testing.T) {
	raw := []byte("# plain\n" + strings.Repeat("x = 'é'\n", 1000))
	f, err := Decode("a.py", raw)
	if err != nil {
		t.Fatal(err)
	}
	if &f.Bytes[0] != &raw[0] {
		t.Error("the text was copied")
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = Decode("a.py", raw) }); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

func TestCodecNamesAreReachable(t *testing.T) {
	for alias, name := range aliases {
		if escapeDecoder(name) == nil && name != "utf-8" && name != "utf-8-sig" && name != "ascii" && findCodec(name) == nil {
			t.Errorf("alias %q leads to %q, which no codec has", alias, name)
		}
	}
	for _, c := range codecs {
		if got := pythonName(strings.ToUpper(strings.ReplaceAll(c.name, "-", "_"))); got != c.name && normalCookie(c.name) != got {
			t.Errorf("codec %q is reached as %q", c.name, got)
		}
	}
}

// oracle asks CPython: does it parse these bytes, and what is the text of its last
// expression if that is a string?
const oracle = `
import ast, base64, json, sys, warnings
warnings.simplefilter("ignore")
out = []
for line in sys.stdin:
    try:
        body = ast.parse(base64.b64decode(line)).body
        out.append({"ok": True, "text": body[-1].value.value if body and isinstance(body[-1], ast.Expr) and isinstance(getattr(body[-1].value, "value", None), str) else None})
    except (SyntaxError, ValueError, LookupError, UnicodeError) as e:
        out.append({"ok": False, "why": str(e)})
json.dump(out, sys.stdout)
`

func TestDecodeAgreesWithPython(t *testing.T) {
	python := testkit.Program(t, "python3", "python")
	var raws []string
	for _, tt := range decodeTests {
		raws = append(raws, tt.raw)
	}
	for _, c := range codecs { // every byte of every encoding, and some pairs
		if c.shifts {
			continue
		}
		for b := 0x80; b < 0x100; b++ {
			raws = append(raws, "# coding: "+c.name+"\n'"+string([]byte{byte(b)})+" '", "# coding: "+c.name+"\n'"+string([]byte{byte(b), 0xc4})+"'")
		}
	}
	for alias := range aliases {
		if !strings.Contains(alias, ".") {
			raws = append(raws, "# coding: "+alias+"\n'a'", "# coding: "+strings.ToUpper(strings.ReplaceAll(alias, "-", "_"))+"\n'a'")
		}
	}
	var in bytes.Buffer
	for _, raw := range raws {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(raw)) + "\n")
	}
	cmd := exec.Command(python, "-c", oracle)
	cmd.Stdin = &in
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []struct {
		OK   bool
		Text *string
		Why  string
	}
	if err := json.Unmarshal(data, &theirs); err != nil {
		t.Fatal(err)
	}
	if len(theirs) != len(raws) {
		t.Fatalf("%d answers to %d questions", len(theirs), len(raws))
	}
	read, refused := 0, 0
	for i, raw := range raws {
		f, err := Decode("a.py", []byte(raw))
		if !theirs[i].OK {
			refused++
			continue // we may read more than Python; what it refuses by grammar is not ours
		}
		read++
		if theirs[i].Text != nil && strings.ContainsFunc(*theirs[i].Text, private) {
			continue
		}
		if strings.Contains(raw, "big5") && (strings.Contains(raw, "'\xc6") || strings.Contains(raw, "'\xc7")) || strings.Contains(raw, "cp950") {
			continue // two vendors' extensions of Big5 disagree here
		}
		if strings.Contains(raw, "coding: utf-8\n#\xff") {
			continue // Python before 3.12 does not look into comments
		}
		if err != nil && !strings.Contains(err.Error(), "may hide code") {
			t.Errorf("%q: %v, but Python reads it", raw, err)
			continue
		}
		if escapeDecoder(f.Encoding) != nil {
			continue // compared below
		}
		if theirs[i].Text != nil && !strings.Contains(string(f.Bytes), "'"+*theirs[i].Text+"'") && !strings.Contains(raw, `\`) && f.Encoding != "koi8-u" {
			t.Errorf("%q: text %q, but Python reads %q", raw, f.Bytes, *theirs[i].Text)
		}
	}
	if read < 5000 || refused < 100 {
		t.Errorf("Python read %d and refused %d: the comparison is not what it was", read, refused)
	}
}

// Python's decoders of the encodings that can hide code, on all that is short.
func TestEscapesAgreeWithPython(t *testing.T) {
	python := testkit.Program(t, "python3", "python")
	alphabets := map[string][]string{
		"utf-7":              {"+", "-", "A", "AO", "k", "/", "2D3eAA", "\n", "\xe9", " "},
		"unicode-escape":     {`\`, "u", "00", "e9", "x", "U", "N", "7", "\n", "\xe9", "'"},
		"raw-unicode-escape": {`\`, "u", "00", "e9", "x", "U", "7", "\n", "\xe9", "'"},
	}
	type question struct {
		Name string `json:"name"`
		Text string `json:"text"` // one character a byte
	}
	var ask []question
	for name, letters := range alphabets {
		words := []string{""}
		for range 5 {
			var longer []string
			for _, w := range words {
				for _, l := range letters {
					longer = append(longer, w+l)
				}
			}
			words = longer
		}
		for i := 0; i < len(words); i += 7 { // a prime, for variety
			var text []rune
			for _, c := range []byte(words[i]) {
				text = append(text, rune(c))
			}
			ask = append(ask, question{name, string(text)})
		}
	}
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-W", "ignore", "-c", `
import json, sys
out = []
for q in json.load(sys.stdin):
    try:
        s = q["text"].encode("latin-1").decode(q["name"]); s.encode("utf-8"); out.append(s)
    except UnicodeError:
        out.append(None)
json.dump(out, sys.stdout)
`)
	cmd.Stdin = bytes.NewReader(in)
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []*string
	if err := json.Unmarshal(data, &theirs); err != nil {
		t.Fatal(err)
	}
	if len(theirs) != len(ask) {
		t.Fatalf("%d answers to %d questions", len(theirs), len(ask))
	}
	wrong := 0
	for i, q := range ask {
		var raw []byte
		for _, r := range q.Text {
			raw = append(raw, byte(r))
		}
		ours := string(escapeDecoder(q.Name)(raw))
		bad := strings.ContainsRune(ours, utf8.RuneError)
		if want := theirs[i]; want == nil && !bad || want != nil && ours != *want {
			t.Errorf("%s %q: %q, Python %v", q.Name, raw, ours, want)
			if wrong++; wrong > 20 {
				t.Fatal("and more")
			}
		}
	}
}

// private reports characters that Python's East Asian codecs give to bytes which
// their standards leave to the user. No source needs them; we report a problem.
func private(r rune) bool { return r >= 0xE000 && r <= 0xF8FF || r >= 0x80 && r <= 0xA0 }

func FuzzDecode(f *testing.F) {
	for _, tt := range decodeTests {
		f.Add([]byte(tt.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		file, err := Decode("a.py", raw)
		if file == nil {
			t.Fatal("no file")
		}
		if !bytes.Equal(raw, before) {
			t.Error("the raw bytes were changed")
		}
		if !utf8.Valid(file.Bytes) {
			t.Errorf("not UTF-8: %q", file.Bytes)
		}
		if err == nil && file.Encoding == "" && !bytes.Equal(file.Bytes, raw) {
			t.Errorf("changed without saying so: %q to %q", raw, file.Bytes)
		}
		var p *Problem
		if err != nil && (!errors.As(err, &p) || p.Line < 1 || p.Line > file.Lines()+1) {
			t.Errorf("problem %+v in a file of %d lines", p, file.Lines())
		}
	})
}
