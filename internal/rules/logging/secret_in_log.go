package logging

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
	texts "github.com/gambeson/gambeson/internal/rule/text"
	"github.com/gambeson/gambeson/internal/source"
)

// SecretInLog looks at what is written by loggers for values whose names say that they
// are kept: passwords, tokens, keys, numbers of cards. print is for auditors.
var SecretInLog = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: secretLogged}

func secretLogged(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	name := args.Callee(c)
	if name == "print" || name == "pprint" {
		if p.Is(c.Func, "builtins.print", "pprint.pprint") {
			for _, a := range c.Args {
				if e, what := sensitive(p, a); e != nil {
					p.Report(e, "%s is printed.", what).With(finding.Low, finding.LowConfidence).ForAudit(true)
					return
				}
			}
		}
		return
	}
	if !levels[name] {
		return
	}
	written, ok := logCall(p, c)
	if !ok {
		return
	}
	for _, a := range written {
		if report(p, c, a) {
			return
		}
	}
	for _, k := range keywordsOf(c) {
		if k.Arg != "extra" && secret.Of(k.Arg) != secret.None && !innocent(p, k.Value) {
			p.Report(k, "%s is written to the log.", k.Arg)
			return
		}
		if report(p, c, k.Value) {
			return
		}
	}
}

func report(p *rule.Pass, c *ast.Call, a ast.Expr) bool {
	e, what := sensitive(p, a)
	if e == nil {
		e, what = holder(p, c, a)
	}
	if e == nil {
		return false
	}
	f := p.Report(e, "%s is written to the log.", what)
	kind := secret.Of(what)
	if kind == secret.Token && bare(what) {
		f.With(finding.Medium, finding.MediumConfidence).ForAudit(language(p, c))
	}
	if kind == secret.Personal {
		f.Message = what + ", which says something about a person, is written to the log."
		f.With(finding.Medium, finding.MediumConfidence)
	}
	if strings.HasSuffix(what, "with the password,") {
		f.With(finding.Medium, finding.MediumConfidence)
	}
	switch up := p.Parent(e).(type) {
	case *ast.FormattedValue:
		f.ReviewFix("leave it out", p.Replace(up, "[redacted]"))
	case *ast.Call, *ast.Keyword, *ast.Tuple:
		f.ReviewFix("leave it out", p.Replace(e, `"[redacted]"`))
	}
	return true
}

// bare says that the name is "token" alone, which is also a word of languages.
func bare(name string) bool {
	w := secret.Words(name)
	return len(w) == 1 && w[0] == "token" || len(w) == 2 && w[1] == "token" && (w[0] == "self" || w[0] == "t")
}

// language says whether the code reads a language rather than a log-in.
func language(p *rule.Pass, n ast.Node) bool {
	where := strings.ToLower(p.File.Path + " " + p.Symbol(n))
	for _, w := range []string{"lex", "token", "pars", "grammar", "nlp", "vocab", "bert", "gpt", "llm"} {
		if strings.Contains(where, w) && !strings.Contains(where, "access_token") {
			return true
		}
	}
	return false
}

// sensitive finds the first part of an expression that is a secret, and its name.
func sensitive(p *rule.Pass, e ast.Expr) (ast.Expr, string) {
	return sensitiveDepth(p, e, 0)
}

