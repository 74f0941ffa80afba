// Package conf reads the settings of web applications for rules, wherever they are
// written: in a Django settings module, on app.config of Flask, or in a class that the
// configuration is loaded from. It also says which of them are meant for developers only.
package conf

import (
	"path"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// A Setting is a value that an application is configured with.
type Setting struct {
	Name  string
	Value ast.Expr
	At    ast.Node // the assignment, or the argument
	// Django says that it stands in a Django settings module.
	Django bool
	// Dev says that it is for developers or tests only, by the name of the file or class,
	// or by the condition around it.
	Dev bool
}

// Kinds are the kinds of nodes that Each looks at.
var Kinds = []ast.Kind{ast.KindAssign, ast.KindCall, ast.KindAnnAssign}

// Each calls visit for each setting that n makes whose name wanted says yes to.
func Each(p *rule.Pass, n ast.Node, wanted func(name string) bool, visit func(s Setting)) {
	switch n := n.(type) {
	case *ast.Assign:
		for _, t := range n.Targets {
			assigned(p, n, t, n.Value, wanted, visit)
		}
	case *ast.AnnAssign:
		if n.Value != nil {
			assigned(p, n, n.Target, n.Value, wanted, visit)
		}
	case *ast.Call:
		f, ok := n.Func.(*ast.Attribute)
		if !ok || f.Attr != "update" && f.Attr != "from_mapping" && f.Attr != "setdefault" || !config(p, f.Value) {
			return
		}
		dev := Dev(p, n)
		for _, k := range n.Keywords { // what stands beside TESTING=True is for tests
			dev = dev || k.Arg == "TESTING" && len(n.Keywords) > 1 && isTrue(p, k.Value)
		}
		for _, k := range n.Keywords {
			if k.Arg != "" && wanted(k.Arg) {
				visit(Setting{Name: k.Arg, Value: k.Value, At: k, Dev: dev})
			}
		}
		for _, a := range n.Args {
			d, ok := a.(*ast.Dict)
			if !ok {
				continue
			}
			for i, k := range d.Keys {
				if k == nil {
					continue
				}
				if c, ok := ast.IsStr(k); ok && wanted(c.Str()) {
					visit(Setting{Name: c.Str(), Value: d.Values[i], At: k, Dev: dev})
				}
			}
		}
		if f.Attr == "setdefault" && len(n.Args) == 2 {
			if c, ok := ast.IsStr(n.Args[0]); ok && wanted(c.Str()) {
				visit(Setting{Name: c.Str(), Value: n.Args[1], At: n, Dev: dev})
			}
		}
	}
}

func assigned(p *rule.Pass, n ast.Stmt, t, value ast.Expr, wanted func(string) bool, visit func(Setting)) {
	switch t := t.(type) {
	case *ast.Name:
		if !wanted(t.Ident) || p.Function(n) != nil {
			return
		}
		if c := p.Class(n); c != nil {
			if !configClass(c) && !settingsClass(p, c, 0) {
				return
			}
			visit(Setting{Name: t.Ident, Value: value, At: n, Dev: Dev(p, n) || overridden(p, c, t.Ident)})
			return
		}
		django := Django(p)
		if !django && !settingsFile(p.File.Path) && !readItself(p) {
			return
		}
		visit(Setting{Name: t.Ident, Value: value, At: n, Django: django, Dev: Dev(p, n) || superseded(p, t.Ident, n)})
	case *ast.Subscript:
		c, ok := t.Slice.(*ast.Constant)
		if !ok || c.ConstKind() != ast.Str || !wanted(c.Str()) || !config(p, t.Value) {
			return
		}
		visit(Setting{Name: c.Str(), Value: value, At: n, Dev: Dev(p, n)})
	case *ast.Attribute:
		if name := attributes[t.Attr]; name != "" && wanted(name) && p.Is(t.Value, "flask.Flask()", "quart.Quart()") {
			visit(Setting{Name: name, Value: value, At: n, Dev: Dev(p, n)})
			return
		}
		// An object that settings are read from. Flask's own configuration is a dictionary,
		// whose attributes say nothing.
		if !wanted(t.Attr) || !object(p, t.Value) {
			return
		}
		visit(Setting{Name: t.Attr, Value: value, At: n, Dev: Dev(p, n)})
	}
}

// attributes of an application that are settings of Flask. The debugger and the signing key
// have rules of their own, which know them.
var attributes = map[string]string{"permanent_session_lifetime": "PERMANENT_SESSION_LIFETIME", "send_file_max_age_default": "SEND_FILE_MAX_AGE_DEFAULT"}

// overridden says whether a class of settings is the base of one for production, in the same
// file, that has a value of its own for a name.
func overridden(p *rule.Pass, c *ast.ClassDef, name string) bool {
	bases := map[string]bool{c.Name: true}
	for _, s := range p.Tree.Module.Body {
		d, ok := s.(*ast.ClassDef)
		if !ok || d == c {
			continue
		}
		derived := false
		for _, b := range d.Bases {
			n, ok := b.(*ast.Name)
			derived = derived || ok && bases[n.Ident]
		}
		if !derived {
			continue
		}
		bases[d.Name] = true
		if !strings.HasPrefix(d.Name, "Prod") && !strings.HasPrefix(d.Name, "Live") && !strings.HasPrefix(d.Name, "Deploy") {
			continue
		}
		for _, x := range d.Body {
			if a, ok := x.(*ast.Assign); ok {
				if t, ok := a.Targets[0].(*ast.Name); ok && t.Ident == name {
					return true
				}
			}
		}
	}
	return false
}

// Seconds is a length of time as settings have it: a number of seconds, or a timedelta.
func Seconds(p *rule.Pass, e ast.Expr) (float64, bool) {
	if n, ok := p.Int(e); ok {
		return float64(n), true
	}
	if v, ok := p.Const(e); ok && v.Kind == ast.Float {
		return v.Flt, true
	}
	values := p.Values(e)
	if len(values) != 1 {
		return 0, false
	}
	c, ok := values[0].(*ast.Call)
	if !ok || !p.Is(c.Func, "datetime.timedelta") || program.HasStar(c) {
		return 0, false
	}
	total := 0.0
	for i, u := range []struct {
		name    string
		seconds float64
	}{{"days", 86400}, {"seconds", 1}, {"microseconds", 1e-6}, {"milliseconds", 1e-3}, {"minutes", 60}, {"hours", 3600}, {"weeks", 604800}} {
		a := program.Arg(c, i, u.name)
		if a == nil {
			continue
		}
		v, ok := p.Const(a)
		if !ok || v.Kind != ast.Int && v.Kind != ast.Float {
			return 0, false
		}
		total += (float64(v.Int) + v.Flt) * u.seconds
	}
	return total, true
}

func isTrue(p *rule.Pass, e ast.Expr) bool {
	v, ok := p.Const(e)
	return ok && v.True()
}

// object says whether e is called a configuration and is not a dictionary.
func object(p *rule.Pass, e ast.Expr) bool {
	if p.Is(e, "flask.Flask().config", "quart.Quart().config", "flask.current_app.config") {
		return false
	}
	name := ast.LastName(e)
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "config") || strings.HasSuffix(name, "settings")
}

