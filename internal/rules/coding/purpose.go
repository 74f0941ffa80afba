package coding

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// A use is a name that a value is given on its way through a function: that of the
// variable, attribute, key or parameter that it becomes, or of the function that returns it.
type use struct {
	name string
	at   ast.Node
}

// maxUses bounds how far a value is followed.
const maxUses = 64

// uses follows a value to what it becomes, nearest first.
func uses(p *rule.Pass, e ast.Expr) []use {
	t := &tracer{p: p, seen: map[string]bool{}}
	t.rise(e, 0)
	return t.uses
}

type tracer struct {
	p     *rule.Pass
	uses  []use
	seen  map[string]bool // names that have been followed
	steps int
}

func (t *tracer) add(name string, at ast.Node) {
	if name != "" && len(t.uses) < maxUses {
		t.uses = append(t.uses, use{name, at})
	}
}

// consumed are functions that give nothing of their argument on.
var consumed = map[string]bool{
	"builtins.range": true, "time.sleep": true, "asyncio.sleep": true, "builtins.len": true, "builtins.print": true, "builtins.isinstance": true, "builtins.bool": true,
	"random.seed": true, "numpy.random.seed": true, "builtins.type": true, "os.path.exists": true, "gevent.sleep": true, "builtins.id": true,
}

// rise goes from a value up to the statement that decides what becomes of it.
func (t *tracer) rise(n ast.Node, depth int) {
	for depth < 5 {
		if t.steps++; t.steps > 2000 {
			return
		}
		up := t.p.Parent(n)
		switch up := up.(type) {
		case *ast.Keyword:
			t.add(up.Arg, up)
		case *ast.Call:
			if n == ast.Node(up.Func) {
				break
			}
			if t.p.Is(up.Func, "builtins.range") || consumed[t.p.Name(up.Func)] {
				return
			}
			callee := args.Callee(up)
			switch callee {
			case "append", "extend", "add", "insert", "write", "update", "appendleft":
				if f, ok := up.Func.(*ast.Attribute); ok {
					t.become(f.Value, up, depth)
				}
				return
			case "set_cookie", "set_signed_cookie", "setcookie", "setdefault", "set", "put", "setex", "setattr", "__setitem__":
				for _, a := range up.Args {
					if s, ok := t.p.Str(a); ok && a != n {
						t.add(s, a)
					}
				}
				if strings.HasSuffix(callee, "cookie") {
					if k := program.Keyword(up, "key"); k != nil {
						if s, ok := t.p.Str(k.Value); ok {
							t.add(s, k)
						}
					}
				}
			case "sleep", "seed", "debug", "info", "warning", "error", "exception", "log":
				return
			}
			if callee != "join" && callee != "format" {
				t.add(callee, up)
			}
		case *ast.Subscript, *ast.Starred, *ast.JoinedStr, *ast.FormattedValue, *ast.BinOp, *ast.UnaryOp, *ast.Tuple, *ast.List, *ast.Set, *ast.Slice,
			*ast.GeneratorExp, *ast.ListComp, *ast.SetComp, *ast.DictComp, *ast.Attribute, *ast.Await, *ast.BoolOp:
		case *ast.IfExp:
			if n == ast.Node(up.Test) {
				return
			}
		case *ast.NamedExpr:
			t.become(up.Target, up, depth)
		case *ast.Dict:
			for i, v := range up.Values {
				if v == n && up.Keys[i] != nil {
					if s, ok := t.p.Str(up.Keys[i]); ok {
						t.add(s, up.Keys[i])
					}
				}
			}
		case *ast.Assign:
			if n != ast.Node(up.Value) {
				return
			}
			for _, target := range up.Targets {
				t.become(target, up, depth)
			}
			return
		case *ast.AnnAssign:
			t.become(up.Target, up, depth)
			return
		case *ast.AugAssign:
			if n == ast.Node(up.Value) {
				t.become(up.Target, up, depth)
			}
			return
		case *ast.Arguments:
			for _, list := range [][]*ast.Arg{up.Posonlyargs, up.Args, up.Kwonlyargs} {
				for _, a := range list {
					if d := defaultOf(up, a); d != nil && d == n {
						t.add(a.Arg, a)
					}
				}
			}
			return
		case *ast.Return, *ast.Yield:
			if f := t.p.Function(up); f != nil {
				t.add(f.Name, up)
			}
			return
		case *ast.Lambda:
			if n != ast.Node(up.Body) {
				return
			}
		default:
			return
		}
		n = up
	}
}

