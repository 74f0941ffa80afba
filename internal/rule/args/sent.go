package args

import (
	"slices"
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/models"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// What rules that judge by names ask about requests. Where data go from there is for
// internal/taint; these see only what is written in one place.

// parts are the members of a request that its sender chooses, in any framework.
var parts = map[string]bool{
	"args": true, "form": true, "values": true, "json": true, "data": true, "headers": true, "cookies": true, "files": true, "get_json": true, "get_data": true,
	"GET": true, "POST": true, "META": true, "COOKIES": true, "FILES": true, "body": true, "query_params": true, "params": true, "content": true,
}

// Part says whether e is request.args, request.GET or the like: of a library's request, as
// the models know it, or of a parameter that is called so.
func Part(u *program.Unit, e *ast.Attribute) bool {
	if !parts[e.Attr] {
		return false
	}
	for _, n := range u.Names(e.Value) {
		if requestsOf().requests[n] {
			return true
		}
	}
	switch base := e.Value.(type) {
	case *ast.Name:
		return (base.Ident == "request" || base.Ident == "req") && u.IsParameter(base)
	case *ast.Attribute:
		self, ok := base.Value.(*ast.Name)
		return ok && base.Attr == "request" && self.Ident == "self"
	}
	return false
}

// Sent says whether e is something of a request as it came: a part of one, an element of
// that, what a method of it gives, or a text that a framework hands to a handler.
func Sent(u *program.Unit, e ast.Expr) bool { return sentDepth(u, e, 0) }

func sentDepth(u *program.Unit, e ast.Expr, depth int) bool {
	if e == nil || depth > 6 {
		return false
	}
	for _, v := range u.Values(e) {
		found := false
		switch v := v.(type) {
		case *ast.Name:
			found = Handed(u, v)
		case *ast.Attribute:
			found = Part(u, v) || sentDepth(u, v.Value, depth+1) || ofModel(u, v)
		case *ast.Subscript:
			found = sentDepth(u, v.Value, depth+1)
		case *ast.Await:
			found = sentDepth(u, v.Value, depth+1)
		case *ast.Call:
			if f, ok := v.Func.(*ast.Attribute); ok {
				found = sentDepth(u, f, depth+1)
			}
		}
		if found {
			return true
		}
	}
	return false
}

// Handed says whether a name is a parameter that a framework fills in with text of a
// request: a part of the path, or a parameter of a FastAPI handler that is a str. What is
// checked by a pattern, or given by the program itself (Depends), is not.
func Handed(u *program.Unit, e *ast.Name) bool {
	a := filledIn(u, e)
	return a != nil && (a.Annotation == nil || textual(u, a.Annotation))
}

// textual says whether an annotation lets any text pass.
func textual(u *program.Unit, annotation ast.Expr) bool {
	names := u.Instance(annotation)
	return slices.Contains(names, "builtins.str()") || slices.Contains(names, "builtins.bytes()")
}

// filledIn is the parameter that a name stands for where a framework fills that in, and
// nothing else gives the name a value, which may be checked.
func filledIn(u *program.Unit, e *ast.Name) *ast.Arg {
	at := u.Bindings(e)
	if len(at) != 1 {
		return nil
	}
	a, ok := at[0].(*ast.Arg)
	if !ok {
		return nil
	}
	list, ok := u.Parent(a).(*ast.Arguments)
	if !ok {
		return nil
	}
	if f, ok := u.Parent(list).(*ast.FunctionDef); ok && Fills(u, f, a) {
		return a
	}
	return nil
}

// ofModel says whether e is a field with text of what a handler is given as a whole, such as
// a Pydantic model of this file.
func ofModel(u *program.Unit, e *ast.Attribute) bool {
	n, ok := e.Value.(*ast.Name)
	if !ok {
		return false
	}
	a := filledIn(u, n)
	if a == nil {
		return false
	}
	for _, f := range Fields(u, a.Annotation) {
		if ast.LastName(f.Target) == e.Attr {
			said := u.File.Text(f.Span())
			if strings.Contains(u.File.Text(u.Class(f).Span()), "validator") {
				return false
			}
			return textual(u, f.Annotation) && !strings.Contains(said, "pattern=") && !strings.Contains(said, "regex=")
		}
	}
	return false
}

// Fields are those of a class of this file that an annotation names.
func Fields(u *program.Unit, annotation ast.Expr) (fields []*ast.AnnAssign) {
	for _, b := range u.Bindings(annotation) {
		class, ok := b.(*ast.ClassDef)
		if !ok {
			continue
		}
		for _, s := range class.Body {
			if s, ok := s.(*ast.AnnAssign); ok {
				fields = append(fields, s)
			}
		}
	}
	return fields
}

// Fills says whether a framework fills in a parameter of f with what stands in a request.
func Fills(u *program.Unit, f *ast.FunctionDef, a *ast.Arg) bool {
	for _, d := range f.DecoratorList {
		c, ok := d.(*ast.Call)
		if !ok || !routes(u, c) {
			continue
		}
		said := ""
		if a.Annotation != nil {
			said = u.File.Text(a.Annotation.Span())
		}
		if x := text.Default(f.Args, a); x != nil {
			said += u.File.Text(x.Span())
		}
		for _, w := range []string{"Depends", "Security", "pattern=", "regex="} {
			if strings.Contains(said, w) {
				return false
			}
		}
		// <int:number>, or a converter of the program's own
		if before, _, ok := strings.Cut(u.File.Text(c.Span()), ":"+a.Arg+">"); ok {
			converter, _, _ := strings.Cut(before[strings.LastIndexByte(before, '<')+1:], "(")
			if converter != "string" && converter != "path" && converter != "default" {
				return false
			}
		}
		return true
	}
	return false
}

// routes says whether a decorator makes a function a handler whose parameters come with the
// request, as far as the models know.
func routes(u *program.Unit, c *ast.Call) bool {
	k := requestsOf()
	names := u.Names(c.Func)
	for _, n := range names {
		if k.decorators[n] {
			return true
		}
	}
	if f, ok := c.Func.(*ast.Attribute); ok && len(names) == 0 { // an application that comes from elsewhere
		for _, imports := range k.open[f.Attr] {
			if u.Imports(imports...) {
				return true
			}
		}
	}
	return false
}

type requestTable struct {
	requests   map[string]bool
	decorators map[string]bool
	open       map[string][][]string // the modules that are imported where @anything.get is one
}

// requestsOf is what the models say of requests and of decorators above handlers.
var requestsOf = sync.OnceValue(func() requestTable {
	t := requestTable{map[string]bool{}, map[string]bool{}, map[string][][]string{}}
	for _, m := range models.Builtin() {
		for _, s := range m.Sources {
			if s.Value != "" && s.Says == "the request" && (s.Kind == "" || s.Kind == "untrusted") {
				t.requests[s.Value] = true
			}
		}
		for _, r := range m.Routes {
			if r.Request != "" {
				t.requests[r.Request+"()"] = true
			}
			if r.Decorator == "" || r.Kind == "local" || r.Says != "" || r.Parameters != "typed" && r.Parameters != "path" {
				continue
			}
			if name, ok := strings.CutPrefix(r.Decorator, "*."); ok {
				t.open[name] = append(t.open[name], m.Imports)
			} else {
				t.decorators[r.Decorator] = true
			}
		}
	}
	return t
})
