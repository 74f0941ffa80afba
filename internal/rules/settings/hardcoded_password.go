package settings

import (
	"slices"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// HardcodedPassword looks at every value that is given a password's name, and at the
// functions that take a password by position. What has the name but not the shape of a
// password is for auditors; keys of frameworks are another rule's.
var HardcodedPassword = rule.Check{Called: passwordPosition, Kinds: namedKinds, Visit: passwordNamed}

func passwordNamed(p *rule.Pass, n ast.Node) {
	passwordInPair(p, n)
	reported := false
	names(p, n, func(v named) {
		kind, bandit := secret.Of(v.name), secret.Bandit(v.name)
		if kind == secret.None && !bandit || reported && n.Kind() == ast.KindAssign {
			return
		}
		if v.where != comparison && secret.Signs(v.name) {
			return
		}
		value, ok := literal(p, v.value)
		at := v.value
		if !ok && v.where == argument {
			value, ok = indirect(p, v.value)
		}
		if !ok {
			// Bandit also reports {"password": None}.
			c, ok := v.value.(*ast.Constant)
			if ok && bandit && v.where == entry {
				p.Report(c, "The entry %s has a constant value.", quoteName(v.name)).With(finding.Low, finding.LowConfidence).ForAudit(true)
			}
			return
		}
		strength := secret.Judge(kind, v.name, value)
		if strength != secret.Not && strength != secret.Strong && innocent(p, n, v) {
			strength = secret.Not
		}
		if strength == secret.Not {
			if bandit {
				hide(p, p.Report(at, "%s is named like a password and %s a constant text.", quoteName(v.name), verb(v.where)).With(finding.Low, finding.LowConfidence).ForAudit(true), at)
				reported = true
			}
			return
		}
		reported = true
		f := p.Report(at, "%s", message(v, strength))
		hide(p, f, at)
		if strength != secret.Strong {
			f.ForAudit(forTests(p, n))
		}
		switch strength {
		case secret.Weak:
			f.With(finding.Medium, finding.MediumConfidence)
		case secret.Plain:
			f.With(finding.Medium, finding.LowConfidence)
		}
		switch v.where {
		case assignment, element, entry, argument:
			if !docs(p, n) {
				fromEnvironment(p, f, v.name, v.value)
			}
		case comparison:
			f.Advise("keep a hash and compare with hmac.compare_digest, or a library such as argon2-cffi")
		case parameter:
			f.Advise("leave the default out, so that the caller must say")
		}
	})
}

func quoteName(name string) string {
	if strings.ContainsAny(name, " \t\n") {
		return "It"
	}
	return name
}

func verb(w place) string {
	switch w {
	case comparison:
		return "is compared with"
	case parameter:
		return "defaults to"
	}
	return "is given"
}

// message names the place, never the value: reports travel further than code.
func message(v named, s secret.Strength) string {
	what := "a password that is written in the code"
	if s == secret.Weak {
		what = "a password that everybody tries first"
	}
	switch kind := secret.Of(v.name); {
	case v.where == comparison && kind == secret.Password:
		return v.name + " is compared with " + what + ": whoever reads the code can log in."
	case kind == secret.Password:
	case kind == secret.Token:
		what = "a token that is written in the code"
	default:
		what = "a key that is written in the code"
	}
	return v.name + " " + verb(v.where) + " " + what + "."
}

// indirect follows a name to the constant it stands for, unless that has a telling name
// itself and is reported there.
func indirect(p *rule.Pass, e ast.Expr) (string, bool) {
	n, ok := e.(*ast.Name)
	if !ok || secret.Of(n.Ident) != secret.None || secret.Bandit(n.Ident) {
		return "", false
	}
	values := p.Values(n)
	if len(values) == 0 || values[0] == ast.Expr(n) {
		return "", false
	}
	return literal(p, values[0])
}

// innocent says whether the surroundings explain a word that only might be a password.
func innocent(p *rule.Pass, n ast.Node, v named) bool {
	switch v.where {
	case assignment:
		return inEnum(p, n) || constants(p, n)
	case entry:
		d := n.(*ast.Dict)
		return !account(d)
	case argument:
		c := n.(*ast.Call)
		switch name := strings.ToLower(args.Callee(c)); {
		case strings.Contains(name, "field"), strings.Contains(name, "label"), strings.Contains(name, "gettext"), strings.Contains(name, "input"), strings.Contains(name, "column"),
			strings.Contains(name, "option"), strings.Contains(name, "argument"), strings.Contains(name, "enum"), strings.Contains(name, "widget"), strings.Contains(name, "url_for"),
			strings.Contains(name, "choice"), strings.Contains(name, "schema"), strings.Contains(name, "format"), strings.Contains(name, "namedtuple"), name == "_", name == "reverse":
			return true
		}
	case comparison:
		// if token == "if": a language, not a log-in.
		return secret.Of(v.name) != secret.Password
	}
	return false
}

// users stand beside a password in one dictionary.
var users = []string{"user", "username", "login", "email", "host", "hostname", "database", "db", "dbname", "account", "name", "uid", "server", "port"}

// account says whether a dictionary describes an account: it has a user or a host that is
// a constant or comes from somewhere, and is not a list of labels.
func account(d *ast.Dict) bool {
	found, labels := len(d.Keys) == 1, 0
	for i, k := range d.Keys {
		name, ok := key(k)
		if !ok {
			continue
		}
		name = strings.ToLower(name)
		s, ok := key(d.Values[i])
		if ok && strings.EqualFold(s, name) || ok && strings.Contains(s, " ") || ok && secret.Placeholder(s) && s != "" {
			labels++
		}
		found = found || slices.Contains(users, name)
	}
	return found && labels == 0
}

// constants says whether an assignment stands among several of the same form, which
// give words names: AUTH_BASIC = "basic".
func constants(p *rule.Pass, n ast.Node) bool {
	a, ok := n.(*ast.Assign)
	if !ok || len(a.Targets) != 1 || variable(a.Targets[0]) != strings.ToUpper(variable(a.Targets[0])) {
		return false
	}
	var body []ast.Stmt
	switch b := p.Parent(n).(type) {
	case *ast.ClassDef:
		body = b.Body
	case *ast.Module:
		body = b.Body
	}
	like, all := 0, 0
	at := slices.Index(body, ast.Stmt(a))
	for i := max(0, at-4); i < min(len(body), at+5); i++ {
		o, ok := body[i].(*ast.Assign)
		if !ok || o == a || len(o.Targets) != 1 {
			continue
		}
		all++
		s, ok := key(o.Value)
		name := variable(o.Targets[0])
		if ok && s != "" && name == strings.ToUpper(name) {
			l := strings.ToLower(name)
			if strings.EqualFold(s, name) || strings.HasSuffix(l, strings.ToLower(s)) || strings.Contains(strings.ReplaceAll(strings.ToLower(s), "-", "_"), l[strings.LastIndexByte(l, '_')+1:]) {
				like++
			}
		}
	}
	return like >= 2 && like*2 >= all
}

// docs says whether the call is one of a test or example that documents itself; nothing
// can be read from the environment in a class of literals.
func docs(p *rule.Pass, n ast.Node) bool { return inEnum(p, n) }

// positions of passwords that are given by position: the argument, and whether it is for
// logging in somewhere (rather than for making a hash).
var positions = map[string]int{
	"requests.auth.HTTPBasicAuth": 1, "requests.auth.HTTPDigestAuth": 1, "requests.auth.HTTPProxyAuth": 1, "httpx.BasicAuth": 1, "httpx.DigestAuth": 1, "aiohttp.BasicAuth": 1,
	"smtplib.SMTP().login": 1, "smtplib.SMTP_SSL().login": 1, "ftplib.FTP().login": 1, "ftplib.FTP_TLS().login": 1, "imaplib.IMAP4().login": 1, "imaplib.IMAP4_SSL().login": 1,
	"poplib.POP3().pass_": 0, "poplib.POP3_SSL().pass_": 0, "pymysql.connect": 2, "MySQLdb.connect": 2, "mysql.connector.connect": 2,
	"werkzeug.security.generate_password_hash": 0, "django.contrib.auth.hashers.make_password": 0, "bcrypt.hashpw": 0, "passlib.hash.bcrypt.hash": 0,
	"ftplib.FTP": 2, "ftplib.FTP_TLS": 2, "nntplib.NNTP": 3, "pika.PlainCredentials": 1, "cassandra.auth.PlainTextAuthProvider": 1, "neo4j.basic_auth": 1,
	"paramiko.SSHClient().connect": 3, "paramiko.client.SSHClient().connect": 3, "pyodbc.connect": -1,
}

func passwordPosition(p *rule.Pass, c *ast.Call, name string) {
	at, ok := positions[name]
	if !ok || at < 0 {
		return
	}
	if e := program.Arg(c, at, ""); e != nil {
		passwordAt(p, e, name)
	}
}

// pairs are arguments that hold a user's name and a password.
var pairs = []string{"auth", "basic_auth", "http_auth", "proxy_auth"}

// passwordInPair looks at requests.get(url, auth=("shop", "kJ7!mmq2")).
func passwordInPair(p *rule.Pass, n ast.Node) {
	c, ok := n.(*ast.Call)
	if !ok {
		return
	}
	for _, k := range c.Keywords {
		if t, ok := k.Value.(*ast.Tuple); ok && len(t.Elts) == 2 && slices.Contains(pairs, k.Arg) {
			passwordAt(p, t.Elts[1], k.Arg)
		}
	}
}

// passwordAt judges what stands where a password belongs.
func passwordAt(p *rule.Pass, e ast.Expr, name string) {
	value, ok := literal(p, e)
	if !ok {
		value, ok = indirect(p, e)
	}
	if !ok {
		return
	}
	strength := secret.Judge(secret.Password, "password", value)
	if strength == secret.Not {
		return
	}
	f := p.Report(e, "%s is given a password that is written in the code.", name)
	if strength != secret.Strong {
		f.With(finding.Medium, finding.MediumConfidence)
	}
	hide(p, f, e)
	fromEnvironment(p, f, "password", e)
}
