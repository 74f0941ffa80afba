package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Notebook makes a File of a Jupyter notebook (nbformat 3 and 4): the code cells one
// after the other, each ending with a line end, and File.Cells to find them again.
//
// What IPython understands and Python does not is replaced by as many bytes that
// Python understands, so that every offset and column stays right: magics and shell
// lines become blanks, or pass where a block would be empty. %time and its
// like keep the code that they run. Cells in other languages become blank lines.
//
// A notebook for another language gives a File without text. One that cannot be
// read is a *Problem.
func Notebook(path string, raw []byte) (*File, error) {
	var nb struct {
		Format   int `json:"nbformat"`
		Metadata struct {
			Kernel struct {
				Language string `json:"language"`
				Name     string `json:"name"`
			} `json:"kernelspec"`
			Language struct {
				Name string `json:"name"`
			} `json:"language_info"`
		} `json:"metadata"`
		Cells      []cellJSON `json:"cells"`
		Worksheets []struct {
			Cells []cellJSON `json:"cells"`
		} `json:"worksheets"`
	}
	fail := func(format string, args ...any) (*File, error) {
		return nil, &Problem{Path: path, Message: fmt.Sprintf(format, args...)}
	}
	raw = bytes.TrimPrefix(raw, byteOrderMark)
	// encoding/json refuses more than 10,000 levels, and the walk large files.
	if err := json.Unmarshal(raw, &nb); err != nil {
		return fail("not a notebook that can be read (%v): open and save it in Jupyter, or exclude it", err)
	}
	switch {
	case nb.Format < 3 || nb.Format > 4:
		return fail("notebook format %d cannot be read, only 3 and 4: open and save it in Jupyter", nb.Format)
	case nb.Format == 3:
		for _, w := range nb.Worksheets {
			nb.Cells = append(nb.Cells, w.Cells...)
		}
	}
	f := New(path, nil)
	f.Encoding = "ipynb" // nothing can be edited at our offsets
	f.Cells = []Cell{}
	if l := strings.ToLower(nb.Metadata.Language.Name + nb.Metadata.Kernel.Language); l != "" && !strings.Contains(l, "python") {
		return f, nil
	}
	var unclosed *Problem
	index := 0
	for _, c := range nb.Cells {
		if c.Type != "code" {
			continue
		}
		index++
		text := c.Source
		if nb.Format == 3 {
			text = c.Input
		}
		code := []byte(text)
		if len(code) == 0 || code[len(code)-1] != '\n' {
			code = append(code, '\n')
		}
		if c.Language != "" && !strings.EqualFold(c.Language, "python") {
			blank(code)
		} else if !plainPython(code) && unclosed == nil {
			unclosed = &Problem{Path: path, Partial: true, Message: fmt.Sprintf(
				"code cell %d ends within a bracket or a string, so it was not looked at: complete it", index)}
		}
		start := Pos(len(f.Bytes))
		f.Bytes = append(f.Bytes, code...)
		f.Cells = append(f.Cells, Cell{Start: start, End: Pos(len(f.Bytes)), Index: index})
	}
	if unclosed != nil {
		return f, unclosed
	}
	return f, nil
}

type cellJSON struct {
	Type     string    `json:"cell_type"`
	Source   multiline `json:"source"`
	Input    multiline `json:"input"`    // in format 3
	Language string    `json:"language"` // in format 3
}

// multiline is a text, or a list of the text's lines with their line ends.
type multiline string

func (m *multiline) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		var lines []string
		if err := json.Unmarshal(data, &lines); err != nil {
			return err
		}
		*m = multiline(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(m))
}

// Cell converts an offset in a notebook to the number of its code cell and the line
// within the cell, both from 1. In any other file the cell is 0 and the line is the
// file's.
func (f *File) Cell(p Pos) (cell, line int) {
	line = f.Position(p).Line
	for i := len(f.Cells) - 1; i >= 0; i-- {
		if c := f.Cells[i]; c.Start <= p {
			return c.Index, line - f.Position(c.Start).Line + 1
		}
	}
	return 0, line
}

