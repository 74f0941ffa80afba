package settings

import (
	"net/url"
	"strings"

	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/secret"
)

// HardcodedUrlCredentials looks into every text that has the shape of an address with a
// user and a password, or of a connection string.
var HardcodedUrlCredentials = rule.Check{Kinds: []ast.Kind{ast.KindConstant}, Visit: credentialsInText}

func credentialsInText(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Constant)
	if c.ConstKind() != ast.Str && c.ConstKind() != ast.Bytes || len(c.Raw) > 600 {
		return
	}
	at := strings.Contains(c.Raw, "://") && strings.Contains(c.Raw, "@")
	dsn := !at && (strings.Contains(c.Raw, "PWD=") || strings.Contains(c.Raw, "Pwd=") || strings.Contains(c.Raw, "assword=") || strings.Contains(c.Raw, "PASSWORD="))
	if !at && !dsn {
		return
	}
	switch p.Parent(n).(type) {
	case *ast.ExprStmt: // documentation
		return
	case *ast.JoinedStr:
		return // a part of something that is put together: what is put in is another matter
	}
	s := c.Str()
	var password, what string
	if at {
		password, what = userinfo(s)
	} else {
		password, what = connection(s)
	}
	if password == "" || secret.Placeholder(password) || len(password) < 3 || strings.ContainsAny(password, "{}$%() ") && !strings.ContainsAny(password, "0123456789") || strings.Contains(password, "{") || strings.HasPrefix(password, "$") {
		return
	}
	l := strings.ToLower(password)
	if l == "password" || l == "passwd" || l == "pass" || l == "pw" || l == "pwd" || l == "token" {
		p.Report(n, "The %s has a password in it.", what).With(finding.Low, finding.LowConfidence).ForAudit(true)
		return
	}
	f := p.Report(n, "The %s has a password in it.", what)
	if local(s) {
		f.With(finding.Low, finding.MediumConfidence)
	}
	name := "SERVICE_URL"
	if a, ok := p.Parent(n).(*ast.Assign); ok && len(a.Targets) == 1 && variable(a.Targets[0]) != "" {
		name = variable(a.Targets[0])
	} else if k, ok := p.Parent(n).(*ast.Keyword); ok && k.Arg != "" {
		name = k.Arg
	} else if strings.Contains(what, "database") || dsn {
		name = "DATABASE_URL"
	}
	fromEnvironment(p, f, name, c)
}

// local says that the address is this machine's, or a container's beside it.
func local(s string) bool {
	for _, h := range []string{"@localhost", "@127.0.0.1", "@[::1]", "@db", "@postgres", "@redis", "@rabbitmq", "@mysql", "@mongo", "host=localhost", "Server=localhost", "SERVER=localhost"} {
		if strings.Contains(s, h) {
			return true
		}
	}
	return false
}

var databases = []string{"postgres", "mysql", "mariadb", "mssql", "oracle", "mongodb", "redis", "cockroachdb", "clickhouse", "snowflake", "redshift", "sqlserver"}

// userinfo returns the password of scheme://user:password@host.
func userinfo(s string) (password, what string) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || strings.ContainsAny(rest, " \n\t") {
		return "", ""
	}
	scheme = strings.ToLower(scheme[strings.LastIndexAny(scheme, " \"'=([,")+1:])
	if scheme == "" || scheme == "git" && strings.HasPrefix(rest, "git@") {
		return "", ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	i := strings.LastIndexByte(rest, '@')
	if i < 0 || i+1 == len(rest) {
		return "", ""
	}
	host := rest[i+1:]
	user, password, ok := strings.Cut(rest[:i], ":")
	if !ok {
		if secret.Known(user) {
			return user, "address"
		}
		return "", ""
	}
	h := strings.ToLower(host)
	for _, x := range []string{"example.", "host", "hostname", "server", "domain", "your", "<", "{", "%", "proxy.invalid"} {
		if h == x || strings.HasPrefix(h, x) && (x == "<" || x == "{" || x == "%" || x == "example." || x == "your") || strings.HasSuffix(h, ".example") || strings.Contains(h, ".example.") || strings.HasSuffix(h, ".invalid") {
			return "", ""
		}
	}
	if user == password && (user == "user" || user == "username") {
		return "", ""
	}
	if un, err := url.PathUnescape(password); err == nil {
		password = un
	}
	for _, d := range databases {
		if strings.HasPrefix(scheme, d) {
			return password, "database's address"
		}
	}
	return password, "address"
}

// connection returns the password of host=…;password=….
func connection(s string) (password, what string) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == ' ' || r == '&' || r == '\n' })
	place := false
	for _, f := range fields {
		k, v, ok := strings.Cut(f, "=")
		if !ok {
			continue
		}
		switch strings.ToLower(k) {
		case "host", "server", "dbname", "database", "user", "uid", "data", "source", "driver", "accountname", "hostaddr", "dsn":
			place = true
		case "password", "pwd":
			password = strings.Trim(v, `'"`)
		}
	}
	if !place {
		return "", ""
	}
	return password, "connection string"
}