// readItself says whether the file gives itself to an application as its settings:
// app.config.from_object(__name__).
func readItself(p *rule.Pass) bool {
	for n := range p.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if len(c.Args) != 1 {
			continue
		}
		f, ok := c.Func.(*ast.Attribute)
		if !ok || f.Attr != "from_object" {
			continue
		}
		if a, ok := c.Args[0].(*ast.Name); ok && a.Ident == "__name__" {
			return true
		}
	}
	return false
}

// config says whether e is the configuration of an application: app.config.
func config(p *rule.Pass, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Attribute:
		return e.Attr == "config" || e.Attr == "conf"
	case *ast.Name:
		return e.Ident == "config" || strings.HasSuffix(e.Ident, "_config")
	}
	return false
}

func configClass(c *ast.ClassDef) bool {
	if strings.HasSuffix(c.Name, "Config") || strings.HasPrefix(c.Name, "Config") || strings.HasSuffix(c.Name, "Settings") || strings.HasSuffix(c.Name, "Configuration") {
		return true
	}
	for _, b := range c.Bases {
		name := ast.LastName(b)
		if strings.HasSuffix(name, "Config") || strings.HasSuffix(name, "Configuration") || name == "BaseSettings" {
			return true
		}
	}
	return false
}

// settingsClass says whether a class holds what an application of Flask is configured with, whatever
// it is called: nothing is assigned in it but names in capitals. In a file of settings that will do:
// class Production(Base). Elsewhere it holds nothing besides, and among them is a name that Flask or
// an extension reads, or it has a base of which that is so.
func settingsClass(p *rule.Pass, c *ast.ClassDef, depth int) bool {
	known, file := false, settingsFile(p.File.Path)
	for _, s := range c.Body {
		var t ast.Expr
		switch s := s.(type) {
		case *ast.Assign:
			t = s.Targets[0]
		case *ast.AnnAssign:
			t = s.Target
		case *ast.ExprStmt, *ast.Pass:
			continue
		default:
			if !file {
				return false
			}
			continue
		}
		n, ok := t.(*ast.Name)
		if !ok || n.Ident != strings.ToUpper(n.Ident) {
			return false
		}
		switch n.Ident {
		case "SECRET_KEY", "SQLALCHEMY_DATABASE_URI", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "MAX_CONTENT_LENGTH", "WTF_CSRF_ENABLED", "JWT_SECRET_KEY":
			known = true
		default:
			known = known || file
		}
	}
	for _, b := range c.Bases {
		n, ok := b.(*ast.Name)
		if !ok || known || depth > 3 {
			continue
		}
		for _, s := range p.Tree.Module.Body {
			if d, ok := s.(*ast.ClassDef); ok && d != c && d.Name == n.Ident {
				known = configClass(d) || settingsClass(p, d, depth+1)
			}
		}
	}
	return known
}