// blank replaces everything but the line ends.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = ' '
		}
	}
}

// These cell magics run the rest of the cell as Python in this very process.
var pythonCellMagics = map[string]bool{
	"time": true, "timeit": true, "capture": true, "prun": true, "debug": true, "python": true, "python3": true,
	"memit": true, "mprun": true, "lprun": true, "snakeviz": true, "pyinstrument": true, "scalene": true, "heat": true,
}

// And these line magics run the rest of the line.
var pythonLineMagics = map[string]bool{"time": true, "timeit": true, "prun": true, "memit": true, "debug": true, "snakeviz": true}

// plainPython rewrites the code of one cell in place. It reports false, having
// blanked the cell, if the cell does not close what it opens: then the rest of
// the notebook would be drawn into it.
func plainPython(code []byte) bool {
	if first := firstLine(code); first >= 0 && bytes.HasPrefix(code[first:], []byte("%%")) {
		name, _ := magicName(code[first+2:])
		if !pythonCellMagics[name] {
			blank(code)
			return true
		}
		blank(code[first:lineEnd(code, first)])
	}
	var s cellScanner
	for at := 0; at < len(code); {
		end := lineEnd(code, at)
		if s.atStart() {
			if to, ok := rewriteLine(code, at, end); ok {
				at = to
				continue
			}
		}
		s.scan(code, at, end)
		if s.question >= 0 && s.began >= 0 && s.atStart() {
			// name? asks for help.
			silence(code, s.began, lineEnd(code, s.question))
		}
		at = next(code, end)
	}
	if s.depth > 0 || s.quote != 0 {
		blank(code)
		return false
	}
	return true
}

// firstLine is where the first line that is not blank has its first character, or -1.
func firstLine(code []byte) int {
	rest := bytes.TrimLeft(code, " \t\r\n")
	if len(rest) == 0 {
		return -1
	}
	return len(code) - len(rest)
}

// lineEnd is the offset of the line end at or after at.
func lineEnd(code []byte, at int) int {
	if i := bytes.IndexAny(code[at:], "\r\n"); i >= 0 {
		return at + i
	}
	return len(code)
}

// next is where the line after the line end begins.
func next(code []byte, end int) int {
	if bytes.HasPrefix(code[end:], []byte("\r\n")) {
		return end + 2
	}
	return min(end+1, len(code))
}

// magicName reads the name of a magic and says how long it is.
func magicName(text []byte) (string, int) {
	n := 0
	for n < len(text) && (isAlnum(text[n]) || text[n] == '_' || text[n] == '.') {
		n++
	}
	return string(text[:n]), n
}

// rewriteLine rewrites the logical line in code[at:end] if IPython would, and says
// where to go on.
func rewriteLine(code []byte, at, end int) (int, bool) {
	line := code[at:end]
	indent := len(line) - len(bytes.TrimLeft(line, " \t\f"))
	text := line[indent:]
	if len(text) == 0 {
		return 0, false
	}
	switch text[0] {
	case '%':
		name, n := magicName(bytes.TrimLeft(text, "%"))
		if pythonLineMagics[name] {
			return keepStatement(code, at+indent, at+indent+len(text)-len(bytes.TrimLeft(text, "%"))+n, end)
		}
		fallthrough
	case '!', '?', '/', ',', ';':
		return silence(code, at+indent, end), true
	}
	// name = !command and name = %magic give a value.
	if i := assigned(text); i >= 0 {
		start := at + indent + i
		to := silence(code, start, end)
		code[start] = '0'
		if end-start >= len("None") {
			copy(code[start:], "None")
		}
		return to, true
	}
	return 0, false
}

// assigned returns where the ! or % of `name = !command` is, or -1.
func assigned(text []byte) int {
	i := bytes.IndexByte(text, '=')
	if i <= 0 {
		return -1
	}
	for _, c := range text[:i] {
		if !isAlnum(c) && c < 0x80 && !bytes.ContainsRune([]byte("_., []*'\"()\t"), rune(c)) {
			return -1
		}
	}
	rest := bytes.TrimLeft(text[i+1:], " \t")
	if len(rest) > 1 && (rest[0] == '!' && rest[1] != '=' || rest[0] == '%') {
		return len(text) - len(rest)
	}
	return -1
}