func defaultOf(a *ast.Arguments, p *ast.Arg) ast.Expr {
	all := append(a.Posonlyargs[:len(a.Posonlyargs):len(a.Posonlyargs)], a.Args...)
	for i, x := range all {
		if x == p && i >= len(all)-len(a.Defaults) {
			return a.Defaults[i-len(all)+len(a.Defaults)]
		}
	}
	for i, x := range a.Kwonlyargs {
		if x == p {
			return a.KwDefaults[i]
		}
	}
	return nil
}

// become notes the name of a target, and follows it if it is a local variable.
func (t *tracer) become(target ast.Expr, at ast.Node, depth int) {
	switch e := target.(type) {
	case *ast.Name:
		t.add(e.Ident, at)
		f := t.p.Function(at)
		if f == nil || t.seen[e.Ident] || depth >= 4 {
			return
		}
		t.seen[e.Ident] = true
		inside(t.p, f, func(n ast.Node) bool {
			if x, ok := n.(*ast.Name); ok && x.Ident == e.Ident && x.Ctx() == ast.Load && x.Start() > at.Start() && !(at.Start() <= x.Start() && x.End() <= at.End()) {
				t.rise(x, depth+1)
			}
			return t.steps <= 2000
		})
	case *ast.Attribute:
		t.add(e.Attr, at)
	case *ast.Subscript:
		if s, ok := t.p.Str(e.Slice); ok {
			t.add(s, at)
		} else if k := text.Split(t.p.Unit, e.Slice); k.Built {
			t.add(strings.Trim(strings.ReplaceAll(k.String(), text.Hole, "_"), "_"), at)
		}
		if base, ok := e.Value.(*ast.Name); ok {
			t.add(base.Ident, at)
		}
	case *ast.Tuple:
		for _, x := range e.Elts {
			t.become(x, at, depth)
		}
	}
}

// inside visits the nodes of a function, children before parents, until visit says no.
func inside(p *rule.Pass, f ast.Node, visit func(ast.Node) bool) { p.Inside(f, visit) }

// counts are last words that say that a value only tells something about a secret.
var counts = map[string]bool{
	"count": true, "length": true, "len": true, "size": true, "index": true, "idx": true, "position": true, "pos": true, "delay": true, "timeout": true, "interval": true, "ttl": true,
	"age": true, "expiry": true, "expires": true, "weight": true, "weights": true, "rate": true, "type": true, "field": true, "name": true, "probability": true, "prob": true, "limit": true,
	"min": true, "max": true, "num": true, "number": false, "offset": true, "url": true, "path": true, "file": true, "len_": true, "color": true, "label": true, "lengths": true,
	"embedding": true, "embeddings": true, "mask": true, "indices": true, "ids": true, "tensor": true, "tensors": true, "error": true, "strength": true, "policy": true,
}

// guarded words make a thing that opens a door out of a code, an id, a link or a key.
var guardedWords = map[string]bool{
	"verification": true, "verify": true, "reset": true, "activation": true, "activate": true, "invite": true, "invitation": true, "auth": true, "authentication": true, "authorization": true, "confirmation": true, "confirm": true,
	"sms": true, "otp": true, "login": true, "coupon": true, "voucher": true, "gift": true, "promo": true, "factor": true, "mfa": true, "recovery": true, "backup": true, "access": true,
	"security": true, "pass": true, "secret": true, "session": true, "csrf": true, "xsrf": true, "api": true, "private": true, "signing": true, "encryption": true, "master": true, "remember": true, "rememberme": true, "password": true, "email": true,
	"referral": true, "redeem": true, "license": true, "activity": false, "2fa": true, "pin": true, "unlock": true, "device": true, "pairing": true, "admin": true, "me": false, "cipher": true, "aes": true, "crypto": true, "hmac": true, "jwt": true, "token": true,
}

