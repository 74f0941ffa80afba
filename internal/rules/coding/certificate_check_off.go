package coding

import (
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
)

// CertificateCheckOff knows the words by which libraries are told not to look at the
// certificate: keyword arguments, attributes of contexts and sessions, and ssl's two
// functions for it.
var CertificateCheckOff = rule.Check{
	Called: func(p *rule.Pass, c *ast.Call, _ string) {
		if _, ok := c.Func.(*ast.Name); ok { // imported by name; attributes are seen wherever they stand
			unverifiedContext(p, c.Func)
		}
	},
	Kinds: []ast.Kind{ast.KindCall, ast.KindAssign, ast.KindAttribute},
	Visit: unchecked,
}

// A switchWord is a keyword argument or attribute that switches a check off.
type switchWord struct {
	bad  func(p *rule.Pass, e ast.Expr) bool
	fix  string
	safe bool
	what string
}

func isFalse(p *rule.Pass, e ast.Expr) bool { return args.IsFalse(p.Unit, e) }
func isTrue(p *rule.Pass, e ast.Expr) bool  { return args.IsTrue(p.Unit, e) }

// certNone: ssl.CERT_NONE, its text or its number.
func certNone(p *rule.Pass, e ast.Expr) bool {
	if p.Is(e, "ssl.CERT_NONE", "ssl.VerifyMode.CERT_NONE", "urllib3.util.ssl_.CERT_NONE") {
		return true
	}
	if s, ok := p.Str(e); ok {
		return strings.EqualFold(s, "CERT_NONE") || strings.EqualFold(s, "NONE")
	}
	n, ok := p.Int(e)
	return ok && n == 0
}

func noneOrCertNone(p *rule.Pass, e ast.Expr) bool {
	return args.IsNone(p.Unit, e) || certNone(p, e)
}

func clearMode(p *rule.Pass, e ast.Expr) bool {
	s, ok := p.Str(e)
	return ok && (s == "disable" || s == "allow" || s == "DISABLED" || s == "disabled")
}

// The words. verify, ssl and the like mean something else elsewhere: see speaksTLS.
var switchWords = map[string]switchWord{
	"verify":                             {isFalse, "True", true, "the server's certificate is not checked"},
	"verify_ssl":                         {isFalse, "True", true, "the server's certificate is not checked"},
	"ssl_verify":                         {isFalse, "True", true, "the server's certificate is not checked"},
	"verify_certs":                       {isFalse, "True", true, "the server's certificate is not checked"},
	"verify_tls":                         {isFalse, "True", true, "the server's certificate is not checked"},
	"validate_cert":                      {isFalse, "True", true, "the server's certificate is not checked"},
	"validate_certs":                     {isFalse, "True", true, "the server's certificate is not checked"},
	"ssl":                                {isFalse, "True", true, "the server's certificate is not checked"},
	"disable_ssl_certificate_validation": {isTrue, "False", true, "the server's certificate is not checked"},
	"tlsAllowInvalidCertificates":        {isTrue, "False", true, "the server's certificate is not checked"},
	"tlsAllowInvalidHostnames":           {isTrue, "False", true, "a certificate for any name is accepted"},
	"tlsInsecure":                        {isTrue, "False", true, "the server's certificate is not checked"},
	"insecure_skip_verify":               {isTrue, "False", true, "the server's certificate is not checked"},
	"trust_all_certificates":             {isTrue, "False", true, "the server's certificate is not checked"},
	"assert_hostname":                    {isFalse, "", false, "a certificate for any name is accepted"},
	"ssl_assert_hostname":                {isFalse, "", false, "a certificate for any name is accepted"},
	"check_hostname":                     {isFalse, "True", true, "a certificate for any name is accepted"},
	"ssl_check_hostname":                 {isFalse, "True", true, "a certificate for any name is accepted"},
	"match_hostname":                     {isFalse, "True", true, "a certificate for any name is accepted"},
	"cert_reqs":                          {certNone, "ssl.CERT_REQUIRED", true, "the server's certificate is not checked"},
	"ssl_cert_reqs":                      {noneOrCertNone, `"required"`, true, "the server's certificate is not checked"},
	"verify_mode":                        {certNone, "ssl.CERT_REQUIRED", true, "the server's certificate is not checked"},
	"validate":                           {func(p *rule.Pass, e ast.Expr) bool { return p.Is(e, "ssl.CERT_NONE") }, "ssl.CERT_REQUIRED", true, "the server's certificate is not checked"},
	"sslmode":                            {clearMode, `"verify-full"`, false, "the connection to the database is not encrypted"},
	"ssl_mode":                           {clearMode, `"VERIFY_IDENTITY"`, false, "the connection to the database is not encrypted"},
	"require_encryption":                 {isFalse, "True", false, "connections are accepted that are not encrypted"},
	"ssl_disabled":                       {isTrue, "False", false, "the connection to the database is not encrypted"},
	"ssl_verify_cert":                    {isFalse, "True", true, "the server's certificate is not checked"},
	"ssl_verify_identity":                {isFalse, "True", true, "a certificate for any name is accepted"},
}

