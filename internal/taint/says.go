package taint

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
)

// What a response is said to be stands near the place that fills it: r.content_type = …,
// self.set_header("Content-Type", …), start_response(…, [("Content-Type", …)]). Frameworks
// differ in when they send it, but programs say it in one of the blocks around that place, so
// that this is read from the tree, and works whether it is said before or after.

// markup says whether a content type is that of something which a browser runs.
func markup(said string) bool {
	said = strings.ToLower(said)
	return strings.Contains(said, "html") || strings.Contains(said, "xml") || strings.Contains(said, "svg")
}

// saidType is the content type that a response is said to have for which a node, a call or what is
// assigned to, gives the page; "" where nothing is said.
func saidType(fr *frame, at ast.Node) string {
	return saidOf(fr, at, responseOf(fr.mod.unit, at))
}

// saidOf is the same for the response in a variable; "" is the framework's own.
func saidOf(fr *frame, at ast.Node, of string) string {
	u, in := fr.mod.unit, fr.fn
	if in == nil || in.def == nil {
		return typeIn(u, u.Tree.Module.Body, at, of)
	}
	for n := at; n != nil && n != ast.Node(in.def); n = u.Parent(n) {
		if body := bodyOf(u.Parent(n), n); body != nil {
			if s := typeIn(u, body, at, of); s != "" {
				return s
			}
		}
	}
	if of == "self" {
		return classSays(u, in)
	}
	return ""
}

// responseOf is the variable that holds the response, or "" where that is not known.
func responseOf(u *program.Unit, at ast.Node) string {
	switch x := at.(type) {
	case *ast.Call:
		if as, ok := u.Parent(x).(*ast.Assign); ok && len(as.Targets) == 1 {
			if n, ok := as.Targets[0].(*ast.Name); ok {
				return n.Ident // r = make_response(…)
			}
		}
		if f, ok := x.Func.(*ast.Attribute); ok {
			return rootOf(f)
		}
		return "\x00" // made and given away at once
	case *ast.Attribute, *ast.Subscript:
		return rootOf(at.(ast.Expr))
	case *ast.Await:
		return responseOf(u, x.Value)
	}
	return ""
}

// beginning is the variable that an expression begins with, or nil.
func beginning(e ast.Expr) *ast.Name {
	for {
		switch x := e.(type) {
		case *ast.Attribute:
			e = x.Value
		case *ast.Subscript:
			e = x.Value
		case *ast.Call:
			e = x.Func
		case *ast.Name:
			return x
		default:
			return nil
		}
	}
}

// rootOf is the name of the variable that an expression begins with.
func rootOf(e ast.Expr) string {
	if n := beginning(e); n != nil {
		return n.Ident
	}
	return "\x00"
}

// bodyOf is the list of statements of a node that a statement stands in.
func bodyOf(up, s ast.Node) []ast.Stmt {
	has := func(list []ast.Stmt) []ast.Stmt {
		if len(list) > 0 && list[0].Start() <= s.Start() && s.End() <= list[len(list)-1].End() {
			return list
		}
		return nil
	}
	for _, list := range blocksOf(up) {
		if b := has(list); b != nil {
			return b
		}
	}
	return nil
}

func blocksOf(n ast.Node) [][]ast.Stmt {
	switch n := n.(type) {
	case *ast.FunctionDef:
		return [][]ast.Stmt{n.Body}
	case *ast.If:
		return [][]ast.Stmt{n.Body, n.Orelse}
	case *ast.For:
		return [][]ast.Stmt{n.Body, n.Orelse}
	case *ast.While:
		return [][]ast.Stmt{n.Body, n.Orelse}
	case *ast.With:
		return [][]ast.Stmt{n.Body}
	case *ast.Try:
		return [][]ast.Stmt{n.Body, n.Orelse, n.Finalbody}
	case *ast.ExceptHandler:
		return [][]ast.Stmt{n.Body}
	case *ast.MatchCase:
		return [][]ast.Stmt{n.Body}
	case *ast.Module:
		return [][]ast.Stmt{n.Body}
	}
	return nil
}

// typeIn is what the statements of one block say of a response: the last before the node, or
// else the first after it.
func typeIn(u *program.Unit, body []ast.Stmt, at ast.Node, of string) string {
	said := ""
	for _, s := range body {
		if s.Start() > at.End() && said != "" {
			break
		}
		if t := typeSaid(u, s, of); t != "" {
			said = t
		}
	}
	return said
}

