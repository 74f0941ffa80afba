package surface

import (
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/taint"
)

// texts are the texts that an argument may be: those that are known, or else as it would be
// with every setting as it is by default.
func (r *reader) texts(m *taint.Made, position int, name string) []string {
	t := m.Arg(position, name)
	if t == nil || t.IsNone() {
		return nil
	}
	if s := t.Strs(); len(s) > 0 {
		return s
	}
	if e := m.Node(position, name); e != nil {
		if s, ok := r.partial(m.Unit(), e, 0); ok {
			return []string{s}
		}
	}
	return nil
}

// text is texts for one.
func (r *reader) text(m *taint.Made, position int, name string) (string, bool) {
	if s := r.texts(m, position, name); len(s) > 0 {
		return s[0], true
	}
	return "", false
}

// partial puts a text together from what is known of it. A part that is not known has a name
// in braces; if there is nothing else, nothing is known.
func (r *reader) partial(u *program.Unit, e ast.Expr, depth int) (string, bool) {
	if depth > 6 || e == nil {
		return "", false
	}
	if s, ok := u.Str(e); ok {
		return s, true
	}
	hole := func(e ast.Expr) string { return "{" + ast.LastName(e) + "}" }
	switch e := e.(type) {
	case *ast.JoinedStr:
		var b strings.Builder
		known := false
		for _, x := range e.Values {
			f, ok := x.(*ast.FormattedValue)
			if !ok {
				s, _ := u.Str(x)
				b.WriteString(s)
				known = known || s != ""
				continue
			}
			s, ok := r.partial(u, f.Value, depth+1)
			if !ok {
				s = hole(f.Value)
			}
			known = known || ok
			b.WriteString(s)
		}
		return b.String(), known
	case *ast.BinOp:
		if e.Op != ast.Add {
			return "", false
		}
		l, okL := r.partial(u, e.Left, depth+1)
		x, okR := r.partial(u, e.Right, depth+1)
		if !okL {
			l = hole(e.Left)
		}
		if !okR {
			x = hole(e.Right)
		}
		return l + x, okL || okR
	case *ast.Name:
		for _, v := range u.Bindings(e) {
			var value ast.Expr
			switch v := v.(type) {
			case *ast.Assign:
				value = v.Value
			case *ast.AnnAssign:
				value = v.Value
			}
			if s, ok := r.partial(u, value, depth+1); ok && value != ast.Expr(e) {
				return s, true
			}
		}
	case *ast.Attribute:
		if s, ok := r.value(u, e).Str(); ok {
			return s, true
		}
		if strings.ToUpper(e.Attr) == e.Attr {
			return r.configured(e.Attr)
		}
	case *ast.Subscript: // app.config["PREFIX"]
		if key, ok := u.Str(e.Slice); ok && ast.LastName(e.Value) == "config" {
			return r.configured(key)
		}
	case *ast.Call:
		// config.get("PREFIX", "/x"), os.environ.get("PREFIX", "/x"), "…".rstrip("/")
		f, ok := e.Func.(*ast.Attribute)
		if !ok {
			break
		}
		switch f.Attr {
		case "get", "getenv", "str":
			if len(e.Args) > 0 && ast.LastName(f.Value) == "config" {
				if key, ok := u.Str(e.Args[0]); ok {
					if s, ok := r.configured(key); ok {
						return s, true
					}
				}
			}
			if d := program.Arg(e, 1, "default"); d != nil {
				return r.partial(u, d, depth+1)
			}
		case "rstrip", "strip", "lstrip":
			if s, ok := r.partial(u, f.Value, depth+1); ok {
				cut := " "
				if len(e.Args) > 0 {
					cut, _ = u.Str(e.Args[0])
				}
				switch f.Attr {
				case "rstrip":
					return strings.TrimRight(s, cut), true
				case "lstrip":
					return strings.TrimLeft(s, cut), true
				}
				return strings.Trim(s, cut), true
			}
		case "format":
			return r.partial(u, f.Value, depth+1)
		}
	}
	return "", false
}

// configured is a setting by its default: a variable of a module of settings, or of a class in
// one.
func (r *reader) configured(key string) (string, bool) {
	for _, m := range r.prog.Modules() {
		if !strings.Contains(m.Name, "config") && !strings.Contains(m.Name, "settings") || strings.Contains(m.Name, "test") {
			continue
		}
		if s, ok := r.Variable(m.Name, key).Str(); ok {
			return s, true
		}
		u := r.Unit(m.Name)
		if u == nil {
			continue
		}
		for _, s := range u.Tree.Module.Body {
			c, ok := s.(*ast.ClassDef)
			if !ok {
				continue
			}
			for _, k := range r.Variable(m.Name, c.Name).Classes() {
				if s, ok := k.Attr(key).Str(); ok {
					return s, true
				}
			}
		}
	}
	return "", false
}
