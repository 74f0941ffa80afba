package taint

import (
	"strings"
	"sync"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/source"
)

// A request carries what the program itself has put there for later: request.began = time(). A
// whole request is a source, and so would that be. What a name is given everywhere in the program
// decides: where that is harmless by itself, without a look at any data, nobody outside has chosen
// it. What is made of data is followed as all else is.

// givenMembers are the names of what the program gives requests.
type givenMembers struct {
	mu sync.Mutex
	of map[string]bool // whether it is harmless, everywhere
}

// ofAnyRequest are what a request has by itself: a program that sets one replaces it.
var ofAnyRequest = map[string]bool{"path": true, "url": true, "uri": true, "query": true, "query_params": true, "query_string": true, "args": true, "params": true, "form": true, "data": true, "body": true,
	"json": true, "headers": true, "cookies": true, "files": true, "values": true, "content": true, "text": true, "path_info": true, "path_params": true, "stream": true}

// gives notes request.name = value and request["name"] = value.
func (k *Knowledge) gives(u *program.Unit, target, v ast.Expr) {
	var of ast.Expr
	var name string
	switch t := target.(type) {
	case *ast.Attribute:
		of, name = t.Value, t.Attr
	case *ast.Subscript:
		s, ok := ast.IsStr(t.Slice)
		if !ok {
			return
		}
		of, name = t.Value, s.Str()
	default:
		return
	}
	n, ok := of.(*ast.Name)
	if !ok || n.Ident != "request" && n.Ident != "req" || !u.IsParameter(n) || ofAnyRequest[name] || strings.ToUpper(name) == name || source.IsTest(u.File.Path) {
		return
	}
	harmless := k.harmlessAlone(u, v)
	k.given.mu.Lock()
	defer k.given.mu.Unlock()
	was, ok := k.given.of[name]
	if k.given.of == nil {
		k.given.of = map[string]bool{}
	}
	k.given.of[strings.Clone(name)] = harmless && (was || !ok)
}

// harmlessAlone says whether an expression is harmless whatever data there are: made of what the
// module has, or cleared of everything.
func (k *Knowledge) harmlessAlone(u *program.Unit, e ast.Expr) bool {
	if c, ok := e.(*ast.Call); ok {
		for _, name := range u.Names(c.Func) {
			for _, s := range k.sanitizers[name] {
				if len(s.when) == 0 && s.Call != "" && len(s.Clears) == 1 && s.Clears[0] == "all" {
					return true
				}
			}
		}
	}
	ok := true
	var visit func(n ast.Node)
	visit = func(n ast.Node) {
		var names []string
		switch x := n.(type) {
		case *ast.Name:
			names = u.Names(x)
			ok = ok && !u.IsParameter(x) && (u.Global(x) || len(names) > 0 && strings.HasPrefix(names[0], "builtins."))
		case *ast.Attribute:
			names = u.Names(x)
		}
		for _, name := range names {
			ok = ok && k.value[name] == nil && k.call[name] == nil && name != "builtins.open"
		}
		ast.Children(n, visit)
	}
	visit(e)
	return ok
}

// givenHarmless says whether the program itself gives requests such a member, and nothing else.
func (k *Knowledge) givenHarmless(name string) bool {
	k.given.mu.Lock()
	defer k.given.mu.Unlock()
	return k.given.of[name]
}