// typeSaid is the content type that a statement gives a response.
func typeSaid(u *program.Unit, s ast.Stmt, of string) string {
	speaks := func(e ast.Expr) bool {
		root := rootOf(e)
		return root == of || of == "" && !local(u, e)
	}
	switch s := s.(type) {
	case *ast.Assign:
		if len(s.Targets) != 1 {
			return ""
		}
		switch t := s.Targets[0].(type) {
		case *ast.Attribute:
			if (t.Attr == "content_type" || t.Attr == "mimetype" || t.Attr == "media_type" || t.Attr == "content_subtype") && speaks(t) {
				return typeOf(u, s.Value)
			}
		case *ast.Subscript:
			if k, ok := u.Str(t.Slice); ok && strings.EqualFold(k, "content-type") && speaks(t) {
				return typeOf(u, s.Value)
			}
		case *ast.Name: // r = HttpResponse(content_type="text/plain")
			c, ok := s.Value.(*ast.Call)
			if !ok || t.Ident != of {
				return ""
			}
			for _, k := range c.Keywords {
				switch k.Arg {
				case "content_type", "mimetype", "media_type":
					return typeOf(u, k.Value)
				case "headers":
					if t := typeInHeaders(u, k.Value); t != "" {
						return t
					}
				}
			}
		}
	case *ast.ExprStmt:
		e := s.Value
		if w, ok := e.(*ast.Await); ok {
			e = w.Value
		}
		c, ok := e.(*ast.Call)
		if !ok {
			return ""
		}
		if len(c.Args) > 1 {
			k, ok := u.Str(c.Args[0])
			if ok && strings.EqualFold(k, "content-type") && speaks(c.Func) {
				return typeOf(u, c.Args[1])
			}
		}
		for _, x := range c.Args {
			if t := typeInHeaders(u, x); t != "" && (of == "" || of == "\x00" || speaks(c.Func)) {
				return t
			}
		}
		if f, ok := c.Func.(*ast.Attribute); ok && of == "self" && rootOf(f) == "self" {
			if d := methodNamed(u, s, f.Attr); d != nil { // self.start_page(), self.begin("text/csv")
				for _, s := range d.Body {
					if e, ok := s.(*ast.ExprStmt); ok {
						said, ok := e.Value.(*ast.Call)
						if !ok || len(said.Args) < 2 {
							continue
						}
						t := typeSaid(u, s, of)
						if t == "" {
							continue
						}
						if n, ok := said.Args[1].(*ast.Name); ok {
							if given := givenAs(d, c, n.Ident); given != nil {
								return typeOf(u, given)
							}
						}
						return t
					}
				}
			}
		}
	}
	return ""
}

// givenAs is what a call of a method gives for a parameter: what it passes, or else what the
// method has for it. Nil if there is no such parameter.
func givenAs(d *ast.FunctionDef, c *ast.Call, name string) ast.Expr {
	for _, k := range c.Keywords {
		if k.Arg == name {
			return k.Value
		}
	}
	all := append(slices.Clone(d.Args.Posonlyargs), d.Args.Args...)
	for i, a := range all {
		if a.Arg != name {
			continue
		}
		if i > 0 && i-1 < len(c.Args) {
			return c.Args[i-1]
		}
		if k := i - (len(all) - len(d.Args.Defaults)); k >= 0 {
			return d.Args.Defaults[k]
		}
	}
	return nil
}

// typeOf is a content type that an expression spells: text, or a name that tells (MEDIA_HTML).
// What is not known is said to be "?", and is not taken for text.
func typeOf(u *program.Unit, e ast.Expr) string {
	if s, ok := u.Str(e); ok {
		return s
	}
	switch x := e.(type) {
	case *ast.Attribute:
		return "?html " + x.Attr
	case *ast.Name:
		return "?html " + x.Ident
	}
	return "?html"
}

// typeInHeaders is the content type in a dictionary or list of headers, or in an ASGI message
// that has one.
func typeInHeaders(u *program.Unit, e ast.Expr) string {
	name := func(k ast.Expr) string {
		if c, ok := k.(*ast.Constant); ok && (c.ConstKind() == ast.Str || c.ConstKind() == ast.Bytes) {
			return strings.ToLower(c.Str())
		}
		return ""
	}
	text := func(v ast.Expr) string {
		if c, ok := v.(*ast.Constant); ok && c.ConstKind() == ast.Bytes {
			return c.Str()
		}
		return typeOf(u, v)
	}
	switch x := e.(type) {
	case *ast.Dict:
		for i, k := range x.Keys {
			switch name(k) {
			case "content-type":
				return text(x.Values[i])
			case "headers":
				return typeInHeaders(u, x.Values[i])
			}
		}
	case *ast.List:
		for _, p := range x.Elts {
			var pair []ast.Expr
			switch p := p.(type) {
			case *ast.Tuple:
				pair = p.Elts
			case *ast.List:
				pair = p.Elts
			}
			if len(pair) == 2 && name(pair[0]) == "content-type" {
				return text(pair[1])
			}
		}
	}
	return ""
}

// local says whether an expression begins with a variable that its function has made.
func local(u *program.Unit, e ast.Expr) bool {
	n := beginning(e)
	return n == nil || u.Function(n) != nil && !u.Global(n) && !u.IsParameter(n) && len(u.Names(n)) == 0
}

// methodNamed is the method of that name in the class around a node.
func methodNamed(u *program.Unit, at ast.Node, name string) *ast.FunctionDef {
	for n := u.Parent(at); n != nil; n = u.Parent(n) {
		if k, ok := n.(*ast.ClassDef); ok {
			for _, s := range k.Body {
				if d, ok := s.(*ast.FunctionDef); ok && d.Name == name {
					return d
				}
			}
			return nil
		}
	}
	return nil
}

// classSays is what a class says of all its responses, where its framework asks for that.
func classSays(u *program.Unit, in *function) string {
	for _, name := range []string{"set_default_headers", "prepare", "initialize"} {
		if d := methodNamed(u, in.def, name); d != nil && d != in.def {
			for _, s := range d.Body {
				if t := typeSaid(u, s, "self"); t != "" {
					return t
				}
			}
		}
	}
	return ""
}
