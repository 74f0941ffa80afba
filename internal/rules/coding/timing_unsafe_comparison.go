package coding

import (
	"bytes"
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// TimingUnsafeComparison looks at == and != between a secret that we know and one that
// somebody else has sent. It speaks only where both are visible: an HMAC that is computed,
// or a secret's name beside something of a request.
var TimingUnsafeComparison = rule.Check{File: timingUnsafeFile}

// timingUnsafeFile asks of each comparison first what costs nothing: most are with a
// constant, and most others speak of no secret in a file that computes no proofs.
func timingUnsafeFile(p *rule.Pass) {
	proofs := false
	for _, word := range []string{"hmac", "HMAC", "hashlib", "crypt"} {
		proofs = proofs || bytes.Contains(p.File.Bytes, []byte(word))
	}
	for n := range p.Tree.Of(ast.KindCompare) {
		c := n.(*ast.Compare)
		if !p.Live(c) || len(c.Ops) != 1 || c.Ops[0] != ast.Eq && c.Ops[0] != ast.NotEq || c.Left.Kind() == ast.KindConstant || c.Comparators[0].Kind() == ast.KindConstant {
			continue
		}
		if proofs || secretStem(p.Text(c)) {
			timingUnsafe(p, c)
		}
	}
}

// secretStem says whether a text has a piece of a word for secrets in it.
func secretStem(s string) bool {
	s = strings.ToLower(s)
	for _, stem := range []string{"pass", "pw", "secret", "token", "key", "sig", "auth", "csrf", "otp", "cred", "code", "pin", "hash", "mac", "bearer", "jwt"} {
		if strings.Contains(s, stem) {
			return true
		}
	}
	return false
}

func timingUnsafe(p *rule.Pass, c *ast.Compare) {
	a, b := c.Left, c.Comparators[0]
	if plainValue(p, a) || plainValue(p, b) {
		return
	}
	what, computed := ownProof(p, a), true
	other := b
	if what == "" {
		what, other = ownProof(p, b), a
	}
	if what == "" {
		computed = false
		switch {
		case (ownSecret(p, a) || settingKey(p, a)) && sent(p, b):
			what, other = excerpt(p, a), b
		case (ownSecret(p, b) || settingKey(p, b)) && sent(p, a):
			what, other = excerpt(p, b), a
		case expectedProof(p, a) && sentProof(p, b):
			what, other = excerpt(p, a), b
		case expectedProof(p, b) && sentProof(p, a):
			what, other = excerpt(p, b), a
		case configured(p, a) && given(p, b):
			what, other = excerpt(p, a), b
		case configured(p, b) && given(p, a):
			what, other = excerpt(p, b), a
		case hashDigest(p, a) && storedPassword(lastName(b)), hashDigest(p, b) && storedPassword(lastName(a)):
			what, other = "The hash of the password", b
		case hashedCall(p, a) && keptExpr(b), checked(p, c) && !bare(b) && given(p, a) && keptExpr(b):
			what, other = excerpt(p, b), a
		case hashedCall(p, b) && keptExpr(a), checked(p, c) && !bare(a) && given(p, b) && keptExpr(a):
			what, other = excerpt(p, a), b
		default:
			return
		}
	}
	if inQuery(p, c) || inAssert(p, c) {
		return
	}
	f := p.Report(c, "%s is compared character by character: the time until the first difference tells how much of a guess is right.", what)
	if !computed {
		f.With(p.Rule.Severity, finding.MediumConfidence)
	}
	edit, ok := importEdit(p, "hmac")
	if !ok {
		return
	}
	call := "hmac.compare_digest(" + p.Text(a) + ", " + p.Text(b) + ")"
	if c.Ops[0] == ast.NotEq {
		call = "not " + call
	}
	f.Advise("%s", call)
	if len(call) > 100 {
		f.Advise("hmac.compare_digest(a, b)")
	}
	if computed && neverNone(p, other) {
		f.SafeFix("use hmac.compare_digest", p.Replace(c, call), edit)
	} else {
		f.ReviewFix("use hmac.compare_digest, which takes two str of ASCII or two bytes, and no None", p.Replace(c, call), edit)
	}
}

// plainValue says whether e is a constant, a number, a length: nothing that has to be kept.
func plainValue(p *rule.Pass, e ast.Expr) bool {
	if p.IsConst(e) {
		return !secretConstant(p, e)
	}
	switch e := e.(type) {
	case *ast.List, *ast.Tuple, *ast.Dict, *ast.Set, *ast.ListComp, *ast.Lambda, *ast.Compare, *ast.BoolOp:
		return true
	case *ast.Call:
		return p.Is(e.Func, "builtins.len", "builtins.int", "builtins.type", "builtins.set", "builtins.list", "builtins.id", "builtins.hash", "builtins.float", "builtins.sum")
	}
	return false
}

// secretConstant: API_TOKEN = "…" in the code is another rule's, but comparing with it is not.
func secretConstant(p *rule.Pass, e ast.Expr) bool {
	switch e.(type) {
	case *ast.Name, *ast.Attribute:
		v, _ := p.Const(e)
		return (v.Kind == ast.Str || v.Kind == ast.Bytes) && len(v.Str) >= 8 && secret.Of(lastName(e)) != secret.None
	}
	return false
}

// ownProof says which HMAC or hash of a secret e is, or "".
func ownProof(p *rule.Pass, e ast.Expr) string { return proofWithin(p, e, 0) }

func proofWithin(p *rule.Pass, e ast.Expr, depth int) string {
	if depth > 5 || e == nil {
		return ""
	}
	for _, v := range p.Values(e) {
		for _, n := range p.Names(v) {
			if strings.HasPrefix(n, "hmac.new().") || strings.HasPrefix(n, "hmac.HMAC().") || n == "hmac.digest()" || strings.HasPrefix(n, "Crypto.Hash.HMAC.new().") || strings.HasPrefix(n, "Cryptodome.Hash.HMAC.new().") ||
				n == "django.utils.crypto.salted_hmac().hexdigest()" {
				if strings.HasSuffix(n, "digest()") {
					return "The HMAC"
				}
			}
			if n == "bcrypt.hashpw()" || n == "crypt.crypt()" {
				return "The hash of the password"
			}
		}
		switch v := v.(type) {
		case *ast.Call:
			switch args.Callee(v) {
			case "b64encode", "urlsafe_b64encode", "hexlify", "str", "bytes", "encode_base64", "b32encode", "b16encode":
				if len(v.Args) > 0 {
					if s := proofWithin(p, v.Args[0], depth+1); s != "" {
						return s
					}
				}
			case "hexdigest", "digest":
				if f, ok := v.Func.(*ast.Attribute); ok {
					if s := secretHash(p, f.Value); s != "" {
						return s
					}
				}
			case "decode", "encode", "lower", "upper", "strip", "rstrip", "hex":
				if f, ok := v.Func.(*ast.Attribute); ok {
					if s := proofWithin(p, f.Value, depth+1); s != "" {
						return s
					}
				}
			case "format":
				for _, a := range v.Args {
					if s := proofWithin(p, a, depth+1); s != "" {
						return s
					}
				}
			}
			if d := p.Definition(v.Func); d != nil && depth < 3 && len(d.Body) > 0 {
				if r, ok := d.Body[len(d.Body)-1].(*ast.Return); ok && r.Value != nil {
					if s := proofWithin(p, r.Value, depth+2); s != "" {
						return s
					}
				}
			}
		case *ast.BinOp: // "sha256=" + digest
			for _, side := range []ast.Expr{v.Left, v.Right} {
				if s := proofWithin(p, side, depth+1); s != "" {
					return s
				}
			}
		case *ast.JoinedStr:
			for _, x := range v.Values {
				if h, ok := x.(*ast.FormattedValue); ok {
					if s := proofWithin(p, h.Value, depth+1); s != "" {
						return s
					}
				}
			}
		case *ast.Subscript:
			if _, ok := v.Slice.(*ast.Slice); ok {
				if s := proofWithin(p, v.Value, depth+1); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// secretHash: hashlib.sha256(secret + body), hashlib.sha256(password).
func secretHash(p *rule.Pass, e ast.Expr) string {
	for _, v := range p.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok {
			continue
		}
		for _, name := range p.Names(c.Func) {
			if !strings.HasPrefix(name, "hashlib.") {
				continue
			}
			_, data := digestOf(p, c, name)
			for _, in := range digestInputs(p, c, data) {
				for _, n := range namesIn(p, in) {
					if k := secret.Of(n); k == secret.Password || k == secret.Key {
						return "The hash of " + n
					}
				}
			}
		}
	}
	return ""
}

// ownSecret says whether e is a secret that the program keeps: of settings, of the
// environment, of an object. What was sent is not.
func ownSecret(p *rule.Pass, e ast.Expr) bool {
	if sent(p, e) {
		return false
	}
	name := ""
	switch x := e.(type) {
	case *ast.Name:
		name = x.Ident
		if p.IsParameter(x) {
			return false
		}
	case *ast.Attribute:
		name = x.Attr
		if base, ok := x.Value.(*ast.Name); ok && (enumeration(base.Ident) || base.Ident == "tokens" || base.Ident == "tokenize") {
			return false
		}
	case *ast.Subscript:
		name, _ = p.Str(x.Slice)
	case *ast.Call:
		if f, ok := x.Func.(*ast.Attribute); ok && len(x.Args) > 0 && (f.Attr == "get" || f.Attr == "getenv") {
			name, _ = p.Str(x.Args[0])
		} else if ok && f.Attr == "get_secret_value" && len(x.Args) == 0 {
			return true // of a SecretStr, whatever it is called
		} else if ok && (f.Attr == "encode" || f.Attr == "strip") {
			return ownSecret(p, f.Value)
		}
	case *ast.JoinedStr: // f"Bearer {TOKEN}"
		for _, v := range x.Values {
			if h, ok := v.(*ast.FormattedValue); ok && ownSecret(p, h.Value) {
				return true
			}
		}
		return false
	case *ast.BinOp:
		return x.Op == ast.Add && (ownSecret(p, x.Left) || ownSecret(p, x.Right))
	}
	return keptName(name)
}

// enumeration says whether a name is a class's: Token.KEYWORD.
func enumeration(name string) bool {
	return name != "" && name[0] >= 'A' && name[0] <= 'Z' && !text.Capitals(name) && !strings.Contains(strings.ToLower(name), "settings") && !strings.Contains(strings.ToLower(name), "config")
}

// keptName says whether a thing of this name must not be guessed.
func keptName(name string) bool {
	if name == "" || len(name) > 60 {
		return false
	}
	switch secret.Of(name) {
	case secret.Password, secret.Token, secret.Key:
		return true
	}
	w := secret.Words(name)
	last := ""
	if len(w) > 0 {
		last = w[len(w)-1]
	}
	return proofWord(name) || last == "otp" || last == "csrf" || last == "pin" && len(w) > 1 || last == "code" && unguessable(name)
}

// proofWord says whether a name ends as that of a proof does: signature, hmac, csrf_token.
func proofWord(name string) bool {
	w := secret.Words(name)
	for len(w) > 1 && (w[len(w)-1] == "hex" || w[len(w)-1] == "header" || w[len(w)-1] == "value" || w[len(w)-1] == "bytes") {
		w = w[:len(w)-1]
	}
	if len(w) == 0 {
		return false
	}
	last, before := w[len(w)-1], ""
	if len(w) > 1 {
		before = w[len(w)-2]
	}
	switch last {
	case "signature", "hmac", "apikey", "sig":
		return before != "function" && before != "method" && before != "type" && before != "call" && before != "inspect"
	case "token":
		return before == "csrf" || before == "auth" || before == "access" || before == "api" || before == "session" || before == "reset" || before == "verify" || before == "verification" || before == "webhook" || before == "bearer" || before == "secret"
	case "key":
		return before == "api"
	case "secret":
		return true
	case "hash", "digest":
		return before == "password" || before == "pwd" || before == "passwd" || before == "hmac" || before == "pass"
	case "mac":
		return before == "message" || before == "expected" || before == "computed" || before == "received"
	}
	return false
}

// sent says whether somebody else has sent e: it comes from a request. What the server
// keeps of a session does not.
func sent(p *rule.Pass, e ast.Expr) bool { return sentWithin(p, e, 0) }

func sentWithin(p *rule.Pass, e ast.Expr, depth int) bool {
	if e == nil || depth > 5 {
		return false
	}
	for _, v := range p.Values(e) {
		for _, n := range p.Names(v) {
			switch {
			case strings.HasPrefix(n, "flask.request."), strings.HasPrefix(n, "bottle.request."), strings.HasPrefix(n, "quart.request."), n == "builtins.input()", strings.HasPrefix(n, "sanic.request."):
				return !strings.Contains(n, ".method") && !strings.Contains(n, ".path")
			}
		}
		if args.Sent(p.Unit, v) {
			return true
		}
		switch v := v.(type) {
		case *ast.Name:
			if parameterFromHeader(p, v) {
				return true
			}
		case *ast.Attribute:
			base := lastName(v.Value)
			if base == "request" || base == "req" {
				switch v.Attr {
				case "GET", "POST", "body", "data", "COOKIES", "cookies", "args", "form", "json", "query_params", "headers", "META", "params", "rel_url", "match_info", "values":
					return true
				}
			}
			if v.Attr == "headers" && base == "self" && handler(p, v) {
				return true
			}
			if sentWithin(p, v.Value, depth+1) {
				return true
			}
		case *ast.Subscript:
			if sentWithin(p, v.Value, depth+1) {
				return true
			}
		case *ast.Await:
			if sentWithin(p, v.Value, depth+1) {
				return true
			}
		case *ast.BoolOp:
			if sentWithin(p, v.Values[0], depth+1) {
				return true
			}
		case *ast.Call:
			if f, ok := v.Func.(*ast.Attribute); ok {
				switch f.Attr {
				case "get", "strip", "split", "encode", "decode", "lower", "upper", "removeprefix", "replace", "json", "form", "getlist", "partition", "get_json", "getheader", "get_argument":
					if base := lastName(f.Value); f.Attr == "get_argument" && base == "self" {
						return true
					}
					if sentWithin(p, f.Value, depth+1) {
						return true
					}
				}
				if base := lastName(f.Value); (base == "request" || base == "req") && (f.Attr == "json" || f.Attr == "form" || f.Attr == "get_json" || f.Attr == "get_header" || f.Attr == "read") {
					return true
				}
			}
			if p.Is(v.Func, "builtins.str", "builtins.bytes", "base64.b64decode", "binascii.unhexlify") && len(v.Args) > 0 && sentWithin(p, v.Args[0], depth+1) {
				return true
			}
		}
	}
	return false
}

// handler says whether the class around handles requests of http.server.
func handler(p *rule.Pass, n ast.Node) bool {
	class := p.Class(n)
	if class == nil {
		return false
	}
	for _, b := range class.Bases {
		if strings.HasSuffix(lastName(b), "Handler") {
			return true
		}
	}
	return false
}

// parameterFromHeader: FastAPI's x_token: str = Header(), Depends of its security
// schemes, and the credentials that they give.
func parameterFromHeader(p *rule.Pass, n *ast.Name) bool {
	if !p.IsParameter(n) {
		return false
	}
	fastapi := []string{"fastapi.Header()", "fastapi.Query()", "fastapi.Cookie()", "fastapi.Body()", "fastapi.Form()", "fastapi.Security()", "fastapi.Depends()", "fastapi.param_functions.Header()", "fastapi.params.Header()"}
	if d := parameterDefault(p, n); d != nil && p.Is(d, fastapi...) {
		return true
	}
	for _, b := range p.Bindings(n) {
		a, ok := b.(*ast.Arg)
		if !ok || a.Annotation == nil {
			continue
		}
		s, ok := a.Annotation.(*ast.Subscript)
		if !ok || !p.Is(s.Value, "typing.Annotated", "typing_extensions.Annotated") {
			continue
		}
		if t, ok := s.Slice.(*ast.Tuple); ok {
			for _, e := range t.Elts[1:] {
				if p.Is(e, fastapi...) || p.Is(e, "fastapi.Header") {
					return true
				}
			}
		}
	}
	return false
}

// expectedProof and sentProof: signature != expected_signature, where neither can be
// followed but the names say that one was computed and the other came along.
func expectedProof(p *rule.Pass, e ast.Expr) bool {
	n := lastName(e)
	return n != "" && proofWord(n) && firstWord(n, "expected", "computed", "calculated", "our", "my", "local", "correct", "actual", "valid", "generated")
}

func sentProof(p *rule.Pass, e ast.Expr) bool {
	n := lastName(e)
	if n == "" || !proofWord(n) || firstWord(n, "expected", "computed", "calculated") {
		return false
	}
	_, plain := e.(*ast.Name)
	return plain
}

func firstWord(name string, words ...string) bool {
	w := secret.Words(name)
	return len(w) > 0 && slices.Contains(words, w[0])
}

// configured says whether e is a secret of the program's settings: API_KEY,
// settings.API_KEY, os.environ["API_KEY"].
func configured(p *rule.Pass, e ast.Expr) bool {
	name := ""
	switch x := e.(type) {
	case *ast.Name:
		name = x.Ident
		if !text.Capitals(name) {
			return false
		}
	case *ast.Attribute:
		name = x.Attr
		base := strings.ToLower(lastName(x.Value))
		if base != "settings" && base != "config" && base != "conf" && base != "cfg" {
			return false
		}
	case *ast.Subscript:
		name, _ = p.Str(x.Slice)
		if base := lastName(x.Value); base != "environ" && base != "config" && base != "settings" {
			return false
		}
	case *ast.Call:
		if !p.Is(x.Func, "os.getenv", "os.environ.get") || len(x.Args) == 0 {
			return false
		}
		name, _ = p.Str(x.Args[0])
	}
	k := secret.Of(name)
	return k == secret.Password || k == secret.Key || proofWord(name)
}

// settingKey says whether e is a setting from the environment or a configuration that is called a key
// of something. Beside what somebody has sent, it is one that opens.
func settingKey(p *rule.Pass, e ast.Expr) bool {
	name := ""
	switch x := e.(type) {
	case *ast.Subscript:
		if base := lastName(x.Value); base == "environ" || base == "config" || base == "settings" {
			name, _ = p.Str(x.Slice)
		}
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		if ok && len(x.Args) > 0 && (f.Attr == "getenv" || f.Attr == "get" && (lastName(f.Value) == "environ" || lastName(f.Value) == "config" || lastName(f.Value) == "settings")) {
			name, _ = p.Str(x.Args[0])
		}
	case *ast.Attribute:
		if base := lastName(x.Value); base == "settings" || base == "config" {
			name = x.Attr
		}
	case *ast.Name:
		if v := p.Values(x); len(v) == 1 && v[0] != e && text.Capitals(x.Ident) {
			return settingKey(p, v[0])
		}
	}
	w := secret.Words(name)
	return len(w) > 1 && w[len(w)-1] == "key" && !slices.ContainsFunc(w, func(s string) bool {
		switch s {
		case "public", "cache", "primary", "partition", "sort", "routing", "idempotency", "foreign", "group", "site", "publishable", "object", "bucket":
			return true
		}
		return false
	})
}

// given says whether e is a parameter that is named for a secret.
func given(p *rule.Pass, e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	return ok && keptName(n.Ident) && !retyped(n.Ident) && p.IsParameter(n)
}

// keptExpr says whether e is a name or attribute of a secret's name.
func keptExpr(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Name, *ast.Attribute:
		n := lastName(e)
		return (keptName(n) || storedPassword(n)) && !retyped(n)
	}
	return false
}

// bare says whether a name says no more than "token", as in any parser.
func bare(e ast.Expr) bool {
	w := secret.Words(lastName(e))
	return len(w) == 1 && w[0] != "signature" && w[0] != "password" && w[0] != "secret"
}

// retyped says that a name is that of a secret that one person types twice.
func retyped(name string) bool {
	if name == "" || name[len(name)-1] >= '0' && name[len(name)-1] <= '9' {
		return true
	}
	for _, w := range secret.Words(name) {
		switch w {
		case "confirm", "confirmation", "confirmed", "repeat", "repeated", "again", "retype", "retyped", "new", "old", "verify", "second", "previous":
			return true
		}
	}
	return false
}

// checked says whether the function around is named for checking what it is given.
func checked(p *rule.Pass, n ast.Node) bool {
	f := p.Function(n)
	if f == nil || strings.Contains(f.Name, "match") || strings.Contains(f.Name, "confirm") {
		return false
	}
	return firstWord(strings.TrimPrefix(f.Name, "is_"), "verify", "check", "validate", "authenticate", "authorize", "authorise", "login", "auth", "compare", "valid")
}

// hashDigest says whether e is the digest of one of hashlib's hashes.
func hashDigest(p *rule.Pass, e ast.Expr) bool {
	for _, n := range p.Names(e) {
		if strings.HasPrefix(n, "hashlib.") && strings.HasSuffix(n, "digest()") {
			return true
		}
	}
	return false
}

// hashedCall says whether e is what a function gives that is named for hashing passwords
// or for signing.
func hashedCall(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok || p.Is(c.Func, "builtins.hash") {
			continue
		}
		for i, w := range secret.Words(args.Callee(c)) {
			switch w {
			case "hash", "hashed", "hmac", "encrypt", "sign", "digest", "signature":
				if i == 0 && len(c.Args) == 0 {
					continue
				}
				for _, a := range c.Args {
					if secret.Of(lastName(a)) == secret.Password {
						return true
					}
				}
				return w == "hmac" || w == "signature" && firstWord(args.Callee(c), "compute", "calculate", "calc", "generate", "create", "make", "build", "expected")
			}
		}
	}
	return false
}

// inQuery says whether the comparison is a condition of a query rather than one of ours:
// session.query(User).filter(User.token == token).
func inQuery(p *rule.Pass, c *ast.Compare) bool {
	for _, side := range []ast.Expr{c.Left, c.Comparators[0]} {
		if a, ok := side.(*ast.Attribute); ok {
			if base := lastName(a.Value); base != "" && (enumeration(base) || base == "c" || base == "columns") {
				return true
			}
		}
	}
	for up := p.Parent(c); up != nil; up = p.Parent(up) {
		switch up := up.(type) {
		case *ast.Call:
			switch args.Callee(up) {
			case "filter", "where", "and_", "or_", "filter_by", "having", "select", "join", "outerjoin", "exists", "any_", "not_", "find", "get_or_none", "equal", "assertTrue", "assertFalse", "xcom_pull":
				return true
			}
		case *ast.BinOp, *ast.UnaryOp, *ast.BoolOp, *ast.Keyword, *ast.Starred, *ast.Tuple, *ast.List:
		default:
			return false
		}
	}
	return false
}

// inAssert says whether the comparison is a check of the program itself.
func inAssert(p *rule.Pass, n ast.Node) bool {
	_, ok := p.Statement(n).(*ast.Assert)
	return ok
}

// neverNone says whether e cannot be None: it is text that is there, or was looked up
// where something is always found.
func neverNone(p *rule.Pass, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Subscript, *ast.JoinedStr, *ast.BinOp:
		return true
	case *ast.Call:
		f, ok := x.Func.(*ast.Attribute)
		switch {
		case ok && f.Attr == "get":
			d := program.Arg(x, 1, "default")
			return d != nil && p.IsConst(d) && !args.IsNone(p.Unit, d)
		case ok:
			switch f.Attr {
			case "hexdigest", "digest", "encode", "decode", "strip", "lower", "upper", "removeprefix":
				return true
			}
		}
		return ownProof(p, e) != ""
	case *ast.Name:
		values := p.Values(x)
		if len(values) == 1 && values[0] != e {
			return neverNone(p, values[0])
		}
		return len(p.Names(x)) > 0 && p.Is(x, "builtins.str()", "builtins.bytes()")
	}
	return false
}
