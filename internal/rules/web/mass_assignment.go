package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/source"
)

// MassAssignment looks for requests that are spread over the fields of a model, so that
// their keys are names.
var MassAssignment = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: massAssignment}

func massAssignment(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	for _, k := range c.Keywords {
		if k.Arg != "" {
			continue
		}
		verb := ofModel(p, c)
		if verb == "" {
			return
		}
		if requestNames(p, k.Value, 0) {
			p.Report(c, "%s %s any field: it brings the names along.", excerpt(p, k.Value), verb)
			return
		}
	}
}

// ofModel says what a call does with the fields of a model: sets them, or asks about them.
func ofModel(p *rule.Pass, c *ast.Call) (verb string) {
	f, ok := c.Func.(*ast.Attribute)
	if !ok {
		for _, b := range p.Bindings(c.Func) {
			if d, ok := b.(*ast.ClassDef); ok && modelClass(p.Unit, d) {
				return "sets"
			}
		}
		if modelElsewhere(p, c.Func) {
			return "sets"
		}
		return ""
	}
	switch f.Attr {
	case "create", "get_or_create", "update_or_create", "update", "acreate", "aupdate":
		verb = "sets"
	case "filter", "exclude", "filter_by", "get":
		verb = "asks about"
	default:
		return ""
	}
	if f.Attr == "filter_by" || query(p, f.Value) {
		return verb
	}
	return ""
}

// query says whether e is a manager or a query of Django's.
func query(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		for range 12 {
			switch x := v.(type) {
			case *ast.Attribute:
				if x.Attr == "objects" || x.Attr == "_default_manager" {
					return true
				}
				v = x.Value
				continue
			case *ast.Call:
				v = x.Func
				continue
			}
			break
		}
	}
	return false
}

// modelElsewhere says whether e is a model of another module, where most programs have theirs.
func modelElsewhere(p *rule.Pass, e ast.Expr) bool {
	m, name := p.Home(p.Name(e))
	if m == nil || m == p.Module {
		return false
	}
	u := m.Open()
	if u == nil {
		return false
	}
	defer u.Close()
	return slices.ContainsFunc(u.Tree.Module.Body, func(s ast.Stmt) bool {
		c, ok := s.(*ast.ClassDef)
		return ok && c.Name == name && modelClass(u, c)
	})
}

func modelClass(u *program.Unit, c *ast.ClassDef) bool {
	for _, b := range c.Bases {
		switch b := b.(type) {
		case *ast.Attribute:
			if b.Attr == "Model" {
				return true
			}
		case *ast.Name: // SQLAlchemy's, and SQLModel's if it is a table
			if b.Ident == "Base" && strings.Contains(source.View(u.File.Bytes), "sqlalchemy") {
				return true
			}
			if b.Ident == "SQLModel" && slices.ContainsFunc(c.Keywords, func(k *ast.Keyword) bool { return k.Arg == "table" && args.IsTrue(u, k.Value) }) {
				return true
			}
		}
	}
	return false
}

// takesAll says whether e is a parameter that a model of Pydantic describes, and that model keeps
// what it does not know.
func takesAll(p *rule.Pass, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	if !ok {
		return false
	}
	for _, b := range p.Bindings(n) {
		a, ok := b.(*ast.Arg)
		if !ok || a.Annotation == nil {
			continue
		}
		for _, d := range p.Bindings(a.Annotation) {
			c, ok := d.(*ast.ClassDef)
			if !ok {
				continue
			}
			for _, s := range c.Body {
				t := ""
				switch s := s.(type) {
				case *ast.Assign: // model_config = ConfigDict(extra="allow")
					if x, ok := s.Targets[0].(*ast.Name); ok && x.Ident == "model_config" {
						t = p.Text(s.Value)
					}
				case *ast.ClassDef:
					if s.Name == "Config" {
						t = p.Text(s)
					}
				}
				if extraAllowed().MatchString(t) {
					return true
				}
			}
		}
	}
	return false
}