func sensitiveDepth(p *rule.Pass, e ast.Expr, depth int) (ast.Expr, string) {
	if depth > 8 || e == nil {
		return nil, ""
	}
	next := func(list ...ast.Expr) (ast.Expr, string) {
		for _, x := range list {
			if x == nil {
				continue
			}
			if found, what := sensitiveDepth(p, x, depth+1); found != nil {
				return found, what
			}
		}
		return nil, ""
	}
	if starred(p, e) {
		return nil, ""
	}
	if s := connection(e); s != "" && !p.Imports("sqlite3", "aiosqlite", "pysqlite3") {
		return e, s + ", mostly with the password,"
	}
	switch e := e.(type) {
	case *ast.Name:
		if (secret.Of(e.Ident) != secret.None || headerKey(p, e)) && !innocent(p, e) {
			return e, e.Ident
		}
		if s := shown(p, e); s != "" {
			return e, s
		}
		if s := loginForm(p, e); s != "" {
			return e, s
		}
	case *ast.Attribute:
		if s := whole(p, e); s != "" {
			return e, s
		}
		if s := loginForm(p, e); s != "" {
			return e, s
		}
		if secret.Of(e.Attr) != secret.None {
			return e, e.Attr
		}
		if s := typedIn(p, e); s != "" {
			return e, s
		}
		if s := shown(p, e); s != "" {
			return e, s
		}
	case *ast.Subscript:
		if s, ok := p.Str(e.Slice); ok && secret.Of(s) != secret.None {
			return e, s
		}
		if _, slice := e.Slice.(*ast.Slice); slice {
			return nil, "" // token[:4]
		}
		if s := ofMaker(p, e); s != "" {
			return e, s
		}
	case *ast.JoinedStr:
		return next(e.Values...)
	case *ast.FormattedValue:
		return next(e.Value)
	case *ast.BinOp:
		return next(e.Left, e.Right)
	case *ast.Tuple:
		return next(e.Elts...)
	case *ast.List:
		return next(e.Elts...)
	case *ast.BoolOp:
		return next(e.Values...)
	case *ast.IfExp:
		return next(e.Body, e.Orelse)
	case *ast.Await:
		if s := loginForm(p, e); s != "" {
			return e, s
		}
		return next(e.Value)
	case *ast.Dict:
		for i, k := range e.Keys {
			if s, ok := p.Str(k); k != nil && ok && secret.Of(s) != secret.None && !innocent(p, e.Values[i]) {
				return e.Values[i], s
			}
		}
		return next(e.Values...)
	case *ast.Call:
		switch name := args.Callee(e); name {
		case "get_secret_value":
			if f, ok := e.Func.(*ast.Attribute); ok && len(e.Args) == 0 {
				return e, p.Text(f.Value)
			}
		case "str", "repr", "format", "dumps", "pformat", "list", "join", "strip", "decode", "encode", "lower", "upper", "b64encode", "bytes", "hexlify", "hex", "quote":
			if f, ok := e.Func.(*ast.Attribute); ok {
				if found, what := next(f.Value); found != nil && name != "dumps" {
					return found, what
				}
			}
			if found, what := next(e.Args...); found != nil {
				return found, what
			}
			for _, k := range e.Keywords {
				if found, what := next(k.Value); found != nil {
					return found, what
				}
			}
		case "get", "pop", "getenv", "getlist":
			if len(e.Args) > 0 {
				if s, ok := p.Str(e.Args[0]); ok && secret.Of(s) != secret.None {
					return e, s
				}
			}
		case "getpass":
			return e, "password"
		case "model_dump", "model_dump_json", "dict", "json", "asdict", "astuple", "vars":
			list := e.Args
			f, method := e.Func.(*ast.Attribute)
			if method && len(e.Args)+len(e.Keywords) == 0 { // exclude={"password"}
				list = []ast.Expr{f.Value}
			}
			if len(list) == 1 {
				if s := shown(p, list[0]); s != "" {
					return e, s
				}
			}
			if !method && name == "dict" {
				return next(e.Args...)
			}
			if s := loginForm(p, e); s != "" {
				return e, s
			}
		case "get_json":
			if s := loginForm(p, e); s != "" {
				return e, s
			}
		}
	}
	return nil, ""
}

// ofMaker says whether e is the value in what a function gives that is named for making or getting a
// secret: create_api_key(…)["value"]; and which.
func ofMaker(p *rule.Pass, e *ast.Subscript) string {
	key, ok := p.Str(e.Slice)
	if !ok || key != "value" && key != "Value" && key != "key" && key != "SecretString" && key != "plaintext" && key != "Plaintext" {
		return ""
	}
	for _, v := range p.Values(e.Value) {
		if a, ok := v.(*ast.Await); ok {
			v = a.Value
		}
		c, ok := v.(*ast.Call)
		if !ok {
			continue
		}
		name := args.Callee(c)
		verb, rest, _ := strings.Cut(name, "_")
		switch verb {
		case "create", "generate", "issue", "rotate", "get", "new", "make", "mint":
			switch secret.Of(strings.TrimSuffix(rest, "_value")) {
			case secret.Key, secret.Token, secret.Password:
				return "What " + name + " gives"
			}
		}
	}
	return ""
}