// unguessable says whether a thing of this name is worth nothing once somebody can guess it.
func unguessable(name string) bool {
	if len(name) > 60 {
		return false
	}
	w := secret.Words(name)
	for len(w) > 1 && (w[len(w)-1] == "value" || w[len(w)-1] == "str" || w[len(w)-1] == "string" || w[len(w)-1] == "generator" || w[len(w)-1] == "bytes" || w[len(w)-1] == "hex") {
		w = w[:len(w)-1]
	}
	if len(w) == 0 || counts[w[len(w)-1]] {
		return false
	}
	kept := false
	for _, x := range w {
		kept = kept || guardedWords[x]
	}
	for i, x := range w {
		switch x {
		case "password", "passwd", "pwd", "passphrase", "passcode", "passwords", "otp", "totp", "hotp", "csrf", "xsrf", "nonce", "salt", "sessionid", "apikey", "secret", "secrets", "secretkey", "pincode", "csrftoken",
			"sid", "credential", "credentials", "captcha", "rememberme", "jti", "iv", "authtoken", "accesstoken", "privatekey", "verifier", "cnonce", "passkey", "voucher", "vouchers", "coupon":
			if x == "sid" && len(w) > 1 && !kept || x == "iv" && len(w) > 1 && !kept {
				continue
			}
			return true
		case "pin":
			if i == len(w)-1 && (len(w) == 1 || kept || w[0] == "generate" || w[0] == "new" || w[0] == "make" || w[0] == "create" || w[0] == "random" || w[0] == "user") {
				return true
			}
		case "token":
			if i == len(w)-1 && (secret.Of(name) == secret.Token || i > 0 && making[w[i-1]]) || kept && len(w) > 1 {
				return true
			}
		case "key", "code", "link", "id", "ticket", "hash", "identifier", "signature", "cookie", "keys", "codes", "tokens", "digits":
			if kept && len(w) > 1 && i > 0 {
				return true
			}
		case "me":
			if i > 0 && w[i-1] == "remember" {
				return true
			}
		}
	}
	return false
}

var making = map[string]bool{"generate": true, "gen": true, "make": true, "create": true, "new": true, "random": true, "get": true, "build": true, "issue": true}

// namesIn lists the names that stand in an expression: variables, attributes, keys and
// the functions it calls. Values of local names are looked into.
func namesIn(p *rule.Pass, e ast.Expr) []string {
	var out []string
	steps := 0
	var visit func(n ast.Node, depth int)
	visit = func(n ast.Node, depth int) {
		if steps++; n == nil || steps > 400 || depth > 12 {
			return
		}
		switch n := n.(type) {
		case *ast.Name:
			if _, ok := p.Parent(n).(*ast.Attribute); ok && p.Name(n) == n.Ident && !slices.ContainsFunc(p.Bindings(n), func(b ast.Node) bool { return b.Kind() != ast.KindImport }) {
				return // a module says nothing of the value: html.escape(text)
			}
			out = append(out, n.Ident)
			if n.Ctx() == ast.Load {
				for _, v := range p.Values(n) {
					if v != ast.Expr(n) {
						visit(v, depth+4)
					}
				}
			}
			return
		case *ast.Attribute:
			out = append(out, n.Attr)
		case *ast.Subscript:
			if s, ok := p.Str(n.Slice); ok {
				out = append(out, s)
			}
		case *ast.Call:
			if f, ok := n.Func.(*ast.Attribute); ok && (f.Attr == "get" || f.Attr == "pop" || f.Attr == "getlist" || f.Attr == "getenv") && len(n.Args) > 0 {
				if s, ok := p.Str(n.Args[0]); ok {
					out = append(out, s)
				}
			}
			if p.Is(n.Func, "getpass.getpass") {
				out = append(out, "password")
			}
		}
		ast.Children(n, func(c ast.Node) { visit(c, depth+1) })
	}
	if e != nil {
		visit(e, 0)
	}
	return out
}

