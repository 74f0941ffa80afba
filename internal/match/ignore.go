package match

import (
	"strings"
)

// A Line is one line of an ignore file.
type Line struct {
	Negated bool // !pattern takes back what an earlier line ignored
	DirOnly bool // pattern/ is for folders
	Rooted  bool // the pattern began with a slash

	name *segment // pattern without a slash: any entry of that name, however deep
	glob *Glob
}

// ParseLine reads a line of a .gitignore file. It returns nil for a blank line and
// for a comment.
func ParseLine(text string) (*Line, error) {
	text = trimTrailing(strings.TrimSuffix(text, "\r"))
	if text == "" || text[0] == '#' {
		return nil, nil
	}
	l := &Line{}
	if text[0] == '!' {
		l.Negated = true
		text = text[1:]
	}
	if strings.HasSuffix(text, "/") {
		l.DirOnly = true
		text = text[:len(text)-1]
	}
	if rest, ok := strings.CutPrefix(text, "/"); ok {
		l.Rooted = true
		text = rest
	}
	g, err := Compile(text)
	if err != nil {
		return nil, err
	}
	l.glob = g
	if !l.Rooted && len(g.segments) == 1 && !strings.Contains(text, "/") {
		l.name = &g.segments[0]
	}
	return l, nil
}

// trimTrailing cuts spaces at the end unless the last is escaped.
func trimTrailing(text string) string {
	end := len(text)
	for end > 0 && text[end-1] == ' ' {
		if end > 1 && text[end-2] == '\\' {
			slashes := 0
			for i := end - 2; i >= 0 && text[i] == '\\'; i-- {
				slashes++
			}
			if slashes%2 == 1 {
				break
			}
		}
		end--
	}
	return text[:end]
}

// Match reports whether the line speaks of an entry; path is relative to the
// folder of the ignore file.
func (l *Line) Match(path string, dir bool) bool {
	if l.DirOnly && !dir {
		return false
	}
	if l.name != nil {
		if l.name.kind == anyPath {
			return true
		}
		return l.name.match(path[strings.LastIndexByte(path, '/')+1:])
	}
	return l.glob.Match(path)
}

// Ignore is an ignore file: the last line that speaks of an entry decides.
type Ignore struct {
	lines []*Line
}

// ParseIgnore reads the text of an ignore file. Lines that git would not understand
// either never match, as in git.
func ParseIgnore(text string) *Ignore {
	ig := &Ignore{}
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		if l, err := ParseLine(line); err == nil && l != nil {
			ig.lines = append(ig.lines, l)
		}
	}
	return ig
}

// Len is the number of lines that can match.
func (ig *Ignore) Len() int { return len(ig.lines) }

// A Verdict is what an ignore file says of an entry.
type Verdict uint8

// The verdicts: nothing said, ignored, and explicitly not ignored.
const (
	Silent Verdict = iota
	Ignored
	Kept
)

// Match asks for one entry; path is relative to the folder of the ignore file. It
// does not ask for the folders above the entry: who walks a tree does not enter
// an ignored folder.
func (ig *Ignore) Match(path string, dir bool) Verdict {
	for i := len(ig.lines) - 1; i >= 0; i-- {
		if l := ig.lines[i]; l.Match(path, dir) {
			if l.Negated {
				return Kept
			}
			return Ignored
		}
	}
	return Silent
}