// headerKey says whether a name is a parameter that FastAPI fills with a header that is called a key,
// by which somebody says who calls.
func headerKey(p *rule.Pass, e *ast.Name) bool {
	if !p.IsParameter(e) || !strings.HasSuffix(e.Ident, "_key") || !p.Imports("fastapi") {
		return false
	}
	if w := secret.Words(e.Ident); slices.ContainsFunc(w, func(s string) bool {
		switch s {
		case "idempotency", "public", "cache", "sort", "routing", "partition", "request", "trace", "correlation":
			return true
		}
		return false
	}) {
		return false
	}
	header := func(x ast.Expr) bool {
		return x != nil && p.Is(x, "fastapi.Header()", "fastapi.Header", "fastapi.param_functions.Header()")
	}
	for _, b := range p.Bindings(e) {
		a, ok := b.(*ast.Arg)
		if !ok {
			continue
		}
		if list, ok := p.Parent(a).(*ast.Arguments); ok && header(texts.Default(list, a)) {
			return true
		}
		if s, ok := a.Annotation.(*ast.Subscript); ok && ast.LastName(s.Value) == "Annotated" {
			if t, ok := s.Slice.(*ast.Tuple); ok && slices.ContainsFunc(t.Elts[1:], header) {
				return true
			}
		}
	}
	return false
}

// stars are types that show stars, whatever they hold.
var stars = []string{"pydantic.SecretStr()", "pydantic.SecretBytes()", "pydantic.Secret()", "pydantic.types.SecretStr()", "pydantic.types.SecretBytes()", "pydantic.types.Secret()", "starlette.datastructures.Secret()"}

// starred says whether e is of a type that shows stars: by what it is known to be, or as a field of
// a class that says so.
func starred(p *rule.Pass, e ast.Expr) bool {
	switch e.(type) {
	case *ast.Name, *ast.Attribute:
	default:
		return false
	}
	if p.Is(e, stars...) {
		return true
	}
	for _, v := range p.Values(e) { // KEY = config("KEY", cast=Secret)
		if c, ok := v.(*ast.Call); ok {
			if cast := program.Keyword(c, "cast"); cast != nil && p.Is(cast.Value, "starlette.datastructures.Secret") {
				return true
			}
		}
	}
	a, ok := e.(*ast.Attribute)
	if !ok {
		return false
	}
	for _, name := range p.Names(a.Value) {
		class, instance := strings.CutSuffix(name, "()")
		if !instance || strings.ContainsAny(class, "()") || !p.Mine(class) {
			continue
		}
		if types := p.Fields(class)[a.Attr]; len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return !slices.Contains(stars, t) && t != "builtins.None" && t != "None" }) {
			return true
		}
	}
	return false
}

// typedIn is the name of a field that somebody has typed a secret into: form.password.data of WTForms.
func typedIn(p *rule.Pass, e *ast.Attribute) string {
	field, ok := e.Value.(*ast.Attribute)
	if !ok || e.Attr != "data" && e.Attr != "raw_data" || secret.Of(field.Attr) == secret.None {
		return ""
	}
	if w := secret.Words(ast.LastName(field.Value)); len(w) > 0 && w[len(w)-1] == "form" && p.Imports("wtforms", "flask_wtf", "starlette_wtf", "quart_wtf") {
		return field.Attr
	}
	for _, name := range p.Names(field.Value) {
		class, instance := strings.CutSuffix(name, "()")
		if instance && !strings.ContainsAny(class, "()") && slices.ContainsFunc(p.Ancestors(class), func(a string) bool {
			top, _, _ := strings.Cut(a, ".")
			return top == "wtforms" || strings.HasSuffix(top, "_wtf")
		}) {
			return field.Attr
		}
	}
	return ""
}

