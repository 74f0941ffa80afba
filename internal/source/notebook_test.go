package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gambeson/gambeson/internal/testkit"
)

func notebook4(cells ...string) []byte {
	type cell struct {
		Type   string   `json:"cell_type"`
		Source []string `json:"source"`
	}
	nb := map[string]any{"nbformat": 4, "metadata": map[string]any{"language_info": map[string]any{"name": "python"}}}
	list := []cell{{"markdown", []string{"# title\n", "!text"}}}
	for _, c := range cells {
		list = append(list, cell{"code", strings.SplitAfter(c, "\n")})
	}
	nb["cells"] = list
	b, err := json.Marshal(nb)
	if err != nil {
		panic(err)
	}
	return b
}

var cellTests = []struct{ name, in, want string }{
	{"plain", "x = 1\ny = 2", "x = 1\ny = 2\n"},
	{"empty", "", "\n"},
	{"line magic", "%matplotlib inline\nx = 1", "                  \nx = 1\n"},
	{"shell", "!pip install x\nx = 1", "              \nx = 1\n"},
	{"shell over lines", "!pip install \\\n  x \\\n  y\nz = 1", "              \n     \n   \nz = 1\n"},
	{"shell in a block", "if x:\n    !ls -l\ny", "if x:\n    pass  \ny\n"},
	{"short shell in a block", "if x:\n  !l\ny", "if x:\n  0 \ny\n"},
	{"shell assigned", "files = !ls -l\nprint(files)", "files = None  \nprint(files)\n"},
	{"short shell assigned", "f = !l", "f = 0 \n"},
	{"magic assigned", "a, b = %sql select 1", "a, b = None         \n"},
	{"not equal", "a = b != c", "a = b != c\n"},
	{"modulo over lines", "x = (a\n% b)\ny = a \\\n% b", "x = (a\n% b)\ny = a \\\n% b\n"},
	{"in a string", "x = '''\n%magic\n!sh\nx?\n'''\n%m", "x = '''\n%magic\n!sh\nx?\n'''\n  \n"},
	{"string with continuation", "x = 'a\\\n!b'\n!c", "x = 'a\\\n!b'\n  \n"},
	{"help", "?x\nx?\nx.y??\nz # why?\nq = 'a?'", "  \n  \n     \nz # why?\nq = 'a?'\n"},
	{"help in a block", "if 1:\n    foo?\n", "if 1:\n    pass\n"},
	{"cell magic bash", "%%bash\nrm -rf x\n", "      \n        \n"},
	{"cell magic after blanks", "\n\n%%html\n<b>", "\n\n      \n   \n"},
	{"cell magic time", "%%time\nx = f(y)", "      \nx = f(y)\n"},
	{"cell magic capture", "%%capture out --no-stderr\nx = 1", "                         \nx = 1\n"},
	{"line magic time", "%time x = f(y)", "0    ;x = f(y)\n"},
	{"line magic timeit with options", "%timeit -n 10 -r3 f(y)", "0                ;f(y)\n"},
	{"line magic time over lines", "%time f(a,\n  b)\n!c", "0    ;f(a,\n  b)\n  \n"},
	{"line magic time in a block", "if 1:\n  %time f()", "if 1:\n  0    ;f()\n"},
	{"line magic time of a loop", "%time for i in x: f(i)", "                      \n"},
	{"line magic time of nothing", "%time", "     \n"},
	{"two percent later", "x = 1\n%%bash\n", "x = 1\n      \n"},
	{"unclosed bracket", "x = f(\n  1", "      \n   \n"},
	{"unclosed string", "x = '''\n  1", "       \n   \n"},
	{"unclosed plain string", "x = 'a\n!b", "x = 'a\n  \n"},
	{"comment with bracket", "# (\n!b", "# (\n  \n"},
	{"characters of several bytes", "!écho\nx = 'é'", "      \nx = 'é'\n"},
	{"carriage returns", "!a\r\nif 1:\r\n  !bcd\r\n", "  \r\nif 1:\r\n  pass\r\n"},
	{"format string", "f\"{x[\"a\"]}\"\n!b", "f\"{x[\"a\"]}\"\n  \n"},
}

func TestNotebookCells(t *testing.T) {
	for _, tt := range cellTests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Notebook("a.ipynb", notebook4("first = 1", tt.in, "last = 1"))
			if f == nil {
				t.Fatal(err)
			}
			if unclosed := strings.HasPrefix(tt.name, "unclosed ") && tt.name != "unclosed plain string"; (err != nil) != unclosed {
				t.Errorf("error %v", err)
			}
			if want := "first = 1\n" + tt.want + "last = 1\n"; string(f.Bytes) != want {
				t.Errorf("text\n%q, want\n%q", f.Bytes, want)
			}
			if len(f.Cells) != 3 || f.Cells[1].Index != 2 || string(f.Bytes[f.Cells[1].Start:f.Cells[1].End]) != tt.want {
				t.Errorf("cells %v", f.Cells)
			}
		})
	}
}

