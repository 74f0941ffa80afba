package web

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// DebugMode looks at debuggers and debug modes that are switched on in the code: in the
// call that starts the application, on the application, and in its settings.
var DebugMode = rule.Check{Called: debugCall, Kinds: conf.Kinds, Visit: debugVisit, File: debugDjango}

// debugDjango judges DEBUG of Django's settings as production has it, whatever modules and
// conditions decide.
func debugDjango(p *rule.Pass) {
	for _, c := range conf.Configs(p) {
		s := c.Get("DEBUG")
		if !conf.ForProduction(c) {
			continue
		}
		if s.Value.Raw {
			at := conf.Fault{Holds: settings.Judgement{Now: settings.Yes, Always: settings.Yes}, At: s, Debugging: true,
				Message: `DEBUG is text from the environment, and any text counts as true, also "False" and "0".`}
			if s.Value.True().Now == settings.Yes {
				at.Check = "W018" // what stands in for it is true already
			}
			if f := conf.Wrong(p, c, at); f != nil {
				f.With(finding.Medium, finding.HighConfidence).Advise(`os.environ.get("DEBUG") == "1"`)
			}
			continue
		}
		on := s.Value.True()
		f := conf.Wrong(p, c, conf.Fault{Holds: on, At: s, Check: "W018", Debugging: true, Unset: true,
			Message: "With DEBUG on, errors show the code, the settings and the variables to whoever causes them."})
		if f == nil {
			continue
		}
		f.Advise(`DEBUG = os.environ.get("DEBUG") == "1"`)
		if on.Always != settings.Yes { // the one who forgets the variable
			f.With(finding.Medium, finding.MediumConfidence)
		}
		if e := conf.Written(p, s); e != nil && on.Always == settings.Yes {
			f.ReviewFix("switch it off", p.Replace(e, "False"))
		}
	}
}

// debugger tells which of the calls give strangers a console, rather than a page with
// the code and the variables.
func console(name string) bool {
	for _, n := range []string{"flask.", "quart.", "werkzeug.", "dash.", "flask_socketio.", "flask_script."} {
		if strings.HasPrefix(name, n) {
			return true
		}
	}
	return false
}

func debugCall(p *rule.Pass, c *ast.Call, name string) {
	words := []string{"debug", "use_debugger", "evalex"}
	if name == "werkzeug.debug.DebuggedApplication" {
		if e := program.Arg(c, 1, "evalex"); e == nil || args.IsTrue(p.Unit, e) {
			p.Report(c, "The debugger lets whoever sees an error run code in it.").ForAudit(conf.Dev(p, c))
		}
		return
	}
	position := -1
	switch name {
	case "flask.Flask().run":
		position = 2
	case "werkzeug.serving.run_simple":
		position = 4
	}
	for _, w := range words {
		e, _ := args.Get(p.Unit, c, position, w)
		position = -1
		if e != nil && console(name) && strayText(p, e) {
			p.Report(c, "%s is text from the environment, and any text counts as true, also \"False\" and \"0\": the debugger, in which code can be run, is then on.", w).With(finding.Medium, finding.HighConfidence).
				Advise(`os.environ.get("DEBUG") == "1"`)
			return
		}
		if e == nil || !args.IsTrue(p.Unit, e) {
			continue
		}
		var f *rule.Found
		switch {
		case console(name) && everywhere(p, c):
			f = p.Report(c, "With %s=True, whoever reaches the port can run code: the debugger has a console, and host is open to all networks.", w).With(finding.Critical, finding.HighConfidence)
		case console(name):
			f = p.Report(c, "With %s=True, errors show a debugger in which code can be run.", w)
		default:
			f = p.Report(c, "With %s=True, errors show the code and its variables to whoever causes them.", w).With(finding.Medium, finding.HighConfidence)
		}
		if f.ForAudit(conf.AskedFor(p, c)); program.Keyword(c, w) != nil && program.Keyword(c, w).Value == e {
			f.SafeFix("switch it off", p.Replace(e, "False"))
		}
		return
	}
	if name == "uvicorn.run" {
		if e, _ := args.Keyword(p.Unit, c, "reload"); e != nil && args.IsTrue(p.Unit, e) {
			f := p.Report(c, "With reload=True, the server watches the files and starts again when one changes: it is meant for developers.").With(finding.Low, finding.HighConfidence).ForAudit(underMain(p, c))
			f.ReviewFix("switch it off", p.Replace(e, "False"))
		}
	}
}

// everywhere says whether the call listens on all networks.
func everywhere(p *rule.Pass, c *ast.Call) bool {
	e, _ := args.Get(p.Unit, c, 0, "host")
	s, ok := p.Str(e)
	return e != nil && ok && (s == "0.0.0.0" || s == "::")
}

// underMain says whether n only runs when the file is started by hand.
func underMain(p *rule.Pass, n ast.Node) bool {
	for at := p.Parent(n); at != nil; at = p.Parent(at) {
		if i, ok := at.(*ast.If); ok && strings.Contains(p.Text(i.Test), "__main__") {
			return true
		}
	}
	return false
}