// httpVerbs are methods of sessions and clients.
var httpVerbs = map[string]bool{
	"get": true, "options": true, "head": true, "post": true, "put": true, "patch": true, "delete": true, "request": true, "stream": true, "send": true, "ws_connect": true, "fetch": true,
	"Client": true, "AsyncClient": true, "Session": true, "HTTPTransport": true, "AsyncHTTPTransport": true, "TCPConnector": true, "ClientSession": true,
	"urlopen": true, "client": true, "resource": true, "create_client": true, "ServerProxy": true, "JIRA": false, "OAuth2Session": true, "fetch_token": true, "refresh_token": true,
}

func unchecked(p *rule.Pass, n ast.Node) {
	switch n := n.(type) {
	case *ast.Call:
		uncheckedCall(p, n)
	case *ast.Assign:
		uncheckedAttribute(p, n)
	case *ast.Attribute:
		if n.Ctx() == ast.Load && (n.Attr == "_create_unverified_context" || n.Attr == "_create_stdlib_context") {
			unverifiedContext(p, n)
		}
	}
}

// unverifiedContext reports ssl's function itself, called or handed on.
func unverifiedContext(p *rule.Pass, e ast.Expr) {
	names := p.Names(e)
	if len(names) > 0 && !strings.HasPrefix(names[0], "ssl.") {
		return
	}
	var at ast.Node = e
	if c, ok := p.Parent(e).(*ast.Call); ok && c.Func == e {
		if k := program.Keyword(c, "cert_reqs"); k != nil && p.Is(k.Value, "ssl.CERT_REQUIRED") {
			return
		}
		at = c
	}
	f := p.Report(at, "The context does not check certificates: anybody between here and the server can answer in its place.")
	if a, ok := p.Parent(e).(*ast.Assign); ok && len(a.Targets) == 1 {
		if t, ok := a.Targets[0].(*ast.Attribute); ok && t.Attr == "_create_default_https_context" {
			f.Message = "This switches off the check of certificates for the whole program: anybody between here and any server can answer in its place."
		}
	}
	if a, ok := e.(*ast.Attribute); ok {
		f.SafeFix("use ssl.create_default_context", p.Replace(a, p.Text(a.Value)+".create_default_context"))
	}
	f.Advise("ssl.create_default_context()")
}

func uncheckedCall(p *rule.Pass, c *ast.Call) {
	if len(c.Keywords) == 0 {
		setOption(p, c)
		return
	}
	for _, k := range c.Keywords {
		if k.Arg == "" {
			spreadSwitch(p, c, k.Value)
			continue
		}
		w, ok := switchWords[k.Arg]
		if !ok || !w.bad(p, k.Value) {
			continue
		}
		sure, ok := speaksTLS(p, c, k.Arg)
		if !ok {
			continue
		}
		f := p.Report(c, "With %s=%s, %s.", k.Arg, excerpt(p, k.Value), w.what).
			ForAudit(k.Arg != "require_encryption" && onRequest(p, c)) // where TLS is asked for, that one is given too
		if !sure {
			f.With(finding.Medium, finding.MediumConfidence)
		}
		fixSwitch(p, f, k.Value, w)
		return
	}
	setOption(p, c)
}

func fixSwitch(p *rule.Pass, f *rule.Found, value ast.Expr, w switchWord) {
	fix := w.fix
	if fix == "" {
		return
	}
	if fix == "ssl.CERT_REQUIRED" {
		a, ok := value.(*ast.Attribute)
		if !ok {
			return
		}
		fix = p.Text(a.Value) + ".CERT_REQUIRED"
	}
	if _, ok := value.(*ast.Name); ok && strings.HasPrefix(fix, "ssl.") {
		return
	}
	if w.safe {
		f.SafeFix("check the certificate", p.Replace(value, fix))
	} else {
		f.ReviewFix("encrypt and check", p.Replace(value, fix))
	}
}

