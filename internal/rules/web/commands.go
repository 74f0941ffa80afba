package web

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/match"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/surface"
)

// What RouteWithoutLogin does for routes, for the commands of a bot and the sockets of a server.

// A command is a function that answers what somebody writes.
type command struct {
	f      *ast.FunctionDef
	socket bool
	asks   bool
	does   []deed
}

// A deed is something that not everybody should be able to do.
type deed struct {
	what string // a program, or a variable of the module
	runs bool   // it is a program
	out  bool   // something is taken out of the variable
}

// maxCommands bounds how many functions of a file are held against each other.
const maxCommands = 300

// commandForEverybody holds them against each other: one that asks who is there, and one that does the
// same without.
func commandForEverybody(p *rule.Pass) {
	bots := p.Imports("telegram", "discord", "nextcord", "disnake", "aiogram", "telebot", "pyrogram", "telethon", "slack_bolt", "interactions")
	sockets := p.Imports("websockets")
	if !bots && !sockets {
		return
	}
	var all []command
	for _, s := range p.Tree.Module.Body {
		f, ok := s.(*ast.FunctionDef)
		if !ok || len(all) == maxCommands {
			continue
		}
		c := command{f: f}
		switch {
		case bots && (botCommand(p, f) || updated(f)):
		case sockets && f.Async && len(f.Args.Args) == 1 && len(f.Args.Kwonlyargs) == 0 && givesNothing(p, f):
			c.socket = true
		default:
			continue
		}
		c.asks = asksWriter(p, f)
		c.does = deeds(p, f)
		all = append(all, c)
	}
	for _, c := range all {
		if c.asks {
			continue
		}
		d, other := done(c, all)
		if other == nil {
			continue
		}
		at := (&surface.Route{Unit: p.Unit, At: c.f.Span()}).Head()
		writes := "writes"
		if c.socket {
			writes = "opens it"
		}
		if d.runs {
			p.ReportSpan(at, "%s runs %s for everybody who %s, and %s asks who does.", c.f.Name, d.what, writes, other.Name)
		} else {
			p.ReportSpan(at, "%s takes things out of %s for everybody who %s, and %s asks who does.", c.f.Name, d.what, writes, other.Name)
		}
	}
}

// done is what a command does that another one asks for, and that one.
func done(c command, all []command) (deed, *ast.FunctionDef) {
	for _, d := range c.does {
		if !d.runs && !d.out {
			continue
		}
		for _, o := range all {
			if o.asks && o.socket == c.socket && slices.ContainsFunc(o.does, func(x deed) bool { return x.what == d.what && x.runs == d.runs }) {
				return d, o.f
			}
		}
	}
	return deed{}, nil
}

// botCommand says whether a function is registered as a command by a decorator: @bot.command(),
// @app.command("/deploy"), @router.message(Command("deploy")).
func botCommand(p *rule.Pass, f *ast.FunctionDef) bool {
	return slices.ContainsFunc(f.DecoratorList, func(d ast.Expr) bool {
		c, ok := d.(*ast.Call)
		if !ok {
			return false
		}
		a, ok := c.Func.(*ast.Attribute)
		if !ok {
			return false
		}
		switch a.Attr {
		case "command", "slash_command", "hybrid_command", "message", "message_handler", "on_message", "shortcut", "action", "callback_query", "callback_query_handler":
			return true
		}
		return false
	})
}

// updated says whether a function takes what handlers of python-telegram-bot take.
func updated(f *ast.FunctionDef) bool {
	return len(f.Args.Args) == 2 && f.Args.Args[0].Arg == "update" && (f.Args.Args[1].Arg == "context" || f.Args.Args[1].Arg == "ctx" || f.Args.Args[1].Arg == "_")
}

// givesNothing says whether a function returns no value.
func givesNothing(p *rule.Pass, f *ast.FunctionDef) bool {
	return !has(surface.Body{Unit: p.Unit, Def: f}, func(n ast.Node) bool { r, ok := n.(*ast.Return); return ok && r.Value != nil })
}

// writerAsked is a condition on who writes, or on a list of those who may.
var writerAsked = match.Lazy(`(?i)(?:effective_user|effective_chat|from_user|chat|author|sender|user|interaction)(?:\.id|_id|\.name)\b|\b(?:admin|owner|allowed|authori[sz]ed|trusted|operator|moderator|whitelist|permitted|staff)\w*|\b(?:is|has|can|may)_\w+\(|guild_permissions|\broles\b`)