// bodyAsDict says whether a name is a parameter of a route of FastAPI that takes the body as it
// comes: order: dict, order: dict = Body().
func bodyAsDict(p *rule.Pass, n *ast.Name) bool {
	for _, b := range p.Bindings(n) {
		a, ok := b.(*ast.Arg)
		if !ok || a.Annotation == nil {
			continue
		}
		f, _ := p.Parent(p.Parent(a)).(*ast.FunctionDef)
		kind := a.Annotation
		if s, ok := kind.(*ast.Subscript); ok { // dict[str, Any], Annotated[dict, Body()]
			kind = s.Value
			if t, ok := s.Slice.(*ast.Tuple); ok && len(t.Elts) > 0 && ast.LastName(kind) == "Annotated" {
				if kind = t.Elts[0]; ast.LastName(kind) == "" {
					if s, ok := kind.(*ast.Subscript); ok {
						kind = s.Value
					}
				}
			}
		}
		if f == nil || !p.Is(kind, "builtins.dict", "typing.Dict") {
			continue
		}
		if d := defaultOf(f.Args, n.Ident); d != nil {
			if c, ok := d.(*ast.Call); !ok || args.Callee(c) != "Body" {
				continue // Depends(…)
			}
		}
		if slices.ContainsFunc(f.DecoratorList, func(d ast.Expr) bool {
			c, ok := d.(*ast.Call)
			return ok && slices.ContainsFunc(p.Names(c.Func), func(n string) bool {
				return strings.HasPrefix(n, "fastapi.FastAPI().") || strings.HasPrefix(n, "fastapi.APIRouter().")
			})
		}) {
			return true
		}
	}
	return false
}

var extraAllowed = match.Lazy(`extra["']?\s*[=:]\s*(["']allow["']|Extra\.allow)`)

// requestNames says whether the keys of e are what a request says.
func requestNames(p *rule.Pass, e ast.Expr, depth int) bool {
	if depth > 4 {
		return false
	}
	switch x := e.(type) {
	case *ast.Await:
		return requestNames(p, x.Value, depth)
	case *ast.Name:
		if bodyAsDict(p, x) {
			return true
		}
		list := p.Values(x)
		for _, v := range list {
			if v != ast.Expr(x) && requestNames(p, v, depth+1) {
				return true
			}
		}
	case *ast.Attribute:
		switch x.Attr {
		case "POST", "GET", "data", "query_params", "json", "form", "args", "values":
			return isRequest(p, x.Value)
		case "body":
			return depth > 0 && isRequest(p, x.Value)
		}
	case *ast.Call:
		if f, ok := x.Func.(*ast.Attribute); ok {
			switch f.Attr {
			case "dict", "to_dict", "copy", "items":
				if requestNames(p, f.Value, depth+1) {
					return true
				}
			case "get_json", "json":
				return isRequest(p, f.Value)
			}
			if f.Attr == "dict" || f.Attr == "model_dump" {
				return takesAll(p, f.Value)
			}
		}
		if p.Is(x.Func, "json.loads", "builtins.dict") && len(x.Args) > 0 {
			return requestNames(p, x.Args[0], depth+1)
		}
	case *ast.Dict:
		for i, k := range x.Keys {
			switch k := k.(type) {
			case nil: // {**body.model_dump(), "owner_id": user.id}
				if requestNames(p, x.Values[i], depth+1) {
					return true
				}
			case *ast.Subscript:
				if requestNames(p, k.Value, depth+1) {
					return true
				}
			case *ast.Call:
				if f, ok := k.Func.(*ast.Attribute); ok && f.Attr == "get" && requestNames(p, f.Value, depth+1) {
					return true
				}
			}
		}
	}
	return false
}

// isRequest says whether e is the request: by its name, as views call it.
func isRequest(p *rule.Pass, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Name:
		return e.Ident == "request" || strings.HasPrefix(p.Name(e), "flask.request")
	case *ast.Attribute:
		return e.Attr == "request"
	}
	return false
}