func settingsFile(file string) bool {
	base, dir := path.Base(file), path.Base(path.Dir(file))
	return strings.HasPrefix(base, "settings") || strings.HasSuffix(base, "settings.py") || strings.HasPrefix(base, "config") || strings.HasSuffix(base, "_config.py") || dir == "settings" || dir == "config"
}

// Django says whether the file is a Django settings module: it binds a name that only
// those have.
func Django(p *rule.Pass) bool {
	for _, s := range p.Tree.Module.Body {
		a, ok := s.(*ast.Assign)
		if !ok {
			if from, ok := s.(*ast.ImportFrom); ok && len(from.Names) == 1 && from.Names[0].Name == "*" && settingsFile(p.File.Path) && (from.Module == "base" || strings.HasSuffix(from.Module, "settings") || strings.HasSuffix(from.Module, ".base") || from.Module == "common") {
				return true
			}
			continue
		}
		if t, ok := a.Targets[0].(*ast.Name); ok {
			switch t.Ident {
			case "INSTALLED_APPS", "ROOT_URLCONF", "MIDDLEWARE", "MIDDLEWARE_CLASSES", "WSGI_APPLICATION", "ASGI_APPLICATION":
				return true
			}
		}
	}
	return false
}

// Dev says whether what stands at n is for developers or tests only.
func Dev(p *rule.Pass, n ast.Node) bool {
	if devPath(p.File.Path) {
		return true
	}
	if c := p.Class(n); c != nil && devName(c.Name) {
		return true
	}
	if f := p.Function(n); f != nil && devName(f.Name) {
		return true
	}
	return AskedFor(p, n)
}

// AskedFor says whether n only runs where a condition around it asks for a debugging or developing
// machine.
func AskedFor(p *rule.Pass, n ast.Node) bool {
	for at := p.Parent(n); at != nil; n, at = at, p.Parent(at) {
		i, ok := at.(*ast.If)
		if !ok || slices.ContainsFunc(i.Orelse, func(s ast.Stmt) bool { return ast.Node(s) == n }) {
			continue
		}
		for _, w := range secret.Words(p.Text(i.Test)) {
			if w == "debug" || devWord(w) {
				return true
			}
		}
	}
	return false
}

// devPath says whether a file is for developers only, by its name or its folder's.
func devPath(file string) bool {
	return devName(strings.TrimSuffix(path.Base(file), ".py")) || devName(path.Base(path.Dir(file)))
}

func devName(name string) bool {
	for _, w := range secret.Words(name) {
		if devWord(w) || w == "debug" {
			return true
		}
	}
	return false
}

func devWord(w string) bool {
	switch w {
	case "dev", "devel", "develop", "development", "local", "localhost", "test", "tests", "testing", "ci", "example", "sample", "demo", "docker", "sandbox", "playground", "conftest":
		return true
	}
	return false
}