// asksWriter says whether a command asks who gives it: by a decorator, or by a condition that leaves or
// goes on.
func asksWriter(p *rule.Pass, f *ast.FunctionDef) bool {
	for _, d := range f.DecoratorList {
		e := d
		if c, ok := d.(*ast.Call); ok {
			if c.Func != nil {
				e = c.Func
			}
			if botCommand(p, &ast.FunctionDef{DecoratorList: []ast.Expr{d}}) { // @bot.message_handler(func=is_admin), @router.message(IsAdmin())
				for _, k := range c.Keywords {
					if k.Arg != "name" && k.Arg != "description" && writerAsked().MatchString(p.Text(k.Value)) {
						return true
					}
				}
				for _, a := range c.Args {
					if asksMore(ast.LastName(a)) || writerAsked().MatchString(p.Text(a)) {
						return true
					}
				}
				continue
			}
		}
		name := ast.LastName(e)
		if name == "wraps" || name == "describe" || name == "typing_action" {
			continue
		}
		return true // somebody's own decorator may ask for anything
	}
	known := map[string]bool{} // names of who is there
	return has(surface.Body{Unit: p.Unit, Def: f}, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Assign:
			e := n.Value
			if a, ok := e.(*ast.Await); ok {
				e = a.Value
			}
			t, name := n.Targets[0].(*ast.Name)
			if c, ok := e.(*ast.Call); ok && name && (identifies(args.Callee(c)) || surface.Asks(args.Callee(c))) {
				known[t.Ident] = true
			}
		case *ast.If:
			text := p.Text(n.Test)
			if writerAsked().MatchString(text) {
				return true
			}
			for name := range known {
				if names(n.Test, []string{name}) {
					return true
				}
			}
		case *ast.ExprStmt:
			e := n.Value
			if a, ok := e.(*ast.Await); ok {
				e = a.Value
			}
			c, ok := e.(*ast.Call)
			return ok && (surface.Asks(args.Callee(c)) || identifies(args.Callee(c)))
		}
		return false
	})
}

// identifies says whether a function of this name tells who is there.
func identifies(name string) bool {
	return slices.ContainsFunc(secret.Words(name), func(w string) bool {
		switch w {
		case "identify", "identity", "authenticate", "authenticated", "auth", "login", "whoami", "user", "account", "token", "session", "claims", "principal", "verify", "authorize", "authorise":
			return true
		}
		return false
	})
}

// deeds lists what a command does: programs that it runs, and variables of the module that it changes.
func deeds(p *rule.Pass, f *ast.FunctionDef) (out []deed) {
	add := func(d deed) {
		if len(out) < 50 && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	has(surface.Body{Unit: p.Unit, Def: f}, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Call:
			if prog := programOf(p, n); prog != "" {
				add(deed{what: prog, runs: true})
			}
			a, ok := n.Func.(*ast.Attribute)
			if !ok {
				break
			}
			switch a.Attr {
			case "pop", "clear", "remove", "popitem":
				if v := moduleVariable(p, f, a.Value); v != "" && !aboutWriter(p, n) {
					add(deed{what: v, out: true})
				}
			case "append", "add", "update", "insert", "extend", "setdefault":
				if v := moduleVariable(p, f, a.Value); v != "" {
					add(deed{what: v})
				}
			}
		case *ast.Subscript:
			if n.Ctx() == ast.Load {
				break
			}
			if v := moduleVariable(p, f, n.Value); v != "" {
				add(deed{what: v, out: n.Ctx() == ast.Del && !aboutWriter(p, n)})
			}
		}
		return false
	})
	return out
}

// aboutWriter says whether what is taken out is told by who writes: whoever leaves takes himself out.
func aboutWriter(p *rule.Pass, n ast.Node) bool {
	text := strings.ToLower(p.Text(n))
	return slices.ContainsFunc([]string{"effective_", "from_user", "author", "chat", "ctx", ".id", "user_id", "sender", "socket)", "ws)", "websocket)", "connection)"}, func(w string) bool { return strings.Contains(text, w) })
}

// moduleVariable is the variable of the module that e is, or is an element of, if it is one that can be
// changed; or "".
func moduleVariable(p *rule.Pass, f *ast.FunctionDef, e ast.Expr) string {
	if s, ok := e.(*ast.Subscript); ok { // members[room].add(socket)
		e = s.Value
	}
	n, ok := e.(*ast.Name)
	if !ok {
		return ""
	}
	b := p.Bindings(n)
	if len(b) == 0 || slices.ContainsFunc(b, func(x ast.Node) bool { return p.Function(x) != nil || x.Kind() == ast.KindArg }) {
		return ""
	}
	for _, x := range b {
		switch x.(type) {
		case *ast.Assign, *ast.AnnAssign:
		default:
			return ""
		}
	}
	return n.Ident
}

// programOf is the program that a call runs, where its name is constant: by subprocess or os.system, or
// by a function of the file that is given the words.
func programOf(p *rule.Pass, c *ast.Call) string {
	if len(c.Args) == 0 {
		return ""
	}
	first := c.Args[0]
	starts := slices.ContainsFunc(p.Names(c.Func), func(n string) bool {
		return strings.HasPrefix(n, "subprocess.") || n == "os.system" || n == "os.popen" || strings.HasPrefix(n, "asyncio.create_subprocess_")
	})
	if !starts {
		d := p.Definition(c.Func)
		if d == nil || !has(surface.Body{Unit: p.Unit, Def: d}, func(n ast.Node) bool {
			in, ok := n.(*ast.Call)
			return ok && slices.ContainsFunc(p.Names(in.Func), func(n string) bool { return strings.HasPrefix(n, "subprocess.") || n == "os.system" })
		}) {
			return ""
		}
	}
	if list, _ := ast.Elements(first); len(list) > 0 {
		first = list[0]
	}
	s, ok := p.Str(first)
	if !ok {
		switch x := first.(type) {
		case *ast.JoinedStr:
			if len(x.Values) > 0 {
				s, _ = p.Str(x.Values[0])
			}
		case *ast.BinOp:
			s, _ = p.Str(x.Left)
		}
	}
	if words := strings.Fields(s); len(words) > 0 {
		return strings.Clone(words[0])
	}
	return ""
}
