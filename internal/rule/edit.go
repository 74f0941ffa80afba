package rule

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// Text is the node's source.
func (p *Pass) Text(n ast.Node) string { return p.File.Text(n.Span()) }

// Replace replaces a node's source.
func (p *Pass) Replace(n ast.Node, text string) Edit { return Edit{n.Span(), text} }

// Remove removes a node that is one of a call's arguments, with its comma.
func (p *Pass) RemoveArgument(c *ast.Call, n ast.Node) Edit {
	src, s := p.File.Bytes, n.Span()
	end := int(s.End)
	for end < len(src) && (src[end] == ' ' || src[end] == '\n' || src[end] == '\t') {
		end++
	}
	if end < len(src) && src[end] == ',' {
		for end++; end < len(src) && src[end] == ' '; end++ {
		}
		return Edit{source.Span{Start: s.Start, End: source.Pos(end)}, ""}
	}
	start := int(s.Start)
	for start > 0 && (src[start-1] == ' ' || src[start-1] == '\n' || src[start-1] == '\t') {
		start--
	}
	if start > 0 && src[start-1] == ',' {
		start--
	}
	return Edit{source.Span{Start: source.Pos(start), End: s.End}, ""}
}

// SetKeyword gives a call's keyword argument a value, replacing the one it has.
func (p *Pass) SetKeyword(c *ast.Call, name, value string) Edit {
	if k := program.Keyword(c, name); k != nil {
		return p.Replace(k.Value, value)
	}
	src := p.File.Bytes
	end := int(c.End()) - 1 // the closing parenthesis
	at := end
	for at > 0 && (src[at-1] == ' ' || src[at-1] == '\n' || src[at-1] == '\r' || src[at-1] == '\t') {
		at--
	}
	text := name + "=" + value
	switch {
	case at > 0 && src[at-1] == '(' && len(c.Args)+len(c.Keywords) == 0:
	case at > 0 && src[at-1] == ',':
		text = " " + text
		if at != end { // one argument a line: keep the trailing comma's habit
			text += ","
		}
	case len(c.Args) == 1 && len(c.Keywords) == 0 && c.Args[0].Kind() == ast.KindGeneratorExp && c.Args[0].End() == c.End():
		return Edit{} // f(x for x in y) would need parentheses
	default:
		text = ", " + text
	}
	return Edit{source.Span{Start: source.Pos(at), End: source.Pos(at)}, text}
}

// ImportModule makes sure that the module is imported under its own name at the top of
// the file. The zero Edit means that it is already.
func (p *Pass) ImportModule(module string) Edit {
	body := p.Tree.Module.Body
	for _, s := range body {
		if s, ok := s.(*ast.Import); ok && slices.ContainsFunc(s.Names, func(a *ast.Alias) bool { return a.Name == module && a.Asname == "" }) {
			return Edit{}
		}
	}
	at := source.Pos(0)
	for i, s := range body {
		switch s := s.(type) {
		case *ast.Import:
			return p.insertLine(s.Start(), "import "+module)
		case *ast.ImportFrom:
			if s.Module != "__future__" {
				return p.insertLine(s.Start(), "import "+module)
			}
			at = p.nextLine(s.End())
		case *ast.ExprStmt:
			if _, ok := ast.IsStr(s.Value); ok && i == 0 {
				at = p.nextLine(s.End())
				continue
			}
			return p.insertLine(max(at, p.lineStart(s.Start())), "import "+module)
		default:
			return p.insertLine(max(at, p.lineStart(s.Start())), "import "+module)
		}
	}
	return p.insertLine(at, "import "+module)
}

func (p *Pass) insertLine(at source.Pos, text string) Edit {
	eol := "\n"
	if strings.Contains(source.View(p.File.Bytes[:min(len(p.File.Bytes), 4096)]), "\r\n") {
		eol = "\r\n"
	}
	return Edit{source.Span{Start: at, End: at}, text + eol}
}

func (p *Pass) lineStart(at source.Pos) source.Pos {
	return p.File.Offset(p.File.Position(at).Line)
}

func (p *Pass) nextLine(at source.Pos) source.Pos {
	return p.File.Offset(p.File.Position(at).Line + 1)
}