// silence replaces the line from start on, and the lines that a backslash joins to
// it. In a block there must be a statement; elsewhere blanks do.
func silence(code []byte, start, end int) int {
	for end > start && code[end-1] == '\\' {
		last := next(code, end)
		if last >= len(code) {
			break
		}
		end = lineEnd(code, last)
	}
	indented := start > 0 && code[start-1] != '\n' && code[start-1] != '\r'
	first := lineEnd(code, start)
	blank(code[start:end])
	if indented && first > start {
		code[start] = '0'
		if first-start >= len("pass") {
			copy(code[start:], "pass")
		}
	}
	return next(code, end)
}

// keepStatement turns `%time x = f()` into `0    ;x = f()`: as long, and Python. A
// compound statement cannot follow a semicolon and is lost.
func keepStatement(code []byte, start, name, end int) (int, bool) {
	at := name
	for { // options: -n 10 -r3 -o
		for at < end && (code[at] == ' ' || code[at] == '\t') {
			at++
		}
		if at >= end || code[at] != '-' || at+1 >= end || !isAlnum(code[at+1]) {
			break
		}
		takesNumber := at+2 < end && code[at+2] == ' ' && (code[at+1] == 'n' || code[at+1] == 'r' || code[at+1] == 'l' || code[at+1] == 's' || code[at+1] == 'T' || code[at+1] == 'D')
		for at < end && code[at] != ' ' {
			at++
		}
		if takesNumber {
			for at < end && code[at] == ' ' {
				at++
			}
			for at < end && code[at] != ' ' {
				at++
			}
		}
	}
	word, _ := magicName(code[at:end])
	switch word {
	case "for", "while", "if", "with", "try", "def", "class", "async", "match":
		return silence(code, start, end), true
	}
	if at >= end || at == name {
		return silence(code, start, end), true
	}
	blank(code[start:at])
	code[start] = '0'
	code[at-1] = ';'
	return 0, false // the scanner reads on: the statement may span lines
}

// A cellScanner knows enough of Python's tokens to tell where a logical line begins.
type cellScanner struct {
	depth    int  // of brackets
	quote    byte // of the string we are in, or 0
	triple   bool
	joined   bool // the last line ended with a backslash
	began    int  // where the logical line's text begins, or -1
	question int  // where a ? ends the line, outside strings and comments, or -1
}

func (s *cellScanner) atStart() bool { return s.depth == 0 && s.quote == 0 && !s.joined }

func (s *cellScanner) scan(code []byte, at, end int) {
	s.question = -1
	if s.atStart() {
		s.began = -1
	}
	s.joined = false
	for i := at; i < end; i++ {
		c := code[i]
		if s.quote != 0 {
			switch {
			case c == '\\':
				i++
			case c != s.quote:
			case !s.triple:
				s.quote = 0
			case i+2 < end && code[i+1] == c && code[i+2] == c:
				i += 2
				s.quote = 0
			}
			continue
		}
		if s.began < 0 && c != ' ' && c != '\t' {
			s.began = i
		}
		if c != ' ' && c != '\t' && c != '#' {
			s.question = -1
		}
		switch c {
		case '#':
			i = end
		case '\'', '"':
			s.quote = c
			s.triple = i+2 < end && code[i+1] == c && code[i+2] == c
			if s.triple {
				i += 2
			}
		case '(', '[', '{':
			s.depth++
		case ')', ']', '}':
			s.depth = max(0, s.depth-1)
		case '\\':
			s.joined = i == end-1
		case '?':
			s.question = i
		}
	}
	if s.quote != 0 && !s.triple {
		if end > at && code[end-1] == '\\' {
			return // the string goes on
		}
		s.quote = 0 // a mistake that the parser will name
	}
}