func TestNotebookCellLines(t *testing.T) {
	f, err := Notebook("a.ipynb", notebook4("a\nb", "", "c\nd\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text       string
		cell, line int
	}{{"a", 1, 1}, {"b", 1, 2}, {"c", 3, 1}, {"d", 3, 2}} {
		if cell, line := f.Cell(Pos(bytes.Index(f.Bytes, []byte(tt.text)))); cell != tt.cell || line != tt.line {
			t.Errorf("%s is in cell %d, line %d; want %d, %d", tt.text, cell, line, tt.cell, tt.line)
		}
	}
	if cell, line := New("a.py", []byte("x\ny")).Cell(2); cell != 0 || line != 2 {
		t.Errorf("in a plain file: %d, %d", cell, line)
	}
}

func TestNotebookFormats(t *testing.T) {
	for _, tt := range []struct{ name, in, want, problem string }{
		{"3", `{"nbformat":3,"metadata":{},"worksheets":[{"cells":[{"cell_type":"code","language":"python","input":["x = 1\n","y"]},{"cell_type":"code","language":"ruby","input":"puts"}]}]}`, "x = 1\ny\n    \n", ""},
		{"4 with one string", `{"nbformat":4,"cells":[{"cell_type":"code","source":"x = 1"}]}`, "x = 1\n", ""},
		{"with mark", mark + `{"nbformat":4,"cells":[{"cell_type":"code","source":"x"}]}`, "x\n", ""},
		{"other language", `{"nbformat":4,"metadata":{"kernelspec":{"language":"R"}},"cells":[{"cell_type":"code","source":"x <- 1"}]}`, "", ""},
		{"lone surrogate", `{"nbformat":4,"cells":[{"cell_type":"code","source":"'\ud800'"}]}`, "'\ufffd'\n", ""},
		{"no cells", `{"nbformat":4}`, "", ""},
		{"null source", `{"nbformat":4,"cells":[{"cell_type":"code","source":null}]}`, "\n", ""},
		{"broken", `{"nbformat":4,"cells":[`, "", "not a notebook"},
		{"empty", ``, "", "not a notebook"},
		{"no format", `{}`, "", "format 0"},
		{"list", `[]`, "", "not a notebook"},
		{"wrong type", `{"nbformat":4,"cells":[{"cell_type":"code","source":5}]}`, "", "not a notebook"},
		{"deep", `{"nbformat":4,"metadata":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "", "depth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Notebook("a.ipynb", []byte(tt.in))
			if tt.problem != "" {
				var p *Problem
				if !errors.As(err, &p) || !strings.Contains(p.Message, tt.problem) {
					t.Errorf("error %v, want %q", err, tt.problem)
				}
				return
			}
			if err != nil || string(f.Bytes) != tt.want {
				t.Errorf("text %q, error %v; want %q", f.Bytes, err, tt.want)
			}
		})
	}
}

// What comes out of a cell that IPython runs must be Python.
func TestNotebookGivesPython(t *testing.T) {
	python := testkit.Program(t, "python3", "python")
	var texts []string
	for _, tt := range cellTests {
		if tt.name == "unclosed plain string" || tt.name == "format string" {
			continue // neither is Python before 3.12
		}
		f, _ := Notebook("a.ipynb", notebook4(tt.in))
		texts = append(texts, string(f.Bytes))
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", "import ast, json, sys\nfor text in json.load(sys.stdin):\n  try: ast.parse(text)\n  except SyntaxError as e: print(repr(text), e)")
	cmd.Stdin = bytes.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

func FuzzNotebook(f *testing.F) {
	for _, tt := range cellTests {
		f.Add(tt.in, false)
	}
	f.Add(`{"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","input":["x"]}]}]}`, true)
	f.Fuzz(func(t *testing.T, text string, whole bool) {
		if whole {
			if file, err := Notebook("a.ipynb", []byte(text)); file == nil && err == nil {
				t.Error("neither file nor error")
			}
			return
		}
		in := []byte(strings.ToValidUTF8(text, "?"))
		file, err := Notebook("a.ipynb", notebook4(string(in)))
		if file == nil {
			t.Fatal(err)
		}
		if len(in) == 0 || in[len(in)-1] != '\n' {
			in = append(in, '\n')
		}
		if len(file.Bytes) != len(in) {
			t.Fatalf("%q became %q, of another length", in, file.Bytes)
		}
		for i, c := range in {
			if (c == '\n' || c == '\r') != (file.Bytes[i] == '\n' || file.Bytes[i] == '\r') {
				t.Fatalf("%q became %q, with other lines", in, file.Bytes)
			}
		}
		if !utf8.Valid(file.Bytes) {
			t.Errorf("not UTF-8: %q", file.Bytes)
		}
	})
}