// whole are things that hold secrets among others.
func whole(p *rule.Pass, e *ast.Attribute) string {
	if n, ok := e.Value.(*ast.Name); ok && n.Ident == "request" || p.Is(e.Value, "flask.request") {
		switch e.Attr {
		case "headers", "cookies", "COOKIES", "META":
			return "request." + e.Attr + ", with its cookies and tokens,"
		}
	}
	if e.Attr == "environ" && p.Is(e, "os.environ") {
		if _, sub := p.Parent(e).(*ast.Subscript); sub {
			return ""
		}
		if _, attr := p.Parent(e).(*ast.Attribute); attr {
			return ""
		}
		return "os.environ, with all its keys,"
	}
	return ""
}

// shown says which secret is shown with the object that e is, or "".
func shown(p *rule.Pass, e ast.Expr) string {
	if s := among(p, e); s != "" {
		return s
	}
	if field := shownField(p, e); field != "" {
		return p.Text(e) + ", with its " + field + ","
	}
	return ""
}

// among names the secret that is shown with the object that e is: a parameter, or what was just made,
// whose class, of this file, shows its fields, as those of Pydantic and dataclasses do. A SecretStr shows
// stars.
func among(p *rule.Pass, e ast.Expr) string {
	n, ok := e.(*ast.Name)
	at := p.Bindings(e)
	if !ok || len(at) != 1 {
		return ""
	}
	var of ast.Expr
	switch b := at[0].(type) {
	case *ast.Arg:
		of = b.Annotation
	case *ast.Assign: // account = Account(login, password)
		if c, ok := b.Value.(*ast.Call); ok && len(b.Targets) == 1 {
			of = c.Func
		}
	}
	if of == nil {
		return ""
	}
	for _, f := range args.Fields(p.Unit, of) {
		name := ast.LastName(f.Target)
		switch secret.Of(name) {
		case secret.Password, secret.Token, secret.Key:
		default:
			continue
		}
		class := p.Class(f)
		if shows(p, class) && slices.Contains(p.Instance(f.Annotation), "builtins.str()") && !strings.Contains(p.Text(f), "repr=False") {
			return n.Ident + ", with its " + name + ","
		}
	}
	return ""
}

// shows says whether a class writes its fields down by itself.
func shows(p *rule.Pass, class *ast.ClassDef) bool {
	for _, s := range class.Body {
		if f, ok := s.(*ast.FunctionDef); ok && (f.Name == "__repr__" || f.Name == "__str__" || f.Name == "__repr_args__") {
			return false
		}
	}
	for _, d := range class.DecoratorList {
		if c, ok := d.(*ast.Call); ok {
			d = c.Func
		}
		if p.Is(d, "dataclasses.dataclass", "pydantic.dataclasses.dataclass", "attrs.define", "attr.s", "attr.define") {
			return true
		}
	}
	return slices.ContainsFunc(class.Bases, func(b ast.Expr) bool {
		return p.Is(b, "pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel", "typing.NamedTuple", "typing.TypedDict", "msgspec.Struct")
	})
}

// loginForm says whether e is all that was sent to what logs somebody in or sets a password.
func loginForm(p *rule.Pass, e ast.Expr) string {
	f := p.Function(e)
	if f == nil || !login(f.Name) && (p.Class(e) == nil || !login(p.Class(e).Name)) {
		return ""
	}
	for _, v := range p.Values(e) {
		if a, ok := v.(*ast.Await); ok {
			v = a.Value
		}
		if c, ok := v.(*ast.Call); ok && len(c.Args) == 0 {
			v = c.Func // request.get_json()
		}
		a, ok := v.(*ast.Attribute)
		if !ok || !args.Part(p.Unit, a) {
			continue
		}
		switch a.Attr {
		case "POST", "form", "json", "data", "get_json", "body", "get_data", "values":
			return p.Text(e) + ", with the password,"
		}
	}
	return ""
}

// login says whether a function of this name is given a password.
func login(name string) bool {
	w := secret.Words(name)
	for i, x := range w {
		switch x {
		case "login", "signin", "signup", "password", "authenticate":
			return true
		case "register", "registration":
			return i+1 == len(w) || w[i+1] == "user" || w[i+1] == "account" || w[i+1] == "customer" || w[i+1] == "view"
		case "in", "up":
			if i > 0 && (w[i-1] == "log" || w[i-1] == "sign") {
				return true
			}
		}
	}
	return false
}