// spreadSwitch looks for verify=False in a dictionary that is spread into a request.
func spreadSwitch(p *rule.Pass, c *ast.Call, e ast.Expr) {
	if _, ok := e.(*ast.Name); !ok {
		return
	}
	for _, name := range []string{"verify", "verify_ssl", "cert_reqs"} {
		if v, _ := args.Keyword(p.Unit, c, name); v != nil && program.Keyword(c, name) == nil && switchWords[name].bad(p, v) {
			if sure, ok := speaksTLS(p, c, name); ok && sure {
				p.Report(c, "With %s=%s, %s.", name, excerpt(p, v), switchWords[name].what).Because(v, "It is set here.")
				return
			}
		}
	}
}

// speaksTLS says whether a word means certificates in this call, and whether that is sure.
func speaksTLS(p *rule.Pass, c *ast.Call, word string) (sure, ok bool) {
	names := p.Names(c.Func)
	for _, n := range names {
		switch top, _, _ := strings.Cut(n, "."); top {
		case "requests", "httpx", "aiohttp", "urllib3", "boto3", "botocore", "hvac", "elasticsearch", "opensearchpy", "pymongo", "redis", "tornado", "ssl", "httplib2", "requests_oauthlib", "consul", "kubernetes",
			"psycopg2", "psycopg", "asyncpg", "mysql", "pymysql", "ldap3", "pymysql.connections", "motor", "websocket", "websockets", "paho", "niquests", "treq", "curl_cffi", "pyVim", "jira", "gitlab", "atlassian", "proxmoxer", "influxdb", "influxdb_client", "clickhouse_driver", "distributed", "dask":
			if word == "ssl" && top != "aiohttp" {
				return false, false
			}
			return true, true
		case "jwt", "jose", "authlib", "python_jwt":
			return false, false
		case "functools":
			if n == "functools.partial" && len(c.Args) > 0 {
				inner := p.Name(c.Args[0])
				return strings.HasPrefix(inner, "requests.") || strings.HasPrefix(inner, "httpx."), strings.HasPrefix(inner, "requests.") || strings.HasPrefix(inner, "httpx.")
			}
			return false, false
		}
	}
	switch word {
	case "verify":
		_, method := c.Func.(*ast.Attribute)
		return false, method && httpVerbs[args.Callee(c)] && !strings.HasPrefix(p.Name(c.Func), "builtins.")
	case "ssl":
		return false, httpVerbs[args.Callee(c)] && len(c.Args) > 0 && p.Imports("aiohttp")
	case "validate", "check_hostname", "sslmode", "ssl_mode":
		return false, word == "sslmode" || word == "check_hostname" && args.Callee(c) != "get"
	}
	return false, true
}

// onRequest says whether n only happens when somebody asked for it: inside an if whose
// condition speaks of verifying or of being insecure.
func onRequest(p *rule.Pass, n ast.Node) bool {
	for at := p.Parent(n); at != nil; at = p.Parent(at) {
		var test ast.Expr
		switch at := at.(type) {
		case *ast.If:
			test = at.Test
		case *ast.IfExp:
			test = at.Test
		case *ast.FunctionDef, *ast.Module:
			return false
		}
		if test == nil || n.Start() >= test.Start() && n.End() <= test.End() {
			continue
		}
		t := strings.ToLower(p.Text(test))
		for _, w := range []string{"verify", "insecure", "ssl", "tls", "cert", "self_signed", "selfsigned", "hostname", "unsafe"} {
			if strings.Contains(t, w) {
				return true
			}
		}
	}
	return false
}

// uncheckedAttribute: session.verify = False, context.verify_mode = ssl.CERT_NONE.
func uncheckedAttribute(p *rule.Pass, a *ast.Assign) {
	for _, t := range a.Targets {
		switch t := t.(type) {
		case *ast.Attribute:
			w, ok := switchWords[t.Attr]
			if !ok || !w.bad(p, a.Value) {
				continue
			}
			switch t.Attr {
			case "verify":
				if !httpSession(p, t.Value) {
					continue
				}
			case "verify_mode", "check_hostname":
				if serverSide(p, t.Value) {
					continue
				}
			case "verify_ssl", "assert_hostname", "verify_certs", "ssl_verify", "validate_cert", "disable_ssl_certificate_validation":
			default:
				continue
			}
			if n, ok := t.Value.(*ast.Name); ok && n.Ident == "self" {
				continue // what a class of ours is told; where it is used decides
			}
			fixSwitch(p, p.Report(a, "With %s = %s, %s.", excerpt(p, t), excerpt(p, a.Value), w.what).ForAudit(onRequest(p, a)), a.Value, w)
		case *ast.Subscript:
			if p.Is(t.Value, "os.environ") {
				environmentSwitch(p, a, t.Slice, a.Value)
			}
		}
	}
}