func debugVisit(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Assign:
		for _, t := range n.Targets {
			switch t := t.(type) {
			case *ast.Attribute:
				if t.Attr == "debug" && p.Is(t.Value, "flask.Flask()", "quart.Quart()", "fastapi.FastAPI()", "starlette.applications.Starlette()", "sanic.Sanic()") && args.IsTrue(p.Unit, n.Value) {
					p.Report(n, "With debug on, errors show a debugger or the code to whoever causes them.").ForAudit(conf.Dev(p, n)).SafeFix("switch it off", p.Replace(n.Value, "False"))
				}
			case *ast.Subscript:
				if s, ok := p.Str(t.Slice); ok && (s == "FLASK_DEBUG" || s == "FLASK_ENV") && p.Is(t.Value, "os.environ") {
					v, _ := p.Str(n.Value)
					if s == "FLASK_DEBUG" && v != "" && v != "0" || s == "FLASK_ENV" && v == "development" {
						p.Report(n, "With %s=%s, errors show a debugger in which code can be run.", s, v).ForAudit(conf.Dev(p, n))
					}
				}
			}
		}
	case *ast.Call:
		// Bandit: any x.run(debug=True) where Flask is imported.
		if p.Audit && args.Callee(n) == "run" {
			if k := program.Keyword(n, "debug"); k != nil && args.IsTrue(p.Unit, k.Value) && !p.Is(n.Func, runners...) && p.Imports("flask") {
				p.Report(n, "With debug=True, errors show a debugger in which code can be run.").With(finding.High, finding.LowConfidence).ForAudit(true)
			}
		}
	}
	conf.Each(p, n, func(name string) bool {
		return name == "DEBUG" || name == "TEMPLATE_DEBUG" || name == "DEBUG_PROPAGATE_EXCEPTIONS" || name == "TESTING"
	}, func(s conf.Setting) {
		switch {
		case s.Django && s.Name == "DEBUG" && conf.Covered(p):
			// see debugDjango
		case s.Name == "TESTING":
			if args.IsTrue(p.Unit, s.Value) && !s.Django {
				p.Report(s.At, "With TESTING on, errors reach the server unhandled, and extensions leave out what they protect.").With(finding.Low, finding.MediumConfidence).
					ForAudit(s.Dev || base(p, s)).Advise("set TESTING in the tests").ReviewFix("switch it off", p.Replace(s.Value, "False"))
			}
		case args.IsTrue(p.Unit, s.Value):
			f := p.Report(s.At, "With %s on, errors show the code, the settings and the variables to whoever causes them.", s.Name).ForAudit(s.Dev || base(p, s))
			if s.Name != "DEBUG" {
				f.With(finding.Medium, finding.MediumConfidence)
			}
			f.ReviewFix("switch it off", p.Replace(s.Value, "False"))
		case anyText(p, s.Value):
			p.Report(s.At, "%s is text from the environment, and any text counts as true, also \"False\" and \"0\".", s.Name).With(finding.Medium, finding.HighConfidence).
				Advise(`os.environ.get("DEBUG") == "1"`)
		}
	})
}

// runners are the calls of this rule that start an application.
var runners = []string{"flask.Flask().run", "quart.Quart().run", "flask_socketio.SocketIO().run", "bottle.run", "bottle.Bottle().run", "sanic.Sanic().run", "dash.Dash().run", "dash.Dash().run_server", "aiohttp.web.run_app", "uvicorn.run", "werkzeug.serving.run_simple"}

// base says that a later settings module of the same project is free to switch it off: a
// class that others derive from.
func base(p *rule.Pass, s conf.Setting) bool {
	c := p.Class(s.At)
	if c == nil {
		return false
	}
	for _, other := range p.Tree.Module.Body {
		if d, ok := other.(*ast.ClassDef); ok && strings.HasPrefix(d.Name, "Prod") {
			for _, b := range d.Body {
				if a, ok := b.(*ast.Assign); ok {
					if t, ok := a.Targets[0].(*ast.Name); ok && t.Ident == s.Name && d != c {
						return true
					}
				}
			}
		}
	}
	return false
}

// anyText says whether e is a variable of the environment as it comes, or bool() of it.
func anyText(p *rule.Pass, e ast.Expr) bool {
	c, ok := e.(*ast.Call)
	if !ok {
		s, ok := e.(*ast.Subscript)
		return ok && p.Is(s.Value, "os.environ")
	}
	if p.Is(c.Func, "builtins.bool") && len(c.Args) == 1 {
		inner, ok := c.Args[0].(*ast.Call)
		return ok && anyText(p, inner)
	}
	if !p.Is(c.Func, "os.environ.get", "os.getenv") {
		return false
	}
	return true
}

// strayText is anyText, also behind a name.
func strayText(p *rule.Pass, e ast.Expr) bool {
	v := p.Values(e)
	return len(v) == 1 && anyText(p, v[0])
}