// innocent says whether a value that has a secret's name is none: a constant, its length,
// a mask.
func innocent(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		switch v := v.(type) {
		case *ast.Constant:
			return true
		case *ast.Call:
			name := strings.ToLower(args.Callee(v))
			for _, w := range []string{"mask", "redact", "hash", "sha", "md5", "hexdigest", "len", "bool", "type", "obfusc", "anonym", "fingerprint", "scrub", "censor", "hide", "count", "int"} {
				if strings.Contains(name, w) {
					return true
				}
			}
		case *ast.Compare:
			return true
		case *ast.UnaryOp:
			return v.Op == ast.Not
		case *ast.BinOp:
			if v.Op == ast.Mult || v.Op == ast.Sub {
				return true // "*" * 8
			}
		case *ast.Subscript:
			_, slice := v.Slice.(*ast.Slice)
			return slice
		}
	}
	return false
}

// shownField is a field of a model of pydantic that is kept secret and is a plain text, which the
// model shows when it is printed, and gives out when it is made a dictionary.
func shownField(p *rule.Pass, e ast.Expr) string {
	for _, name := range p.Names(e) {
		class, instance := strings.CutSuffix(name, "()")
		if !instance || strings.ContainsAny(class, "()") || !p.Mine(class) || !slices.ContainsFunc(p.Ancestors(class), func(a string) bool {
			return a == "pydantic.BaseModel" || a == "pydantic.main.BaseModel" || a == "pydantic_settings.BaseSettings" || a == "pydantic.BaseSettings" || a == "sqlmodel.SQLModel"
		}) {
			continue
		}
		var found []string
		for field, types := range p.Fields(class) {
			switch secret.Of(field) {
			case secret.Password, secret.Key, secret.Token:
				if slices.Contains(types, "builtins.str()") && !bare(field) {
					found = append(found, field)
				}
			}
		}
		if len(found) > 0 {
			return slices.Min(found)
		}
	}
	return ""
}

// connection is the name of a variable or attribute that holds how to get at a database, or "".
func connection(e ast.Expr) string {
	name := ""
	switch e := e.(type) {
	case *ast.Name:
		name = e.Ident
	case *ast.Attribute:
		name = e.Attr
	}
	switch strings.ToLower(name) {
	case "database_url", "db_url", "dsn", "connection_string", "database_uri", "db_uri", "broker_url", "sqlalchemy_database_uri", "mongo_uri", "mongodb_uri", "conn_string", "database_dsn":
		return name
	}
	return ""
}

// holder finds a whole dictionary, or the fields of a whole form, among what is written, out of
// which the function, or one that calls it, reads a secret by its name.
func holder(p *rule.Pass, c *ast.Call, a ast.Expr) (ast.Expr, string) {
	f := p.Function(c)
	if f == nil {
		return nil, ""
	}
	for {
		x, ok := a.(*ast.Call)
		if ok && len(x.Args) == 0 { // form.items(), form.to_dict()
			g, member := x.Func.(*ast.Attribute)
			if !member || g.Attr != "items" && g.Attr != "to_dict" && g.Attr != "dict" && g.Attr != "copy" && g.Attr != "lists" {
				return nil, ""
			}
			a = g.Value
			continue
		}
		if !ok || len(x.Args) != 1 {
			break
		}
		if name := args.Callee(x); name != "dict" && name != "str" && name != "repr" && name != "dumps" {
			return nil, ""
		}
		a = x.Args[0]
	}
	switch a.(type) {
	case *ast.Name, *ast.Attribute:
	default:
		return nil, ""
	}
	if key := readOf(p, f, p.Text(a)); key != "" {
		return a, p.Text(a) + ", with the " + key + " in it,"
	}
	n, ok := a.(*ast.Name)
	if !ok || !p.IsParameter(n) || p.Function(f) != nil || p.Class(f) != nil || len(f.Name) < 4 {
		return nil, ""
	}
	place := slices.IndexFunc(f.Args.Args, func(x *ast.Arg) bool { return x.Arg == n.Ident })
	if place < 0 || !mapping[n.Ident] || removes(p, f, n.Ident) {
		return nil, ""
	}
	prog, name, short := p.Module.Program(), p.Module.Name+"."+f.Name, strings.Clone(f.Name)
	key, _ := prog.Once(givenKey{name, place}, func() any { return givenSecret(prog, name, short, place) }).(string)
	if key == "" {
		return nil, ""
	}
	return a, n.Ident + ", with the " + key + " in it,"
}