// importEdit is the import of a module, or nothing when the file uses the name for something else.
func importEdit(p *rule.Pass, module string) (rule.Edit, bool) {
	for _, n := range p.Tree.Nodes() {
		switch n := n.(type) {
		case *ast.Name:
			if n.Ident == module && n.Ctx() == ast.Store {
				return rule.Edit{}, false
			}
		case *ast.Arg:
			if n.Arg == module {
				return rule.Edit{}, false
			}
		case *ast.FunctionDef:
			if n.Name == module {
				return rule.Edit{}, false
			}
		case *ast.Alias:
			if n.Asname == module || n.Asname == "" && n.Name == module && p.Parent(n) != nil && p.Parent(n).Kind() == ast.KindImportFrom {
				return rule.Edit{}, false
			}
		}
	}
	return p.ImportModule(module), true
}

// external are the beginnings of names of values that come from another machine or person.
var external = []string{
	"builtins.input()", "flask.request.", "bottle.request.", "sanic.request.", "cherrypy.request.", "requests.", "httpx.", "urllib.request.urlopen()", "urllib2.urlopen()", "http.client.",
	"aiohttp.", "socket.socket()", "zmq.", "boto3.", "flask.session", "socket.create_connection()", "websockets.", "kafka.", "pika.",
}

// foreign says whether e comes over the network, or from whoever sits at the keyboard, as
// far as its names tell.
func foreign(p *rule.Pass, e ast.Expr, depth int) bool { return from(p, e, external, true, depth) }

// shelved says whether e comes from a store that others may write to.
func shelved(p *rule.Pass, e ast.Expr) bool { return from(p, e, stores, false, 0) }

// stores are caches that more than one program may reach.
var stores = []string{"redis.Redis()", "redis.StrictRedis()", "django.core.cache.", "flask_caching.Cache()", "pymemcache.", "memcache.", "pylibmc."}

func from(p *rule.Pass, e ast.Expr, names []string, requests bool, depth int) bool {
	if e == nil || depth > 6 {
		return false
	}
	for _, v := range p.Values(e) {
		for _, n := range p.Names(v) {
			for _, o := range names {
				if strings.HasPrefix(n, o) {
					return true
				}
			}
		}
		switch v := v.(type) {
		case *ast.Name:
			if requests && args.Handed(p.Unit, v) {
				return true
			}
		case *ast.Attribute:
			if requests && args.Part(p.Unit, v) {
				return true
			}
			if from(p, v.Value, names, requests, depth+1) {
				return true
			}
		case *ast.Subscript:
			if from(p, v.Value, names, requests, depth+1) {
				return true
			}
		case *ast.Await:
			if from(p, v.Value, names, requests, depth+1) {
				return true
			}
		case *ast.BinOp:
			if from(p, v.Left, names, requests, depth+1) || from(p, v.Right, names, requests, depth+1) {
				return true
			}
		case *ast.JoinedStr:
			for _, x := range v.Values {
				if f, ok := x.(*ast.FormattedValue); ok && from(p, f.Value, names, requests, depth+1) {
					return true
				}
			}
		case *ast.Call:
			if f, ok := v.Func.(*ast.Attribute); ok {
				if requests && (f.Attr == "recv" || f.Attr == "recvfrom") || from(p, f, names, requests, depth+1) { // request.form()
					return true
				}
			}
			if len(v.Args) > 0 && from(p, v.Args[0], names, requests, depth+1) {
				return true
			}
		}
	}
	return false
}