// environmentSwitch: variables that switch checks off for everything that is started.
func environmentSwitch(p *rule.Pass, at ast.Node, key, value ast.Expr) {
	name, _ := p.Str(key)
	v, ok := p.Str(value)
	if !ok {
		return
	}
	bad := false
	switch name {
	case "PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED":
		bad = v == "0"
	case "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE":
		bad = v == ""
	case "GIT_SSL_NO_VERIFY":
		bad = v == "1" || strings.EqualFold(v, "true")
	}
	if bad {
		p.Report(at, "With %s=%q, nothing that this program starts checks certificates.", name, v)
	}
}

// httpSession says whether e is an HTTP session or client.
func httpSession(p *rule.Pass, e ast.Expr) bool {
	for _, n := range p.Names(e) {
		if strings.HasPrefix(n, "requests.") || strings.HasPrefix(n, "httpx.") {
			return true
		}
	}
	switch e := e.(type) {
	case *ast.Name:
		return sessionWord(e.Ident)
	case *ast.Attribute:
		return sessionWord(e.Attr)
	}
	return false
}

func sessionWord(s string) bool {
	s = strings.ToLower(s)
	return strings.HasSuffix(s, "session") || strings.HasSuffix(s, "client") || s == "s" || s == "sess" || s == "http"
}

// serverSide says whether a context is a server's, whose clients mostly have no certificate.
func serverSide(p *rule.Pass, e ast.Expr) bool {
	for _, v := range p.Values(e) {
		c, ok := v.(*ast.Call)
		if !ok {
			continue
		}
		for _, a := range c.Args {
			if p.Is(a, "ssl.PROTOCOL_TLS_SERVER", "ssl.Purpose.CLIENT_AUTH") {
				return true
			}
		}
		for _, k := range c.Keywords {
			if p.Is(k.Value, "ssl.PROTOCOL_TLS_SERVER", "ssl.Purpose.CLIENT_AUTH") {
				return true
			}
		}
	}
	return false
}

// setOption: pycurl's setopt and python-ldap's set_option.
func setOption(p *rule.Pass, c *ast.Call) {
	f, ok := c.Func.(*ast.Attribute)
	if !ok || len(c.Args) != 2 {
		return
	}
	option := ""
	if a, ok := c.Args[0].(*ast.Attribute); ok {
		option = a.Attr
	} else if n, ok := c.Args[0].(*ast.Name); ok {
		option = n.Ident
	}
	switch f.Attr {
	case "setopt":
		n, known := p.Int(c.Args[1])
		switch {
		case option == "SSL_VERIFYPEER" && (known && n == 0 || args.IsFalse(p.Unit, c.Args[1])):
			p.Report(c, "With SSL_VERIFYPEER off, the server's certificate is not checked.").SafeFix("check the certificate", p.Replace(c.Args[1], "1"))
		case option == "SSL_VERIFYHOST" && (known && n < 2 || args.IsFalse(p.Unit, c.Args[1])):
			p.Report(c, "With SSL_VERIFYHOST off, a certificate for any name is accepted.").SafeFix("check the name", p.Replace(c.Args[1], "2"))
		}
	case "set_option":
		if option == "OPT_X_TLS_REQUIRE_CERT" {
			if v, ok := c.Args[1].(*ast.Attribute); ok && (v.Attr == "OPT_X_TLS_NEVER" || v.Attr == "OPT_X_TLS_ALLOW") {
				p.Report(c, "With %s, the directory's certificate is not checked.", v.Attr).SafeFix("check the certificate", p.Replace(v, p.Text(v.Value)+".OPT_X_TLS_DEMAND"))
			}
		}
	case "set_verify", "putenv", "setdefault":
		if f.Attr == "set_verify" && p.Is(c.Args[0], "OpenSSL.SSL.VERIFY_NONE") {
			p.Report(c, "With VERIFY_NONE, the server's certificate is not checked.")
		}
		if f.Attr == "setdefault" && p.Is(f.Value, "os.environ") {
			environmentSwitch(p, c, c.Args[0], c.Args[1])
		}
	}
}