// readOf is the name of a secret that a function reads out of something, by the text of what it
// reads from, unless it takes it out.
func readOf(p *rule.Pass, f *ast.FunctionDef, of string) (key string) {
	if !speaksOfSecrets(p.File.Bytes[f.Start():f.End()]) || removes(p, f, of) {
		return ""
	}
	p.Inside(f, func(n ast.Node) bool {
		var from, name ast.Expr
		switch n := n.(type) {
		case *ast.Subscript:
			if n.Ctx() == ast.Load {
				from, name = n.Value, n.Slice
			}
		case *ast.Call:
			if g, ok := n.Func.(*ast.Attribute); ok && g.Attr == "get" && len(n.Args) > 0 {
				from, name = g.Value, n.Args[0]
			}
		}
		if from == nil || p.Text(from) != of {
			return true
		}
		if s, ok := p.Str(name); ok && (secret.Of(s) == secret.Password || secret.Of(s) == secret.Key) {
			key = strings.Clone(s)
		}
		return key == ""
	})
	return key
}

// speaksOfSecrets is a cheap look for what readOf could find.
func speaksOfSecrets(text []byte) bool {
	for _, w := range []string{"passw", "pwd", "passphrase", "secret", "api_key", "apikey"} {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}

// mapping are names of parameters that are dictionaries of what somebody has filled in.
var mapping = map[string]bool{
	"values": true, "data": true, "form": true, "payload": true, "body": true, "params": true, "fields": true, "cleaned": true, "cleaned_data": true, "validated_data": true, "attrs": true, "record": true,
	"user_data": true, "form_data": true, "request_data": true, "content": true,
}

// removes says whether a function takes something out of a dictionary, or puts something else in.
func removes(p *rule.Pass, f *ast.FunctionDef, of string) (found bool) {
	p.Inside(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Subscript:
			found = found || n.Ctx() != ast.Load && p.Text(n.Value) == of
		case *ast.Call:
			g, ok := n.Func.(*ast.Attribute)
			found = found || ok && g.Attr == "pop" && p.Text(g.Value) == of
		}
		return !found
	})
	return found
}

// A givenKey is a parameter of a function whose callers have been looked at.
type givenKey struct {
	name  string
	place int
}

// maxCallers bounds how many modules are read for one function.
const maxCallers = 40

// givenSecret is the name of a secret that a caller of a function reads out of what it gives it.
func givenSecret(prog *program.Program, name, short string, place int) string {
	call, looked := []byte(short+"("), 0
	for _, m := range prog.Modules() {
		f := m.Source()
		if f == nil || source.IsTest(f.Path) || !bytes.Contains(f.Bytes, call) || !speaksOfSecrets(f.Bytes) {
			continue
		}
		if looked++; looked > maxCallers {
			break
		}
		u := m.Open()
		if u == nil {
			continue
		}
		key := givenIn(u, name, place)
		u.Close()
		if key != "" {
			return key
		}
	}
	return ""
}

func givenIn(u *program.Unit, name string, place int) string {
	p := &rule.Pass{Unit: u}
	for n := range u.Tree.Of(ast.KindCall) {
		c := n.(*ast.Call)
		if place >= len(c.Args) || !u.Is(c.Func, name) {
			continue
		}
		switch c.Args[place].(type) {
		case *ast.Name, *ast.Attribute:
			if f := u.Function(c); f != nil {
				if key := readOf(p, f, p.Text(c.Args[place])); key != "" {
					return key
				}
			}
		}
	}
	return ""
}
